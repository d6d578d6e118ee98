//! What a text consents to: its answer, its ticket's replies and one survey until 30 days after
//! the last text, and nothing else (b6). `consent` decides; here is the proof that it was asked.

use crate::at::At;
use crate::consent::{self, Facts, Kind, Why};
use crate::snapshot::Consent;

/// Proof that consent was read. Only [`permit`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaySend {
    despite_stop: bool,
}

impl MaySend {
    /// The patron is opted out, and this ticket alone may be answered all the same.
    pub fn despite_stop(self) -> bool {
        self.despite_stop
    }
}

/// Whether a reply may go out; if not, the page closes its box with the reason and keeps the
/// draft (d5).
pub fn permit(facts: &Facts, now: At) -> Result<MaySend, Why> {
    consent::may_send(Kind::TicketReply, facts, now)?;
    let despite_stop = facts.number == Consent::Out || facts.library_stopped;
    Ok(MaySend { despite_stop })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ASKED: At = At(1_900_000_000_000);

    fn permitted(number: Consent, library_stopped: bool, questioned: bool) -> Result<bool, Why> {
        let facts = Facts {
            number,
            library_stopped,
            list_stopped: false,
            last_text: Some(ASKED),
            yes: None,
            last_survey: None,
            questioned,
        };
        let sent = permit(&facts, ASKED + Duration::from_secs(3600))?;
        Ok(sent.despite_stop())
    }

    #[test]
    fn b5_an_undone_opt_out_lets_the_open_question_be_answered_and_no_more() {
        assert_eq!(permitted(Consent::Unknown, false, false), Ok(false));
        let stopped = permitted(Consent::Out, false, false);
        assert_eq!(stopped, Err(Why::NumberStopped));
        assert_eq!(permitted(Consent::Out, false, true), Ok(true));
    }

    #[test]
    fn a7_a_reply_of_a_library_that_was_stopped_is_held_like_any_other() {
        let stopped = permitted(Consent::In, true, false);
        assert_eq!(stopped, Err(Why::LibraryStopped));
        assert_eq!(permitted(Consent::In, true, true), Ok(true));
    }
}
