//! Pictures of a ticket's patron: which there are, and one of them.

use callslip_core::desk::{Actor, Refused};
use callslip_core::ids::{InboundId, TicketId};
use callslip_store::pictures::PictureHead;

use super::{Desk, DeskError};

impl Desk {
    pub async fn pictures(
        &self,
        actor: &Actor,
        ticket: TicketId,
    ) -> Result<Vec<PictureHead>, DeskError> {
        self.seen(actor, ticket).await?;
        self.read(move |reader| reader.pictures().pictures(ticket))
            .await
    }

    /// As JPEG.
    pub async fn picture(
        &self,
        actor: &Actor,
        ticket: TicketId,
        text: InboundId,
        place: u32,
    ) -> Result<Vec<u8>, DeskError> {
        self.seen(actor, ticket).await?;
        let found = self
            .read(move |reader| reader.pictures().picture(ticket, text, place))
            .await?;
        Ok(found.ok_or(Refused::NotFound)?)
    }
}
