//! What a text says, before anybody decides what it means here.
//!
//! Everything in this folder is a pure function of the text. Who sent it, to which library, and
//! what happens next is for `route` to know.

pub mod keyword;
pub mod poster;

pub mod consent;
pub mod tapback;
pub mod urgent;
pub mod wish; // another channel than texts

pub mod host_words;
pub mod near;

pub mod gsm_7;
pub mod parts;
pub mod plain;
pub mod segments;
pub mod template;

mod fold;
mod forms;
