//! The conversation in order: the patron's texts, what flows and people said, how far each message
//! has come, and notes between colleagues.

use callslip_core::directory::Library;
use callslip_core::ids::{KeywordId, LibraryId, TicketId};
use callslip_core::snapshot::Verdict;
use callslip_engine::desk::{Item, Note, QueueRow, Speaker};
use callslip_store::{MessageState, ThreadMessage};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::super::messages;
use super::{ITEMS, Shown, about, guests, path, pictures};
use crate::desk::Names;
use crate::parts::{token, words};
use crate::times;
use crate::visit::Visit;

/// No gateway's text is longer; what is would make the page heavy.
const CHARACTERS_MAX: usize = 2_000;

pub(super) fn conversation(visit: &Visit, shown: &Shown, may_answer: bool) -> Markup {
    let running = visit.running();
    let library = running
        .directory
        .library(&shown.view.row.library)
        .map(|library| &**library);
    let zone = library.map_or(TimeZone::UTC, times::zone);
    let row = &shown.view.row;
    html! {
        section aria-label={ "Conversation with " (row.alias) } {
            @if shown.items.len() >= ITEMS {
                @if let Some(first) = shown.items.first() {
                    p { a href={ (path(row.ticket)) "?before=" (first.turn) } { "Earlier" } }
                }
            }
            ol.talk #talk tabindex="0" aria-label="Messages" {
                @for (index, item) in shown.items.iter().enumerate() {
                    @let thread = Thread::of(item, shown);
                    @if index == 0 || Thread::of(&shown.items[index - 1], shown) != thread {
                        (heading(visit, item, &thread, shown, library))
                    }
                    (said(visit, item, shown, &zone, may_answer))
                }
            }
            @if visit.asked.query("before").is_some() {
                p { a href=(path(row.ticket)) { "To the latest" } }
            }
        }
    }
}

/// What a thing that was said belongs to.
#[derive(PartialEq)]
enum Thread<'a> {
    This,
    Other(TicketId),
    Keyword(&'a KeywordId),
    List(&'a str),
    /// Consent words, courtesies, what nothing answers.
    Machine,
}

impl Thread<'_> {
    fn of<'a>(item: &'a Item, shown: &Shown) -> Thread<'a> {
        let (Speaker::Patron { verdict, .. } | Speaker::Desk { verdict, .. }) = &item.speaker;
        let list = item
            .messages
            .iter()
            .find_map(|message| message.list.as_deref());
        let keyword = verdict
            .as_ref()
            .and_then(|verdict| verdict.keyword.as_ref());
        match (item.ticket, list, keyword) {
            (Some(ticket), ..) if ticket == shown.view.row.ticket => Thread::This,
            (Some(ticket), ..) => Thread::Other(ticket),
            (None, Some(list), _) => Thread::List(list),
            (None, None, Some(keyword)) => Thread::Keyword(keyword),
            (None, None, None) => Thread::Machine,
        }
    }
}

/// Where one thread ends and another goes on.
fn heading(
    visit: &Visit,
    item: &Item,
    thread: &Thread<'_>,
    shown: &Shown,
    library: Option<&Library>,
) -> Markup {
    let told = match thread {
        Thread::This => html! { "This question" },
        Thread::Other(ticket) => {
            let mut earlier = shown.view.earlier.iter();
            let known = earlier.find(|row| row.ticket == *ticket);
            let place = known.map_or_else(String::new, |row| format!(", {}", row.place));
            html! {
                "Another question" (place) ": "
                a href={ (path(*ticket)) "#turn-" (item.turn) } {
                    @match known {
                        Some(row) => (words(&about(visit, row))),
                        None => "read it there",
                    }
                }
            }
        }
        Thread::Keyword(id) => {
            let known = library.and_then(|library| library.keyword(id));
            html! { "Keyword " (known.map_or(&*id.0, |keyword| keyword.word.as_str())) }
        }
        Thread::List(id) => {
            let mut lists = library.into_iter().flat_map(|library| &library.lists);
            let known = lists.find(|list| list.id == *id);
            html! { "List " (known.map_or(*id, |list| list.name.as_str())) }
        }
        Thread::Machine => html! { "Answered by itself" },
    };
    html! { li.thread { h2 { (told) } } }
}

