//! Beside the conversation: who the patron is to the library, earlier questions, what else can be
//! done, and what was. Never the number.

use callslip_core::directory::Library;
use callslip_core::ids::LibraryId;
use callslip_core::staff::Action;
use callslip_engine::desk::{CloseReason, Event, Place, What};
use maud::{Markup, html};

use super::{Shown, acts, agreed, guests, help, path, patron, reminders};
use crate::desk::Names;
use crate::parts::token;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

pub(super) fn all(visit: &Visit, shown: &Shown, may_answer: bool) -> Result<Markup, Refusal> {
    let library = visit.library()?;
    let own = may_answer && !shown.is_guest;
    let of = &shown.view.row.library;
    let running = visit.running();
    let school = running
        .directory
        .library(of)
        .is_some_and(|library| library.school);
    let may_reveal = !school && visit.staff()?.can(Action::Reveal, of);
    Ok(html! {
        aside aria-label="Beside the conversation" {
            (patron::card(visit, shown, &library, own, may_reveal))
            (agreed::card(visit, shown, &times::zone(&library), own))
            (reminders::card(visit, shown, &library, own))
            @if let Some(helps) = &shown.helps { (help::cards(visit, shown, &library, helps)) }
            @if may_answer && shown.view.row.place != Place::Closed { (doing(visit, shown, &library)) }
            @if may_answer { (note(visit, shown)) }
            (history(visit, shown, &library))
        }
    })
}

fn doing(visit: &Visit, shown: &Shown, library: &Library) -> Markup {
    let at = |act: &str| format!("{}/{act}", path(shown.view.row.ticket));
    let zone = times::zone(library);
    html! {
        section.card aria-labelledby="doing" {
            h2 #doing { "Do" }
            @if shown.is_mine(visit) {
                form method="post" action=(at("release")) {
                    (token(visit)) button.second { "Let it go" }
                }
            }
            details {
                summary { "Close" }
                form method="post" action=(at("close")) {
                    (token(visit))
                    div.field {
                        label for="reason" { "Reason" }
                        select #reason name="reason" {
                            @for reason in CloseReason::ALL {
                                option value=(acts::name(reason)) { (why(reason)) }
                            }
                        }
                    }
                    (remark("close-remark"))
                    button { "Close it" }
                }
            }
            details {
                summary { "Put aside" }
                form method="post" action=(at("snooze")) {
                    (token(visit))
                    div.field {
                        label for="until" { "It comes back" }
                        select #until name="until" {
                            @for (value, told) in acts::UNTILS { option value=(value) { (told) } }
                            option value=(acts::OWN) { "at the moment below" }
                        }
                    }
                    div.field {
                        label for="at" { "Another moment" }
                        input #at type="datetime-local" name="at" min=(times::form(visit.now, &zone));
                    }
                    (remark("snooze-remark"))
                    button.second { "Put it aside" }
                }
            }
            @if !shown.colleagues.is_empty() {
                details {
                    summary { "Hand over" }
                    form method="post" action=(at("hand-over")) {
                        (token(visit))
                        div.field {
                            label for="to" { "To" }
                            select #to name="to" {
                                @for staff in &shown.colleagues { option value=(staff.id) { (staff.shown) } }
                            }
                        }
                        button.second { "Hand it over" }
                    }
                }
            }
            @if !library.topics.is_empty() && !shown.is_guest {
                details {
                    summary { "Topic" }
                    form method="post" action=(at("topic")) {
                        (token(visit))
                        div.field {
                            label for="topic" { "It is about" }
                            select #topic name="topic" {
                                option value="" { "nothing in particular" }
                                @for topic in &library.topics {
                                    option value=(topic.id)
                                        selected[shown.view.row.topic.as_deref() == Some(&*topic.id)] {
                                        (topic.name)
                                    }
                                }
                            }
                        }
                        button.second { "Set the topic" }
                    }
                }
            }
        }
    }
}

fn remark(id: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { "A remark for colleagues, if you like" }
            input id=(id) type="text" name="remark" maxlength="300";
        }
    }
}

/// Why it was closed, and the remark behind it.
fn closed(detail: Option<&str>) -> String {
    let detail = detail.unwrap_or_default();
    let (word, remark) = detail.split_once(": ").unwrap_or((detail, ""));
    let mut reasons = CloseReason::ALL.into_iter();
    let reason = reasons.find(|reason| reason.word() == word);
    let told = match reason {
        Some(reason) => why(reason),
        None => word,
    };
    reasoned(
        told.to_owned(),
        Some(remark).filter(|remark| !remark.is_empty()),
    )
}

