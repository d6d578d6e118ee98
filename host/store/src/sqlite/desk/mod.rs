//! The desk's part of the store. Whatever staff do is one transaction: the ticket is loaded,
//! `core::desk` decides, and what it decides is written with its line of history.

mod acts; // claims, hand-overs, closes
mod agreements; // to being texted first
mod beside; // all that stands beside one
mod changes; // history, and what open pages look at again
mod conversation; // what was said, in order
mod guests; // another library answers, as the patron agreed
mod moves; // a text goes into another ticket
mod news; // what reaches the desk from elsewhere
mod opting; // what staff do to an opt-out
mod orders; // a keyword is started for the patron
mod papers; // drafts, notes, who looks
mod patrons; // muted, preferring, revealed
#[cfg(test)]
mod plans; // that each of them walks an index
mod queue; // lists of tickets
mod reminding; // what a ticket is told of reminders
mod replies; // into the outbox
mod row; // a ticket as decisions need it
mod search; // full text
mod sending; // what stands before anything goes out
mod shelf; // saved answers, who knows what, what was wrong
mod study; // masked conversations, before they are
mod surveys; // how it went, asked once
mod taking_back; // out of the outbox again

use callslip_core::at::At;
use callslip_core::desk::Canned;
use callslip_core::ids::{InboundId, LibraryId, StaffId, TicketId};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::Text;
use callslip_core::study::Turn;

pub(super) use self::acts::admitted;
pub(super) use self::changes::of_turn;
pub(super) use self::news::{bring_back, consent_changed, moved, opened, picture_came, speaks};
pub(super) use self::reminding::{reminder_dropped, reminder_went, sending_facts, tell_of};
use super::SqliteStore;
use super::reader::SqliteReader;
use crate::desk::{
    CannedAct, Changes, DeskDone, DeskReader, DeskStore, DraftWrite, Event, Found, Item, Looking,
    NoteWrite, Order, PatronAct, Queue, QueueCounts, QueueRow, Reply, ReplyOutcome, Reveal, Search,
    Similar, Standing, Study, Suggestion, Survey, TakeBack, ThreadAct, TicketAct, TicketHead,
    TicketView, TopicPeople, Wrong, WrongAnswer,
};
use crate::{Done, StoreError};

impl DeskStore for SqliteStore {
    fn ticket_act(&self, act: TicketAct, done: DeskDone<Standing>) {
        self.submit(move |tx| acts::act(tx, &act), done);
    }

    fn reply(&self, reply: Reply, done: DeskDone<ReplyOutcome>) {
        self.submit(move |tx| replies::reply(tx, &reply), done);
    }

    fn take_back(&self, take_back: TakeBack, done: DeskDone<Standing>) {
        self.submit(move |tx| taking_back::take_back(tx, &take_back), done);
    }

    fn move_text(&self, act: ThreadAct, done: DeskDone<TicketId>) {
        self.submit(move |tx| moves::act(tx, &act), done);
    }

    fn patron_act(&self, act: PatronAct, done: DeskDone<()>) {
        self.submit(move |tx| patrons::act(tx, &act), done);
    }

    fn reveal(&self, reveal: Reveal, done: DeskDone<PhoneNumber>) {
        self.submit(move |tx| patrons::reveal(tx, &reveal), done);
    }

    fn canned_act(&self, act: CannedAct, done: DeskDone<()>) {
        self.submit(move |tx| shelf::canned_act(tx, &act), done);
    }

    fn set_topic_people(&self, people: TopicPeople, done: DeskDone<()>) {
        self.submit(move |tx| shelf::set_people(tx, &people), done);
    }

    fn mark_wrong(&self, wrong: WrongAnswer, done: DeskDone<()>) {
        self.submit(move |tx| shelf::mark_wrong(tx, &wrong), done);
    }

    fn order(&self, order: Order, done: DeskDone<Option<Text>>) {
        self.submit(move |tx| orders::order(tx, &order), done);
    }

