//! The desk, where people answer: who may do what, how a ticket changes hands, what may be sent.
//!
//! All of it is decided on values. The store loads a ticket's [`ticket::State`], asks here what
//! becomes of it, and saves that in the same transaction, so that no two people can both be told
//! yes (invariant 9).

pub mod actor; // who asks, and what they may do in which library
pub mod canned; // saved answers
pub mod permit; // what a text consents to
pub mod reach; // another channel, and mute
pub mod reply; // what a reply becomes
pub mod thread; // which text belongs to which ticket
pub mod ticket; // whose it is, whose turn it is
pub mod topic; // which questions are told apart
pub mod words; // which words a search looks for

pub use actor::{Actor, Right};
pub use canned::{Canned, CannedId};
pub use permit::MaySend;
pub use reach::{Agreement, Channel, Mute, Preference};
pub use ticket::{Act, Claim, CloseReason, Fence, Place, Refused, State};
pub use topic::Topic;
