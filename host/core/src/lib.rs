//! The domain of Callslip, pure: values in, values out. It reads no clock, no table and no
//! socket, so that every decision can be tested by the million and replayed.
//!
//! A turn is `Snapshot` in, [`route`] to a `Step`, perhaps a run of a flow, then
//! [`finish`] to a `TurnCommit`.

pub mod at;
pub mod country;
pub mod dialling;
pub mod ids;
pub mod inbound;
pub mod phone;

pub mod config;
pub mod desk;
pub mod directory;
pub mod flow;
pub mod grants;
pub mod snapshot;
pub mod staff;
pub mod study;
pub mod switches;
pub mod unmatched;

pub mod consent;

pub mod network;

pub mod messages;
pub mod text;

pub mod alert;
pub mod broadcast;
pub mod budget;
pub mod due;
pub mod finish;
pub mod hours;
pub mod import;
pub mod notice;
pub mod outbox;
pub mod outside;
pub mod quiet;
pub mod registration;
pub mod retention;
pub mod route;
pub mod schedule;
pub mod source;
pub mod tenure;
pub mod vcard;