    fn survey(&self, survey: Survey, done: Done<Option<Text>>) {
        self.submit(move |tx| surveys::ask(tx, &survey), done);
    }

    fn save_draft(&self, draft: DraftWrite, done: DeskDone<()>) {
        self.submit(move |tx| papers::save_draft(tx, &draft), done);
    }

    fn add_note(&self, note: NoteWrite, done: DeskDone<()>) {
        self.submit(move |tx| papers::add_note(tx, &note), done);
    }

    fn look(&self, looking: Looking, done: DeskDone<()>) {
        self.submit(move |tx| papers::look(tx, &looking), done);
    }

    fn sweep_desk(&self, now: At, done: Done<usize>) {
        self.submit(
            move |tx| {
                changes::forget(tx, now)?;
                acts::wake(tx, now)
            },
            done,
        );
    }

    fn index(&self, max: usize, done: Done<usize>) {
        self.submit(move |tx| search::index(tx, max), done);
    }
}

impl DeskReader for SqliteReader {
    fn study(&self, wanted: &Study) -> Result<Vec<(InboundId, Turn)>, StoreError> {
        study::turns(&self.db, wanted)
    }

    fn canned(&self, library: &LibraryId) -> Result<Vec<Canned>, StoreError> {
        shelf::canned(&self.db, library)
    }

    fn topic_people(&self, library: &LibraryId) -> Result<Vec<(String, StaffId)>, StoreError> {
        shelf::people(&self.db, library)
    }

    fn known_to(&self, staff: &StaffId) -> Result<Vec<(LibraryId, String)>, StoreError> {
        shelf::known_to(&self.db, staff)
    }

    fn wrong_answers(&self, library: &LibraryId, max: usize) -> Result<Vec<Wrong>, StoreError> {
        shelf::wrong_answers(&self.db, library, max)
    }

    fn search(&self, search: &Search) -> Result<Vec<Found>, StoreError> {
        search::search(&self.db, search)
    }

    fn similar(&self, similar: &Similar) -> Result<Vec<Suggestion>, StoreError> {
        search::similar(&self.db, similar)
    }

    fn past_answer(
        &self,
        library: &LibraryId,
        reply: InboundId,
    ) -> Result<Option<String>, StoreError> {
        search::past_answer(&self.db, library, reply)
    }

    fn queue(&self, queue: &Queue) -> Result<Vec<QueueRow>, StoreError> {
        queue::list(&self.db, queue)
    }

    fn queue_counts(
        &self,
        libraries: &[LibraryId],
        staff: &StaffId,
    ) -> Result<QueueCounts, StoreError> {
        queue::counts(&self.db, libraries, staff)
    }

    fn to_survey(
        &self,
        library: &LibraryId,
        closed: (At, At),
        max: usize,
    ) -> Result<Vec<TicketId>, StoreError> {
        surveys::due(&self.db, library, closed, max)
    }

    fn ticket_head(&self, ticket: TicketId) -> Result<Option<TicketHead>, StoreError> {
        beside::head(&self.db, ticket)
    }

    fn ticket(
        &self,
        ticket: TicketId,
        staff: &StaffId,
        now: At,
    ) -> Result<Option<TicketView>, StoreError> {
        beside::view(&self.db, ticket, staff, now)
    }

    fn conversation(
        &self,
        ticket: TicketId,
        before: Option<InboundId>,
        max: usize,
    ) -> Result<Vec<Item>, StoreError> {
        conversation::of_ticket(&self.db, &self.keys, ticket, before, max)
    }

    fn events(&self, ticket: TicketId, max: usize) -> Result<Vec<Event>, StoreError> {
        changes::of_ticket(&self.db, ticket, max)
    }

    fn changes_since(
        &self,
        seq: i64,
        libraries: &[LibraryId],
        max: usize,
    ) -> Result<Changes, StoreError> {
        changes::since(&self.db, seq, libraries, max)
    }
}
