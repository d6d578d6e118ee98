//! One broadcast: as each phone will show it, for how many and at what cost; a test to oneself, a
//! moment, a second yes; then how far it is, and a way to hold it.

use callslip_core::broadcast::{AHEAD_MAX, Act, Estimate, State, estimate};
use callslip_core::directory::Library;
use callslip_core::staff::Action;
use callslip_core::text::segments::Encoding;
use callslip_store::TestSent;
use callslip_store::broadcasts::{Broadcast, Progress};
use callslip_store::staff::StaffChange;
use maud::{Markup, html};

use super::{name_of, path, state_of};
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::pages::messages;
use crate::pages::numbers::test::phone;
use crate::parts::{Problems, spoken, token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let one = found(visit, &library).await?;
    page(visit, &library, &one, &Problems::default()).await
}

async fn found(visit: &Visit, library: &Library) -> Result<Broadcast, Refusal> {
    let id = visit.place(1).parse().map_err(|_| Refusal::Nothing)?;
    let one = visit.shared.engine.broadcast_of(id).await?;
    one.filter(|one| one.library == library.id)
        .ok_or(Refusal::Nothing)
}

/// To a phone of one's own, whatever the audience: it knows no list.
pub(crate) async fn test(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let one = found(visit, &library).await?;
    let running = visit.running();
    let mut numbers = library.numbers.iter();
    let number = numbers.find_map(|of| running.directory.number(of));
    let number = number.ok_or(Refusal::Nothing)?;
    let refuse = async |what: &str| {
        let problems = Problems::of("to", what);
        let answer = page(visit, &library, &one, &problems).await?;
        Ok(answer.with_status(Refusal::invalid()))
    };
    let Some(to) = phone(number, visit.asked.field("to")) else {
        return refuse("Write a phone's number, such as +1 555 765 4321.").await;
    };
    let staff = visit.staff()?.id.clone();
    if !visit.shared.tests.take(&staff, &to, visit.now) {
        return refuse("That is enough for now: a few an hour. Nothing was sent.").await;
    }
    let language = visit.asked.field("language");
    let wording = one.texts.iter().find(|of| of.language == language);
    let body = wording.or(one.texts.first()).map(|of| of.text.clone());
    let body = (body.unwrap_or_default(), staff);
    let engine = &visit.shared.engine;
    match engine
        .test_text(number, library.id.clone(), to, body)
        .await?
    {
        TestSent::OptedOut => refuse("That phone has said STOP: nothing was sent.").await,
        TestSent::Queued(message) => {
            let about = format!("broadcast {}, message {message}", one.id);
            let line = note(Some(&library.id), "test-text", about);
            visit.commit(StaffChange::Noted, Some(line)).await?;
            Ok(Answer::see(format!(
                "{}?done=test-text",
                messages::path(message)
            )))
        }
    }
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let one = found(visit, &library).await?;
    let zone = times::zone(&library);
    let typed = visit.asked.field("at");
    let due = match typed.is_empty() {
        true => Some(visit.now),
        false => times::read(typed, &zone),
    };
    let due = due.filter(|due| *due >= visit.now && due.since(visit.now) <= AHEAD_MAX);
    let Some(due) = due else {
        let problems = Problems::of("at", "Choose a moment within the next year, or none: now.");
        let answer = page(visit, &library, &one, &problems).await?;
        return Ok(answer.with_status(Refusal::invalid()));
    };
    acted(visit, Act::Submit { due }, "broadcast-sent-off").await
}

pub(crate) async fn approve(visit: &Visit) -> Result<Answer, Refusal> {
    acted(visit, Act::Approve, "broadcast-approved").await
}

pub(crate) async fn pause(visit: &Visit) -> Result<Answer, Refusal> {
    acted(visit, Act::Pause, "broadcast-paused").await
}

pub(crate) async fn resume(visit: &Visit) -> Result<Answer, Refusal> {
    acted(visit, Act::Resume, "broadcast-resumed").await
}

pub(crate) async fn cancel(visit: &Visit) -> Result<Answer, Refusal> {
    acted(visit, Act::Cancel, "broadcast-cancelled").await
}

