//! All that is known when a turn begins, loaded once, and all that the turn leaves, saved once.
//!
//! [`Snapshot`] and [`TurnCommit`] are plain values: the store fills one and takes the other, and
//! everything between them is computed.

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::flow::{Attachment, Entry, Pinned, Question, Read, Write};
use crate::ids::{
    Digest, InboundId, KeywordId, LibraryId, MessageId, PatronId, PhoneId, SessionId, TicketId,
};
use crate::inbound::{ConsentWord, Media, Namespace};

/// The text that the turn is about, as the store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub id: InboundId,
    pub phone: PhoneId,
    pub number: String,
    pub gateway: String,
    pub body: String,
    pub media: Vec<Media>,
    pub namespace: Namespace,
    pub received: At,
    pub gateway_consent: Option<ConsentWord>,
    pub sender: SenderKind,
    /// How often this text has been picked up; more than once means that the host died on it.
    pub attempts: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderKind {
    Phone,
    ShortCode,
    Alphanumeric,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Raised by every commit about this phone; the commit is refused when it has moved on.
    pub phone_version: i64,
    /// This phone at the texted number.
    pub conversation: Conversation,
    /// What each library knows of this phone.
    pub patrons: Vec<Patron>,
    /// Open and suspended, of every library.
    pub sessions: Vec<Session>,
    /// Open ones, of every library.
    pub tickets: Vec<Ticket>,
}

/// One phone at one number. A new one is all defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Conversation {
    pub consent: Consent,
    /// The library whose message this phone got or sent last (a11).
    pub library: Option<LibraryId>,
    /// The library whose name stood on the last message out; another one names itself again.
    pub named: Option<LibraryId>,
    /// The first answer that a phone ever gets is signed (a16).
    pub signed: bool,
    /// A question of the host's own that waits.
    pub asking: Option<HostQuestion>,
    /// When a bare "1" or "yes" out of nowhere was last explained (a19).
    pub stray_explained: Option<At>,
    /// What the phone chose where no library was known yet.
    pub language: Option<String>,
    /// The last message from a keyword's flow: (library, keyword, when). "No, I meant ..." goes to a person.
    pub last_answer: Option<(LibraryId, KeywordId, At)>,
    /// Texts in a row that nothing matched.
    pub unmatched: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    In,
    Out,
    #[default]
    Unknown,
}

/// What the host itself asked and is waiting for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostQuestion {
    pub asked: At,
    pub what: HostAsks,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostAsks {
    /// "Which library?": the text is kept and answered once the library is known (a2).
    Library {
        offered: Vec<LibraryId>,
        kept: String,
    },
    /// "Did you mean HOURS? Reply 1": what each number stands for, and the text.
    Meant {
        library: LibraryId,
        offered: Vec<KeywordId>,
        kept: String,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Patron {
    pub id: PatronId,
    pub library: LibraryId,
    pub language: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub id: SessionId,
    pub library: LibraryId,
    pub keyword: KeywordId,
    pub number: String,
    pub digest: Digest,
    pub pinned: Pinned,
    pub journal: Vec<Entry>,
    pub question: Question,
    /// The words of the question, to repeat them.
    pub asked_text: String,
    pub asked: At,
    pub expires: At,
    pub state: SessionState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    Open,
    /// A keyword interrupted it; RESUME brings it back for a day.
    Suspended,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    pub id: TicketId,
    pub library: LibraryId,
    pub topic: Option<String>,
    pub last_activity: At,
    /// A person has claimed it and wrote last, at this moment (a14).
    pub answered: Option<At>,
}

/// All that one turn leaves behind. It is saved whole or not at all, and only `Store::commit`
/// takes it. The store refuses it when `phone_version` or one of `reads` has moved on.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnCommit {
    pub text: InboundId,
    pub phone: PhoneId,
    pub phone_version: i64,
    pub number: String,
    pub now: At,
    pub verdict: Verdict,
    /// False: the answer was secret and nothing of it is kept (e4).
    pub keep_text: bool,
    pub conversation: Conversation,
    /// The phone's patron in the turn's library, made if new.
    pub patron: Option<PatronWrite>,
    pub sessions: Vec<SessionWrite>,
    pub ticket: Option<TicketWrite>,
    pub storage: Option<StorageWrite>,
    pub messages: Vec<OutMessage>,
    /// After a STOP: what waited for this phone at this number is cancelled in the same commit.
    pub cancel_queued: bool,
    pub consent: Option<ConsentFact>,
    pub faults: Vec<FaultNote>,
}

/// What came of a text (invariant 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub outcome: Outcome,
    pub library: Option<LibraryId>,
    pub keyword: Option<KeywordId>,
    /// The plugin that answered.
    pub flow: Option<String>,
    pub ticket: Option<TicketId>,
    /// In kebab-case: `keyword`, `answer`, `near-miss`, `opted-out`, `tapback` and so on.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Answered,
    Ticketed,
    Silent,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PatronWrite {
    /// None: made by this commit.
    pub id: Option<PatronId>,
    pub library: LibraryId,
    /// Some: changed.
    pub language: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SessionWrite {
    /// Begun or gone on; the row is written whole.
    Wait(Box<Session>),
    /// RESUME brings it back until `until`.
    Suspend {
        id: SessionId,
        until: At,
    },
    End {
        id: SessionId,
        reason: String,
    },
}

impl SessionWrite {
    pub fn id(&self) -> SessionId {
        match self {
            SessionWrite::Wait(session) => session.id,
            SessionWrite::Suspend { id, .. } | SessionWrite::End { id, .. } => *id,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum TicketWrite {
    /// Its id is the text's.
    Open {
        library: LibraryId,
        topic: Option<String>,
        summary: Option<String>,
        cause: Option<String>,
    },
    /// The text joins it. `wake` false: a courtesy, which does not move it up the queue.
    Join { id: TicketId, wake: bool },
}

impl TicketWrite {
    /// The ticket that `text` is in.
    pub fn id(&self, text: InboundId) -> TicketId {
        match self {
            TicketWrite::Open { .. } => TicketId(text.0),
            TicketWrite::Join { id, .. } => *id,
        }
    }
}

/// What the flow read and wrote, under its keyword's name.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageWrite {
    pub library: LibraryId,
    pub storage: String,
    pub reads: Vec<Read>,
    pub writes: Vec<Write>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OutMessage {
    pub id: MessageId,
    pub library: Option<LibraryId>,
    pub body: String,
    pub media: Vec<Attachment>,
    pub via: Via,
    /// The confirmation of a STOP and the answer to HELP go out all the same.
    pub despite_stop: bool,
}

/// Who hands a message over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// The webhook's own response.
    Inline,
    Outbox,
}

/// A line of the ledger: what was asked of us, in which words, and what stood before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentFact {
    pub before: Consent,
    pub after: Consent,
    /// Who decided: `words`, `gateway`.
    pub by: String,
    pub words: String,
}

/// A flow failed: what the operator and the plugin's author need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultNote {
    pub flow: String,
    pub digest: Digest,
    pub cause: String,
}
