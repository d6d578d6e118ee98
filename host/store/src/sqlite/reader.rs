//! The reading side: a connection of its own, each question one prepared statement.

use callslip_core::at::At;
use callslip_core::flow::Scope;
use callslip_core::ids::{Digest, InboundId, LibraryId, MessageId, PatronId, PhoneId, SessionId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::why::{MessageFacts, TextFacts};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::{Consent, Conversation, Patron, Session, Snapshot};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::tokens::{Json, Word};
use super::{
    aftercare, components, consent, facts, inviting, outbox, overdue, patron_files, patrons,
    phones, sessions, spends, storage, threads, tickets,
};
use crate::alerts::AlertReader;
use crate::broadcasts::BroadcastReader;
use crate::desk::DeskReader;
use crate::due::DueReader;
use crate::limits::SNAPSHOT_ROWS_MAX;
use crate::lists::ListReader;
use crate::patron_file::PatronFile;
use crate::pictures::PictureReader;
use crate::privacy::PrivacyReader;
use crate::tallies::TallyReader;
use crate::{
    Counts, Expired, FailedPage, LedgerLine, OpenTicket, OutboxReader, Owner, Place, Reader,
    Redaction, StoreError, StoredValue, Suspended, ThreadOf, ThreadTurn, Unconfirmed,
};

pub(super) struct SqliteReader {
    pub(super) db: Connection,
    pub(super) keys: Keys,
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
            "SELECT id, library, language, muted_until,
                    (SELECT value FROM profile WHERE patron = patron.id AND field = 'name'),
                    (SELECT json_group_array(list) FROM list_member WHERE patron = patron.id)
               FROM patron WHERE phone = ?1 ORDER BY library LIMIT ?2",
        )?;
        let patrons = select.query_map(params![phone.0, SNAPSHOT_ROWS_MAX], |row| {
            Ok(Patron {
                id: PatronId(row.get(0)?),
                library: row.get::<_, String>(1)?.as_str().into(),
                language: row.get(2)?,
                muted_until: row.get::<_, Option<i64>>(3)?.map(At),
                name: row.get(4)?,
                lists: row.get::<_, Json<_>>(5)?.0,
            })
        })?;
        Ok(patrons.collect::<Result<_, _>>()?)
    }
}

impl Reader for SqliteReader {
    fn alerts(&self) -> &dyn AlertReader {
        self
    }

    fn tallies(&self) -> &dyn TallyReader {
        self
    }

    fn pictures(&self) -> &dyn PictureReader {
        self
    }

    fn outside(&self) -> &dyn crate::outside::OutsideReader {
        self
    }

    fn desk(&self) -> &dyn DeskReader {
        self
    }

    fn lists(&self) -> &dyn ListReader {
        self
    }

    fn broadcasts(&self) -> &dyn BroadcastReader {
        self
    }

    fn due(&self) -> &dyn DueReader {
        self
    }

    fn privacy(&self) -> &dyn PrivacyReader {
        self
    }

