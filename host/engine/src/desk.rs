//! The desk: what the pages of staff stand on. A [`Desk`] is a cheap handle, and every call names
//! the [`Actor`] who asks; who may do what is checked here and in the store, in the transaction
//! that writes, against the library of the very ticket (d2). A page that forgets to check shows a
//! refusal, never another library's patron.
//!
//! ```text
//! let desk = engine.desk();
//! let rows = desk.queue(&actor, QueueAsk::waiting()).await?;        // oldest waiting first
//! let view = desk.ticket(&actor, rows[0].ticket).await?;            // beside the reply box
//! let talk = desk.conversation(&actor, ticket, None, 50).await?;    // in order, flows included
//! let held = desk.act(&actor, ticket, Act::Claim).await?;           // Refused::Held { by }
//! let sent = desk.reply(&actor, ReplyAsk { fence: held.fence, .. }).await?;
//! desk.take_back(&actor, ticket, send).await?;                      // within five seconds (d1)
//! desk.act(&actor, ticket, Act::Close { .. }).await?;
//! ```
//!
//! - **Live pages.** `desk.latest()` when the page is drawn, then `desk.changes(&actor, seq,
//!   patience)` in a loop: it returns as soon as there is something after `seq`. The feed is a
//!   table, so a page may be served by another process than the one that wrote.
//! - **A claim** holds 15 minutes after the last `Act::Touch` (a key in the reply box), reply or
//!   `Act::Claim`. Only its holder with the latest fence sends; everybody else is told who has it.
//! - **Sending** takes a `send` that the page makes once for each reply (a random string in the
//!   form): a double click, a second tab and the back button are then one message. `seen` is the
//!   `last_text` that the page showed; a patron who has written since is a
//!   [`Refused::PatronWrote`], and sending with `seen: None` says that the person saw it.
//! - **Names.** Staff are told apart by their [`StaffId`]; the console knows their names. No call
//!   here gives out a phone number but the one that reveals it.

mod acts; // claim, close, notes, drafts, mute
mod changes; // what open pages look at again
mod first; // writing to who agreed to that
mod flow; // a keyword is started for the patron
mod guests; // another library answers
mod pictures; // what patrons send
mod reads; // queue, ticket, conversation
mod reminders; // at a moment that is to come
mod reply; // sending, and taking back
mod search; // what was said before
mod shelf; // saved answers, topics, wrong answers
mod surveys; // how it went
mod whose; // a ticket's library

use callslip_store::desk::DeskStore;
use callslip_store::{Done, Reader, StoreError};
use tokio::sync::oneshot;

pub use acts::DraftAsk;
pub use flow::StartAsk;
pub use reads::QueueAsk;
pub use reminders::{ChangeAsk, RemindAsk};
pub use reply::{Attach, ReplyAsk};
pub use shelf::{Offered, OwnWords};

pub use callslip_core::desk::{
    Act, Actor, Canned, CannedId, Channel, Claim, CloseReason, Fence, Mute, Place, Preference,
    Refused, Right, Topic,
};
pub use callslip_core::ids::StaffId;
pub use callslip_store::desk::{
    CannedWhat, Changed, Changes, Deed, Draft, Event, Found, FoundKind, Item, Note, Presence,
    QueueCounts, QueueFilter, QueueRow, Replied, SearchRow, Sent, Speaker, Standing, Suggestion,
    TicketView, What, Whither, Wrong,
};
pub use callslip_store::due::{Reminder, ReminderState};
pub use callslip_store::limits::QUEUE_COUNTED_MAX;
pub use callslip_store::pictures::{PictureHead, PictureState};

use crate::Engine;

/// Why a page cannot be drawn, or an act is not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Tell the person.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Try again in a moment.
    #[error("the store did not answer: {0}")]
    Store(#[from] StoreError),
}

/// Where people answer.
#[derive(Clone)]
pub struct Desk {
    engine: Engine,
}

impl Engine {
    pub fn desk(&self) -> Desk {
        Desk {
            engine: self.clone(),
        }
    }
}

impl Desk {
    fn store(&self) -> &dyn DeskStore {
        self.engine.shared.store.desk()
    }

    /// Reads off the pages' threads, on a connection that is kept for the next one.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, DeskError> {
        self.engine.read(read).await.map_err(DeskError::Store)
    }

    /// Asks the store; what was done is news for open pages.
    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Done<Result<T, Refused>>),
    ) -> Result<T, DeskError> {
        let (done, answer) = oneshot::channel();
        ask(Box::new(move |result| {
            let _ = done.send(result); // Who asked may have gone.
        }));
        let value = answer.await.map_err(|_| StoreError::Closed)???;
        self.engine.shared.desk_news();
        Ok(value)
    }
}
