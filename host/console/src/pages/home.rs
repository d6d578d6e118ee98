//! Today: the page for the bad day, which works on a phone (c7). Closed today, out of order, a
//! keyword off at once; and what the machine complains of.

use std::collections::HashMap;

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::flow::Span;
use callslip_core::ids::LibraryId;
use callslip_core::staff::Action;
use callslip_core::switches::Switches;
use callslip_store::staff::{StaffChange, Switching};
use maud::{Markup, html};

use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::parts::{token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

/// What patrons are told; longer ones cost more than two texts.
const TOLD_CHARACTERS_MAX: usize = 300;
const OUTAGE: &str = "Some of our systems are down just now. A person reads your text and answers.";

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let running = visit.running();
    let libraries = visit.libraries(Action::SeeKeywords)?;
    let spent: HashMap<LibraryId, u64> = visit.shared.engine.spent().await?.into_iter().collect();
    let staff = visit.staff()?;
    let body = html! {
        h1 { "Today" }
        @if visit.may_somewhere(Action::SeeNumbers).is_ok() && !running.problems.is_empty() {
            details.notice {
                summary { (running.problems.len()) " in the configuration to put right" }
                ul { @for problem in &running.problems { li { (problem) } } }
            }
        }
        @if libraries.is_empty() {
            p { "Your account has no role in any library yet. An owner or admin gives you one." }
        }
        @if visit.may_somewhere(Action::Switch).is_ok() {
            p { a href="/guide" { "First steps: library, number, keyword" } }
        }
        div.cards {
            @for library in &libraries {
                @let may_switch = staff.can(Action::Switch, &library.id);
                @let spent = may_switch.then(|| spent.get(&library.id).copied().unwrap_or(0));
                (card(visit, library, running.switches(), may_switch, spent))
            }
        }
    };
    Ok(frame::page(visit, Here::Home, "Today", &body))
}

pub(crate) async fn close(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let because = told(visit.asked.field("because"))?;
    let switching = Switching::Closed {
        library: library.id.clone(),
        date: times::today(&library, visit.now),
        because,
    };
    switch(visit, switching, "closed", "").await?;
    Ok(Answer::see("/?done=closed"))
}

pub(crate) async fn open(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?.id.clone();
    switch(visit, Switching::Opened { library }, "opened", "").await?;
    Ok(Answer::see("/?done=opened"))
}

pub(crate) async fn outage(visit: &Visit) -> Result<Answer, Refusal> {
    let switching = Switching::Outage {
        library: visit.library()?.id.clone(),
        told: told(visit.asked.field("told"))?,
    };
    switch(visit, switching, "outage", "").await?;
    Ok(Answer::see("/?done=outage"))
}

pub(crate) async fn outage_over(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?.id.clone();
    switch(visit, Switching::OutageOver { library }, "outage-over", "").await?;
    Ok(Answer::see("/?done=outage-over"))
}

/// Saves a switch and makes what runs follow it.
pub(super) async fn switch(
    visit: &Visit,
    switching: Switching,
    what: &str,
    about: &str,
) -> Result<(), Refusal> {
    let _alone = visit.shared.switching.lock().await;
    let library = visit.permit()?.library().clone();
    let note = note(Some(&library), what, about);
    visit
        .commit(StaffChange::Switch(switching), Some(note))
        .await?;
    let switches = visit.shared.keep.read(|reader| reader.switches()).await?;
    visit.shared.engine.switch(switches);
    Ok(())
}

/// A sentence for patrons.
pub(super) fn told(typed: &str) -> Result<String, Refusal> {
    let count = typed.chars().count();
    if count == 0 {
        return Err(Refusal::Invalid("Write what patrons are told.".to_owned()));
    }
    if count > TOLD_CHARACTERS_MAX || typed.chars().any(char::is_control) {
        return Err(Refusal::Invalid(
            "Write one paragraph of at most 300 characters.".to_owned(),
        ));
    }
    Ok(typed.to_owned())
}

