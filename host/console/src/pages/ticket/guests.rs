//! Another library answers (b7): the patron is asked in the reply box, and a text of theirs is
//! marked as the yes; then both libraries see where the question is.

use callslip_core::ids::{InboundId, LibraryId};
use callslip_engine::desk::{Deed, Item, Place};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{Shown, done, id, path, talk};
use crate::answer::Answer;
use crate::parts::token;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// This text of the patron's is a yes to that library.
pub(crate) async fn invite(visit: &Visit) -> Result<Answer, Refusal> {
    let text = visit.asked.field("text").parse().map(InboundId);
    let deed = Deed::Invited {
        guest: LibraryId::from(visit.asked.field("library")),
        text: text.map_err(|_| Refusal::Incomplete)?,
    };
    let did = visit.desk().patron(&visit.actor()?, id(visit)?, deed).await;
    done(visit, did).await
}

/// It is its own library's again: taken back, or given back.
pub(crate) async fn part(visit: &Visit) -> Result<Answer, Refusal> {
    let did = visit
        .desk()
        .patron(&visit.actor()?, id(visit)?, Deed::Parted)
        .await;
    done(visit, did).await
}

/// Under the page's head: where the question is.
pub(super) fn told(visit: &Visit, shown: &Shown, zone: &TimeZone) -> Markup {
    let row = &shown.view.row;
    let (Some(guest), Some((since, text))) = (&row.guest, shown.view.guest_since) else {
        return html! {};
    };
    html! {
        div.notice {
            p {
                @if shown.is_guest {
                    "You answer for " strong { (name(visit, Some(&row.library.0))) }
                    ", through its number. The patron agreed to that ("
                } @else {
                    strong { (name(visit, Some(&guest.0))) } " answers this one. The patron "
                    a href={ "#turn-" (text) } { "agreed to that" } " ("
                }
                (times::moment(since, zone, visit.now)) "). It ends when the question is closed."
            }
            @if shown.may_answer {
                form method="post" action={ (path(row.ticket)) "/guest/over" } {
                    (token(visit))
                    button.second.small {
                        @if shown.is_guest { "Give it back" } @else { "Take it back" }
                    }
                }
            }
        }
    }
}

/// Beside a later text of the patron's.
pub(super) fn inviting(visit: &Visit, item: &Item, shown: &Shown) -> Markup {
    let row = &shown.view.row;
    let others = visit.desk().who_answers_for(&row.library);
    if others.is_empty() || row.guest.is_some() || row.place == Place::Closed {
        return html! {};
    }
    let id = format!("guest-{}", item.turn);
    let inner = html! {
        p.hint {
            "Ask the patron in the reply box first. Its people see this question alone, answer "
            "through your number, and only until it is closed."
        }
        label for=(id) { "Library" }
        select id=(id) name="library" {
            @for (library, name) in &others { option value=(library) { (name) } }
        }
        button.second.small { "They may answer" }
    };
    html! {
        details.small {
            summary { "A yes to another library" }
            (talk::of_text(visit, item, shown, "guest", &inner))
        }
    }
}

pub(super) fn name(visit: &Visit, id: Option<&str>) -> String {
    let id = id.unwrap_or_default();
    let running = visit.running();
    let library = running.directory.library(&id.into());
    library.map_or_else(|| id.to_owned(), |library| library.name.clone())
}
