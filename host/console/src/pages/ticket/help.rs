//! What helps to answer: saved answers with a search, past answers to similar questions, and a
//! keyword that is started for the patron.

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::hours;
use callslip_core::ids::{InboundId, KeywordId, TicketId};
use callslip_engine::desk::{Fence, Offered, OwnWords, StartAsk, Suggestion, Whither};
use maud::{Markup, html};

use super::{Shown, acts, done, id, path};
use crate::answer::Answer;
use crate::auth::Token;
use crate::parts::{short, token, words};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Saved answers that a search shows.
const OFFERED: usize = 12;
const SHOWN_CHARACTERS: usize = 160;

/// The box with what was chosen for it: a first line before what is typed, anything else behind it.
pub(super) async fn with_chosen(visit: &Visit) -> Result<Option<String>, Refusal> {
    let typed = visit.asked.typed("body").trim_end();
    if let Some(line) = first_line(visit).await? {
        return Ok(Some(match typed.is_empty() {
            true => format!("{line} "),
            false => format!("{line} {typed}"),
        }));
    }
    let more = match visit.asked.field("sign") {
        "1" => own_words(visit).await?.signature,
        _ => chosen(visit).await?,
    };
    Ok(more.map(|more| match typed.is_empty() {
        true => more,
        false => format!("{typed}\n{more}"),
    }))
}

async fn first_line(visit: &Visit) -> Result<Option<String>, Refusal> {
    let Ok(wanted) = visit.asked.field("first").parse::<usize>() else {
        return Ok(None);
    };
    Ok(own_words(visit).await?.first_lines.into_iter().nth(wanted))
}

async fn own_words(visit: &Visit) -> Result<OwnWords, Refusal> {
    let shown = &visit.staff()?.shown;
    let (desk, actor) = (visit.desk(), visit.actor()?);
    Ok(desk.own_words(&actor, id(visit)?, shown).await?)
}

/// The saved or past answer that was chosen, by its own id.
async fn chosen(visit: &Visit) -> Result<Option<String>, Refusal> {
    let (desk, actor, ticket) = (visit.desk(), visit.actor()?, id(visit)?);
    if let Ok(past) = visit.asked.field("past").parse().map(InboundId) {
        return Ok(desk.past_answer(&actor, ticket, past).await?);
    }
    let wanted = visit.asked.field("use");
    let shown = &visit.staff()?.shown;
    let offered = desk.offer(&actor, ticket, "", shown).await?;
    let chosen = offered
        .into_iter()
        .find(|answer| answer.canned.id.0.to_string() == wanted);
    Ok(chosen.map(|answer| answer.filled))
}

pub(super) struct Helps {
    pub(super) offered: Vec<Offered>,
    pub(super) past: Vec<Suggestion>,
    own: OwnWords,
}

/// Only for who has the question: others need no answers.
pub(super) async fn load(visit: &Visit, is_guest: bool) -> Result<Helps, Refusal> {
    let (desk, actor, ticket) = (visit.desk(), visit.actor()?, id(visit)?);
    let wanted = visit.asked.query("answers").unwrap_or_default();
    let mut offered = desk
        .offer(&actor, ticket, wanted, &visit.staff()?.shown)
        .await?;
    offered.truncate(OFFERED);
    // What the other library answered before is its own.
    let past = match is_guest {
        true => Vec::new(),
        false => desk.suggestions(&actor, ticket).await?,
    };
    let own = own_words(visit).await?;
    Ok(Helps { offered, past, own })
}

/// Starts a keyword for the patron, as if they had texted it.
pub(crate) async fn start(visit: &Visit) -> Result<Answer, Refusal> {
    let fence = visit
        .asked
        .field("fence")
        .parse()
        .map_err(|_| Refusal::Incomplete)?;
    let ask = StartAsk {
        ticket: id(visit)?,
        fence: Fence(fence),
        send: visit.asked.field("send").to_owned(),
        keyword: KeywordId::from(visit.asked.field("keyword")),
    };
    let did = visit.desk().start_flow(&visit.actor()?, ask).await;
    done(visit, did).await
}

/// A flow's answer did not fit.
pub(crate) async fn wrong(visit: &Visit) -> Result<Answer, Refusal> {
    let remark = acts::remark(visit);
    let did = visit
        .desk()
        .mark_wrong(&visit.actor()?, text(visit)?, remark)
        .await;
    done(visit, did).await
}

/// Takes a text out into a question of its own (d3).
pub(crate) async fn split(visit: &Visit) -> Result<Answer, Refusal> {
    let topic = acts::chosen_topic(visit)?;
    go(visit, Whither::Own { topic }).await
}

/// Puts a text to another open question of the patron's (d3).
pub(crate) async fn move_there(visit: &Visit) -> Result<Answer, Refusal> {
    let to = visit.asked.field("to").parse().map(TicketId);
    let to = to.map_err(|_| Refusal::Invalid("Choose a question.".to_owned()))?;
    go(visit, Whither::Ticket(to)).await
}

