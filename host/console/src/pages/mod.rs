//! One page a file: what it loads, decides and commits, and how it reads.

pub(crate) mod account;
pub(crate) mod answers;
pub(crate) mod audit;
pub(crate) mod broadcasts;
pub(crate) mod files;
pub(crate) mod first;
pub(crate) mod guide;
pub(crate) mod home;
pub(crate) mod keywords;
pub(crate) mod leaves;
pub(crate) mod link;
pub(crate) mod lists;
pub(crate) mod made;
pub(crate) mod messages;
pub(crate) mod mine;
pub(crate) mod moments; // reminders that wait, and what became of others
pub(crate) mod notices;
pub(crate) mod numbers;
pub(crate) mod people;
pub(crate) mod plugins;
pub(crate) mod queue;
pub(crate) mod reach;
pub(crate) mod reached;
pub(crate) mod search;
pub(crate) mod sign_in;
pub(crate) mod study;
pub(crate) mod ticket;
pub(crate) mod unmatched;
mod wrong;
