//! All that is known when a turn begins, loaded once, and all that the turn leaves, saved once.
//!
//! [`Snapshot`] and [`TurnCommit`] are plain values: the store fills one and takes the other, and
//! everything between them is computed.

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::budget::Meter;
use crate::consent::{Certainty, Part};
use crate::country::Country;
use crate::flow::{Attachment, Entry, Pinned, Question, Read, Write};
use crate::ids::{
    Digest, InboundId, KeywordId, LibraryId, MessageId, PatronId, PhoneId, SessionId, TicketId,
};
use crate::inbound::{ConsentWord, Media, Namespace};
use crate::outbox::Purpose;
use crate::route::guard::Watch;
use crate::source::Came;

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
    /// No text of the patron's: somebody at the desk replied, or started a keyword for them.
    Desk,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Raised by every commit about this phone; the commit is refused when it has moved on.
    pub phone_version: i64,
    /// This phone, whatever number it texts.
    pub phone: Phone,
    /// This phone at the texted number.
    pub conversation: Conversation,
    /// The libraries and lists that this phone has stopped, whatever the number, in the order in
    /// which it did (a7).
    pub stopped: Vec<Stopped>,
    /// Lists that it was asked about at this number and has not answered, the latest first.
    pub invited: Vec<Part>,
    /// What each library knows of this phone.
    pub patrons: Vec<Patron>,
    /// Open and suspended, of every library.
    pub sessions: Vec<Session>,
    /// Open ones and those just closed, of every library.
    pub tickets: Vec<Ticket>,
    /// Segments that libraries have sent this month; empty where none has a limit.
    pub spent: Vec<(LibraryId, u64)>,
    /// The phone has a new holder from this text on: what the last one left is not in here (a9).
    pub new_tenure: Option<NewTenure>,
}

/// What is known of a phone at all numbers.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Phone {
    /// Taken from the number when it first texts; none where it tells no country.
    pub country: Option<Country>,
    /// When its last text before this one came.
    pub last_text: Option<At>,
    /// How many holders it had before this one.
    pub tenure: u32,
    /// What it was answered lately (g4).
    pub meter: Meter,
}

/// Why a phone counts as another person's from now on (a9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewTenure {
    /// It was silent for so long that its number may have been given away.
    Silence,
    /// Its holder says that we mean somebody else.
    WrongNumber,
}

/// A library or a list that one STOP took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    pub part: Part,
    /// The text that said so: what one STOP took comes back together.
    pub by: InboundId,
}

