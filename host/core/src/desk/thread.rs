//! Which ticket a text belongs to (d3): one open ticket for each patron, library and topic; a text
//! joins the one whose message the patron got last, and for a day after the close reopens it.

use super::ticket::REOPENS_FOR;
use crate::at::At;
use crate::ids::LibraryId;
use crate::snapshot::Ticket;

/// The open ticket that a text joins.
pub fn joined<'a>(tickets: &'a [Ticket], library: &LibraryId) -> Option<&'a Ticket> {
    let open = tickets
        .iter()
        .filter(|ticket| ticket.library == *library && ticket.closed.is_none());
    open.max_by_key(|ticket| (ticket.last_message, ticket.last_activity, ticket.id))
}

/// The open ticket on this very topic.
pub fn same_topic<'a>(
    tickets: &'a [Ticket],
    library: &LibraryId,
    topic: Option<&str>,
) -> Option<&'a Ticket> {
    tickets.iter().find(|ticket| {
        ticket.library == *library && ticket.closed.is_none() && ticket.topic.as_deref() == topic
    })
}

/// The closed ticket that a text goes on with, when no open one takes it.
pub fn just_closed<'a>(tickets: &'a [Ticket], library: &LibraryId, now: At) -> Option<&'a Ticket> {
    let closed = tickets.iter().filter(|ticket| {
        let lately = ticket.closed.is_some_and(|at| now.since(at) < REOPENS_FOR);
        ticket.library == *library && lately
    });
    closed.max_by_key(|ticket| (ticket.last_message, ticket.closed, ticket.id))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ids::{InboundId, MessageId, TicketId};

    const NOW: At = At(1_900_000_000_000);

    fn ticket(id: i64, spoke: Option<i64>, closed: Option<At>) -> Ticket {
        Ticket {
            id: TicketId(id),
            library: "bayside".into(),
            topic: (id != 1).then(|| format!("topic {id}")),
            last_activity: NOW,
            answered: None,
            last_message: spoke.map(|turn| MessageId::of(InboundId(turn), 0)),
            closed,
            held_until: None,
            promised: None,
            undone: false,
        }
    }

    #[test]
    fn d3_a_text_joins_the_ticket_whose_message_the_patron_got_last() {
        let tickets = [
            ticket(1, Some(9), None),
            ticket(2, Some(8), None),
            ticket(3, None, None),
            ticket(4, Some(12), Some(NOW)),
        ];
        let joined = |library: &str| joined(&tickets, &library.into()).map(|t| t.id);
        assert_eq!(joined("bayside"), Some(TicketId(1)));
        assert_eq!(joined("hilltop"), None);
        let same = |topic| same_topic(&tickets, &"bayside".into(), topic).map(|t| t.id);
        assert_eq!(same(Some("topic 2")), Some(TicketId(2)));
        assert_eq!(same(None), Some(TicketId(1)));
        assert_eq!(same(Some("topic 4")), None, "it is closed");
    }

    #[test]
    fn d3_a_closed_ticket_goes_on_for_a_day() {
        let day = Duration::from_secs(24 * 3600);
        let of = |closed: At, now: At| {
            let tickets = [ticket(1, None, None), ticket(2, Some(5), Some(closed))];
            just_closed(&tickets, &"bayside".into(), now).map(|ticket| ticket.id)
        };
        assert_eq!(
            of(NOW, NOW + day - Duration::from_millis(1)),
            Some(TicketId(2))
        );
        assert_eq!(of(NOW, NOW + day), None);
    }
}
