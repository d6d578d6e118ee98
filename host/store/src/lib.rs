//! Keeps everything: the only room with SQL. A [`Store`] takes a text, a turn's commit, a
//! delivery's news; a [`Reader`] gives a turn its snapshot.
//!
//! Callers see plain values and callbacks; neither SQLite nor its thread shows. Every store must
//! pass the suite in `tests/contract`.

pub mod limits;
mod port;
mod values;

mod alias;
mod sqlite;

pub use port::{Done, OpenError, Reader, Store, StoreError};
pub use sqlite::{Durability, Options, SqliteStore};
pub use values::{
    Accepted, Committed, Counts, Delivery, Finished, Handover, HandoverResult, Lease, MessageState,
    Noted, OpenTicket, Owner, Place, StatusKey, StatusNote, StoredValue, Sweep, SweepUnclear,
    Swept, TakeUnfinished, ThreadMessage, ThreadOf, ThreadTurn, Unclear,
};
