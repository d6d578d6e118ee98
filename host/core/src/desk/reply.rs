//! What a reply becomes on its way out: named on a shared number (a11), signed where it is the
//! first that this phone ever gets (a16), cut to what carriers take, and held back for a moment in
//! which it can be taken back (d1).

use std::time::Duration;

use super::ticket::Refused;
use crate::directory::{Library, Number};
use crate::finish::{self, Voice};
use crate::flow::Attachment;
use crate::ids::MessageId;
use crate::snapshot::Conversation;

/// Sending can be taken back this long (d1).
pub const TAKE_BACK_FOR: Duration = Duration::from_secs(5);
/// Three of the longest messages; who has more to say sends a link.
pub const CHARACTERS_MAX: usize = 3 * finish::MESSAGE_CHARACTERS_MAX;
/// A draft may be cut before it is sent.
pub const DRAFT_CHARACTERS_MAX: usize = 2 * CHARACTERS_MAX;

/// Ready for the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    pub messages: Vec<(String, Vec<Attachment>)>,
    /// The conversation as the reply leaves it.
    pub conversation: Conversation,
}

/// What the reply is made of besides its words.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    pub number: &'a Number,
    pub library: &'a Library,
    /// The patron's own, where it is known.
    pub language: Option<&'a str>,
    pub conversation: &'a Conversation,
}

pub fn compose(
    around: &Around<'_>,
    body: &str,
    media: Vec<Attachment>,
) -> Result<Composed, Refused> {
    let body = body.trim();
    if body.is_empty() && media.is_empty() {
        return Err(Refused::Invalid("there is nothing to send".to_owned()));
    }
    if body.chars().count() > CHARACTERS_MAX {
        let what = format!("a reply has at most {CHARACTERS_MAX} characters");
        return Err(Refused::Invalid(what));
    }
    let mut conversation = around.conversation.clone();
    conversation.library = Some(around.library.id.clone());
    conversation.unmatched = 0;
    let mut messages = vec![(body.to_owned(), media)];
    let voice = Voice {
        number: around.number,
        library: Some(around.library),
        language: language(around),
    };
    voice.dress(&mut conversation, &mut messages);
    Ok(Composed {
        messages: voice.parts(messages, MessageId::PER_TURN_MAX),
        conversation,
    })
}

/// The language of the sentences around the reply.
pub fn language<'a>(around: &Around<'a>) -> &'a str {
    let known = around
        .language
        .or(around.conversation.language.as_deref())
        .filter(|language| around.library.languages.iter().any(|own| own == language));
    known.unwrap_or_else(|| around.library.language())
}
