//! What the desk's pages show.

use callslip_core::at::At;
use callslip_core::consent::Why;
use callslip_core::desk::{Agreement, Claim, CloseReason, Fence, Mute, Place, Preference};
use callslip_core::ids::{InboundId, LibraryId, PatronId, PhoneId, StaffId, TicketId};
use callslip_core::inbound::{Media, Namespace};
use callslip_core::snapshot::Verdict;

use crate::ThreadMessage;

/// Which texts are wanted for study.
#[derive(Clone, Debug)]
pub struct Study {
    pub library: LibraryId,
    pub namespace: Namespace,
    pub since: At,
    pub after: Option<InboundId>,
    pub max: usize,
}

#[derive(Clone, Debug)]
pub struct Queue {
    pub libraries: Vec<LibraryId>,
    pub filter: QueueFilter,
    pub topic: Option<String>,
    /// The last row of the page before.
    pub after: Option<(At, TicketId)>,
    pub max: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueFilter {
    /// Whoever waits longest stands first.
    Waiting,
    /// Waiting, on a topic that this person knows.
    Known(StaffId),
    /// Claimed by this person and not closed, run out or not.
    Mine(StaffId),
    /// Waiting for the patron; the longest first.
    Answered,
    /// The next to wake first.
    Snoozed,
    /// The last closed first.
    Closed,
}

/// A ticket as the queue lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRow {
    pub ticket: TicketId,
    pub library: LibraryId,
    /// Answers for it until it closes.
    pub guest: Option<LibraryId>,
    pub patron: PatronId,
    /// The patron's two words.
    pub alias: String,
    pub language: Option<String>,
    /// Ours, at which the patron writes.
    pub number: String,
    pub topic: Option<String>,
    pub summary: Option<String>,
    /// What went wrong, when it was opened for that.
    pub cause: Option<String>,
    /// Somebody may be in danger.
    pub urgent: bool,
    pub place: Place,
    pub since: At,
    pub opened: At,
    /// Run out or not: compare `until`.
    pub claim: Option<Claim>,
    pub last_text: InboundId,
    /// The words of the patron's last text; none when they are not kept.
    pub said: Option<String>,
    pub close_reason: Option<CloseReason>,
}

/// Of each library at most [`crate::limits::QUEUE_COUNTED_MAX`] are counted in a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    pub waiting: u64,
    pub mine: u64,
    pub answered: u64,
    pub snoozed: u64,
}

/// What a reply is composed from.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketHead {
    pub library: LibraryId,
    pub guest: Option<LibraryId>,
    pub phone: PhoneId,
    pub patron: PatronId,
    pub number: String,
    pub language: Option<String>,
    /// Brought the patron's last text.
    pub gateway: String,
    pub namespace: Namespace,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TicketView {
    pub row: QueueRow,
    pub fence: Fence,
    /// When the library first knew this patron.
    pub patron_since: At,
    /// Ids of the lists that the patron is on.
    pub lists: Vec<String>,
    /// How the patron wants to be answered, if not by text.
    pub prefers: Option<Preference>,
    pub mute: Option<Mute>,
    /// Since when another library answers, and which text of the patron's agreed to that.
    pub guest_since: Option<(At, InboundId)>,
    /// To being texted first about this.
    pub agreed: Option<Agreement>,
    /// Why the reply box is closed (d5).
    pub may_send: Result<(), Why>,
    /// It is closed by words of the patron's own, which staff may question (b5).
    pub may_undo: bool,
    /// Somebody did, for this ticket.
    pub undone: bool,
    /// The patron's other tickets in this library, the latest first.
    pub earlier: Vec<QueueRow>,
    /// This person's own.
    pub draft: Option<Draft>,
    /// Replies that may still be taken back.
    pub unsent: Vec<Sent>,
    pub presence: Vec<Presence>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub body: String,
    pub seen: InboundId,
    pub updated: At,
}

/// A reply on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub send: String,
    /// For a moment that was chosen, not for the next.
    pub scheduled: bool,
    /// As it was written.
    pub body: String,
    pub staff: StaffId,
    pub turn: InboundId,
    pub due: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    pub staff: StaffId,
    pub looked: At,
    pub typed: Option<At>,
}

