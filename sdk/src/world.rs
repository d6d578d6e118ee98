//! What a turn is given and what it gives back, in the SDK's own types.
//!
//! These are the records of `sdk/wit/0.1/types.wit`. Only `abi` knows the bindings to it; only
//! `run` and the test kit make or take these values. An author meets a few of them in `Talk`.

use crate::library::Library;
use crate::time::Timestamp;

/// One turn, as the host hands it in.
#[derive(Clone, Debug)]
pub struct Input {
    /// Why the flow runs.
    pub event: Event,
    /// The keyword as the admin wrote it.
    pub keyword: String,
    /// Pictures that came with this text.
    pub media: Vec<Media>,
    /// Who texted.
    pub patron: Patron,
    /// Where.
    pub library: Library,
    /// JSON.
    pub settings: String,
    /// When this event happened.
    pub now: Timestamp,
    /// The same for every turn of a conversation.
    pub seed: u64,
    /// What happened so far.
    pub journal: Vec<Entry>,
}

/// Why a flow runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The keyword was texted; the text behind it.
    Started(String),
    /// The waiting question was answered.
    Answered(String),
    /// The waiting question expired.
    TimedOut,
    /// A reminder that the flow set; its payload.
    Due(String),
}

/// One step of a conversation's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What kind of step, such as `ask` or `storage.get`.
    pub kind: String,
    /// A fingerprint of what was asked for.
    pub asked: String,
    /// What came back.
    pub got: String,
}

/// Who texted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patron {
    /// Stable for one keyword of one library, and meaningless elsewhere.
    pub id: String,
    /// A language tag such as `es`.
    pub language: String,
    /// Whether this phone never texted the library before this conversation.
    pub first_contact: bool,
}

/// A picture or recording that the patron sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Where it can be had.
    pub url: String,
    /// Such as `image/jpeg`.
    pub content_type: String,
}

/// A picture or recording that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Where it can be had.
    pub url: String,
    /// Such as `image/jpeg`.
    pub content_type: String,
    /// What a patron reads who cannot see it.
    pub description: String,
}

/// A text that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The text.
    pub text: String,
    /// What goes with it.
    pub media: Vec<Attachment>,
}

/// What a turn gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What is sent, in order.
    pub messages: Vec<Message>,
    /// How it goes on.
    pub next: Next,
    /// What goes behind the journal, when it goes on with a question.
    pub append: Vec<Entry>,
}

/// How a conversation goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is over.
    Finish,
    /// The last message was a question.
    Ask(Question),
    /// A person goes on.
    HandOff {
        /// Whom it concerns.
        topic: Option<String>,
        /// What the person should know.
        summary: String,
    },
    /// It was not for this flow.
    Decline,
}

/// A question that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Answers that win over keywords; none: any text.
    pub choices: Vec<String>,
    /// The host's 24 hours unless it says otherwise.
    pub expires_after_seconds: Option<u32>,
    /// Whether the answer is kept nowhere but in the sealed journal.
    pub secret: bool,
}

/// What a flow says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What the config calls it.
    pub name: &'static str,
    /// Of the crate.
    pub version: &'static str,
    /// One sentence for an admin.
    pub summary: &'static str,
    /// JSON Schema of the settings.
    pub settings_schema: &'static str,
    /// Answers that some question of it always lists.
    pub reserved_answers: &'static [&'static str],
}
