//! "Why was no text sent?": what became of a text and of each message, in sentences for the
//! people who run the machine. They hold no number and no words of a patron.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::at::At;
use crate::ids::{InboundId, KeywordId, LibraryId, MessageId, TicketId};
use crate::outbox::Purpose;
use crate::snapshot::{Outcome, Verdict, Via};

/// All that the store knows of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageFacts {
    pub id: MessageId,
    pub text: InboundId,
    pub library: Option<LibraryId>,
    /// Ours, from which it goes.
    pub number: String,
    pub gateway: String,
    pub purpose: Purpose,
    pub via: Via,
    /// As the store calls it: `queued`, `sent` and so on.
    pub state: String,
    pub reason: Option<String>,
    pub attempts: u32,
    pub created: At,
    pub changed: At,
    pub due: At,
    pub useful_until: At,
    /// Sent in its place.
    pub again: Option<MessageId>,
    /// The phone is opted out at this number now.
    pub opted_out: bool,
    /// An earlier one of the same phone that has to go first.
    pub behind: Option<MessageId>,
    /// What went another way than straight, in order.
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    pub at: At,
    /// `retry`, `unclear`, `again`, `cancelled`, `failed`, `late`.
    pub what: String,
    pub detail: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextFacts {
    pub id: InboundId,
    pub number: String,
    pub gateway: String,
    pub received: At,
    /// None: its turn is still to come.
    pub verdict: Option<Verdict>,
    pub messages: Vec<MessageFacts>,
}

/// What became of a message, one thing a line, the last one first what holds now. Times are told
/// in `zone`, by its name.
pub fn message(facts: &MessageFacts, now: At, zone: &TimeZone) -> Vec<String> {
    let time = |at| time(at, zone);
    let mut lines = vec![standing(facts, now, zone)];
    lines.extend(
        facts
            .again
            .map(|id| format!("A person had it sent again: see message {id}.")),
    );
    lines.push(format!(
        "It was made at {}{} to go from {} by {}{}.",
        time(facts.created),
        facts
            .library
            .as_ref()
            .map(|library| format!(" by {library}"))
            .unwrap_or_default(),
        facts.number,
        facts.gateway,
        match facts.via {
            Via::Inline => ", in the response to the text itself",
            Via::Outbox => "",
        },
    ));
    lines.extend(facts.events.iter().map(|event| happened(event, zone)));
    lines
}

fn standing(facts: &MessageFacts, now: At, zone: &TimeZone) -> String {
    let time = |at| time(at, zone);
    let reason = facts.reason.as_deref().unwrap_or("no reason was given");
    let changed = time(facts.changed);
    match facts.state.as_str() {
        "delivered" => format!("Delivered: the phone has it, says the gateway, since {changed}."),
        "sent" => format!(
            "Sent: the gateway has had it since {changed} and has not said more. It is asked after \
             an hour, where it can be asked."
        ),
        "handed" => format!(
            "Handed over in the response to the text at {changed}; the gateway has not confirmed it yet."
        ),
        "offered" => "It is being written into the response to the text.".to_owned(),
        "leased" => format!("It is on its way to the gateway since {changed}."),
        "unclear" => format!(
            "Unclear: nobody knows whether the gateway has it ({reason}). The gateway is asked \
             before it is sent again."
        ),
        "cancelled" => match reason {
            "stop" => "Cancelled: the patron said STOP before it went out.".to_owned(),
            "opted-out" => "Cancelled: the patron is opted out at this number.".to_owned(),
            "silent-number" => "Cancelled: the phone was silent for so long that its number may \
                                have been given away."
                .to_owned(),
            "wrong-number" => {
                "Cancelled: the phone's holder said that we mean somebody else.".to_owned()
            }
            "taken-back" => "Cancelled: the librarian took it back.".to_owned(),
            other => format!("Cancelled: {other}."),
        },
        "failed" => format!(
            "Failed at {changed}, after {}: {reason}.",
            tries(facts.attempts)
        ),
        "queued" => waiting(facts, now, zone),
        other => format!("It is {other}."),
    }
}

