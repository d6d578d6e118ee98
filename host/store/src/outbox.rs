//! What a store does for messages on their way out: gives them out once, notes what came of them,
//! and never to a phone that said STOP.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, LibraryId, MessageId, PhoneId, StaffId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::outbox::why::{MessageFacts, TextFacts};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;

use crate::port::{Done, StoreError};

pub trait Outbox: Send + Sync {
    /// The webhook's response with these was written. A simulated phone has them by that.
    fn inline_handed(&self, messages: Vec<MessageId>, now: At, done: Done<()>);

    /// Gives out what is due, the first unsent message of each phone at most, and what a patron
    /// waits for before what nobody waits for. Consent is read in the same transaction: what waits
    /// for a phone that is opted out is cancelled (invariant 5). A lease that ran out leaves an
    /// unclear message: its holder may have handed it over.
    fn lease(&self, lease: Lease, done: Done<Vec<Handover>>);

    /// `attempt` is the handover's own: what an earlier holder says late changes nothing, unless
    /// it says that the gateway has the message.
    fn handed_over(
        &self,
        message: MessageId,
        attempt: u32,
        result: HandoverResult,
        now: At,
        done: Done<Noted>,
    );

    /// A gateway's word on a message. It never goes back (invariant 10).
    fn status(&self, note: StatusNote, done: Done<Noted>);

    /// Turns inline answers that were never confirmed into unclear ones, and lists all that are
    /// unclear until `handed_over`, `status` or `give_up` settles them.
    fn sweep_unclear(&self, sweep: SweepUnclear, done: Done<Vec<Unclear>>);

    /// Ends what is not to be sent any more, with its apology and its ticket, in one commit.
    fn give_up(&self, give_up: GiveUp, done: Done<Noted>);

    /// A person wants a failed message sent again: a new one with the same words, whose id is
    /// given. None: it has not failed, or has been sent again already.
    fn send_again(
        &self,
        message: MessageId,
        now: At,
        useful_until: At,
        done: Done<Option<MessageId>>,
    );

    /// A text to a phone of the staff's own, to see whether any arrives there.
    fn test_text(&self, test: TestText, done: Done<TestSent>);

    /// The gateway was asked about a message that it has; `next`: when to ask again.
    fn asked(&self, message: MessageId, next: Option<At>, done: Done<()>);

    /// The gateway keeps a copy of this text or message, to be emptied at `due` (b2).
    fn redact_at(&self, gateway: String, provider_id: String, due: At, done: Done<()>);

    /// None: it is done, or will never be.
    fn redacted(&self, gateway: String, provider_id: String, next: Option<At>, done: Done<()>);

    /// All texts that came to this gateway before then are here (f1).
    fn caught_up(&self, gateway: String, until: At, done: Done<()>);
}

pub trait OutboxReader: Send {
    /// When to lease next for these numbers. None: nothing waits there.
    fn next_due(&self, numbers: &[&str]) -> Result<Option<At>, StoreError>;

    /// When the first lease runs out.
    fn lease_ends(&self) -> Result<Option<At>, StoreError>;

    /// What is queued or unclear and of no use any more, the oldest first.
    fn expired(&self, now: At, max: usize) -> Result<Vec<Expired>, StoreError>;

    /// What a gateway has and has not reported on, where it is time to ask.
    fn unconfirmed(&self, now: At, max: usize) -> Result<Vec<Unconfirmed>, StoreError>;

    /// Whose message a gateway's own id is, if it is known.
    fn whose(&self, gateway: &str, provider_id: &str) -> Result<Option<MessageId>, StoreError>;

    fn redactions(&self, now: At, max: usize) -> Result<Vec<Redaction>, StoreError>;

    /// Copies at gateways that are still to be emptied.
    fn redactions_waiting(&self) -> Result<u64, StoreError>;

    fn until_caught_up(&self, gateway: &str) -> Result<Option<At>, StoreError>;

    /// All that is known of a message, for "why was it not sent?".
    fn message(&self, message: MessageId) -> Result<Option<MessageFacts>, StoreError>;

    /// A text with all its messages.
    fn text(&self, text: InboundId) -> Result<Option<TextFacts>, StoreError>;

    /// Messages that were given up, the latest first; those before `before`.
    fn failed(
        &self,
        before: Option<MessageId>,
        max: usize,
    ) -> Result<Vec<MessageFacts>, StoreError>;

    /// The same of some libraries alone.
    fn failed_of(&self, page: &FailedPage) -> Result<Vec<MessageFacts>, StoreError>;
}