fn said(visit: &Visit, item: &Item, shown: &Shown, zone: &TimeZone, may_answer: bool) -> Markup {
    let (names, alias) = (&shown.names, &shown.view.row.alias);
    html! {
        @match &item.speaker {
            Speaker::Patron { body, media, verdict } => {
                li.theirs id={ "turn-" (item.turn) } {
                    p.who { (alias) " · " (times::moment(item.at, zone, visit.now)) }
                    @match body {
                        Some(body) => p.bubble { (words(&cut(body))) },
                        None => p.bubble.quiet { "(not kept)" },
                    }
                    @if !media.is_empty() { (pictures::under(shown, item)) }
                    @if let Some(verdict) = verdict { (what_came(verdict)) }
                    @if may_answer && !shown.is_guest { (text_acts(visit, item, shown, verdict.as_ref())) }
                }
                @for message in &item.messages { (ours(visit, message, flow(verdict.as_ref()), zone)) }
            },
            Speaker::Desk { staff, verdict } => {
                // A keyword that was started for the patron speaks for itself.
                @let who = staff.as_ref().map_or("the desk", |staff| names.of(staff));
                @let who = verdict.as_ref().and_then(|verdict| verdict.flow.as_deref()).unwrap_or(who);
                @for message in &item.messages { (ours(visit, message, who, zone)) }
            },
        }
        @for note in &item.notes { (noted(visit, note, names, zone)) }
    }
}

/// Who speaks when no person does.
fn flow(verdict: Option<&Verdict>) -> &str {
    verdict
        .and_then(|verdict| verdict.flow.as_deref())
        .unwrap_or("Callslip")
}

fn ours(visit: &Visit, message: &ThreadMessage, who: &str, zone: &TimeZone) -> Markup {
    html! {
        li.ours id={ "message-" (message.id) } {
            p.who { (who) " · " (times::moment(message.created, zone, visit.now)) }
            p.bubble { (words(&cut(&message.body))) }
            @for card in &message.media { p.quiet { "With " (card.description) } }
            p.quiet {
                (state(message.state))
                @if let Some(reason) = &message.reason { ": " (reason) }
                " " a href=(messages::path(message.id)) { "What became of it" }
            }
        }
    }
}

fn noted(visit: &Visit, note: &Note, names: &Names, zone: &TimeZone) -> Markup {
    html! {
        li.note {
            p.who { "Note by " (names.of(&note.staff)) " · " (times::moment(note.at, zone, visit.now)) }
            p { (words(&cut(&note.body))) }
        }
    }
}

fn state(state: MessageState) -> Markup {
    match state {
        MessageState::Queued | MessageState::Leased => html! { "On its way" },
        MessageState::Offered | MessageState::Handed => html! { "Handed to the gateway" },
        MessageState::Sent => html! { "Sent" },
        MessageState::Delivered => html! { "Delivered" },
        MessageState::Failed => html! { span.tag.bad { "Not delivered" } },
        MessageState::Unclear => html! { span.tag.warn { "Unclear" } },
        MessageState::Cancelled => html! { span.tag.plain { "Not sent" } },
    }
}

/// What the machine made of a text, where staff can use that.
fn what_came(verdict: &Verdict) -> Markup {
    let told = match verdict.reason.as_str() {
        "unmatched" => "No keyword says this.",
        "near-miss" => "A keyword was suggested.",
        "ask" => "Asked for a person.",
        "correction" => "Came after an answer that did not fit.",
        "outage" => "Came in the outage.",
        "courtesy" | "tapback" => "No answer needed.",
        "stop" => "Opted out.",
        "start" => "Opted in again.",
        "opted-out" => "Is opted out.",
        _ => return html! {},
    };
    html! { p.quiet { (told) } }
}

