//! "Why was no text sent?": messages that did not get through, and of each message what became of
//! it, in the sentences of `callslip why`. No patron's number and no words stand here: who runs
//! the machine sees no texts and looks after this all the same.

use callslip_core::directory::Library;
use callslip_core::ids::{LibraryId, MessageId};
use callslip_core::outbox::why::{self, MessageFacts};
use callslip_core::staff::Action;
use callslip_store::FailedPage;
use callslip_store::staff::StaffChange;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::parts::{token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

const ROWS: usize = 30;

pub(crate) async fn list(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeDelivery)?;
    let running = visit.running();
    let numbers = running.directory.numbers.values();
    let page = FailedPage {
        libraries: libraries.iter().map(|library| library.id.clone()).collect(),
        numbers: numbers
            .filter(|number| {
                libraries
                    .iter()
                    .any(|library| library.id == number.front_desk)
            })
            .map(|number| number.number.clone())
            .collect(),
        before: visit
            .asked
            .query("before")
            .and_then(|id| id.parse().ok())
            .map(MessageId),
        max: ROWS,
    };
    let failed = visit.shared.engine.failed_messages(page).await?;
    let staff = visit.staff()?;
    let able = running.directory.libraries.values();
    let able: Vec<_> = able
        .filter(|library| staff.can(Action::SeeDelivery, &library.id))
        .collect();
    let wanted = visit.asked.query("library").unwrap_or_default();
    let body = html! {
        h1 { "Why was no text sent?" }
        p {
            "Messages that did not get through, the latest first. Each says what stood in its way; when that is \
             put right, send it again."
        }
        @if able.len() > 1 {
            form.row method="get" {
                div {
                    label for="library" { "Library" }
                    br;
                    select #library name="library" {
                        option value="" { "All" }
                        @for library in &able {
                            option value=(library.id) selected[*library.id.0 == *wanted] { (library.name) }
                        }
                    }
                }
                button.second { "Show" }
            }
            br;
        }
        @if failed.is_empty() {
            p role="status" { "Every message got through, or is still on its way." }
        }
        @for facts in &failed {
            section.card aria-labelledby={ "message-" (facts.id) } {
                h2 id={ "message-" (facts.id) } { a href=(path(facts.id)) { "Message " (facts.id) } }
                (story(visit, facts))
            }
        }
        @if failed.len() == ROWS {
            @if let Some(last) = failed.last() {
                a.button.second href={ "/messages?library=" (wanted) "&before=" (last.id) } { "Earlier" }
            }
        }
    };
    Ok(frame::page(visit, Here::Messages, "Messages", &body))
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let facts = facts(visit).await?;
    let text = visit.shared.engine.text_facts(facts.text).await?;
    let verdict = text.and_then(|text| text.verdict);
    let ticket = verdict.and_then(|verdict| verdict.ticket);
    let library = visit.library()?;
    let sees_texts = visit.staff()?.can(Action::SeeTexts, &library.id);
    let body = html! {
        h1 { "Message " (facts.id) }
        section.card aria-label="What became of it" { (story(visit, &facts)) }
        br;
        @if let Some(ticket) = ticket.filter(|_| sees_texts) {
            p { a href={ "/tickets/" (ticket) } { "The question that it belongs to" } }
        }
        p { a href="/messages" { "All that did not get through" } }
    };
    Ok(frame::page(visit, Here::Messages, "A message", &body))
}

pub(crate) async fn again(visit: &Visit) -> Result<Answer, Refusal> {
    let facts = facts(visit).await?;
    let made = visit.shared.engine.resend(facts.id).await?;
    let Some(made) = made else {
        let what = "It has not failed, or has been sent again already. Nothing was sent.";
        return Err(Refusal::Invalid(what.to_owned()));
    };
    let library = visit.permit()?.library().clone();
    let about = format!("message {}, as message {made}", facts.id);
    let line = note(Some(&library), "sent-again", about);
    visit.commit(StaffChange::Noted, Some(line)).await?;
    Ok(Answer::see(format!("{}?done=sent-again", path(made))))
}

pub(crate) fn path(message: MessageId) -> String {
    format!("/messages/{message}")
}

/// Whose it is: what no library said belongs to the number's front desk.
pub(crate) async fn library_of(
    visit: &Visit,
    message: MessageId,
) -> Result<Option<LibraryId>, Refusal> {
    let facts = visit.shared.engine.message_facts(message).await?;
    let running = visit.running();
    Ok(facts.and_then(|facts| {
        let desk = || running.directory.number(&facts.number);
        let desk = || desk().map(|number| number.front_desk.clone());
        facts.library.clone().or_else(desk)
    }))
}

async fn facts(visit: &Visit) -> Result<MessageFacts, Refusal> {
    let id = visit.place(0).parse().map_err(|_| Refusal::Nothing)?;
    let facts = visit.shared.engine.message_facts(MessageId(id)).await?;
    facts.ok_or(Refusal::Nothing)
}

/// As `callslip why` tells it, with what can be done.
fn story(visit: &Visit, facts: &MessageFacts) -> Markup {
    let running = visit.running();
    let whose = facts.library.as_ref();
    let whose = whose.and_then(|id| running.directory.library(id));
    let number = running.directory.number(&facts.number);
    let desk = number.map(|number| &number.front_desk);
    let may = visit.staff().is_ok_and(|staff| {
        let library = facts.library.as_ref().or(desk);
        library.is_some_and(|library| staff.can(Action::SendAgain, library))
    });
    let zone = whose.map_or(TimeZone::UTC, |library| times::zone(library));
    html! {
        p.quiet {
            (whose.map_or("Nobody's yet", |library: &std::sync::Arc<Library>| library.name.as_str())) ", "
            (times::moment(facts.created, &zone, visit.now))
        }
        ul.plain { @for line in why::message(facts, visit.now, &zone) { li { (words(&line)) } } }
        @if let Some(again) = facts.again {
            p { a href=(path(again)) { "Message " (again) ", sent in its place" } }
        }
        @if may && facts.state == "failed" && facts.again.is_none() {
            form method="post" action={ (path(facts.id)) "/again" } {
                (token(visit)) button.second { "Send it again" }
            }
        }
    }
}