#[derive(Clone, Debug)]
pub struct TestText {
    pub library: LibraryId,
    /// Ours, from which it goes.
    pub number: String,
    pub gateway: String,
    pub to: PhoneNumber,
    pub body: String,
    pub staff: StaffId,
    pub now: At,
    pub useful_until: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestSent {
    Queued(MessageId),
    /// The phone wants no texts from that number or that library.
    OptedOut,
}

/// Whose failed messages are wanted.
#[derive(Clone, Debug, Default)]
pub struct FailedPage {
    pub libraries: Vec<LibraryId>,
    /// Ours: what was sent from there before any library was known.
    pub numbers: Vec<String>,
    pub before: Option<MessageId>,
    pub max: usize,
}

#[derive(Clone, Debug)]
pub struct Lease {
    pub owner: String,
    pub now: At,
    pub lasts: Duration,
    /// What each number may send now.
    pub numbers: Vec<Allowance>,
}

#[derive(Clone, Debug)]
pub struct Allowance {
    pub number: String,
    /// Which gateway carries them; a simulated phone's message stays where it is.
    pub gateway: String,
    pub max: usize,
    /// Messages by the day in UTC. Confirmations of consent are counted and not held back.
    pub day_max: Option<u32>,
}

/// A message to hand to its gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Handover {
    pub message: MessageId,
    pub turn: InboundId,
    pub gateway: String,
    /// Our number, which sends it.
    pub number: String,
    pub namespace: Namespace,
    pub to: PhoneNumber,
    pub library: Option<LibraryId>,
    pub purpose: Purpose,
    pub body: String,
    pub media: Vec<Attachment>,
    pub useful_until: At,
    /// 1 the first time.
    pub attempt: u32,
}

/// What came of handing a message to its gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoverResult {
    Sent {
        provider_id: Option<String>,
    },
    Retry {
        at: At,
        reason: String,
    },
    Failed {
        reason: String,
        phone: Option<PhoneFault>,
    },
    /// No answer came: the gateway may or may not have it.
    Unclear {
        reason: String,
    },
    /// An unclear one is to be sent again.
    SendAgain {
        at: At,
    },
}

/// What a gateway's refusal says of the phone itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneFault {
    /// The gateway has its STOP and blocks it.
    OptedOut,
    /// Nobody can be reached there (30005, 30006): lists leave it alone until it texts (a9).
    Gone,
}

/// A message of which nobody knows whether the gateway has it. The handover's attempt is its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Unclear {
    pub handover: Handover,
    pub phone: PhoneId,
    pub provider_id: Option<String>,
    /// When it was made.
    pub created: At,
}

#[derive(Clone, Debug)]
pub struct SweepUnclear {
    pub now: At,
    /// Inline answers of which nobody has said, since then, that they were written.
    pub offered_before: At,
    /// Inline answers that were written and that the gateway has not confirmed since then
    /// (WALKTHROUGHS g8). None: gateways here do not confirm.
    pub handed_before: Option<At>,
    pub max: usize,
}

/// Where a message stands. `Offered` and `Handed` are inline: part of a webhook's response that
/// is being written, or has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    Offered,
    Handed,
    Queued,
    Leased,
    Sent,
    Delivered,
    Failed,
    Unclear,
    Cancelled,
}

/// A gateway's word on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    Queued,
    Sent,
    Delivered,
    Failed { code: String },
}

#[derive(Clone, Debug)]
pub struct StatusNote {
    /// Who says so: a gateway speaks only for its own messages (WALKTHROUGHS g1).
    pub gateway: String,
    pub key: StatusKey,
    pub delivery: Delivery,
    pub phone: Option<PhoneFault>,
    /// The gateway's copy is emptied once the message is at its end (b2).
    pub redact: bool,
    pub at: At,
}

#[derive(Clone, Debug)]
pub enum StatusKey {
    /// Ours stood in the callback's address; the gateway's own is learned.
    Ours {
        id: MessageId,
        provider_id: Option<String>,
    },
    Theirs(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    Changed,
    /// Nothing new, or it would have gone back.
    Unchanged,
    /// No such message of this gateway.
    Unknown,
}

/// A message that came too late to be of use.
#[derive(Clone, Debug, PartialEq)]
pub struct Expired {
    pub message: MessageId,
    pub attempt: u32,
    /// Queued or unclear.
    pub state: MessageState,
    pub purpose: Purpose,
    pub turn: InboundId,
    pub number: String,
    pub library: Option<LibraryId>,
    /// The patron's.
    pub language: Option<String>,
    /// The text has become a ticket already.
    pub ticketed: bool,
    pub created: At,
    pub reason: Option<String>,
}

#[derive(Clone, Debug)]
pub struct GiveUp {
    pub message: MessageId,
    /// What it was when that was decided; else nothing is done.
    pub attempt: u32,
    pub state: MessageState,
    pub reason: String,
    /// At most one a turn: a second one is not made.
    pub apology: Option<OutMessage>,
    /// A person is told of it; the cause, in words.
    pub ticket: Option<String>,
    pub now: At,
}

/// A gateway has it and has said no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    pub message: MessageId,
    pub gateway: String,
    pub provider_id: String,
    pub sent: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    pub gateway: String,
    pub provider_id: String,
    pub tries: u32,
}