    /// The version is read first: whatever commits between these reads makes it a conflict.
    fn snapshot(&self, phone: PhoneId, number: &str, now: At) -> Result<Snapshot, StoreError> {
        let (phone_version, known) = phones::read(&self.db, phone)?.unwrap_or_default();
        Ok(Snapshot {
            phone_version,
            phone: known,
            conversation: self.conversation(phone, number)?,
            stopped: consent::stopped(&self.db, phone)?,
            patrons: self.patrons(phone)?,
            sessions: sessions::of_phone(&self.db, &self.keys, phone, now)?,
            tickets: tickets::of_phone(&self.db, phone, now)?,
            invited: inviting::open(&self.db, phone, number, now)?,
            spent: Vec::new(),
            new_tenure: None,
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

    fn ledger(
        &self,
        phone: PhoneId,
        after: i64,
        max: usize,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        consent::ledger(&self.db, phone, after, max)
    }

    fn lists_suspended(&self, phone: PhoneId) -> Result<Option<Suspended>, StoreError> {
        phones::lists_suspended(&self.db, phone)
    }

    fn patron_file(
        &self,
        namespace: Namespace,
        number: &PhoneNumber,
        library: Option<&LibraryId>,
    ) -> Result<Option<PatronFile>, StoreError> {
        patron_files::collect(&self.db, &self.keys, namespace, number, library)
    }

    fn spent(&self, at: At, namespace: Namespace) -> Result<Vec<(LibraryId, u64)>, StoreError> {
        spends::of_month(&self.db, at, namespace)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT (SELECT count(*) FROM text WHERE done IS NULL),
                        (SELECT count(*) FROM message WHERE state IN ('queued', 'leased', 'unclear')),
                        (SELECT count(*) FROM message WHERE state = 'unclear'),
                        (SELECT count(*) FROM ticket WHERE closed IS NULL),
                        (SELECT count(*) FROM session WHERE ended IS NULL)",
            )?
            .query_row([], |row| {
                let count = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
                let unclear = count(2)?;
                Ok(Counts {
                    texts_waiting: count(0)?,
                    // The three together are what the index holds.
                    messages_waiting: count(1)?.saturating_sub(unclear),
                    messages_unclear: unclear,
                    tickets_open: count(3)?,
                    sessions_open: count(4)?,
                })
            })?)
    }

    fn component(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        components::bytes(&self.db, digest)
    }

    fn compiled_hash(&self, digest: &Digest, engine: &str) -> Result<Option<String>, StoreError> {
        components::compiled_hash(&self.db, digest, engine)
    }

    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        sessions::one(&self.db, &self.keys, id)
    }

    fn sessions_of(&self, flow: &str, max: usize) -> Result<Vec<Session>, StoreError> {
        sessions::of_flow(&self.db, &self.keys, flow, max)
    }

    fn session_digests(&self) -> Result<Vec<Digest>, StoreError> {
        components::of_sessions(&self.db)
    }
}

impl OutboxReader for SqliteReader {
    fn next_due(&self, numbers: &[&str]) -> Result<Option<At>, StoreError> {
        outbox::next_due(&self.db, numbers)
    }

    fn lease_ends(&self) -> Result<Option<At>, StoreError> {
        outbox::lease_ends(&self.db)
    }

    fn expired(&self, now: At, max: usize) -> Result<Vec<Expired>, StoreError> {
        overdue::expired(&self.db, now, max)
    }

    fn unconfirmed(&self, now: At, max: usize) -> Result<Vec<Unconfirmed>, StoreError> {
        aftercare::unconfirmed(&self.db, now, max)
    }

    fn whose(&self, gateway: &str, provider_id: &str) -> Result<Option<MessageId>, StoreError> {
        outbox::whose(&self.db, gateway, provider_id)
    }

    fn redactions(&self, now: At, max: usize) -> Result<Vec<Redaction>, StoreError> {
        aftercare::redactions(&self.db, now, max)
    }

    fn redactions_waiting(&self) -> Result<u64, StoreError> {
        aftercare::redactions_waiting(&self.db)
    }

    fn until_caught_up(&self, gateway: &str) -> Result<Option<At>, StoreError> {
        aftercare::until_caught_up(&self.db, gateway)
    }

    fn message(&self, message: MessageId) -> Result<Option<MessageFacts>, StoreError> {
        facts::message(&self.db, message)
    }

    fn text(&self, text: InboundId) -> Result<Option<TextFacts>, StoreError> {
        facts::text(&self.db, text)
    }

    fn failed(
        &self,
        before: Option<MessageId>,
        max: usize,
    ) -> Result<Vec<MessageFacts>, StoreError> {
        facts::failed(&self.db, before, max)
    }

    fn failed_of(&self, page: &FailedPage) -> Result<Vec<MessageFacts>, StoreError> {
        facts::failed_of(&self.db, page)
    }
}
