//! What goes into the store and comes out of it, beside the values of a turn, which are `core`'s.

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, LibraryId, MessageId, PhoneId, TicketId};

use callslip_core::inbound::{Media, Namespace};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{ConsentFact, OutMessage, Text, Verdict};

use crate::outbox::MessageState;

/// What came of a text that a gateway handed in.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// It is on disk.
    New(Text),
    /// The gateway has handed it in before; the first one stands.
    Again {
        text: Text,
        /// None: its turn is still to come.
        finished: Option<Finished>,
        /// Another body under the same id. The first wins; worth counting.
        differs: bool,
    },
    /// Handed in before, and the text has been deleted since.
    Forgotten(InboundId),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub verdict: Verdict,
    /// What the first response carried.
    pub inline: Vec<OutMessage>,
    pub at: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    Saved,
    /// Something that the turn has read has changed: run it again on a new snapshot.
    Conflict,
    /// This text's turn was committed before. Nothing was written.
    Already,
    /// It would break a limit, and would each time. Nothing was written.
    Refused {
        reason: String,
    },
}

/// Texts whose turn was never committed, in order of arrival.
#[derive(Clone, Debug)]
pub struct TakeUnfinished {
    /// Who takes them: this process.
    pub owner: String,
    pub now: At,
    /// Only later ones; `InboundId(0)` for the first page.
    pub after: InboundId,
    pub max: usize,
}

#[derive(Clone, Debug)]
pub struct Sweep {
    pub now: At,
    pub max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Sessions whose time is over; each ends with its own turn.
    pub sessions_expired: usize,
    pub seen_pruned: usize,
}

/// Why no list's message goes to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    pub since: At,
    /// The gateway's code, or what the carrier said.
    pub reason: String,
}

/// Whose part of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Library,
    /// A phone that the library does not know yet has nothing.
    Patron(PhoneId),
}

/// Where a flow keeps things.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub library: &'a LibraryId,
    pub storage: &'a str,
    pub owner: Owner,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredValue {
    pub value: String,
    /// What a commit's `Read::Key` names; 0 is for a key that is not there.
    pub version: i64,
}

/// Whose texts.
#[derive(Clone, Debug)]
pub enum ThreadOf {
    Phone(PhoneId),
    Number(Namespace, PhoneNumber),
}

/// One text with its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadTurn {
    pub text: InboundId,
    /// None: it was secret and is not kept, or it is damaged.
    pub body: Option<String>,
    pub media: Vec<Media>,
    pub received: At,
    /// None: its turn is still to come.
    pub verdict: Option<Verdict>,
    pub messages: Vec<ThreadMessage>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ThreadMessage {
    pub id: MessageId,
    pub library: Option<LibraryId>,
    pub body: String,
    pub media: Vec<Attachment>,
    pub state: MessageState,
    /// Why it failed, waits or was cancelled.
    pub reason: Option<String>,
    pub created: At,
    pub changed: At,
    /// The list whose members it went to.
    pub list: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OpenTicket {
    pub id: TicketId,
    pub library: LibraryId,
    /// The patron's two words.
    pub alias: String,
    pub phone: PhoneId,
    pub number: String,
    pub topic: Option<String>,
    pub summary: Option<String>,
    /// What went wrong, when it was opened for that.
    pub cause: Option<String>,
    pub opened: At,
    pub last_activity: At,
    pub claimed_by: Option<String>,
    /// Somebody may be in danger.
    pub urgent: bool,
}

/// A line of the ledger of consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// Rises from line to line.
    pub id: i64,
    pub at: At,
    /// Ours, to which it was texted.
    pub number: String,
    /// The text that said so, or whose answer the gateway refused.
    pub text: InboundId,
    pub fact: ConsentFact,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub texts_waiting: u64,
    pub messages_waiting: u64,
    pub messages_unclear: u64,
    pub tickets_open: u64,
    pub sessions_open: u64,
}
