//! The domain of Callslip, pure: values in, values out. It reads no clock, no table and no
//! socket, so that every decision can be tested by the million and replayed.
//!
//! A turn is `Snapshot` in, [`route`] to a `Step`, perhaps a run of a flow, then
//! [`finish`] to a `TurnCommit`.

pub mod at;
pub mod ids;
pub mod inbound;
pub mod phone;

pub mod config;
pub mod directory;
pub mod flow;
pub mod grants;
pub mod snapshot;

pub mod messages;
pub mod text;

pub mod finish;
pub mod hours;
pub mod route;
pub mod vcard;