/// One thing in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The one order of what happens to a phone.
    pub turn: InboundId,
    pub at: At,
    pub number: String,
    pub ticket: Option<TicketId>,
    pub speaker: Speaker,
    /// What it was answered with, or what was sent.
    pub messages: Vec<ThreadMessage>,
    /// Somebody marked the flow's answer as wrong.
    pub wrong: bool,
    /// Internal notes written in the ticket after this and before the next.
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Speaker {
    Patron {
        /// None: it was secret and is not kept, or it is damaged.
        body: Option<String>,
        media: Vec<Media>,
        /// None: its turn is still to come.
        verdict: Option<Verdict>,
    },
    /// Somebody at the desk: a reply, or a keyword started for the patron.
    Desk {
        staff: Option<StaffId>,
        verdict: Option<Verdict>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub staff: StaffId,
    pub at: At,
    pub body: String,
}

/// A line of a ticket's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: At,
    /// None: the patron, or time.
    pub staff: Option<StaffId>,
    pub what: What,
    /// A reason, a colleague's id, a topic: never a patron's text.
    pub detail: Option<String>,
}

/// What was done at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Opened,
    /// Words of danger.
    Urgent,
    Claimed,
    HandedOver,
    Released,
    Replied,
    TakenBack,
    NotDelivered,
    Closed,
    Reopened,
    Snoozed,
    Woke,
    TopicSet,
    /// A text was taken out into a ticket of its own, or into another.
    Split,
    Moved,
    Noted,
    /// Staff questioned an opt-out to answer this.
    Undone,
    Muted,
    Unmuted,
    Preferred,
    Revealed,
    AnswerWrong,
    KeywordStarted,
    CannedChanged,
    TopicPeopleSet,
    /// The patron opted out, or came back.
    Stopped,
    Started,
    /// To be texted first.
    Agreed,
    /// The patron agreed that another library answers; and it is its own library's again.
    Invited,
    Parted,
    /// The patron was asked how it went.
    Surveyed,
    ReminderSet,
    ReminderMoved,
    ReminderCancelled,
    /// It did not go out.
    ReminderDropped,
}

/// What open pages look at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub rows: Vec<(i64, LibraryId, Option<TicketId>, Changed)>,
    /// Ask for what comes after this next time.
    pub seq: i64,
    /// Changes were forgotten since the asked one: look at everything again.
    pub missed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A new question, or one that goes on: to be announced.
    Opened,
    /// The patron wrote.
    Text,
    /// Whose it is, whose turn it is.
    Ticket,
    /// How far a message has come.
    Delivery,
    Presence,
    /// Saved answers, topics, closed days.
    Settings,
}

#[derive(Clone, Debug)]
pub struct Search {
    pub libraries: Vec<LibraryId>,
    /// All of them are looked for; the last may be the beginning of one.
    pub words: String,
    /// Only what is older: the last row of the page before.
    pub before: Option<SearchRow>,
    pub max: usize,
}

/// Where a found row stands in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchRow(pub i64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub row: SearchRow,
    pub turn: InboundId,
    pub kind: FoundKind,
    pub library: LibraryId,
    pub ticket: Option<TicketId>,
    pub patron: PatronId,
    pub alias: String,
    pub at: At,
    pub body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundKind {
    Patron,
    Desk,
    /// A flow, or the host itself.
    Flow,
}

#[derive(Clone, Debug)]
pub struct Similar {
    pub library: LibraryId,
    /// Not this one.
    pub ticket: TicketId,
    pub words: String,
    pub max: usize,
}

/// A past answer to a similar question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The answer's own place in its conversation.
    pub reply: InboundId,
    pub question: String,
    pub answer: String,
    pub ticket: TicketId,
    pub at: At,
}

/// A flow's answer that was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub text: InboundId,
    /// What was asked; none when it is not kept.
    pub body: Option<String>,
    pub keyword: Option<String>,
    pub flow: Option<String>,
    pub staff: StaffId,
    pub at: At,
    pub remark: Option<String>,
}
