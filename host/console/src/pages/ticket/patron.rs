//! The patron of a question: who they are to the library, how they want to be answered, and the
//! two acts that are written down for good: showing the number, muting.

use std::time::Duration;

use callslip_core::directory::Library;
use callslip_core::text::wish;
use callslip_engine::desk::{
    Act, Channel, CloseReason, Deed, Mute, Place, Preference, Speaker, What,
};
use maud::{Markup, html};

use super::{Shown, acts, done, id, path, why_not};
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::parts::{mark, short, token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

/// Of the text that asks for another channel.
const HOW_CHARACTERS: usize = 200;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long somebody is muted, with its words.
const TERMS: [(&str, &str, u32); 3] = [
    ("day", "for a day", 1),
    ("week", "for a week", 7),
    ("month", "for 30 days", 30),
];

const CHANNELS: [(&str, &str, Channel); 3] = [
    ("call", "by a call", Channel::Call),
    ("email", "by e-mail", Channel::Email),
    ("visit", "at the desk", Channel::Visit),
];

/// The number, once, on a page that nobody keeps. The page's address says nothing of it.
pub(crate) async fn reveal(visit: &Visit) -> Result<Answer, Refusal> {
    let ticket = id(visit)?;
    let why = visit.asked.field("why").to_owned();
    let number = match visit.desk().reveal(&visit.actor()?, ticket, why).await {
        Ok(number) => number,
        Err(error) => return Err(Refusal::Invalid(why_not(visit, error).await?)),
    };
    let line = note(
        Some(visit.permit()?.library()),
        "revealed",
        format!("question {ticket}"),
    );
    visit
        .commit(callslip_store::staff::StaffChange::Noted, Some(line))
        .await?;
    let body = html! {
        div.card.narrow {
            h1 { "The patron's number" }
            p.big { (number.dial()) }
            p { "It was written down that you were shown it, and why. It is not shown again by going back." }
            p { a href=(path(ticket)) { "Back to the question" } }
        }
    };
    Ok(frame::page(visit, Here::Queue, "A patron's number", &body))
}

pub(crate) async fn mute(visit: &Visit) -> Result<Answer, Refusal> {
    let wanted = visit.asked.field("term");
    let term = TERMS.iter().find(|(name, _, _)| *name == wanted);
    let (_, _, days) = term.ok_or_else(|| Refusal::Invalid("Choose how long.".to_owned()))?;
    let mute = Mute {
        until: visit.now + DAY * *days,
        why: visit.asked.field("why").to_owned(),
    };
    logged(visit, Deed::Mute(mute), "muted").await
}

pub(crate) async fn unmute(visit: &Visit) -> Result<Answer, Refusal> {
    let why = visit.asked.field("why").to_owned();
    logged(visit, Deed::Unmute { why }, "unmuted").await
}

/// Said at the desk or on the phone: no more texts of this library's.
pub(crate) async fn opt_out(visit: &Visit) -> Result<Answer, Refusal> {
    let why = visit.asked.field("why").to_owned();
    logged(visit, Deed::OptOut { why }, "opted-out").await
}

/// b5: the patron's own words may have meant something else. It opens this box and nothing more.
pub(crate) async fn undo(visit: &Visit) -> Result<Answer, Refusal> {
    let why = visit.asked.field("why").to_owned();
    logged(visit, Deed::Undo { why }, "opt-out-questioned").await
}

/// A deed that also stands in the library's log.
async fn logged(visit: &Visit, deed: Deed, what: &str) -> Result<Answer, Refusal> {
    let ticket = id(visit)?;
    let did = visit.desk().patron(&visit.actor()?, ticket, deed).await;
    if did.is_ok() {
        let library = visit.permit()?.library().clone();
        let line = note(Some(&library), what, format!("question {ticket}"));
        let change = callslip_store::staff::StaffChange::Noted;
        visit.commit(change, Some(line)).await?;
    }
    done(visit, did).await
}

/// "Call me": kept, shown, and over when it is done.
pub(crate) async fn prefer(visit: &Visit) -> Result<Answer, Refusal> {
    let wanted = visit.asked.field("channel");
    let channel = CHANNELS.iter().find(|(name, _, _)| *name == wanted);
    let preference = channel.map(|(_, _, channel)| Preference {
        channel: *channel,
        note: Some(visit.asked.field("how"))
            .filter(|how| !how.is_empty())
            .map(str::to_owned),
    });
    deed(visit, Deed::Prefer(preference)).await
}

async fn deed(visit: &Visit, deed: Deed) -> Result<Answer, Refusal> {
    let did = visit.desk().patron(&visit.actor()?, id(visit)?, deed).await;
    done(visit, did).await
}

pub(super) fn card(
    visit: &Visit,
    shown: &Shown,
    library: &Library,
    may_answer: bool,
    may_reveal: bool,
) -> Markup {
    let view = &shown.view;
    let zone = times::zone(library);
    let lists: Vec<&str> = view
        .lists
        .iter()
        .map(|id| {
            let known = library.lists.iter().find(|list| list.id == *id);
            known.map_or(id.as_str(), |list| list.name.as_str())
        })
        .collect();
    html! {
        section.card aria-labelledby="patron" {
            h2 #patron.row { (mark(&view.row.alias)) (view.row.alias) }
            @if let Some(preference) = &view.prefers { (preferred(visit, shown, preference, may_answer)) }
            @if let Some(mute) = &view.mute {
                p.notice {
                    "Muted until " (times::moment(mute.until, &zone, visit.now)) ": " (words(&mute.why))
                }
            }
            dl.facts {
                dt { "Language" }
                dd { (view.row.language.as_deref().unwrap_or_else(|| library.language())) }
                dt { "Known since" } dd { (times::moment(view.patron_since, &zone, visit.now)) }
                dt { "Lists" }
                dd { @if lists.is_empty() { "none" } @else { (lists.join(", ")) } }
                dt { "Texts to" } dd { (view.row.number) }
            }
            @if !view.earlier.is_empty() {
                details {
                    summary { "Earlier questions: " (view.earlier.len()) }
                    ul.plain {
                        @for row in &view.earlier {
                            li {
                                a href=(path(row.ticket)) { (times::moment(row.opened, &zone, visit.now)) }
                                " " span.quiet { (row.place) }
                            }
                        }
                    }
                }
            }
            @if may_answer && view.row.place != Place::Closed { (wish(visit, shown)) }
            @if may_answer { (muting(visit, shown)) }
            @if may_answer && view.may_send.is_ok() && !view.undone { (opting_out(visit, shown)) }
            @if may_reveal { (revealing(visit, shown)) }
        }
    }
}

/// By the channel that was wished for: the wish is fulfilled, and the question with it.
pub(crate) async fn answered(visit: &Visit) -> Result<Answer, Refusal> {
    let (desk, actor, ticket) = (visit.desk(), visit.actor()?, id(visit)?);
    let close = Act::Close {
        reason: CloseReason::AnsweredElsewhere,
        remark: acts::remark(visit),
    };
    let did = desk.act(&actor, ticket, close).await;
    if did.is_ok() {
        desk.patron(&actor, ticket, Deed::Prefer(None)).await?;
    }
    done(visit, did).await
}

/// What the patron wrote of another channel, for staff to take up or leave; once they have said
/// how the patron is to be answered, an older text says it no more.
pub(super) fn asked_for(visit: &Visit, shown: &Shown) -> Markup {
    let view = &shown.view;
    let decided = shown
        .events
        .iter()
        .filter(|event| event.what == What::Preferred)
        .map(|event| event.at)
        .next_back();
    let texts = shown.items.iter().rev();
    let mut texts = texts.filter(|item| {
        item.ticket == Some(view.row.ticket) && decided.is_none_or(|at| item.at > at)
    });
    let wish = texts.find_map(|item| match &item.speaker {
        Speaker::Patron {
            body: Some(body), ..
        } => Some((wish::channel(body)?, body)),
        Speaker::Patron { .. } | Speaker::Desk { .. } => None,
    });
    let Some((channel, body)) = wish.filter(|_| view.prefers.is_none()) else {
        return html! {};
    };
    let known = CHANNELS.iter().find(|(_, _, known)| *known == channel);
    let (name, told) = known.map_or(("", ""), |(name, told, _)| (*name, *told));
    let at = |act: &str| format!("{}/{act}", path(view.row.ticket));
    let how = short(body, HOW_CHARACTERS);
    html! {
        div.notice {
            p { "Asks to be answered " strong { (told) } ": " (words(&how)) }
            div.row {
                form method="post" action=(at("prefer")) {
                    (token(visit))
                    input type="hidden" name="channel" value=(name);
                    input type="hidden" name="how" value=(how);
                    button.second.small { "Keep it as their wish" }
                }
                form method="post" action=(at("answered")) {
                    (token(visit)) button.second.small { "Done: close the question" }
                }
            }
        }
    }
}

fn channel_words(channel: Channel) -> &'static str {
    let known = CHANNELS.iter().find(|(_, _, known)| *known == channel);
    known.map_or("", |(_, words, _)| words)
}

