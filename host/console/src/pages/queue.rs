//! The queue over all libraries in which one has a role (d2): who waits longest stands first.

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, StaffId, TicketId};
use callslip_core::staff::Action;
use callslip_engine::desk::{
    Place, QUEUE_COUNTED_MAX, QueueAsk, QueueCounts, QueueFilter, QueueRow,
};
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::desk::Names;
use crate::frame::{self, Here};
use crate::parts::{mark, short, topic, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const ROWS: usize = 40;
/// Of what the patron said last.
const SAID_CHARACTERS: usize = 160;

/// What the queue shows, by the word in the address.
const SHOWS: [(&str, &str); 6] = [
    ("waiting", "Waiting"),
    ("known", "My topics"),
    ("mine", "Mine"),
    ("answered", "For the patron"),
    ("snoozed", "Snoozed"),
    ("closed", "Closed"),
];

/// The topics that one knows.
type Known = [(LibraryId, String)];

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    // Before the rest: what comes while it is read is then told again.
    let seq = visit.desk().latest().await?;
    let shows = shows(visit);
    let rows = rows(visit, shows).await?;
    let counts = visit.desk().counts(&visit.actor()?).await?;
    let names = names(visit, &rows).await?;
    let known = visit.desk().known(&visit.actor()?).await?;
    let just_sent = super::ticket::reply::just_sent(visit).await?;
    let body = html! {
        (just_sent)
        h1 { "Queue" }
        (filters(visit, shows, &counts))
        (super::search::form(visit))
        (live_list(visit, &here(visit, shows, None), &html! {
            (list(visit, &rows, &names, &known, shows))
            // Urgent ones stand before every page's own.
            @if rows.iter().filter(|row| !row.urgent).count() >= ROWS {
                @if let Some(last) = rows.last() {
                    a.button.second href=(here(visit, shows, Some((last.since, last.ticket)))) { "More" }
                }
            }
        }))
        label.switch { input #sound type="checkbox"; " A sound for each new question" }
        p { a href="/reminders" { "Reminders" } }
    };
    Ok(frame::page_from(visit, Here::Queue, "Queue", seq, &body))
}

/// How many wait: for the way about and the tab's title.
pub(crate) async fn waiting(visit: &Visit) -> Result<Answer, Refusal> {
    let counts = visit.desk().counts(&visit.actor()?).await?;
    Ok(Answer::page(count(counts.waiting)))
}

pub(crate) fn count(waiting: u64) -> Markup {
    html! {
        span #waiting {
            @if waiting > 0 { span.count { (told(waiting)) span.unseen { " waiting" } } }
        }
    }
}

/// At the bound and beyond it nobody has counted.
fn told(count: u64) -> String {
    match count {
        QUEUE_COUNTED_MAX.. => format!("{QUEUE_COUNTED_MAX}+"),
        _ => count.to_string(),
    }
}

fn shows(visit: &Visit) -> &'static str {
    let wanted = visit.asked.query("show").unwrap_or("waiting");
    let known = SHOWS.iter().find(|(name, _)| *name == wanted);
    known.map_or("waiting", |(name, _)| name)
}

fn filter(shows: &str, me: &StaffId) -> QueueFilter {
    match shows {
        "mine" => QueueFilter::Mine(me.clone()),
        "known" => QueueFilter::Known(me.clone()),
        "answered" => QueueFilter::Answered,
        "snoozed" => QueueFilter::Snoozed,
        "closed" => QueueFilter::Closed,
        _ => QueueFilter::Waiting,
    }
}

async fn rows(visit: &Visit, shows: &str) -> Result<Vec<QueueRow>, Refusal> {
    let after = visit.asked.query("after").and_then(|after| {
        let (since, ticket) = after.split_once('-')?;
        Some((At(since.parse().ok()?), TicketId(ticket.parse().ok()?)))
    });
    let ask = QueueAsk {
        filter: filter(shows, &visit.staff()?.id),
        topic: visit.asked.query("topic").map(str::to_owned),
        library: visit.asked.query("library").map(LibraryId::from),
        after,
        max: ROWS,
    };
    Ok(visit.desk().queue(&visit.actor()?, ask).await?)
}

async fn names(visit: &Visit, rows: &[QueueRow]) -> Result<Names, Refusal> {
    let claims = rows.iter().filter_map(|row| row.claim.as_ref());
    visit.names(claims.map(|claim| claim.staff.clone())).await
}

/// This page's address.
fn here(visit: &Visit, shows: &str, after: Option<(At, TicketId)>) -> String {
    let mut path = format!("/queue?show={shows}{}", kept(visit));
    let given = visit.asked.query("after").map(str::to_owned);
    let after = after.map(|(since, ticket)| format!("{}-{ticket}", since.0));
    if let Some(after) = after.or(given) {
        path.push_str(&format!("&after={}", escaped(&after)));
    }
    path
}

/// What is chosen besides, in an address.
fn kept(visit: &Visit) -> String {
    let chosen = ["topic", "library"].into_iter().filter_map(|name| {
        let value = visit.asked.query(name)?;
        Some(format!("&{name}={}", escaped(value)))
    });
    chosen.collect()
}