fn waiting(facts: &MessageFacts, now: At, zone: &TimeZone) -> String {
    let time = |at| time(at, zone);
    if facts.opted_out && facts.purpose != Purpose::Consent {
        return "Waiting, and about to be cancelled: the patron is opted out at this number."
            .to_owned();
    }
    if let Some(behind) = facts.behind {
        return format!("Waiting behind message {behind}, which is for the same phone and older.");
    }
    let until = format!("It is given up at {}.", time(facts.useful_until));
    if facts.due > now {
        let reason = facts.reason.as_deref().unwrap_or("it is to go then");
        return format!("Waiting until {}: {reason}. {until}", time(facts.due));
    }
    format!(
        "Waiting for its number's turn: its rate, its day's cap, a pause that the gateway asked \
         for, or a gateway that is down. {until}"
    )
}

fn happened(event: &Event, zone: &TimeZone) -> String {
    let detail = event.detail.as_deref().unwrap_or("no reason was given");
    let what = match event.what.as_str() {
        "retry" => "A try did not go through",
        "unclear" => "Nobody could tell whether the gateway had it",
        "again" => "It was put back to be sent",
        "cancelled" => "It was cancelled",
        "failed" => "It was given up",
        "late" => "It came too late to be of use",
        other => other,
    };
    format!("{}: {what}: {detail}.", time(event.at, zone))
}

fn tries(attempts: u32) -> String {
    match attempts {
        0 => "no try".to_owned(),
        1 => "one try".to_owned(),
        more => format!("{more} tries"),
    }
}

