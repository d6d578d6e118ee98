//! Lists and broadcasts, as people look after them.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::broadcast::Wording;
use callslip_core::directory::{Library, List};
use callslip_core::ids::{LibraryId, StaffId};
use callslip_core::import::SignUp;
use callslip_core::quiet::{self, Release};
use callslip_core::route;
use callslip_store::StoreError;
use callslip_store::lists::{Invite, ListCount, ListMember};

use crate::Engine;

/// Quiet hours and a slow number are waited out so long.
const USEFUL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Engine {
    /// Asks these people once whether they want the list (g5). False: the library has no number to
    /// ask from.
    pub async fn invite(
        &self,
        (library, list): (&Library, &List),
        people: Vec<SignUp>,
        by: &StaffId,
        proof: String,
    ) -> Result<bool, StoreError> {
        let (running, now) = (self.running(), self.now());
        let number = library.number().and_then(|of| running.directory.number(of));
        let Some(number) = number else {
            return Ok(false);
        };
        let useful_until = now + USEFUL;
        let due = match quiet::hold(number, library, now, useful_until, people.len() as u64) {
            Release::At(at) => at,
            Release::Now | Release::Expired => now,
        };
        let languages = library.languages.iter();
        let texts = languages.map(|language| Wording {
            language: language.clone(),
            text: route::invitation(number, library, list, language),
        });
        let invite = Invite {
            library: library.id.clone(),
            list: list.id.clone(),
            people,
            texts: texts.collect(),
            number: number.number.clone(),
            gateway: number.gateway.clone(),
            by: by.clone(),
            proof,
            due,
            useful_until,
            now,
        };
        let asked = self.ask("asking people for a list", |done| {
            self.shared.store.lists().invite(invite, done);
        });
        asked.await.ok_or(StoreError::Closed)?;
        self.shared.outbox.notify_one();
        Ok(true)
    }

    /// Who is on a list, a page at a time.
    pub async fn list_members(
        &self,
        library: &LibraryId,
        list: &str,
        after: &str,
        max: usize,
    ) -> Result<Vec<ListMember>, StoreError> {
        let (library, list, after) = (library.clone(), list.to_owned(), after.to_owned());
        self.read(move |reader| reader.lists().list_members(&library, &list, &after, max))
            .await
    }

    /// How many are on each of a library's lists, and how these changed since then.
    pub async fn list_counts(
        &self,
        library: &LibraryId,
        since: At,
    ) -> Result<Vec<ListCount>, StoreError> {
        let library = library.clone();
        let read = move |reader: &dyn callslip_store::Reader| {
            let lists = reader.lists();
            lists.list_counts(&library, since)
        };
        self.read(read).await
    }
}
