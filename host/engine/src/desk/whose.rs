//! Whose a ticket is: what a page's door asks before anything else.

use callslip_core::ids::{LibraryId, TicketId};

use super::{Desk, DeskError};

impl Desk {
    /// None: there is no such ticket. Whether somebody may know that is the caller's to ask.
    /// With it stands the library that answers as a guest.
    pub async fn whose(
        &self,
        ticket: TicketId,
    ) -> Result<Option<(LibraryId, Option<LibraryId>)>, DeskError> {
        let head = self
            .read(move |reader| reader.desk().ticket_head(ticket))
            .await?;
        Ok(head.map(|head| (head.library, head.guest)))
    }
}