fn preferred(visit: &Visit, shown: &Shown, preference: &Preference, may_answer: bool) -> Markup {
    html! {
        div.notice {
            p {
                "Wants to be answered " strong { (channel_words(preference.channel)) }
                @if let Some(how) = &preference.note { ": " (words(how)) }
            }
            @if may_answer {
                form method="post" action={ (path(shown.view.row.ticket)) "/prefer" } {
                    (token(visit)) button.second { "By text again" }
                }
                @if shown.view.row.place != Place::Closed {
                    form method="post" action={ (path(shown.view.row.ticket)) "/answered" } {
                        (token(visit)) button { "Done: close the question" }
                    }
                }
            }
        }
    }
}

fn wish(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        details {
            summary { "Wants another way" }
            form method="post" action={ (path(shown.view.row.ticket)) "/prefer" } {
                (token(visit))
                div.field {
                    label for="channel" { "Answer" }
                    select #channel name="channel" {
                        @for (name, words, _) in CHANNELS { option value=(name) { (words) } }
                    }
                }
                div.field {
                    label for="how" { "When, or to which address" }
                    input #how type="text" name="how" maxlength="200";
                }
                button.second { "Keep it" }
            }
        }
    }
}

fn muting(visit: &Visit, shown: &Shown) -> Markup {
    let at = |act: &str| format!("{}/{act}", path(shown.view.row.ticket));
    html! {
        details {
            @if shown.view.mute.is_some() {
                summary { "Take the mute away" }
                form method="post" action=(at("unmute")) {
                    (token(visit))
                    (why_field("unmute-why", "Why"))
                    button.second { "Take it away" }
                }
            } @else {
                summary { "Mute this patron" }
                form method="post" action=(at("mute")) {
                    (token(visit))
                    p.hint { "Their texts go to nobody meanwhile. STOP and HELP still work." }
                    div.field {
                        label for="term" { "How long" }
                        select #term name="term" {
                            @for (name, words, _) in TERMS { option value=(name) { (words) } }
                        }
                    }
                    (why_field("mute-why", "Why"))
                    button.danger { "Mute" }
                }
            }
        }
    }
}