async fn acted(visit: &Visit, act: Act, what: &'static str) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let id = visit.place(1).parse().map_err(|_| Refusal::Nothing)?;
    let staff = visit.staff()?.id.clone();
    let engine = &visit.shared.engine;
    let did = engine.act_on_broadcast((id, &library), &staff, act).await?;
    if let Err(refused) = did {
        return Err(Refusal::Invalid(refused.to_string()));
    }
    let line = note(Some(&library.id), what, format!("broadcast {id}"));
    visit.commit(StaffChange::Noted, Some(line)).await?;
    Ok(Answer::see(path(&library, id)))
}

async fn page(
    visit: &Visit,
    library: &Library,
    one: &Broadcast,
    problems: &Problems,
) -> Result<Answer, Refusal> {
    let engine = &visit.shared.engine;
    let may = visit.staff()?.can(Action::Broadcast, &library.id);
    let going = matches!(one.state, State::Scheduled | State::Sending);
    let begun = !matches!(one.state, State::Draft | State::Approval);
    let progress = match begun {
        true => Some(engine.broadcast_progress(one.id).await?),
        false => None,
    };
    let people = match progress {
        Some(_) => None,
        None => Some(engine.audience(library, one).await?),
    };
    let left_out = match begun {
        true => engine.left_out(one.id).await?,
        false => Vec::new(),
    };
    let price = library.budget.segment_price;
    let estimated = people.map(|[people, simulated]| {
        let free = estimate(&one.texts, &simulated, price);
        let mut all = estimate(&one.texts, &people, price);
        // What simulated phones are told costs nothing.
        all.cost = all.cost.map(|cost| cost - free.cost.unwrap_or(0).min(cost));
        (all, free.people)
    });
    let here = path(library, one.id);
    let body = html! {
        h1 { "A broadcast to " (name_of(library, &one.list)) }
        (problems.summary())
        div #progress hx-get=[going.then_some(&here)] hx-select="#progress" hx-swap="outerMorph"
            hx-trigger=[going.then_some("every 2s")] {
            p role="status" { "It " (told_state(one.state)) "." (moment(visit, library, one)) }
            @if let Some(progress) = &progress { (bar(progress, &left_out)) }
            @if may { (holds(visit, library, one)) }
        }
        h2 { "How it reads" }
        @for wording in &one.texts {
            section.card aria-label={ "In " (wording.language) } {
                p lang=(wording.language) { (words(&wording.text)) }
                @if let Some((estimated, _)) = &estimated { (part(estimated, &wording.language)) }
            }
            br;
        }
        @if let Some((estimated, simulated)) = &estimated { (totals(library, estimated, *simulated)) }
        @if may && one.state == State::Draft { (sending(visit, library, one, problems)) }
        p { a href="/broadcasts" { "All broadcasts" } }
    };
    Ok(frame::page(visit, Here::Lists, "A broadcast", &body))
}

fn told_state(state: State) -> &'static str {
    match state {
        State::Draft => "has not been sent off",
        State::Done => "is done",
        State::Cancelled => "is cancelled: what had not gone stayed",
        State::Paused => "is paused",
        State::Approval | State::Scheduled | State::Sending => state_of(state),
    }
}

fn moment(visit: &Visit, library: &Library, one: &Broadcast) -> Markup {
    let zone = times::zone(library);
    html! {
        @if matches!(one.state, State::Approval | State::Scheduled) {
            " Its moment: " (times::ahead(one.due, &zone, visit.now)) " (" (library.time_zone) ")."
        }
    }
}

fn bar(progress: &Progress, left_out: &[(String, u64)]) -> Markup {
    let through = progress.people - progress.left - progress.queued;
    html! {
        p {
            label for="bar" { (through) " of " (progress.people) " people" }
            br;
            progress #bar max=(progress.people.max(1)) value=(through) { (through) }
        }
        dl.facts {
            dt { "Still to go" } dd { (progress.left + progress.queued) }
            dt { "With the gateway" } dd { (progress.sent) }
            dt { "Delivered" } dd { (progress.delivered) }
            dt { "Failed" } dd { (progress.failed) }
            dt { "Left out" }
            dd {
                (progress.left_out)
                @for (why, people) in left_out { p.hint { (people) ": " (why) } }
            }
        }
    }
}

