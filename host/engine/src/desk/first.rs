//! Somebody at the desk writes first: only to a patron who said yes to that, in words that are kept.

use callslip_core::desk::{Act, Actor, Place, Refused, Right};
use callslip_core::ids::TicketId;
use callslip_store::desk::Standing;

use super::{Desk, DeskError};

impl Desk {
    /// Opens the ticket again and gives it to who asks; the reply box does the rest.
    pub async fn write_first(
        &self,
        actor: &Actor,
        ticket: TicketId,
    ) -> Result<Standing, DeskError> {
        let view = self.ticket(actor, ticket).await?;
        actor.check(&view.row.library, Right::Answer)?;
        let agreed = view.agreed.as_ref();
        if !agreed.is_some_and(|agreed| agreed.holds(self.engine.now())) {
            let what =
                "this patron has not said yes to being texted first, or more than a year ago";
            return Err(Refused::Invalid(what.to_owned()).into());
        }
        if let Err(why) = view.may_send {
            return Err(Refused::from(why).into());
        }
        if view.row.place == Place::Closed {
            self.act(actor, ticket, Act::Reopen).await?;
        }
        self.act(actor, ticket, Act::Claim).await
    }
}
