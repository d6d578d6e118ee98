//! The reading side: a connection of its own, each question one prepared statement.

use callslip_core::at::At;
use callslip_core::flow::Scope;
use callslip_core::ids::{Digest, InboundId, LibraryId, PatronId, PhoneId};
use callslip_core::phone::Keys;
use callslip_core::snapshot::{Consent, Conversation, Patron, Snapshot};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::tokens::{Json, Word};
use super::{components, outbox, patrons, sessions, storage, threads, tickets};
use crate::limits::SNAPSHOT_ROWS_MAX;
use crate::{
    Counts, OpenTicket, Owner, Place, Reader, StoreError, StoredValue, ThreadOf, ThreadTurn,
};

pub(super) struct SqliteReader {
    db: Connection,
    keys: Keys,
}

impl SqliteReader {
    pub(super) fn new(db: Connection, keys: Keys) -> SqliteReader {
        SqliteReader { db, keys }
    }

    fn part<'a>(&self, place: Place<'a>) -> Result<storage::Part<'a>, StoreError> {
        let (scope, patron) = match place.owner {
            Owner::Library => (Scope::Library, None),
            Owner::Patron(phone) => (
                Scope::Patron,
                patrons::find(&self.db, phone, place.library)?,
            ),
        };
        Ok(storage::Part::of(
            place.library,
            place.storage,
            scope,
            patron,
        ))
    }

    fn version(&self, phone: PhoneId) -> Result<i64, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT version FROM phone WHERE id = ?1")?
            .query_row([phone.0], |row| row.get(0))
            .optional()?
            .unwrap_or_default())
    }

    fn conversation(&self, phone: PhoneId, number: &str) -> Result<Conversation, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT state, consent, library FROM conversation WHERE phone = ?1 AND number = ?2",
            )?
            .query_row(params![phone.0, number], |row| {
                Ok(Conversation {
                    consent: row.get::<_, Word<Consent>>(1)?.0,
                    library: row.get::<_, Option<String>>(2)?.as_deref().map(Into::into),
                    ..row.get::<_, Json<Conversation>>(0)?.0
                })
            })
            .optional()?
            .unwrap_or_default())
    }

    fn patrons(&self, phone: PhoneId) -> Result<Vec<Patron>, StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT id, library, language FROM patron WHERE phone = ?1 ORDER BY library LIMIT ?2",
        )?;
        let patrons = select.query_map(params![phone.0, SNAPSHOT_ROWS_MAX], |row| {
            Ok(Patron {
                id: PatronId(row.get(0)?),
                library: row.get::<_, String>(1)?.as_str().into(),
                language: row.get(2)?,
            })
        })?;
        Ok(patrons.collect::<Result<_, _>>()?)
    }
}

impl Reader for SqliteReader {
    /// The version is read first: whatever commits between these reads makes it a conflict.
    fn snapshot(&self, phone: PhoneId, number: &str, now: At) -> Result<Snapshot, StoreError> {
        Ok(Snapshot {
            phone_version: self.version(phone)?,
            conversation: self.conversation(phone, number)?,
            patrons: self.patrons(phone)?,
            sessions: sessions::of_phone(&self.db, &self.keys, phone, now)?,
            tickets: tickets::of_phone(&self.db, phone)?,
        })
    }

    fn value(&self, place: Place<'_>, key: &str) -> Result<Option<StoredValue>, StoreError> {
        storage::value(&self.db, self.part(place)?, key)
    }

    fn list(
        &self,
        place: Place<'_>,
        prefix: &str,
        max: usize,
    ) -> Result<(Vec<(String, String)>, i64), StoreError> {
        storage::list(&self.db, self.part(place)?, prefix, max)
    }

    fn is_member(
        &self,
        library: &LibraryId,
        list: &str,
        phone: PhoneId,
    ) -> Result<bool, StoreError> {
        let patron = patrons::find(&self.db, phone, library)?;
        storage::is_member(&self.db, library, list, patron)
    }

    fn profile(
        &self,
        library: &LibraryId,
        phone: PhoneId,
        field: &str,
    ) -> Result<Option<String>, StoreError> {
        let patron = patrons::find(&self.db, phone, library)?;
        storage::profile(&self.db, patron, field)
    }

    fn thread(
        &self,
        of: &ThreadOf,
        number: &str,
        after: Option<InboundId>,
        max: usize,
    ) -> Result<Vec<ThreadTurn>, StoreError> {
        threads::thread(&self.db, &self.keys, of, number, after, max)
    }

    fn tickets_open(&self, library: &LibraryId, max: usize) -> Result<Vec<OpenTicket>, StoreError> {
        tickets::open_of_library(&self.db, library, max)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT (SELECT count(*) FROM text WHERE done IS NULL),
                        (SELECT count(*) FROM message WHERE state IN ('queued', 'leased')),
                        (SELECT count(*) FROM message WHERE state = 'unclear'),
                        (SELECT count(*) FROM ticket WHERE closed IS NULL),
                        (SELECT count(*) FROM session WHERE ended IS NULL)",
            )?
            .query_row([], |row| {
                let count = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
                Ok(Counts {
                    texts_waiting: count(0)?,
                    messages_waiting: count(1)?,
                    messages_unclear: count(2)?,
                    tickets_open: count(3)?,
                    sessions_open: count(4)?,
                })
            })?)
    }

    fn next_due(&self) -> Result<Option<At>, StoreError> {
        outbox::next_due(&self.db)
    }

    fn component(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        components::bytes(&self.db, digest)
    }

    fn compiled_hash(&self, digest: &Digest, engine: &str) -> Result<Option<String>, StoreError> {
        components::compiled_hash(&self.db, digest, engine)
    }

    fn session_digests(&self) -> Result<Vec<Digest>, StoreError> {
        components::of_sessions(&self.db)
    }
}