fn time(at: At, zone: &TimeZone) -> String {
    let local = at.timestamp().to_zoned_datetime(zone.clone());
    local.strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// What became of a text: who answered, or why nobody did.
pub fn text(facts: &TextFacts, now: At, zone: &TimeZone) -> Vec<String> {
    let arrived = format!(
        "Text {} came to {} by {} at {}.",
        facts.id,
        facts.number,
        facts.gateway,
        time(facts.received, zone)
    );
    let mut lines = vec![arrived];
    match &facts.verdict {
        None => lines.push("Its turn is still to come.".to_owned()),
        Some(verdict) => lines.push(judged(verdict)),
    }
    for facts in &facts.messages {
        lines.push(format!("Message {}:", facts.id));
        lines.extend(
            message(facts, now, zone)
                .into_iter()
                .map(|line| format!("  {line}")),
        );
    }
    lines
}

fn judged(verdict: &Verdict) -> String {
    let keyword = |id: &Option<KeywordId>| id.as_ref().map_or(String::new(), |id| format!(" {id}"));
    match verdict.outcome {
        Outcome::Silent => format!("No text was sent: {}.", silence(&verdict.reason)),
        Outcome::Ticketed => format!(
            "It went to a person, as ticket {} ({}).",
            verdict.ticket.unwrap_or(TicketId(0)),
            verdict.reason
        ),
        Outcome::Answered => match &verdict.flow {
            Some(flow) => format!(
                "It was answered by the flow {flow}, keyword{} ({}).",
                keyword(&verdict.keyword),
                verdict.reason
            ),
            None => format!("Callslip itself answered it ({}).", verdict.reason),
        },
    }
}

/// Why a text got no answer at all.
pub fn silence(reason: &str) -> &str {
    match reason {
        "opted-out" => {
            "the patron is opted out at this number; HELP and START alone are answered until START"
        }
        "stop" => {
            "it was a STOP, which the gateway confirms itself, or which was confirmed within the hour \
             before"
        }
        "stop-again" => "it was another STOP; only the first one is confirmed",
        "start" => {
            "it was a START, which the gateway confirms itself, or which was confirmed within the \
             hour before"
        }
        "help" => {
            "it was a HELP, which the gateway answers itself, or which was answered within the hour \
             before"
        }
        "budget-phone" => {
            "the phone had used up its answers for the hour or the day, and had been told so"
        }
        "budget-month" => {
            "the library had used up its texts for the month, and the phone had been told so"
        }
        "tapback" => "it was a reaction to a message of ours, not a text",
        "courtesy" => "it was a courtesy, such as thanks, and nothing was open",
        "machine-sender" => "it came from a short code or from letters: a machine",
        "number-not-configured" => "no [[number]] of the configuration is the one it came to",
        "stray-answer" => {
            "it was a bare answer with no question open, and that was explained before"
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(state: &str, reason: Option<&str>) -> MessageFacts {
        MessageFacts {
            id: MessageId(64),
            text: InboundId(2),
            library: Some("bayside".into()),
            number: "66746".to_owned(),
            gateway: "main".to_owned(),
            purpose: Purpose::Answer,
            via: Via::Outbox,
            state: state.to_owned(),
            reason: reason.map(str::to_owned),
            attempts: 2,
            created: At(1_900_000_000_000),
            changed: At(1_900_000_060_000),
            due: At(1_900_000_000_000),
            useful_until: At(1_900_001_800_000),
            again: None,
            opted_out: false,
            behind: None,
            events: Vec::new(),
        }
    }

    const NOW: At = At(1_900_000_100_000);

    #[test]
    fn each_state_of_a_message_has_its_sentence() {
        for (facts, begins) in [
            (facts("delivered", None), "Delivered: "),
            (facts("sent", None), "Sent: "),
            (facts("handed", None), "Handed over in the response"),
            (facts("offered", None), "It is being written"),
            (facts("leased", None), "It is on its way"),
            (
                facts("unclear", Some("no answer in time")),
                "Unclear: nobody knows whether the gateway has it (no answer in time)",
            ),
            (
                facts("cancelled", Some("stop")),
                "Cancelled: the patron said STOP",
            ),
            (
                facts("failed", Some("too late")),
                "Failed at 2030-03-17 17:47:40 UTC, after 2 tries: too late.",
            ),
            (facts("queued", None), "Waiting for its number's turn"),
        ] {
            let lines = message(&facts, NOW, &TimeZone::UTC);
            assert!(lines[0].starts_with(begins), "{}", lines[0]);
        }
    }

    #[test]
    fn times_are_told_where_the_reader_is() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let told = message(&facts("delivered", None), NOW, &zone);
        assert!(
            told[0].ends_with("since 2030-03-17 13:47:40 EDT."),
            "{}",
            told[0]
        );
    }

    #[test]
    fn a_message_that_waits_says_for_what() {
        let mut waits = facts("queued", Some("no connection"));
        waits.due = At(1_900_000_200_000);
        assert!(
            message(&waits, NOW, &TimeZone::UTC)[0]
                .starts_with("Waiting until 2030-03-17 17:50:00 UTC: no connection.")
        );
        waits.behind = Some(MessageId(32));
        assert!(message(&waits, NOW, &TimeZone::UTC)[0].contains("behind message 32"));
        waits.opted_out = true;
        assert!(message(&waits, NOW, &TimeZone::UTC)[0].contains("about to be cancelled"));
    }

    #[test]
    fn a_silent_text_says_why() {
        let verdict = Verdict {
            outcome: Outcome::Silent,
            library: None,
            keyword: None,
            flow: None,
            ticket: None,
            reason: "opted-out".to_owned(),
        };
        let facts = TextFacts {
            id: InboundId(2),
            number: "66746".to_owned(),
            gateway: "main".to_owned(),
            received: At(1_900_000_000_000),
            verdict: Some(verdict),
            messages: Vec::new(),
        };
        let lines = text(&facts, NOW, &TimeZone::UTC);
        assert_eq!(
            lines[1],
            "No text was sent: the patron is opted out at this number; HELP and START alone are answered until START."
        );
    }
}
