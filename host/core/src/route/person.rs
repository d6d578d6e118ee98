//! What goes to a person: which ticket a text opens or joins, and what the patron is told.
//! A ticket is acknowledged once; the second text that nothing matches hears of the menu (a13).

use std::time::Duration;

use super::{Act, Desk, Plan, end};
use crate::hours;
use crate::messages::{Messages, Name};
use crate::snapshot::{Session, SessionState, Ticket, TicketWrite};
use crate::text::host_words;

fn open<'a>(desk: &Desk<'a>) -> Option<&'a Ticket> {
    let tickets = desk
        .world
        .snapshot
        .tickets
        .iter()
        .filter(|ticket| ticket.library == desk.library.id);
    tickets.max_by_key(|ticket| ticket.last_activity)
}

/// A person wrote last, and lately.
pub(super) fn is_answering(desk: &Desk<'_>, within: Duration) -> bool {
    open(desk)
        .and_then(|ticket| ticket.answered)
        .is_some_and(|answered| desk.world.now.since(answered) < within)
}

/// The ticket that the text opens, or the open one that it joins.
pub(super) fn ticket(
    desk: &Desk<'_>,
    summary: Option<String>,
    cause: Option<String>,
) -> TicketWrite {
    match open(desk) {
        Some(ticket) => TicketWrite::Join {
            id: ticket.id,
            wake: true,
        },
        None => TicketWrite::Open {
            library: desk.library.id.clone(),
            topic: None,
            summary,
            cause,
        },
    }
}

fn tell(desk: &Desk<'_>, plan: &mut Plan, name: Name) {
    let text = match (name, hours::reopens(desk.library, desk.world.now)) {
        (Name::TicketOpened, Some((day, minutes))) => {
            let when = Messages::shipped().when(day, minutes, &desk.language);
            let values = [("library", desk.library.name.as_str()), ("when", &when)];
            desk.sentence(Name::TicketOpenedClosed, &values)
        }
        _ => {
            let values = [
                ("library", desk.library.name.as_str()),
                ("brand", &desk.number.brand),
            ];
            desk.sentence(name, &values)
        }
    };
    plan.act = Act::Say {
        texts: vec![text],
        plain: false,
    };
}

/// Opens (or joins) a ticket and says `name`.
pub(super) fn plain(
    desk: &Desk<'_>,
    reason: &'static str,
    name: Name,
    summary: Option<String>,
) -> Plan {
    let mut plan = desk.plan(reason);
    plan.ticket = Some(ticket(desk, summary, None));
    tell(desk, &mut plan, name);
    plan
}

/// Nothing matched: the text is a question.
pub(super) fn unmatched(desk: &Desk<'_>) -> Plan {
    let mut plan = desk.plan("unmatched");
    plan.ticket = Some(ticket(desk, None, None));
    plan.conversation.unmatched += 1;
    if desk.library.acknowledge {
        tell(desk, &mut plan, Name::TicketOpened);
    }
    plan
}

/// The thread of an open ticket takes what is not for anybody else.
pub(super) fn open_ticket(desk: &Desk<'_>) -> Option<Plan> {
    let ticket = open(desk)?;
    let mut plan = desk.plan("ticket");
    let courtesy = host_words::is_courtesy(desk.body);
    plan.ticket = Some(TicketWrite::Join {
        id: ticket.id,
        wake: !courtesy,
    });
    if !courtesy {
        plan.conversation.unmatched += 1;
        if plan.conversation.unmatched == 2 && ticket.answered.is_none() && desk.library.acknowledge
        {
            tell(desk, &mut plan, Name::TicketAgain);
        }
    }
    Some(plan)
}

/// `ASK` or `0`: a person, from anywhere (a14).
pub(super) fn asked_for(desk: &Desk<'_>, rest: &str) -> Plan {
    let name = if rest.is_empty() {
        Name::AskPrompt
    } else {
        Name::TicketOpened
    };
    let mut plan = plain(desk, "ask", name, None);
    plan.conversation.unmatched = 1;
    super::suspend(&mut plan, desk);
    plan
}

/// "No, on Sunday" right after an answer: a person sees both (a14).
pub(super) fn correction(desk: &Desk<'_>, within: Duration) -> Option<Plan> {
    let (library, keyword, at) = desk.world.snapshot.conversation.last_answer.as_ref()?;
    let soon = *library == desk.library.id && desk.world.now.since(*at) < within;
    let more = desk.tokens.len() > 1 || desk.body.trim() == "?";
    if !(soon && more && host_words::begins_with_no(desk.body)) {
        return None;
    }
    let mut plan = desk.plan("correction");
    let word = desk
        .library
        .keyword(keyword)
        .map_or("", |keyword| keyword.word.as_str());
    plan.ticket = Some(ticket(
        desk,
        Some(format!("After the answer to {word}")),
        None,
    ));
    plan.conversation.last_answer = None;
    plan.conversation.unmatched += 1;
    if desk.library.acknowledge {
        tell(desk, &mut plan, Name::TicketOpened);
    }
    Some(plan)
}

/// An error in the library's file keeps it from answering (c5).
pub(super) fn library_off(desk: &Desk<'_>) -> Plan {
    let mut plan = desk.plan("library-off");
    let first = open(desk).is_none();
    let cause = "The library's configuration has an error; see `callslip check`.";
    plan.ticket = Some(ticket(desk, None, Some(cause.to_owned())));
    if first && desk.library.acknowledge {
        tell(desk, &mut plan, Name::TicketOpened);
    }
    plan
}

/// The host died on this text again and again.
pub(super) fn gave_up(desk: &Desk<'_>) -> Plan {
    let mut plan = desk.plan("gave-up");
    let cause = "The host stopped each time it tried to answer this text.";
    plan.ticket = Some(ticket(desk, None, Some(cause.to_owned())));
    tell(desk, &mut plan, Name::Error);
    if let Some(session) = desk.session(SessionState::Open) {
        end(&mut plan, session.id, "gave-up");
    }
    plan
}

/// The keyword that asked is off or gone: a person goes on (e1).
pub(super) fn withdrawn(desk: &Desk<'_>, session: &Session) -> Plan {
    let cause = format!(
        "{} was switched off while its question waited.",
        session.pinned.keyword
    );
    let values = [("keyword", session.pinned.keyword.as_str())];
    let told = desk.sentence(Name::SessionWithdrawn, &values);
    let mut plan = desk.plan("session-withdrawn");
    plan.act = Act::Say {
        texts: vec![told],
        plain: false,
    };
    plan.ticket = Some(ticket(desk, None, Some(cause)));
    end(&mut plan, session.id, "withdrawn");
    plan
}
