//! What was said before: searched by words, and past answers to questions like this one. The
//! index is brought up to date first, so that what was said a moment ago is found.

use callslip_core::desk::{Actor, Right};
use callslip_core::ids::{InboundId, TicketId};
use callslip_store::desk::{Found, Search, SearchRow, Similar, Suggestion};

use super::{Desk, DeskError};

const SUGGESTIONS: usize = 3;

impl Desk {
    /// The latest first, of all the libraries that this person sees. `before`: the last row of the
    /// page before.
    pub async fn search(
        &self,
        actor: &Actor,
        words: String,
        before: Option<SearchRow>,
        max: usize,
    ) -> Result<Vec<Found>, DeskError> {
        self.engine.index().await;
        let search = Search {
            libraries: actor.libraries(Right::See),
            words,
            before,
            max,
        };
        self.read(move |reader| reader.desk().search(&search)).await
    }

    /// What people of the ticket's library answered to questions like its last text.
    pub async fn suggestions(
        &self,
        actor: &Actor,
        ticket: TicketId,
    ) -> Result<Vec<Suggestion>, DeskError> {
        let row = self.ticket(actor, ticket).await?.row;
        actor.check(&row.library, Right::See)?;
        let Some(words) = row.said else {
            return Ok(Vec::new());
        };
        let similar = Similar {
            library: row.library,
            ticket,
            words,
            max: SUGGESTIONS,
        };
        self.read(move |reader| reader.desk().similar(&similar))
            .await
    }

    /// One of them, to be put into the reply box.
    pub async fn past_answer(
        &self,
        actor: &Actor,
        ticket: TicketId,
        reply: InboundId,
    ) -> Result<Option<String>, DeskError> {
        let library = self.seen(actor, ticket).await?.library;
        actor.check(&library, Right::See)?;
        self.read(move |reader| reader.desk().past_answer(&library, reply))
            .await
    }
}