impl Snapshot {
    /// Whether the library may not text this phone, nor answer it (a7).
    pub fn is_stopped(&self, library: &LibraryId) -> bool {
        let mut parts = self.stopped.iter().map(|stopped| &stopped.part);
        parts.any(|part| part.list.is_none() && part.library == *library)
    }
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
    /// When this phone was last told whom to call in danger (a8).
    pub help_line_told: Option<At>,
    /// What tells a person from a machine (a6).
    #[serde(skip_serializing_if = "Watch::is_empty")]
    pub watch: Watch,
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
    /// The code that FORGET ME answered with, and how often it may still be wrong (a15).
    Code { code: String, tries: u8 },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Patron {
    pub id: PatronId,
    pub library: LibraryId,
    pub language: Option<String>,
    /// Until then nothing of theirs goes to a person (d4).
    pub muted_until: Option<At>,
    /// What the patron told a flow: "this isn't Maria" is told by it (a9).
    pub name: Option<String>,
    /// Ids of the lists that the patron has joined; what was stopped since is among them.
    pub lists: Vec<String>,
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
    /// The last message that the patron got of it (d3).
    pub last_message: Option<MessageId>,
    pub closed: Option<At>,
    /// Somebody has claimed it, until then.
    pub held_until: Option<At>,
    /// The patron was told, after hours, that a person answers from this moment on.
    pub promised: Option<At>,
    /// The patron's opt-out was questioned, and this ticket may still be answered (b5).
    pub undone: bool,
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
    /// After a STOP: what waited for this phone is cancelled in the same commit.
    pub cancel_queued: CancelQueued,
    /// The libraries and lists that this turn stops or brings back (a7).
    pub parts: Vec<PartWrite>,
    pub consent: Vec<ConsentFact>,
    pub faults: Vec<FaultNote>,
    /// The answer was longer than its keyword may spend, and ends early (g4).
    pub cut: bool,
    pub meter: Meter,
    /// What the messages cost, and whose month they are counted in (g4).
    pub spend: Option<Spend>,
    /// The last holder's sessions, profile, lists and flow data end in the same commit; what staff
    /// may look up stays, apart from the new holder's (a9).
    pub new_tenure: Option<NewTenure>,
    /// The poster that the text came from (a20).
    pub came: Option<Came>,
    /// The turn asked outside the house; what is on record of that is of no use any more.
    pub asked_outside: bool,
    /// Reminders that were set, moved and cancelled, and what becomes of the one that was due.
    pub due: crate::due::Commit,
    /// What the patron does about what is held of them (a15).
    pub private: Option<PrivateWrite>,
}

/// What a word of privacy asks for; `finish` knows the links and codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Private {
    /// Where the library says what it keeps.
    Notice,
    /// A link to what is held.
    Link,
    /// The code that confirms a FORGET ME.
    Code,
    /// It was confirmed.
    Forget,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateWrite {
    /// A link that shows once, until then, what is held of the phone's present holder.
    Link { hash: [u8; 32], until: At },
    /// All of the holder's goes in the same commit. What remains is the hash of the number, opted
    /// out, and what was counted.
    Forget,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    pub library: LibraryId,
    /// What simulated phones are told costs nothing, and is counted apart.
    pub namespace: Namespace,
    pub segments: u32,
    /// This turn brought the month past one of its marks.
    pub mark: Option<SpendMark>,
}

/// What an operator is told of a month's spend, once each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendMark {
    /// Four fifths are gone.
    Warning,
    /// All of it is: the library answers no more until the month ends.
    Spent,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CancelQueued {
    #[default]
    Nothing,
    /// All that waits for the phone at the turn's number.
    Number,
    /// What these would send it, from any number.
    Parts(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartWrite {
    pub part: Part,
    /// False: it is brought back.
    pub stopped: bool,
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
        /// The patron is told that a person answers from then on.
        promised: Option<At>,
        /// Somebody may be in danger: staff are alerted (a8).
        urgent: bool,
    },
    /// The text joins it. `wake` false: a courtesy, which does not move it up the queue.
    /// `urgent`: the ticket is from now on, whatever it was.
    Join {
        id: TicketId,
        wake: bool,
        promised: Option<At>,
        urgent: bool,
    },
    /// It was closed less than a day ago, and goes on with the same person (d3).
    Reopen {
        id: TicketId,
        promised: Option<At>,
        urgent: bool,
    },
}

impl TicketWrite {
    /// The patron is told that a person answers from `at` on.
    pub fn promise(&mut self, at: At) {
        match self {
            TicketWrite::Open { promised, .. }
            | TicketWrite::Join { promised, .. }
            | TicketWrite::Reopen { promised, .. } => *promised = Some(at),
        }
    }

    /// Somebody may be in danger.
    pub fn is_urgent(&self) -> bool {
        match self {
            TicketWrite::Open { urgent, .. }
            | TicketWrite::Join { urgent, .. }
            | TicketWrite::Reopen { urgent, .. } => *urgent,
        }
    }

    /// The ticket that `text` is in.
    pub fn id(&self, text: InboundId) -> TicketId {
        match self {
            TicketWrite::Open { .. } => TicketId(text.0),
            TicketWrite::Join { id, .. } | TicketWrite::Reopen { id, .. } => *id,
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
    /// The list whose members it goes to.
    pub list: Option<String>,
    pub body: String,
    pub media: Vec<Attachment>,
    pub via: Via,
    pub purpose: Purpose,
    /// Later it is not sent any more.
    pub useful_until: At,
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

/// A line of the ledger: what was shown, what was answered, what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentFact {
    /// None: all that the number sends.
    pub part: Option<Part>,
    pub before: Consent,
    pub after: Consent,
    pub by: DecidedBy,
    pub certainty: Certainty,
    /// As the patron wrote it.
    pub words: String,
    /// Our own sentence: the question that a yes answers, or the confirmation of a STOP or START.
    /// None: the gateway confirmed it, or nothing was said.
    pub shown: Option<String>,
    pub gateway: String,
    /// The keyword whose flow asked.
    pub keyword: Option<KeywordId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// The patron, in words that we read.
    Words,
    /// The patron, in words that the gateway read and acted on before us.
    Gateway,
    /// The gateway, which refused to send: it knows of a STOP that we never saw.
    GatewayBlock,
    /// The patron, in an answer to a flow.
    Flow,
    /// Nobody: the phone has a new holder, whom the last one's STOP protects (a9).
    Tenure,
    /// Somebody at the desk: for a patron who said so elsewhere, who read a patron's words as a yes,
    /// or who questions what a patron said in words of their own (b5).
    Staff,
}

impl ConsentFact {
    /// The gateway refused a message since the phone has opted out there. `before` is what we knew.
    pub fn gateway_block(before: Consent, gateway: String) -> Self {
        ConsentFact {
            part: None,
            before,
            after: Consent::Out,
            by: DecidedBy::GatewayBlock,
            certainty: Certainty::Sure,
            words: String::new(),
            shown: None,
            gateway,
            keyword: None,
        }
    }
}

/// A flow failed: what the operator and the plugin's author need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultNote {
    pub flow: String,
    pub digest: Digest,
    pub cause: String,
    /// The same without any words but ours.
    pub logged: String,
    /// What it said to its author before.
    pub log: Vec<String>,
    /// Not of who took a grant or a plugin away from it.
    pub is_the_flow_s: bool,
}
