//! Broadcasts: what was sent to whole lists, how one reads and what it costs before it goes, and how
//! far it is. How many, never who.

mod compose; // writing one
mod one; // looking at it, sending it off, watching it

use std::sync::Arc;

use callslip_core::broadcast::State;
use callslip_core::directory::Library;
use callslip_core::staff::Action;
use callslip_store::broadcasts::Broadcast;
use maud::{Markup, html};

pub(crate) use compose::{create, form};
pub(crate) use one::{approve, cancel, pause, resume, send, show, test};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::short;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const ROWS: usize = 50;

pub(crate) async fn list(visit: &Visit) -> Result<Answer, Refusal> {
    let mut all: Vec<(Arc<Library>, Vec<Broadcast>)> = Vec::new();
    for library in visit.libraries(Action::SeeLists)? {
        let found = visit.shared.engine.broadcasts(&library.id, ROWS).await?;
        all.push((library, found));
    }
    let staff = visit.staff()?;
    let body = html! {
        h1 { "Broadcasts" }
        p { "One message to the members of a list. " a href="/lists" { "The lists" } }
        @for (library, found) in &all {
            section aria-labelledby={ "broadcasts-" (library.id) } {
                h2 id={ "broadcasts-" (library.id) } { (library.name) }
                @if staff.can(Action::Broadcast, &library.id) && !library.lists.is_empty() {
                    p { a.button href=(compose::path(library)) { "Write one" span.unseen { " for " (library.name) } } }
                }
                @if found.is_empty() { p.quiet { "None yet." } }
                @else { ul.plain { @for one in found { (line(visit, library, one)) } } }
            }
        }
    };
    Ok(frame::page(visit, Here::Lists, "Broadcasts", &body))
}

fn line(visit: &Visit, library: &Library, one: &Broadcast) -> Markup {
    let first = one.written.first();
    let said = first.map_or(String::new(), |wording| short(&wording.text, 60));
    html! {
        li {
            a href=(path(library, one.id)) { (said) }
            " " span.quiet {
                (name_of(library, &one.list)) ", " (state_of(one.state)) ", "
                (times::moment(one.created, &times::zone(library), visit.now))
            }
        }
    }
}

fn path(library: &Library, id: i64) -> String {
    format!("/libraries/{}/broadcasts/{id}", escaped(&library.id.0))
}

/// What people call the list.
fn name_of<'a>(library: &'a Library, list: &'a str) -> &'a str {
    let known = library.lists.iter().find(|known| known.id == list);
    known.map_or(list, |known| &known.name)
}

fn state_of(state: State) -> &'static str {
    match state {
        State::Draft => "not sent off",
        State::Approval => "waits for a second person",
        State::Scheduled => "goes at its moment",
        State::Sending => "is going out",
        State::Paused => "paused",
        State::Done => "done",
        State::Cancelled => "cancelled",
    }
}
