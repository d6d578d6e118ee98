//! What a text says, before anybody decides what it means here.

pub mod keyword;
