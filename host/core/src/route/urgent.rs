//! Words of acute danger (a8): the help line's number at once, day and night, and a ticket that
//! alerts staff; what else becomes of the text is decided as always.
//!
//! A phone that has stopped the number gets the ticket alone: nothing goes out to it but answers
//! to HELP and START (invariant 5). One that has stopped a library or a list is told: the number
//! speaks, not the library.

use std::time::Duration;

use super::{Act, Plan, Urgent, World};
use crate::desk::thread;
use crate::directory::{Library, Number};
use crate::ids::LibraryId;
use crate::messages::{Messages, Name, Reworded};
use crate::snapshot::{Consent, TicketWrite};
use crate::text::{consent, urgent};

/// Whoever writes on is heard by a person; the number is not repeated within this.
const TOLD_FOR: Duration = Duration::from_secs(60 * 60);

/// Looks for danger in what is being routed, and adds what follows from it.
pub(super) fn watch(world: &World<'_>, number: &Number, mut plan: Plan) -> Plan {
    let Some(language) = urgent::language(&world.text.body) else {
        return plan;
    };
    let library = plan.library.clone().unwrap_or_else(|| desk(world, number));
    let before = &world.snapshot.conversation;
    let told = before.help_line_told;
    let fresh = told.is_none_or(|told| world.now.since(told) >= TOLD_FOR);
    let tell = (before.consent != Consent::Out && fresh)
        .then(|| sentence(world, number, &library, language))
        .flatten();
    if tell.is_some() {
        plan.conversation.help_line_told = Some(world.now);
    }
    // The host's own sentences about opening hours and keywords are no answer to this. A flow's
    // go out: it may have asked.
    let hush = matches!(plan.act, Act::Say { .. }) && (tell.is_some() || plan.library.is_none());
    if hush {
        plan.act = Act::Silent;
        plan.conversation.asking.clone_from(&before.asking);
    }
    if !matches!(plan.act, Act::Run(_)) {
        plan.reason = "urgent";
    }
    plan.library.get_or_insert_with(|| library.clone());
    plan.urgent = Some(Urgent { library, tell });
    plan
}

/// Makes the turn's ticket urgent, or opens one. The last step: a flow may have opened its own.
pub(crate) fn alert(world: &World<'_>, plan: &mut Plan) {
    let Some(urgent) = &plan.urgent else {
        return;
    };
    let note = match (&urgent.tell, world.snapshot.conversation.consent) {
        (Some(told), _) => format!("Words of danger. The patron was told: {told}"),
        (None, Consent::Out) => {
            "Words of danger. The patron has stopped all texts and was told nothing.".to_owned()
        }
        (None, Consent::In | Consent::Unknown) => {
            "Words of danger again. The patron was told of the help line before.".to_owned()
        }
    };
    let join = |id| TicketWrite::Join {
        id,
        wake: true,
        promised: None,
        urgent: true,
    };
    plan.ticket = Some(match plan.ticket.take() {
        Some(TicketWrite::Join { id, .. }) => join(id),
        Some(TicketWrite::Reopen { id, promised, .. }) => TicketWrite::Reopen {
            id,
            promised,
            urgent: true,
        },
        Some(TicketWrite::Open {
            library,
            topic,
            summary,
            cause,
            promised,
            ..
        }) => TicketWrite::Open {
            library,
            topic,
            summary: Some(summary.map_or(note.clone(), |summary| format!("{note}\n{summary}"))),
            cause,
            promised,
            urgent: true,
        },
        None => match thread::joined(&world.snapshot.tickets, &urgent.library) {
            Some(ticket) => join(ticket.id),
            None => TicketWrite::Open {
                library: urgent.library.clone(),
                topic: None,
                summary: Some(note),
                cause: None,
                promised: None,
                urgent: true,
            },
        },
    });
}

/// Who has the ticket when the text belongs to no library yet: the one spoken to last.
fn desk(world: &World<'_>, number: &Number) -> LibraryId {
    let last = world.snapshot.conversation.library.clone();
    last.filter(|last| number.libraries.contains(last))
        .unwrap_or_else(|| number.front_desk.clone())
}

fn sentence(
    world: &World<'_>,
    number: &Number,
    library: &LibraryId,
    language: &str,
) -> Option<String> {
    let help = consent::help_line(number.jurisdiction, language)?;
    let library: Option<&Library> = world.directory.library(library).map(|library| &**library);
    let none = Reworded::new();
    let reworded = library.map_or(&none, |library| &library.reworded);
    let values = [
        ("emergency", help.emergency),
        ("help-line", help.line),
        (
            "library",
            library.map_or(&number.brand, |library| &library.short_name),
        ),
    ];
    let sentence = Messages::shipped().text(Name::Urgent, language, reworded);
    Some(sentence.fill(&values))
}
