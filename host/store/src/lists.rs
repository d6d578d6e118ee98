//! What a store knows of lists: how many are on each, and how it grows; counts alone, no phone. And
//! whom it asks whether they want one.

use callslip_core::at::At;
use callslip_core::broadcast::Wording;
use callslip_core::ids::{LibraryId, StaffId};
use callslip_core::import::SignUp;

use crate::port::{Done, StoreError};

pub trait ListReader {
    /// Of each list that has, or lately had, anybody on it, by id. Lists with nobody are not in it.
    fn list_counts(&self, library: &LibraryId, since: At) -> Result<Vec<ListCount>, StoreError>;

    /// Who is on a list, by the two words that staff know them by; those after `after`.
    fn list_members(
        &self,
        library: &LibraryId,
        list: &str,
        after: &str,
        max: usize,
    ) -> Result<Vec<ListMember>, StoreError>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMember {
    pub alias: String,
    pub language: Option<String>,
    pub since: At,
    /// They have stopped it since, or its library.
    pub stopped: bool,
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

pub trait ListStore {
    /// Asks people once whether they want a list. Who has stopped, is on it or was asked before is
    /// left out, and nobody is told who that was (WALKTHROUGHS g5).
    fn invite(&self, invite: Invite, done: Done<()>);
}

#[derive(Clone, Debug)]
pub struct Invite {
    pub library: LibraryId,
    pub list: String,
    pub people: Vec<SignUp>,
    /// What each is asked, by language.
    pub texts: Vec<Wording>,
    /// Ours, from which they are asked, and what carries it.
    pub number: String,
    pub gateway: String,
    pub by: StaffId,
    /// What proves that they wanted it, in the words of who brought it.
    pub proof: String,
    /// When they are asked: quiet hours are waited out.
    pub due: At,
    pub useful_until: At,
    pub now: At,
}
