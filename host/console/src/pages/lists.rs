//! Lists: what each is about, how many are on it, how it grows and who leaves it. Counts alone: no
//! number, no alias, no name.

pub(crate) mod one; // who is named for it

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::{Library, List};
use callslip_core::staff::Action;
use callslip_store::lists::ListCount;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::refusal::Refusal;
use crate::visit::Visit;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What growing and leaving are counted over, in days.
const TERMS: [u32; 2] = [7, 30];

/// One library's lists, and their counts over each term.
struct Shown {
    library: Arc<Library>,
    terms: [Vec<ListCount>; 2],
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let mut shown = Vec::new();
    for library in visit.libraries(Action::SeeLists)? {
        let counts = |days: u32| {
            visit
                .shared
                .engine
                .list_counts(&library.id, ago(visit, days))
        };
        let terms = [counts(TERMS[0]).await?, counts(TERMS[1]).await?];
        shown.push(Shown { library, terms });
    }
    let body = html! {
        h1 { "Lists" }
        p {
            "Who is on a list has said yes to it and can leave it by text: LISTS says what a patron is on, LEAVE and \
             a list's name leaves it. A list is made in its library's file. "
            a href="/broadcasts" { "What is sent to them" }
        }
        @for one in &shown {
            section.apart aria-labelledby={ "lists-" (one.library.id) } {
                h2 id={ "lists-" (one.library.id) } { (one.library.name) }
                (table(visit, one))
            }
        }
    };
    Ok(frame::page(visit, Here::Lists, "Lists", &body))
}

fn ago(visit: &Visit, days: u32) -> At {
    visit.now - DAY * days
}

fn table(visit: &Visit, shown: &Shown) -> Markup {
    let may = |action| {
        let staff = visit.staff();
        staff.is_ok_and(|staff| staff.can(action, &shown.library.id))
    };
    let may_invite = may(Action::Invite) && !shown.library.school;
    let lists = &shown.library.lists;
    html! {
        @if lists.is_empty() {
            p.quiet { "It has no list yet: a [[list]] in its file makes one." }
        } @else {
            table.stack {
                caption.unseen { "Lists of " (shown.library.name) }
                thead {
                    tr {
                        th scope="col" { "List" }
                        th scope="col" { "Members" }
                        @for days in TERMS {
                            th scope="col" { "Joined and left in " (days) " days" }
                        }
                        th scope="col" { "How often" }
                    }
                }
                tbody { @for list in lists { (row(list, shown, may_invite)) } }
            }
            (gone(shown))
        }
    }
}

fn row(list: &List, shown: &Shown, may_invite: bool) -> Markup {
    let of = |counts: &[ListCount]| {
        let found = counts.iter().find(|count| count.list == list.id);
        found.cloned().unwrap_or_default()
    };
    let [week, month] = shown.terms.each_ref().map(|counts| of(counts));
    html! {
        tr {
            th scope="row" {
                @if may_invite {
                    a href=(one::path(&shown.library, list)) { (list.name) }
                } @else { (list.name) }
                @if !list.description.is_empty() { p.hint { (list.description) } }
            }
            td {
                (month.members) " on it"
                @if month.stopped > 0 { p.hint { (month.stopped) " more have stopped it" } }
            }
            @for (count, days) in [week, month].iter().zip(TERMS) {
                td data-label={ (days) " days" } { "+" (count.joined) ", \u{2212}" (count.left) }
            }
            td {
                @match list.frequency {
                    Some(count) => { "up to " (count) " texts a month" }
                    None => { "as often as it comes" }
                }
            }
        }
    }
}

/// Lists that the file no longer has, as long as anybody is on them.
fn gone(shown: &Shown) -> Markup {
    let known = |count: &&ListCount| {
        let mut lists = shown.library.lists.iter();
        count.members == 0 || lists.any(|list| list.id == count.list)
    };
    let gone: Vec<&ListCount> = shown.terms[1].iter().filter(|one| !known(one)).collect();
    html! {
        @if !gone.is_empty() {
            p.quiet {
                "No longer in the file, with members still: "
                @for (index, count) in gone.iter().enumerate() {
                    @if index > 0 { ", " }
                    (count.list) " (" (count.members) ")"
                }
                "."
            }
        }
    }
}