/// What can be done with one text of the patron's.
fn text_acts(visit: &Visit, item: &Item, shown: &Shown, verdict: Option<&Verdict>) -> Markup {
    let row = &shown.view.row;
    let by_flow = verdict.is_some_and(|verdict| verdict.flow.is_some());
    let here = item.ticket == Some(row.ticket);
    // What opened it is the question itself.
    let later = here && item.turn.0 != row.ticket.0;
    let others: Vec<_> = shown.open_elsewhere().collect();
    html! {
        @if item.wrong || by_flow { (wrong(visit, item, shown)) }
        @if later || (here && !others.is_empty()) {
            details.small {
                summary { "Another question" }
                @if later { (split(visit, item, shown)) }
                @if !others.is_empty() { (move_there(visit, item, shown, &others)) }
            }
        }
        @if later {
            (of_text(visit, item, shown, "agreed", &html! {
                button.second { "A yes to being texted later" }
            }))
            (guests::inviting(visit, item, shown))
        }
    }
}

pub(super) fn of_text(
    visit: &Visit,
    item: &Item,
    shown: &Shown,
    act: &str,
    inner: &Markup,
) -> Markup {
    html! {
        form method="post" action={ (path(shown.view.row.ticket)) "/" (act) } {
            (token(visit))
            input type="hidden" name="text" value=(item.turn);
            (inner)
        }
    }
}

/// Said once; a remark may be added later.
fn wrong(visit: &Visit, item: &Item, shown: &Shown) -> Markup {
    let id = format!("remark-{}", item.turn);
    let remark = html! {
        div.field {
            label for=(id) { "What would have been right" }
            input id=(id) type="text" name="remark" maxlength="300";
        }
        button.second.small { "Keep the remark" }
    };
    let mark = html! { button.second.small { "This answer was wrong" } };
    html! {
        @if item.wrong {
            details.small {
                summary { span.tag.warn { "Marked as wrong" } " Say why" }
                (of_text(visit, item, shown, "wrong", &remark))
            }
        } @else { (of_text(visit, item, shown, "wrong", &mark)) }
    }
}

/// Takes it out, on a topic where the library has topics (d3).
fn split(visit: &Visit, item: &Item, shown: &Shown) -> Markup {
    let topics = topics(visit, &shown.view.row.library);
    let id = format!("split-{}", item.turn);
    let inner = html! {
        @if !topics.is_empty() {
            label for=(id) { "It is about" }
            select id=(id) name="topic" {
                option value="" { "nothing in particular" }
                @for (topic, name) in &topics { option value=(topic) { (name) } }
            }
        }
        button.second.small { "A question of its own" }
    };
    of_text(visit, item, shown, "split", &inner)
}

fn move_there(visit: &Visit, item: &Item, shown: &Shown, others: &[&QueueRow]) -> Markup {
    let id = format!("move-{}", item.turn);
    let inner = html! {
        label for=(id) { "It belongs to" }
        select id=(id) name="to" {
            @for row in others { option value=(row.ticket) { (about(visit, row)) } }
        }
        button.second.small { "Move it there" }
    };
    of_text(visit, item, shown, "move", &inner)
}

fn cut(body: &str) -> String {
    match body.char_indices().nth(CHARACTERS_MAX) {
        Some((at, _)) => format!("{}\u{2026}", &body[..at]),
        None => body.to_owned(),
    }
}

fn topics(visit: &Visit, library: &LibraryId) -> Vec<(String, String)> {
    let running = visit.running();
    let library = running.directory.library(library);
    let topics = library.into_iter().flat_map(|library| &library.topics);
    topics
        .map(|topic| (topic.id.clone(), topic.name.clone()))
        .collect()
}