fn filters(visit: &Visit, shows: &str, counts: &QueueCounts) -> Markup {
    let count = |name: &str| match name {
        "waiting" => Some(counts.waiting),
        "mine" => Some(counts.mine),
        "answered" => Some(counts.answered),
        "snoozed" => Some(counts.snoozed),
        _ => None,
    };
    let topics = topics(visit);
    let libraries = libraries(visit);
    html! {
        nav.filters aria-label="Which questions" {
            ul {
                @for (name, label) in SHOWS {
                    li {
                        a href={ "/queue?show=" (name) (kept(visit)) } aria-current=[(name == shows).then_some("true")] {
                            (label)
                            @if let Some(count) = count(name) { " " span.quiet { (told(count)) } }
                        }
                    }
                }
            }
        }
        @if !topics.is_empty() || libraries.len() > 1 {
            form.row method="get" action="/queue" {
                input type="hidden" name="show" value=(shows);
                @if libraries.len() > 1 {
                    (choice(visit, "library", "Library", &libraries))
                }
                @if !topics.is_empty() { (choice(visit, "topic", "Topic", &topics)) }
                button.second { "Show" }
            }
        }
    }
}

fn choice(visit: &Visit, name: &str, label: &str, of: &[(String, String)]) -> Markup {
    html! {
        label for=(name) { (label) }
        select id=(name) name=(name) {
            option value="" { "All" }
            @for (id, told) in of {
                option value=(id) selected[visit.asked.query(name) == Some(id)] { (told) }
            }
        }
    }
}

/// Those in which one sees texts.
fn libraries(visit: &Visit) -> Vec<(String, String)> {
    let running = visit.running();
    let all = running.directory.libraries.values();
    let mine = all.filter(|library| {
        visit
            .staff()
            .is_ok_and(|staff| staff.can(Action::SeeTexts, &library.id))
    });
    mine.map(|library| (library.id.to_string(), library.short_name.clone()))
        .collect()
}

/// Those of one's libraries, each id once.
fn topics(visit: &Visit) -> Vec<(String, String)> {
    let mut topics: Vec<(String, String)> = Vec::new();
    for library in visit.libraries(Action::SeeTexts).unwrap_or_default() {
        for topic in &library.topics {
            if topics.iter().all(|(id, _)| *id != topic.id) {
                topics.push((topic.id.clone(), topic.name.clone()));
            }
        }
    }
    topics
}

/// What looks itself up again when the queue has changed, and now and then for its clocks.
pub(super) fn live_list(_visit: &Visit, path: &str, inner: &Markup) -> Markup {
    html! {
        section #queue aria-label="Questions" hx-get=(path) hx-select="#queue" hx-swap="outerMorph"
            hx-trigger="queue from:body delay:150ms, every 30s" {
            (inner)
        }
    }
}

fn list(visit: &Visit, rows: &[QueueRow], names: &Names, known: &Known, shows: &str) -> Markup {
    html! {
        @if rows.is_empty() {
            p.card { (empty(shows)) }
        } @else {
            ol.queue { @for row in rows { (line(visit, row, names, known)) } }
        }
    }
}

fn empty(shows: &str) -> &'static str {
    match shows {
        "mine" => "You have no question just now.",
        "known" => "Nobody waits on a topic of yours. Who knows what stands under Answers.",
        "answered" => "No patron has an answer to read.",
        "snoozed" => "Nothing is put aside.",
        "closed" => "Nothing was closed yet.",
        _ => "Nobody waits. New questions appear here by themselves.",
    }
}

/// One question, as a link to it.
fn line(visit: &Visit, row: &QueueRow, names: &Names, known: &Known) -> Markup {
    let running = visit.running();
    let library = running.directory.library(&row.library);
    let holder = row.claim.as_ref().filter(|claim| claim.until > visit.now);
    let for_me = row.topic.as_ref().is_some_and(|on| {
        let mut known = known.iter();
        known.any(|(library, topic)| *library == row.library && topic == on)
    });
    let said = row.said.as_deref().map(|said| short(said, SAID_CHARACTERS));
    html! {
        li.urgent[row.urgent] id={ "row-" (row.ticket) } {
            a href={ "/tickets/" (row.ticket) } {
                (mark(&row.alias))
                span.what {
                    span.row-head {
                        @if row.urgent { span.tag.bad { "Urgent" } }
                        strong { (row.alias) }
                        span.quiet { (library.map_or("", |library| library.short_name.as_str())) }
                        @if row.guest.is_some() { span.tag.warn { (answered_by(visit, row)) } }
                        @if let Some(on) = &row.topic { span.tag.plain { (topic(visit, &row.library, on)) } }
                        @if for_me { span.tag.good { "For you" } }
                        @if row.cause.is_some() { span.tag.warn { "After an error" } }
                        @if let Some(claim) = holder {
                            span.tag.plain {
                                @if names.is_me(&claim.staff) { "Yours" }
                                @else { (names.of(&claim.staff)) }
                            }
                        }
                    }
                    span.said {
                        @match said {
                            Some(said) => (words(&said)),
                            None => span.quiet { "(not kept)" },
                        }
                    }
                }
                span.since { (since(row, visit.now)) }
            }
        }
    }
}

fn since(row: &QueueRow, now: At) -> Markup {
    match row.place {
        Place::Waiting => html! {
            span.unseen { "waits for " } (times::waited(row.since, now))
        },
        Place::Snoozed => html! {
            span.unseen { "comes back in " } (times::waited(now, row.since))
        },
        Place::Answered | Place::Closed => html! {
            (times::waited(row.since, now)) span.unseen { " ago" }
        },
    }
}

/// Where another library answers (b7), for each of the two.
fn answered_by(visit: &Visit, row: &QueueRow) -> String {
    let short = |id: &LibraryId| {
        let running = visit.running();
        let library = running.directory.library(id);
        library.map_or_else(|| id.to_string(), |library| library.short_name.clone())
    };
    let sees = visit
        .staff()
        .is_ok_and(|staff| staff.can(Action::SeeTexts, &row.library));
    match &row.guest {
        Some(guest) if sees => format!("{} answers", short(guest)),
        Some(_) => format!("for {}", short(&row.library)),
        None => String::new(),
    }
}
