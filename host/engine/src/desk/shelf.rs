//! Saved answers and who knows which topic: what a library's people set up for themselves.

use callslip_core::desk::{Actor, Canned, Refused, Right, canned};
use callslip_core::directory::Library;
use callslip_core::ids::{LibraryId, StaffId, TicketId};
use callslip_store::desk::{CannedAct, CannedWhat, TopicPeople, Wrong};

use super::{Desk, DeskError};

/// As many as a page of wrong answers shows.
const WRONG_MAX: usize = 200;

/// How replies of the library begin and end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnWords {
    pub first_lines: Vec<String>,
    pub signature: Option<String>,
}

/// The patron's language, where the library has it.
fn spoken(language: Option<String>, library: &Library) -> String {
    language
        .filter(|language| library.languages.contains(language))
        .unwrap_or_else(|| library.language().to_owned())
}

/// A saved answer, and its words as they go into this ticket's reply box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub canned: Canned,
    pub filled: String,
}

impl Desk {
    pub async fn canned(
        &self,
        actor: &Actor,
        library: &LibraryId,
    ) -> Result<Vec<Canned>, DeskError> {
        actor.check(library, Right::See)?;
        let library = library.clone();
        self.read(move |reader| reader.desk().canned(&library))
            .await
    }

    /// Those of the ticket's library that have the words, filled in for it. `staff` is how the
    /// person is called.
    pub async fn offer(
        &self,
        actor: &Actor,
        ticket: TicketId,
        words: &str,
        staff: &str,
    ) -> Result<Vec<Offered>, DeskError> {
        let head = self.seen(actor, ticket).await?;
        // A guest brings the answers of their own library.
        let own = match head.guest {
            Some(guest) if actor.is_guest(&head.library, Some(&guest)) => guest,
            Some(_) | None => head.library,
        };
        let all = self.canned(actor, &own).await?;
        let running = self.engine.running();
        let (Some(library), Some(number)) = (
            running.directory.library(&own),
            running.directory.number(&head.number),
        ) else {
            return Ok(Vec::new());
        };
        let language = spoken(head.language, library);
        let now = self.engine.now();
        let found = canned::search(&all, words);
        let offered = found.into_iter().map(|answer| Offered {
            filled: canned::fill(&answer.body, library, number, &language, staff, now),
            canned: answer.clone(),
        });
        Ok(offered.collect())
    }

    /// The library's own first lines and signature, filled in for the ticket.
    pub async fn own_words(
        &self,
        actor: &Actor,
        ticket: TicketId,
        staff: &str,
    ) -> Result<OwnWords, DeskError> {
        let head = self.seen(actor, ticket).await?;
        let running = self.engine.running();
        let (Some(library), Some(number)) = (
            running.directory.library(&head.library),
            running.directory.number(&head.number),
        ) else {
            return Ok(OwnWords::default());
        };
        let language = spoken(head.language, library);
        let now = self.engine.now();
        let fill = |words: &String| canned::fill(words, library, number, &language, staff, now);
        Ok(OwnWords {
            first_lines: library.desk.first_lines.iter().map(fill).collect(),
            signature: library.desk.signature.as_ref().map(fill),
        })
    }

    pub async fn change_canned(
        &self,
        actor: &Actor,
        library: &LibraryId,
        what: CannedWhat,
    ) -> Result<(), DeskError> {
        let act = CannedAct {
            actor: actor.clone(),
            library: library.clone(),
            what,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().canned_act(act, done)).await
    }

    /// Who knows which topic; the topics are the library's own, in its file.
    pub async fn topic_people(
        &self,
        actor: &Actor,
        library: &LibraryId,
    ) -> Result<Vec<(String, StaffId)>, DeskError> {
        actor.check(library, Right::See)?;
        let library = library.clone();
        self.read(move |reader| reader.desk().topic_people(&library))
            .await
    }

    pub async fn set_topic_people(
        &self,
        actor: &Actor,
        library: &LibraryId,
        topic: String,
        people: Vec<StaffId>,
    ) -> Result<(), DeskError> {
        let running = self.engine.running();
        let known = running.directory.library(library);
        if known.is_none_or(|known| known.topics.iter().all(|own| own.id != topic)) {
            actor.check(library, Right::Manage)?;
            let what = "there is no such topic in the library's file";
            return Err(Refused::Invalid(what.to_owned()).into());
        }
        let people = TopicPeople {
            actor: actor.clone(),
            library: library.clone(),
            topic,
            people,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().set_topic_people(people, done))
            .await
    }

    /// Flows' answers that staff marked, the latest first.
    pub async fn wrong_answers(
        &self,
        actor: &Actor,
        library: &LibraryId,
    ) -> Result<Vec<Wrong>, DeskError> {
        actor.check(library, Right::See)?;
        let library = library.clone();
        self.read(move |reader| reader.desk().wrong_answers(&library, WRONG_MAX))
            .await
    }
}
