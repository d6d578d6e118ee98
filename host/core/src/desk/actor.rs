//! Who asks. One person has one account and a right in each of several libraries (d2); each act is
//! checked against the library of the very ticket that it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::ticket::Refused;
use crate::ids::{LibraryId, StaffId};

/// What somebody may do at a library's desk. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Read texts and tickets.
    See,
    /// Claim, reply, close.
    Answer,
    /// Saved answers, topics, closed days, muting.
    Manage,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Right::See => "see tickets",
            Right::Answer => "answer tickets",
            Right::Manage => "change the desk",
        })
    }
}

/// A person with their rights at the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub staff: StaffId,
    rights: BTreeMap<LibraryId, Right>,
    reveals: BTreeSet<LibraryId>,
}

impl Actor {
    /// One who may do nothing anywhere.
    pub fn new(staff: StaffId) -> Self {
        Actor {
            staff,
            rights: BTreeMap::new(),
            reveals: BTreeSet::new(),
        }
    }

    pub fn with(mut self, library: LibraryId, right: Right) -> Self {
        self.rights.insert(library, right);
        self
    }

    /// May also be shown a patron's number there.
    pub fn revealing(mut self, library: LibraryId) -> Self {
        self.reveals.insert(library);
        self
    }

    pub fn may(&self, library: &LibraryId, right: Right) -> bool {
        self.rights.get(library).is_some_and(|has| *has >= right)
    }

    /// The libraries of this person's queue.
    pub fn libraries(&self, right: Right) -> Vec<LibraryId> {
        let able = self.rights.iter().filter(|(_, has)| **has >= right);
        able.map(|(library, _)| library.clone()).collect()
    }

    /// A library in which one may see nothing is not there at all; in others the missing right is
    /// named.
    pub fn check(&self, library: &LibraryId, right: Right) -> Result<(), Refused> {
        if !self.may(library, Right::See) {
            return Err(Refused::NotFound);
        }
        if !self.may(library, right) {
            return Err(Refused::NotAllowed(right));
        }
        Ok(())
    }

    pub fn check_reveal(&self, library: &LibraryId) -> Result<(), Refused> {
        self.check(library, Right::Answer)?;
        if !self.reveals.contains(library) {
            return Err(Refused::MayNotReveal);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d2_a_right_holds_in_its_own_library() {
        let ana = Actor::new("ana".into())
            .with("bayside".into(), Right::Answer)
            .with("maple".into(), Right::See)
            .revealing("maple".into());
        assert_eq!(ana.check(&"bayside".into(), Right::Answer), Ok(()));
        assert_eq!(
            ana.check(&"maple".into(), Right::Answer),
            Err(Refused::NotAllowed(Right::Answer))
        );
        assert_eq!(
            ana.check(&"hilltop".into(), Right::See),
            Err(Refused::NotFound)
        );
        assert_eq!(ana.libraries(Right::Answer), ["bayside".into()]);
        assert_eq!(
            ana.check_reveal(&"bayside".into()),
            Err(Refused::MayNotReveal)
        );
        assert_eq!(
            ana.check_reveal(&"maple".into()),
            Err(Refused::NotAllowed(Right::Answer))
        );
    }
}
