//! What was said before, in all libraries in which one sees texts, the latest first. What is
//! looked for may be a patron's own words: it is sent as a form and stands in no address.

use callslip_engine::desk::{Found, FoundKind, SearchRow};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::parts::{token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const ROWS: usize = 30;
const WORDS_CHARACTERS_MAX: usize = 200;
const SAID_CHARACTERS: usize = 300;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    Ok(page(visit, None))
}

pub(crate) async fn send(visit: &Visit) -> Result<Answer, Refusal> {
    let wanted: String = visit
        .asked
        .field("words")
        .chars()
        .take(WORDS_CHARACTERS_MAX)
        .collect();
    if wanted.is_empty() {
        return Ok(page(visit, None));
    }
    let before = visit.asked.field("before").parse().ok().map(SearchRow);
    let found = visit
        .desk()
        .search(&visit.actor()?, wanted, before, ROWS)
        .await?;
    Ok(page(visit, Some(&found)))
}

/// Above lists of questions: to look for what was said.
pub(super) fn form(visit: &Visit) -> Markup {
    html! {
        form.row method="post" action="/search" role="search" {
            (token(visit))
            div.grow {
                label for="words" { "Search what was said" }
                input type="search" #words name="words" value=(visit.asked.field("words"));
            }
            button.second { "Search" }
        }
    }
}

fn page(visit: &Visit, found: Option<&[Found]>) -> Answer {
    let body = html! {
        h1 { "Search" }
        div.card { (form(visit)) }
        @if let Some(found) = found {
            p role="status" {
                @match found.len() {
                    0 => "Nothing was said with these words.",
                    ROWS => "The latest; there may be more.",
                    1 => "One place.",
                    count => { (count) " places." },
                }
            }
            ol.talk aria-label="Found" { @for place in found { (line(visit, place)) } }
            @if found.len() == ROWS {
                @if let Some(last) = found.last() {
                    form method="post" action="/search" {
                        (token(visit))
                        input type="hidden" name="words" value=(visit.asked.field("words"));
                        input type="hidden" name="before" value=(last.row.0);
                        button.second { "Earlier" }
                    }
                }
            }
        }
    };
    frame::page(visit, Here::Queue, "Search", &body)
}

fn line(visit: &Visit, place: &Found) -> Markup {
    let running = visit.running();
    let library = running.directory.library(&place.library);
    let zone = library.map_or(TimeZone::UTC, |library| times::zone(library));
    let said = match place.body.char_indices().nth(SAID_CHARACTERS) {
        Some((at, _)) => format!("{}\u{2026}", &place.body[..at]),
        None => place.body.clone(),
    };
    let theirs = place.kind == FoundKind::Patron;
    html! {
        li.theirs[theirs].ours[!theirs] {
            p.who {
                @match place.kind {
                    FoundKind::Patron => (place.alias),
                    FoundKind::Desk => { "To " (place.alias) ", by staff" },
                    FoundKind::Flow => { "To " (place.alias) ", by a flow" },
                }
                " · " (library.map_or("", |library| library.short_name.as_str()))
                " · " (times::moment(place.at, &zone, visit.now))
            }
            p.bubble { (words(&said)) }
            @if let Some(ticket) = place.ticket { p { a href={ "/tickets/" (ticket) } { "Its question" } } }
        }
    }
}