async fn go(visit: &Visit, to: Whither) -> Result<Answer, Refusal> {
    let did = visit
        .desk()
        .move_text(&visit.actor()?, id(visit)?, text(visit)?, to)
        .await;
    match did {
        Ok(ticket) => Ok(Answer::see(path(ticket))),
        Err(error) => done::<()>(visit, Err(error)).await,
    }
}

fn text(visit: &Visit) -> Result<InboundId, Refusal> {
    let text = visit.asked.field("text").parse().map(InboundId);
    text.map_err(|_| Refusal::Incomplete)
}

pub(super) fn cards(visit: &Visit, shown: &Shown, library: &Library, helps: &Helps) -> Markup {
    let base = path(shown.view.row.ticket);
    html! {
        (of_library(visit, library, &base, &helps.own))
        @if !helps.past.is_empty() {
            section.card aria-labelledby="past" {
                h2 #past { "Answered before" }
                @for past in &helps.past {
                    p.quiet { (words(&short(&past.question, SHOWN_CHARACTERS))) }
                    p { (words(&short(&past.answer, SHOWN_CHARACTERS))) }
                    p.row {
                        (use_button(&base, "past", &past.reply.to_string(), "this past answer"))
                        a href=(path(past.ticket)) { "Read it there" }
                    }
                }
            }
        }
        section.card #answers-card aria-labelledby="saved" hx-morph-skip="" {
            h2 #saved { "Saved answers" }
            // In place: the page is not left while something is typed.
            form.row method="get" action=(base) role="search" hx-get=(base) hx-select="#offered"
                hx-target="#offered" hx-swap="outerHTML" {
                div.grow {
                    label for="answers" { "Search them" }
                    input type="search" #answers name="answers"
                        value=(visit.asked.query("answers").unwrap_or_default());
                }
                button.second { "Search" }
            }
            ul.plain #offered {
                @if helps.offered.is_empty() {
                    li.quiet { "None. Admins save answers under Answers." }
                }
                @for answer in &helps.offered {
                    li {
                        strong { (answer.canned.name) } " "
                        (use_button(&base, "use", &answer.canned.id.0.to_string(), &answer.canned.name))
                        br;
                        span.quiet { (words(&short(&answer.filled, SHOWN_CHARACTERS))) }
                    }
                }
            }
        }
        (starting(visit, shown, library))
    }
}

/// The library that is spoken for, since one person answers for several (d2).
fn of_library(visit: &Visit, library: &Library, base: &str, own: &OwnWords) -> Markup {
    html! {
        section.card aria-labelledby="of-library" {
            h2 #of-library { (library.name) }
            p { (hours_today(library, visit.now)) }
            @for (index, line) in own.first_lines.iter().enumerate() {
                p.row {
                    span.grow { (words(line)) }
                    (use_button(base, "first", &index.to_string(), "this first line"))
                }
            }
            @if let Some(signature) = &own.signature {
                p.row {
                    span.grow { (words(signature)) }
                    (use_button(base, "sign", "1", "the signature"))
                }
            }
        }
    }
}

fn hours_today(library: &Library, now: At) -> String {
    let spans: Vec<String> = hours::today(library, now)
        .iter()
        .map(|span| format!("{} to {}", clock(span.opens), clock(span.closes)))
        .collect();
    let open = hours::reopens(library, now).is_none();
    match (spans.is_empty(), open) {
        (true, _) => "Closed today.".to_owned(),
        (false, true) => format!("Open now. Today: {}.", spans.join(", ")),
        (false, false) => format!("Closed now. Today: {}.", spans.join(", ")),
    }
}

fn clock(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

fn starting(visit: &Visit, shown: &Shown, library: &Library) -> Markup {
    let on: Vec<_> = library
        .keywords
        .iter()
        .filter(|keyword| keyword.enabled)
        .collect();
    let send = Token::fresh().map(|token| token.told()).unwrap_or_default();
    html! {
        @if !on.is_empty() {
            section.card aria-labelledby="start" {
                h2 #start { "Start a keyword for the patron" }
                form method="post" action={ (path(shown.view.row.ticket)) "/start" } {
                    (token(visit))
                    input type="hidden" name="fence" value=(shown.view.fence.0);
                    input type="hidden" name="send" value=(send);
                    div.field {
                        label for="keyword" { "As if they had texted it" }
                        select #keyword name="keyword" {
                            @for keyword in on { option value=(keyword.id) { (keyword.word) } }
                        }
                    }
                    button.second { "Start it" }
                }
            }
        }
    }
}

/// Sends the box with it, so that what is typed there goes along.
fn use_button(base: &str, name: &str, value: &str, what: &str) -> Markup {
    html! {
        button.second.small form="box" formaction={ (base) "/insert" } name=(name) value=(value) {
            "Use this" span.unseen { ": " (what) }
        }
    }
}
