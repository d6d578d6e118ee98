//! What pages show. A ticket of a library in which this person sees nothing is not there.

use callslip_core::at::At;
use callslip_core::desk::{Actor, Refused, Right};
use callslip_core::ids::{InboundId, LibraryId, TicketId};
use callslip_store::desk::{
    Event, Item, Queue, QueueCounts, QueueFilter, QueueRow, TicketHead, TicketView,
};

use super::{Desk, DeskError};

/// A page of the queue over all of a person's libraries (d2).
#[derive(Clone, Debug)]
pub struct QueueAsk {
    pub filter: QueueFilter,
    pub topic: Option<String>,
    /// None: all that the person sees.
    pub library: Option<LibraryId>,
    /// `since` and `ticket` of the last row of the page before.
    pub after: Option<(At, TicketId)>,
    pub max: usize,
}

impl QueueAsk {
    /// The first page of who waits, the longest first.
    pub fn waiting() -> Self {
        QueueAsk {
            filter: QueueFilter::Waiting,
            topic: None,
            library: None,
            after: None,
            max: 50,
        }
    }
}

impl Desk {
    pub async fn queue(&self, actor: &Actor, ask: QueueAsk) -> Result<Vec<QueueRow>, DeskError> {
        let mut libraries = actor.libraries(Right::See);
        libraries.retain(|own| ask.library.as_ref().is_none_or(|asked| asked == own));
        let queue = Queue {
            libraries,
            filter: ask.filter,
            topic: ask.topic,
            after: ask.after,
            max: ask.max,
        };
        self.read(move |reader| reader.desk().queue(&queue)).await
    }

    /// The topics that this person knows, each with its library.
    pub async fn known(&self, actor: &Actor) -> Result<Vec<(LibraryId, String)>, DeskError> {
        let staff = actor.staff.clone();
        self.read(move |reader| reader.desk().known_to(&staff))
            .await
    }

    /// For the tab's title and the filters.
    pub async fn counts(&self, actor: &Actor) -> Result<QueueCounts, DeskError> {
        let (libraries, staff) = (actor.libraries(Right::See), actor.staff.clone());
        self.read(move |reader| reader.desk().queue_counts(&libraries, &staff))
            .await
    }

    pub async fn ticket(&self, actor: &Actor, ticket: TicketId) -> Result<TicketView, DeskError> {
        self.seen(actor, ticket).await?;
        let (staff, now) = (actor.staff.clone(), self.engine.now());
        let view = self
            .read(move |reader| reader.desk().ticket(ticket, &staff, now))
            .await?;
        let mut view = view.ok_or(Refused::NotFound)?;
        if actor.is_guest(&view.row.library, view.row.guest.as_ref()) {
            // A guest sees this question, and not what else the library knows of its patron (b7).
            view.earlier.clear();
            view.lists.clear();
            view.prefers = None;
            view.agreed = None;
            view.may_undo = false;
            view.patron_since = view.row.opened;
        }
        Ok(view)
    }

    /// The last `max` things before `before`, in order.
    pub async fn conversation(
        &self,
        actor: &Actor,
        ticket: TicketId,
        before: Option<InboundId>,
        max: usize,
    ) -> Result<Vec<Item>, DeskError> {
        let head = self.seen(actor, ticket).await?;
        let is_guest = actor.is_guest(&head.library, head.guest.as_ref());
        let mut items = self
            .read(move |reader| reader.desk().conversation(ticket, before, max))
            .await?;
        if is_guest {
            items.retain(|item| item.ticket == Some(ticket));
        }
        Ok(items)
    }

    /// The ticket's history, in order.
    pub async fn events(&self, actor: &Actor, ticket: TicketId) -> Result<Vec<Event>, DeskError> {
        self.seen(actor, ticket).await?;
        self.read(move |reader| reader.desk().events(ticket, 500))
            .await
    }

    /// The ticket's head, for who may see it.
    pub(super) async fn seen(
        &self,
        actor: &Actor,
        ticket: TicketId,
    ) -> Result<TicketHead, DeskError> {
        let head = self
            .read(move |reader| reader.desk().ticket_head(ticket))
            .await?;
        let head = head.ok_or(Refused::NotFound)?;
        actor.check_at(&head.library, head.guest.as_ref(), Right::See)?;
        Ok(head)
    }
}
