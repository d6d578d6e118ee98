//! Another library answers (b7): both libraries agreed to that, the one in its file and the other by
//! asking; and the patron, in a text of theirs.

use callslip_core::desk::{Actor, Refused, Right};
use callslip_core::directory::Library;
use callslip_core::ids::{LibraryId, TicketId};

use super::{Desk, DeskError};

impl Desk {
    /// Who may be asked to answer for this library.
    pub fn who_answers_for(&self, library: &LibraryId) -> Vec<(LibraryId, String)> {
        let running = self.engine.running();
        let others = running.directory.libraries.values();
        others
            .filter(|other| answers_for(other, library))
            .map(|other| (other.id.clone(), other.name.clone()))
            .collect()
    }

    pub(super) async fn check_guest(
        &self,
        actor: &Actor,
        ticket: TicketId,
        guest: &LibraryId,
    ) -> Result<(), DeskError> {
        let head = self.seen(actor, ticket).await?;
        actor.check(&head.library, Right::Answer)?;
        let running = self.engine.running();
        let other = running.directory.library(guest);
        if other.is_none_or(|other| !answers_for(other, &head.library)) {
            let what = "that library has not agreed to answer for this one: it says so in its file";
            return Err(Refused::Invalid(what.to_owned()).into());
        }
        Ok(())
    }
}

fn answers_for(other: &Library, library: &LibraryId) -> bool {
    other.id != *library && !other.broken && other.desk.answers_for.contains(library)
}
