//! Keeps everything: the only room with SQL. A [`Store`] takes a text, a turn's commit, a
//! delivery's news; a [`Reader`] gives a turn its snapshot.
//!
//! Callers see plain values and callbacks; neither SQLite nor its thread shows. Every store must
//! pass the suite in `tests/contract`.

pub mod alerts;
pub mod broadcasts;
pub mod desk;
pub mod due;
pub mod limits;
pub mod lists;
mod notes;
mod outbox;
pub mod outside;
pub mod patron_file;
pub mod pictures;
mod port;
pub mod privacy;
pub mod staff;
pub mod tallies;
mod values;

mod alias;
mod sqlite;

pub use notes::{GatewayNote, Notes, NotesReader};
pub use outbox::{
    Allowance, Delivery, Expired, FailedPage, GiveUp, Handover, HandoverResult, Lease,
    MessageState, Noted, Outbox, OutboxReader, PhoneFault, Redaction, StatusKey, StatusNote,
    SweepUnclear, TestSent, TestText, Unclear, Unconfirmed,
};
pub use port::{Done, OpenError, Reader, Store, StoreError};
pub use sqlite::{Durability, Options, SqliteStore};
pub use staff::{StaffReader, StaffStore};
pub use tallies::{TallyReader, TallyStore};
pub use values::{
    Accepted, Committed, Counts, Finished, LedgerLine, OpenTicket, Owner, Place, StoredValue,
    Suspended, Sweep, Swept, TakeUnfinished, ThreadMessage, ThreadOf, ThreadTurn,
};
