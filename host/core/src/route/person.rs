//! What goes to a person: which ticket a text opens or joins, and what the patron is told.
//! A ticket is acknowledged once; the second text that nothing matches hears of the menu (a13);
//! after hours the patron is told once when somebody answers.

use std::time::Duration;

use super::{Act, Desk, Plan, World, end};
use crate::desk::{thread, topic};
use crate::directory::Number;
use crate::hours::{self, Opening};
use crate::messages::{Messages, Name};
use crate::snapshot::{Session, SessionState, Ticket, TicketWrite};
use crate::text::{consent, host_words};

/// A patron who has just heard of an outage knows of it.
const TOLD_FOR: Duration = Duration::from_secs(60 * 60);

fn open<'a>(desk: &Desk<'a>) -> Option<&'a Ticket> {
    thread::joined(&desk.world.snapshot.tickets, &desk.library.id)
}

fn just_closed<'a>(desk: &Desk<'a>) -> Option<&'a Ticket> {
    let tickets = &desk.world.snapshot.tickets;
    thread::just_closed(tickets, &desk.library.id, desk.world.now)
}

/// A person wrote last, and lately.
pub(super) fn is_answering(desk: &Desk<'_>, within: Duration) -> bool {
    open(desk)
        .and_then(|ticket| ticket.answered)
        .is_some_and(|answered| desk.world.now.since(answered) < within)
}

/// The open ticket that the text joins, the one just closed that it reopens, or a new one on the
/// topic that its words are on. With a cause it is about that, and goes on with no closed one.
pub(super) fn ticket(
    desk: &Desk<'_>,
    summary: Option<String>,
    cause: Option<String>,
) -> TicketWrite {
    if let Some(ticket) = open(desk) {
        return TicketWrite::Join {
            id: ticket.id,
            wake: true,
            promised: None,
            urgent: false,
        };
    }
    if let Some(ticket) = just_closed(desk).filter(|_| cause.is_none()) {
        return TicketWrite::Reopen {
            id: ticket.id,
            promised: None,
            urgent: false,
        };
    }
    let topic = topic::of_text(&desk.library.topics, &desk.tokens);
    TicketWrite::Open {
        library: desk.library.id.clone(),
        topic: topic.map(|topic| topic.id.clone()),
        summary,
        cause,
        promised: None,
        urgent: false,
    }
}

/// For a text whose answer is withheld. It wakes no ticket that is open: whoever sees to it has
/// been told.
pub(super) fn kept_for(desk: &Desk<'_>, cause: &str) -> TicketWrite {
    match ticket(desk, None, Some(cause.to_owned())) {
        TicketWrite::Join { id, urgent, .. } => TicketWrite::Join {
            id,
            wake: false,
            promised: None,
            urgent,
        },
        other => other,
    }
}