fn card(
    visit: &Visit,
    library: &Library,
    switches: &Switches,
    may_switch: bool,
    spent: Option<u64>,
) -> Markup {
    let id = &library.id;
    let zone = times::zone(library);
    let today = times::today(library, visit.now);
    let closed = switches
        .closed
        .get(id)
        .filter(|closed| closed.date == today);
    let outage = switches.outages.get(id);
    let off: Vec<_> = switches
        .keywords_off
        .iter()
        .filter(|((of, _), _)| of == id)
        .collect();
    let at = |path: &str| format!("/libraries/{id}/{path}");
    html! {
        section.card aria-labelledby={ "library-" (id) } {
            h2 id={ "library-" (id) } { (library.name) }
            p { (hours(library, visit.now)) }
            @if let Some(spent) = spent { p { (month(library, spent)) } }
            @if library.broken {
                p.problem { "Its file has an error: texts become tickets until it is put right." }
            }
            @if let Some(closed) = closed {
                p.quiet { "By " (closed.by) ", " (times::moment(closed.since, &zone, visit.now)) "." }
                @if may_switch {
                    form method="post" action=(at("opened")) {
                        (token(visit)) button.second { "Open again today" }
                    }
                }
            } @else if may_switch {
                details {
                    summary { "Close for today" }
                    form method="post" action=(at("closed")) {
                        (token(visit))
                        div.field {
                            label for={ "because-" (id) } { "Because of" }
                            p.hint id={ "because-hint-" (id) } {
                                "Flows tell it to patrons, such as: Snow."
                            }
                            input type="text" id={ "because-" (id) } name="because" required
                                maxlength="300" aria-describedby={ "because-hint-" (id) };
                        }
                        button.danger { "Close " (library.short_name) " for today" }
                    }
                }
            }
            @if let Some(outage) = outage {
                p { span.tag.bad { "Out of order" } " No flow runs. Patrons are told:" }
                blockquote { (words(&outage.told)) }
                p.quiet { "By " (outage.by) ", " (times::moment(outage.since, &zone, visit.now)) "." }
                @if may_switch {
                    form method="post" action=(at("outage/over")) {
                        (token(visit)) button.second { "It is over" }
                    }
                }
            } @else if may_switch {
                details {
                    summary { "Something is out of order" }
                    form method="post" action=(at("outage")) {
                        (token(visit))
                        div.field {
                            label for={ "told-" (id) } { "What patrons are told" }
                            p.hint id={ "told-hint-" (id) } {
                                "No flow runs until it is over; every text goes to a person."
                            }
                            textarea id={ "told-" (id) } name="told" rows="3" maxlength="300" required
                                aria-describedby={ "told-hint-" (id) } { (OUTAGE) }
                        }
                        button.danger { "Stop all flows of " (library.short_name) }
                    }
                }
            }
            @for ((_, keyword), switched) in &off {
                p {
                    span.tag.off { "Off" } " "
                    a href=(super::keywords::path(id, keyword)) {
                        (library.keyword(keyword).map_or(&*keyword.0, |known| known.word.as_str()))
                    }
                    " by " (switched.by) ", " (times::moment(switched.since, &zone, visit.now))
                }
            }
            @if may_switch { (keyword_off(visit, library)) }
        }
    }
}

/// One keyword off at once, without looking for its page.
fn keyword_off(visit: &Visit, library: &Library) -> Markup {
    let id = &library.id;
    let on: Vec<_> = library
        .keywords
        .iter()
        .filter(|keyword| keyword.enabled)
        .collect();
    html! {
        @if !on.is_empty() {
            details {
                summary { "Switch a keyword off" }
                form method="post" action={ "/libraries/" (id) "/off" } {
                    (token(visit))
                    div.field {
                        label for={ "keyword-" (id) } { "Keyword" }
                        select id={ "keyword-" (id) } name="keyword" {
                            @for keyword in on { option value=(keyword.id) { (keyword.word) } }
                        }
                    }
                    (super::keywords::closing_field(library, "closing"))
                    button.danger { "Switch it off" }
                }
            }
        }
    }
}

/// What was sent this month, and of how much.
fn month(library: &Library, spent: u64) -> Markup {
    let max = library.budget.monthly_segments.map(u64::from);
    html! {
        "Sent this month: " (spent) @if spent == 1 { " text" } @else { " texts" }
        @if let Some(max) = max {
            " of " (max) " "
            @if spent >= max { span.tag.bad { "Used up" } }
            @else if spent * 5 >= max * 4 { span.tag.warn { "Over four fifths" } }
        }
    }
}

/// `Open today 10:00-20:00.`
fn hours(library: &Library, now: At) -> Markup {
    let (spans, note) = today_s(library, now);
    html! {
        @if spans.is_empty() {
            span.tag.warn { "Closed today" }
        } @else {
            "Open today "
            @for (index, span) in spans.iter().enumerate() {
                @if index > 0 { " and " }
                (clock(span.opens)) "-" (clock(span.closes))
            }
        }
        @if let Some(note) = note { " " (words(note)) }
    }
}

fn today_s(library: &Library, now: At) -> (&[Span], Option<&str>) {
    let date = times::zone(library).to_datetime(now.timestamp()).date();
    let written = date.to_string();
    let mut special = library.hours.special_days.iter();
    if let Some(day) = special.find(|day| day.date == written) {
        return (&day.spans, day.note.as_deref());
    }
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    let week = library.hours.week.get(weekday);
    (week.map_or(&[], Vec::as_slice), None)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
