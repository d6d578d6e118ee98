//! What a store knows of lists: how many are on each, and how it grows. Counts alone, no phone.

use callslip_core::at::At;
use callslip_core::ids::LibraryId;

use crate::port::StoreError;

pub trait ListReader {
    /// Of each list that has, or lately had, anybody on it, by id. Lists with nobody are not in it.
    fn list_counts(&self, library: &LibraryId, since: At) -> Result<Vec<ListCount>, StoreError>;
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListCount {
    pub list: String,
    /// Who has not stopped it, nor its library.
    pub members: u64,
    /// Who was on it and has stopped it or its library since.
    pub stopped: u64,
    /// Since the moment that was asked for.
    pub joined: u64,
    pub left: u64,
}