fn tell(desk: &Desk<'_>, plan: &mut Plan, name: Name) {
    let text = match (name, hours::reopens(desk.library, desk.world.now)) {
        (Name::TicketOpened, Some(opening)) => promise(desk, plan, opening),
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

/// When somebody answers; the ticket remembers that the patron was told.
fn promise(desk: &Desk<'_>, plan: &mut Plan, opening: Opening) -> String {
    if let Some(ticket) = &mut plan.ticket {
        ticket.promise(opening.at);
    }
    closed_sentence(desk, opening)
}

fn closed_sentence(desk: &Desk<'_>, opening: Opening) -> String {
    let when = Messages::shipped().when(opening.day, opening.minute, &desk.language);
    let values = [("library", desk.library.name.as_str()), ("when", &when)];
    desk.sentence(Name::TicketOpenedClosed, &values)
}

/// The desk is closed, nobody has the ticket, and the patron was not told so since it closed.
fn untold(desk: &Desk<'_>, ticket: &Ticket) -> Option<Opening> {
    let now = desk.world.now;
    let told = ticket.promised.is_some_and(|promised| promised > now);
    let held = ticket.held_until.is_some_and(|until| until > now);
    if told || held || !desk.library.acknowledge {
        return None;
    }
    hours::reopens(desk.library, now)
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
    if let Some(TicketWrite::Reopen { .. }) = &plan.ticket {
        // A later text of a ticket is not acknowledged (a13).
        if let Some(opening) = just_closed(desk).and_then(|ticket| untold(desk, ticket)) {
            say_closed(desk, &mut plan, opening);
        }
    } else if desk.number.is_short_code() && consent::says_invalid_keyword(desk.number.jurisdiction)
    {
        invalid_keyword(desk, &mut plan);
    } else if desk.library.acknowledge {
        tell(desk, &mut plan, Name::TicketOpened);
    }
    plan
}

fn say_closed(desk: &Desk<'_>, plan: &mut Plan, opening: Opening) {
    let text = promise(desk, plan, opening);
    plan.act = Act::Say {
        texts: vec![text],
        plain: false,
    };
}

/// "Thanks" with nothing open: silent, and in the thread of a ticket that was just closed (a8).
pub(super) fn courtesy(desk: &Desk<'_>) -> Plan {
    let mut plan = desk.plan("courtesy");
    plan.ticket = just_closed(desk).map(|ticket| TicketWrite::Join {
        id: ticket.id,
        wake: false,
        promised: None,
        urgent: false,
    });
    plan
}

/// Where the jurisdiction wants it said, it is said to each such text; a person has it all the
/// same (b8).
fn invalid_keyword(desk: &Desk<'_>, plan: &mut Plan) {
    let rates = consent::rates(desk.number.jurisdiction, &desk.language).unwrap_or_default();
    let values = [("brand", desk.number.brand.as_str()), ("rates", rates)];
    plan.act = Act::Say {
        texts: vec![desk.sentence(Name::InvalidKeyword, &values)],
        plain: true,
    };
    // It holds all that the signature says.
    plan.conversation.signed = true;
}

/// The thread of an open ticket takes what is not for anybody else.
pub(super) fn open_ticket(desk: &Desk<'_>) -> Option<Plan> {
    let ticket = open(desk)?;
    let mut plan = desk.plan("ticket");
    let courtesy = host_words::is_courtesy(desk.body);
    plan.ticket = Some(TicketWrite::Join {
        id: ticket.id,
        wake: !courtesy,
        promised: None,
        urgent: false,
    });
    if !courtesy {
        plan.conversation.unmatched += 1;
        let again = plan.conversation.unmatched == 2 && ticket.answered.is_none();
        if let Some(opening) = untold(desk, ticket) {
            say_closed(desk, &mut plan, opening);
        } else if again && desk.library.acknowledge {
            tell(desk, &mut plan, Name::TicketAgain);
        }
    }
    Some(plan)
}

/// The patron is opted out, and staff question it to answer one open ticket (b5): what the patron
/// writes meanwhile is read there, and nothing else answers it.
pub(super) fn questioned(world: &World<'_>, number: &Number) -> Option<Plan> {
    let mut tickets = world.snapshot.tickets.iter();
    let ticket = tickets.find(|ticket| ticket.undone && ticket.closed.is_none())?;
    let library = world.directory.library(&ticket.library)?;
    let desk = Desk::new(world, number, library, &world.text.body);
    let mut plan = desk.plan("ticket");
    plan.ticket = Some(TicketWrite::Join {
        id: ticket.id,
        wake: !host_words::is_courtesy(desk.body),
        promised: None,
        urgent: false,
    });
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

/// Somebody has said that what the flows need is out of order (c7). Whoever is in the middle of
/// it is not told so with each text.
pub(super) fn outage(desk: &Desk<'_>, told: &str) -> Plan {
    let mut plan = desk.plan("outage");
    let known =
        open(desk).is_some_and(|ticket| desk.world.now.since(ticket.last_activity) < TOLD_FOR);
    plan.ticket = Some(ticket(desk, None, None));
    if !known {
        plan.act = Act::Say {
            texts: vec![told.to_owned()],
            plain: false,
        };
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
