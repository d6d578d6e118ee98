//! The SMPP gateway: its connection, what goes out by it and what comes, against an SMSC in memory.

mod inbound;
mod link;
mod outbound;
mod receipts;
pub(crate) mod smsc;

#[path = "../../../../../tests/smsc/process.rs"]
mod process;
mod real;