fn part(estimated: &Estimate, language: &str) -> Markup {
    let found = estimated
        .parts
        .iter()
        .find(|part| part.language == language);
    html! {
        @if let Some(part) = found {
            p.quiet {
                (part.people) " people, " (part.segments) " segments, "
                @match part.encoding { Encoding::Gsm7 => "GSM-7", Encoding::Ucs2 => "UCS-2" }
                @if !part.forced_by.is_empty() {
                    ", forced by " @for letter in &part.forced_by { (letter) " " }
                }
            }
        }
    }
}

fn totals(library: &Library, estimated: &Estimate, simulated: u64) -> Markup {
    html! {
        p {
            strong { (estimated.people) " people, " (estimated.segments) " segments" }
            @match estimated.cost {
                Some(cost) => { ", about " (cost / 1_000_000) "." (format!("{:02}", cost % 1_000_000 / 10_000)) }
                None => { ". What that costs is not known: the library's file has no segment-price" }
            }
            "."
        }
        @if simulated > 0 {
            p.quiet { (simulated) " of them are simulated phones, which cost nothing." }
        }
        @if let Some(above) = library.second_person_above.filter(|above| estimated.people > u64::from(*above)) {
            p { "More than " (above) " people: a second person must say yes to it." }
        }
    }
}

fn sending(visit: &Visit, library: &Library, one: &Broadcast, problems: &Problems) -> Markup {
    let here = path(library, one.id);
    html! {
        section.card aria-labelledby="test-title" {
            h2 #test-title { "A test to yourself" }
            form method="post" action={ (here) "/test" } {
                (token(visit))
                div.field {
                    label for="to" { "Your own phone" }
                    p.hint #to-hint { "This one phone alone: a test knows no list." }
                    (problems.beside("to"))
                    input #to name="to" type="tel" value=(visit.asked.field("to")) autocomplete="tel"
                        aria-describedby=[problems.described("to", Some("to-hint"))]
                        aria-invalid=[problems.invalid("to")];
                }
                @if one.texts.len() > 1 {
                    div.field {
                        label for="language" { "In" }
                        select #language name="language" {
                            @for wording in &one.texts { option value=(wording.language) { (spoken(&wording.language)) } }
                        }
                    }
                }
                button.second { "Send the test" }
            }
        }
        br;
        section.card aria-labelledby="send-title" {
            h2 #send-title { "Send it to the list" }
            form method="post" action={ (here) "/send" } {
                (token(visit))
                div.field {
                    label for="at" { "When" }
                    p.hint #at-hint { "By the library's clock, " (library.time_zone) "; nothing: now. Quiet hours are waited out." }
                    (problems.beside("at"))
                    input #at name="at" type="datetime-local" value=(visit.asked.field("at"))
                        aria-describedby=[problems.described("at", Some("at-hint"))]
                        aria-invalid=[problems.invalid("at")];
                }
                button { "Send it to everybody above" }
            }
        }
        br;
    }
}

fn holds(visit: &Visit, library: &Library, one: &Broadcast) -> Markup {
    let here = path(library, one.id);
    let own = visit.staff().is_ok_and(|staff| staff.id == one.author);
    let button = |act: &str, label: &str| {
        html! {
            form method="post" action={ (here) "/" (act) } { (token(visit)) button.second { (label) } }
        }
    };
    html! {
        div.row {
            @match one.state {
                State::Approval => {
                    @if own { p.quiet { "A colleague must say yes to it." } }
                    @else { (button("approve", "Say yes to it")) }
                }
                State::Scheduled | State::Sending => (button("pause", "Pause it")),
                State::Paused => (button("resume", "Go on")),
                State::Draft | State::Done | State::Cancelled => {}
            }
            @if !matches!(one.state, State::Done | State::Cancelled) {
                (button("cancel", "Cancel what has not gone"))
            }
        }
    }
}
