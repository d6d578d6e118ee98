//! What a store keeps of moments that are to come: reminders of flows and of people, questions that
//! nobody answered in time, invitations to come back. Each begins a turn once, whoever dies when.

use callslip_core::at::At;
use callslip_core::desk::Actor;
use callslip_core::due::{Kind, Waiting};
use callslip_core::ids::{KeywordId, LibraryId, PhoneId, StaffId, TicketId};
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::Text;

use crate::desk::DeskDone;
use crate::port::{Done, StoreError};

pub trait DueStore: Send + Sync {
    /// A text of the host's own, for its turn to run, or why there is none.
    fn begin_due(&self, begin: BeginDue, done: Done<Begun>);

    /// Not before then.
    fn put_off_due(&self, id: i64, until: At, done: Done<()>);

    /// It is of no use any more. A question that was to time out ends without its flow.
    fn drop_due(&self, id: i64, reason: String, now: At, done: Done<()>);

    /// A person's reminder, set once for each `send`.
    fn set_reminder(&self, set: SetReminder, done: DeskDone<()>);

    /// Moved or cancelled, with its cause.
    fn change_reminder(&self, change: ChangeReminder, done: DeskDone<()>);

    /// Puts down an invitation for each of these that has none since its last text. How many.
    fn invite(&self, invite: Invite, done: Done<usize>);
}

pub trait DueReader {
    /// What waits and whose moment has come, the earliest first.
    fn due(&self, now: At, max: usize) -> Result<Vec<DueHead>, StoreError>;

    /// Of one patron at one keyword, as their flow may see them.
    fn reminders_waiting(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
        phone: PhoneId,
    ) -> Result<Vec<Waiting>, StoreError>;

    /// Of a ticket's patron in its library: those that wait, then the latest of the others.
    fn reminders_of(&self, ticket: TicketId, max: usize) -> Result<Vec<Reminder>, StoreError>;

    /// Of a whole library, in the same order.
    fn reminders(&self, library: &LibraryId, max: usize) -> Result<Vec<Reminder>, StoreError>;

    /// Members of its lists who have been silent for so long and were not invited since.
    fn to_invite(&self, whom: &ToInvite) -> Result<Vec<(PhoneId, String)>, StoreError>;
}

/// As much as it takes to say whether it may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueHead {
    pub id: i64,
    pub kind: Kind,
    pub at: At,
    pub useful_until: At,
    pub number: String,
    pub library: LibraryId,
    pub namespace: Namespace,
}

#[derive(Clone, Debug)]
pub struct BeginDue {
    pub id: i64,
    /// What carries its number; a simulated phone is reached where it texted from.
    pub gateway: String,
    pub now: At,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    Text(Box<Text>),
    /// A question is open: it waits.
    Waits,
    /// It was cancelled, has begun before, or is of no use any more.
    Gone,
}

/// One as people look after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    pub id: i64,
    pub kind: Kind,
    pub at: At,
    pub useful_until: At,
    pub library: LibraryId,
    /// Whose flow set it.
    pub keyword: Option<KeywordId>,
    pub ticket: Option<TicketId>,
    /// Who set it, or moved or cancelled it last.
    pub staff: Option<StaffId>,
    /// A person's own words, as long as it waits.
    pub words: Option<String>,
    /// The patron's name for staff.
    pub alias: String,
    pub state: ReminderState,
    /// Why it was moved, cancelled or dropped.
    pub reason: Option<String>,
    pub changed: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReminderState {
    Waiting,
    /// Its turn runs.
    Begun,
    Done,
    Cancelled,
    Dropped,
}

#[derive(Clone, Debug)]
pub struct SetReminder {
    pub actor: Actor,
    pub ticket: TicketId,
    /// Made by the page once for each.
    pub send: String,
    pub at: At,
    pub useful_until: At,
    pub words: String,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct ChangeReminder {
    pub actor: Actor,
    pub ticket: TicketId,
    pub id: i64,
    /// Some: then instead. None: not at all.
    pub to: Option<(At, At)>,
    pub cause: String,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct ToInvite {
    pub library: LibraryId,
    pub lists: Vec<String>,
    /// A patron is texted where they spoke last.
    pub numbers: Vec<String>,
    /// Their last text is older than this.
    pub silent_since: At,
    pub max: usize,
}

#[derive(Clone, Debug)]
pub struct Invite {
    pub library: LibraryId,
    pub whom: Vec<(PhoneId, String)>,
    /// In each of the library's languages.
    pub texts: Vec<(String, String)>,
    pub now: At,
    pub useful_until: At,
}
