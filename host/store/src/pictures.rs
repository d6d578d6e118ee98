//! What a store does for pictures that patrons send: remembers which are still to be fetched, keeps
//! what was made of them sealed, and loses them with their text (d4).

use std::fmt;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, TicketId};

use crate::port::{Done, StoreError};

pub trait PictureStore: Send + Sync {
    /// Those that are due. One whose holder died is given out again.
    fn lease_pictures(&self, now: At, lasts: Duration, max: usize, done: Done<Vec<Wanted>>);

    /// `attempt` is the lease's own. A picture whose text is gone meanwhile is not kept.
    fn picture_ended(&self, wanted: Wanted, fate: PictureFate, now: At, done: Done<()>);
}

pub trait PictureReader {
    /// Those of the texts that a ticket's page shows, in order.
    fn pictures(&self, ticket: TicketId) -> Result<Vec<PictureHead>, StoreError>;

    /// As JPEG. None: there is none, or it came with a text that is not of this ticket's patron
    /// and library.
    fn picture(
        &self,
        ticket: TicketId,
        text: InboundId,
        place: u32,
    ) -> Result<Option<Vec<u8>>, StoreError>;
}

/// A picture to be fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    pub text: InboundId,
    /// Which of the text's pictures, from 0.
    pub place: u32,
    /// Which gateway brought the text.
    pub gateway: String,
    pub url: String,
    pub attempt: u32,
    pub created: At,
}

/// Its address may open it.
impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted")
            .field("text", &self.text)
            .field("place", &self.place)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
pub enum PictureFate {
    Kept { jpeg: Vec<u8> },
    Again { at: At, reason: String },
    Refused { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureHead {
    pub text: InboundId,
    pub place: u32,
    pub state: PictureState,
    /// Why it is not shown.
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureState {
    Waiting,
    Leased,
    Kept,
    Refused,
}
