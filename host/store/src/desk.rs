//! What a store does for the people who answer: tickets change hands, replies go to the outbox,
//! and the queue is read. Each act names who asks and is checked against its ticket's library in
//! the transaction that it writes in.

mod values; // what is done
mod views; // what is shown

use callslip_core::at::At;
use callslip_core::desk::{Act, Actor, Canned, Refused};
use callslip_core::ids::{InboundId, LibraryId, StaffId, TicketId};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::Text;
use callslip_core::study::Turn;

use crate::port::{Done, StoreError};
pub use values::{
    CannedAct, CannedWhat, Deed, DraftWrite, Looking, NoteWrite, Order, PatronAct, Replied, Reply,
    ReplyOutcome, Reveal, Standing, Survey, TakeBack, ThreadAct, TicketAct, TopicPeople, Whither,
    WrongAnswer,
};
pub use views::{
    Changed, Changes, Draft, Event, Found, FoundKind, Item, Note, Presence, Queue, QueueCounts,
    QueueFilter, QueueRow, Search, SearchRow, Sent, Similar, Speaker, Study, Suggestion,
    TicketHead, TicketView, What, Wrong,
};

/// Called back like every [`Done`]; the inner refusal is for the person who asked.
pub type DeskDone<T> = Done<Result<T, Refused>>;

pub trait DeskStore: Send + Sync {
    /// Claims, hands over, closes and the like: one transaction each, so that of fifty who claim
    /// at once one has the ticket and the others are told who (invariant 9).
    fn ticket_act(&self, act: TicketAct, done: DeskDone<Standing>);

    /// Only the holder of the latest claim sends, once for each `send`, and the patron's turn
    /// begins with it.
    fn reply(&self, reply: Reply, done: DeskDone<ReplyOutcome>);

    /// Until its first message has been given out.
    fn take_back(&self, take_back: TakeBack, done: DeskDone<Standing>);

    /// Takes a text out of its ticket; gives the one that it is in then.
    fn move_text(&self, act: ThreadAct, done: DeskDone<TicketId>);

    fn patron_act(&self, act: PatronAct, done: DeskDone<()>);

    fn reveal(&self, reveal: Reveal, done: DeskDone<PhoneNumber>);

    fn canned_act(&self, act: CannedAct, done: DeskDone<()>);

    fn set_topic_people(&self, people: TopicPeople, done: DeskDone<()>);

    fn mark_wrong(&self, wrong: WrongAnswer, done: DeskDone<()>);

    /// A text of the desk's own, for its turn to run. None: it was ordered before.
    fn order(&self, order: Order, done: DeskDone<Option<Text>>);

    /// A text of the desk's own, by which a keyword asks how it went (b6). None: it was asked
    /// before, is open again, or is not to be asked now.
    fn survey(&self, survey: Survey, done: Done<Option<Text>>);

    fn save_draft(&self, draft: DraftWrite, done: DeskDone<()>);

    fn add_note(&self, note: NoteWrite, done: DeskDone<()>);

    /// Somebody has the ticket open, or types in it.
    fn look(&self, looking: Looking, done: DeskDone<()>);

    /// Wakes what was snoozed until now, and forgets changes that every page has seen. How many
    /// woke.
    fn sweep_desk(&self, now: At, done: Done<usize>);

    /// Takes up to `max` turns more into the full-text index; how many are left.
    fn index(&self, max: usize, done: Done<usize>);
}

pub trait DeskReader {
    fn queue(&self, queue: &Queue) -> Result<Vec<QueueRow>, StoreError>;

    fn queue_counts(
        &self,
        libraries: &[LibraryId],
        staff: &StaffId,
    ) -> Result<QueueCounts, StoreError>;

    /// A library's texts with their answers, in the order in which they came: those after `after`,
    /// not older than `since`. To be masked before anybody sees them.
    fn study(&self, study: &Study) -> Result<Vec<(InboundId, Turn)>, StoreError>;

    /// Tickets that a person answered and closed in that span, whose patron was not asked yet how it
    /// went.
    fn to_survey(
        &self,
        library: &LibraryId,
        closed: (At, At),
        max: usize,
    ) -> Result<Vec<TicketId>, StoreError>;

    /// What is needed to send in a ticket.
    fn ticket_head(&self, ticket: TicketId) -> Result<Option<TicketHead>, StoreError>;

    /// All that stands beside the reply box.
    fn ticket(
        &self,
        ticket: TicketId,
        staff: &StaffId,
        now: At,
    ) -> Result<Option<TicketView>, StoreError>;

    /// What this ticket's patron and its library said to each other, flows included, in order:
    /// the last `max` before `before`. Nothing of another library's is in it (a11).
    fn conversation(
        &self,
        ticket: TicketId,
        before: Option<InboundId>,
        max: usize,
    ) -> Result<Vec<Item>, StoreError>;

    /// By name.
    fn canned(&self, library: &LibraryId) -> Result<Vec<Canned>, StoreError>;

    fn topic_people(&self, library: &LibraryId) -> Result<Vec<(String, StaffId)>, StoreError>;

    fn known_to(&self, staff: &StaffId) -> Result<Vec<(LibraryId, String)>, StoreError>;

    /// The latest first.
    fn wrong_answers(&self, library: &LibraryId, max: usize) -> Result<Vec<Wrong>, StoreError>;

    fn events(&self, ticket: TicketId, max: usize) -> Result<Vec<Event>, StoreError>;

    /// The latest first.
    fn search(&self, search: &Search) -> Result<Vec<Found>, StoreError>;

    /// Past answers to questions like this one, of one library, the nearest first.
    fn similar(&self, similar: &Similar) -> Result<Vec<Suggestion>, StoreError>;

    /// What a person of this library replied there; none: it is gone, never went out, or is
    /// another library's.
    fn past_answer(
        &self,
        library: &LibraryId,
        reply: InboundId,
    ) -> Result<Option<String>, StoreError>;

    fn changes_since(
        &self,
        seq: i64,
        libraries: &[LibraryId],
        max: usize,
    ) -> Result<Changes, StoreError>;
}

impl TicketAct {
    pub fn new(actor: Actor, ticket: TicketId, act: Act, now: At) -> TicketAct {
        TicketAct {
            actor,
            ticket,
            act,
            now,
        }
    }
}
