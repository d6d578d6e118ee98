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

    /// At a ticket: of their own library; or of one that answers for it as a guest, at the patron's
    /// word, which may see and answer and nothing beyond (b7).
    pub fn check_at(
        &self,
        library: &LibraryId,
        guest: Option<&LibraryId>,
        right: Right,
    ) -> Result<(), Refused> {
        let own = self.check(library, right);
        let Some(guest) = guest.filter(|_| own.is_err()) else {
            return own;
        };
        match (right <= Right::Answer && self.may(guest, right), own) {
            (true, _) => Ok(()),
            (false, Err(Refused::NotFound)) if self.may(guest, Right::See) => {
                Err(Refused::NotAllowed(right))
            }
            (false, own) => own,
        }
    }

    /// Sees a ticket of this library only because the patron agreed to it.
    pub fn is_guest(&self, library: &LibraryId, guest: Option<&LibraryId>) -> bool {
        !self.may(library, Right::See) && guest.is_some_and(|guest| self.may(guest, Right::See))
    }

    /// Whatever the role: the library reveals none.
    #[must_use]
    pub fn not_revealing(mut self, library: &LibraryId) -> Self {
        self.reveals.remove(library);
        self
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

    #[test]
    fn b7_a_guest_sees_and_answers_that_ticket_and_no_more() {
        let (bayside, maple) = ("bayside".into(), "maple".into());
        let ben = Actor::new("ben".into()).with("maple".into(), Right::Manage);
        let reader = Actor::new("eve".into()).with("maple".into(), Right::See);
        let at = |actor: &Actor, right| actor.check_at(&bayside, Some(&maple), right);
        assert_eq!(at(&ben, Right::Answer), Ok(()));
        assert_eq!(
            at(&ben, Right::Manage),
            Err(Refused::NotAllowed(Right::Manage))
        );
        assert_eq!(at(&reader, Right::See), Ok(()));
        assert_eq!(
            at(&reader, Right::Answer),
            Err(Refused::NotAllowed(Right::Answer))
        );
        assert_eq!(
            ben.check_at(&bayside, None, Right::See),
            Err(Refused::NotFound)
        );
        assert!(ben.is_guest(&bayside, Some(&maple)));
        let both = ben.clone().with("bayside".into(), Right::See);
        assert!(!both.is_guest(&bayside, Some(&maple)));
        assert_eq!(at(&both, Right::Answer), Ok(()));
    }
}
