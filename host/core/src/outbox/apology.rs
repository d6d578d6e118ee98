//! What a patron is told whose answer came too late to be of use.

use std::borrow::Cow;

use super::{Purpose, Useful};
use crate::at::At;
use crate::directory::Library;
use crate::ids::{InboundId, MessageId};
use crate::messages::{Messages, Name};
use crate::snapshot::{OutMessage, Via};

/// One a turn, in the last of its places, so that several late messages make one apology.
/// `language`: the patron's, where it is known.
pub fn apology(
    turn: InboundId,
    library: &Library,
    language: Option<&str>,
    now: At,
    useful: &Useful,
) -> OutMessage {
    let known = language.filter(|language| library.languages.iter().any(|own| own == language));
    let languages = [known.unwrap_or(library.language()), library.language()];
    let sentence = Messages::shipped().in_first_of(Name::AnswerLate, &languages, &library.reworded);
    OutMessage {
        id: MessageId::of(turn, MessageId::PER_TURN_MAX - 1),
        library: Some(library.id.clone()),
        list: None,
        body: sentence.fill(&[("library", library.short_name.as_str())]),
        media: Vec::new(),
        via: Via::Outbox,
        purpose: Purpose::Apology,
        useful_until: useful.until(Purpose::Apology, false, now),
        despite_stop: false,
    }
}

/// What staff read on the ticket that is opened for it.
pub fn cause(reason: Option<&str>, waited: std::time::Duration) -> String {
    let reason: Cow<'_, str> = match reason {
        Some(reason) => Cow::Owned(format!(": {reason}")),
        None => Cow::Borrowed(""),
    };
    format!(
        "The answer could not be sent for {} minutes{reason}. It was not sent any more; the patron \
         is told that a person answers.",
        waited.as_secs() / 60
    )
}