fn opting_out(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        details {
            summary { "Opt this patron out" }
            form method="post" action={ (path(shown.view.row.ticket)) "/opt-out" } {
                (token(visit))
                p.hint {
                    "For who has said so elsewhere. The library texts them no more, its lists "
                    "included, until they text START. They are told nothing now."
                }
                (why_field("opt-out-why", "Where and how they said so"))
                button.danger { "Opt them out" }
            }
        }
    }
}

/// In the closed box.
pub(super) fn undoing(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        details {
            summary { "They did not mean it" }
            form method="post" action={ (path(shown.view.row.ticket)) "/undo" } {
                (token(visit))
                p.hint {
                    "They said it in words of their own. With a reason you may answer this "
                    "question all the same; lists and all else stay stopped, and your reason is kept."
                }
                (why_field("undo-why", "Why you think so"))
                button.second { "Answer this question" }
            }
        }
    }
}

fn revealing(visit: &Visit, shown: &Shown) -> Markup {
    html! {
        details {
            summary { "Show the number" }
            form method="post" action={ (path(shown.view.row.ticket)) "/reveal" } {
                (token(visit))
                p.hint { "That you were shown it is written down, with your reason." }
                (why_field("reveal-why", "Why you need it"))
                button.danger { "Show the number" }
            }
        }
    }
}

fn why_field(id: &str, label: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) type="text" name="why" required maxlength="300";
        }
    }
}