fn why(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Answered => "Answered here",
        CloseReason::AnsweredElsewhere => "Answered by a call, by e-mail or at the desk",
        CloseReason::NoAnswerNeeded => "No answer needed",
        CloseReason::NotForUs => "Not for the library",
        CloseReason::Abuse => "Abuse",
        CloseReason::Other => "Another reason",
    }
}

fn note(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        section.card aria-labelledby="noting" {
            h2 #noting { "Note for colleagues" }
            form method="post" action={ (path(shown.view.row.ticket)) "/note" } {
                (token(visit))
                div.field {
                    label for="note" { "Never sent to the patron" }
                    textarea #note name="note" rows="2" required {}
                }
                button.second { "Keep the note" }
            }
        }
    }
}

fn history(visit: &Visit, shown: &Shown, library: &Library) -> Markup {
    let zone = times::zone(library);
    html! {
        @if !shown.events.is_empty() {
            section.card aria-labelledby="history" {
                h2 #history { "What was done" }
                ol.plain {
                    @for event in shown.events.iter().rev().take(20) {
                        li {
                            (times::moment(event.at, &zone, visit.now)) " "
                            (happened(visit, event, &shown.names, &library.id))
                        }
                    }
                }
            }
        }
    }
}

fn happened(visit: &Visit, event: &Event, names: &Names, library: &LibraryId) -> String {
    let who = event.staff.as_ref().map(|staff| names.of(staff));
    let by = who.map_or_else(String::new, |who| format!(" by {who}"));
    let detail = event.detail.as_deref();
    match event.what {
        What::Opened => "asked".to_owned(),
        What::Urgent => "wrote words of danger".to_owned(),
        What::Claimed => format!("claimed{by}"),
        What::HandedOver => {
            let to = detail.map_or("", |id| names.of(&id.into()));
            format!("handed over{by} to {to}")
        }
        What::Released => format!("let go{by}"),
        What::Replied => format!("answered{by}"),
        What::TakenBack => format!("answer taken back{by}"),
        What::NotDelivered => "an answer was not delivered".to_owned(),
        What::Closed => format!("closed{by}: {}", closed(detail)),
        What::Reopened => format!("reopened{by}"),
        What::Snoozed => reasoned(format!("put aside{by}"), detail),
        What::Woke => "came back".to_owned(),
        What::TopicSet => {
            let topic = detail.map(|id| crate::parts::topic(visit, library, id));
            format!("topic set{by}: {}", topic.as_deref().unwrap_or("none"))
        }
        What::Split => format!("a text taken out{by}"),
        What::Moved => format!("a text moved{by}"),
        What::Noted => format!("note{by}"),
        What::Undone => reasoned(format!("opt-out questioned{by}"), detail),
        What::Muted => reasoned(format!("muted{by}"), detail),
        What::Unmuted => reasoned(format!("mute taken away{by}"), detail),
        What::Preferred => format!("another way of answering{by}"),
        What::Revealed => reasoned(format!("number shown{by}"), detail),
        What::AnswerWrong => format!("an answer marked as wrong{by}"),
        What::KeywordStarted => format!("{} started{by}", detail.unwrap_or("a keyword")),
        What::CannedChanged => format!("saved answers changed{by}"),
        What::TopicPeopleSet => format!("topic's people set{by}"),
        What::Stopped => reasoned(format!("opted out{by}"), detail),
        What::Started => "opted in again".to_owned(),
        What::Agreed => format!("a yes to being texted first kept{by}"),
        What::Invited => format!("given to {}{by}", guests::name(visit, detail)),
        What::Parted => format!("given back from {}{by}", guests::name(visit, detail)),
        What::Surveyed => "asked how it went".to_owned(),
        What::ReminderSet => format!("reminder set{by}"),
        What::ReminderMoved => reasoned(format!("reminder moved{by}"), detail),
        What::ReminderCancelled => reasoned(format!("reminder cancelled{by}"), detail),
        What::ReminderDropped => reasoned("a reminder did not go out".to_owned(), detail),
    }
}

fn reasoned(what: String, why: Option<&str>) -> String {
    match why {
        Some(why) => format!("{what}: {why}"),
        None => what,
    }
}
