//! A ticket as decisions need it, and as they leave it.

use callslip_core::at::At;
use callslip_core::desk::{Claim, CloseReason, Fence, Place, State};
use callslip_core::ids::{InboundId, LibraryId, PatronId, PhoneId, StaffId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::changes;
use crate::StoreError;
use crate::desk::Changed;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

pub(in crate::sqlite) struct TicketRow {
    pub(in crate::sqlite) id: TicketId,
    pub(in crate::sqlite) state: State,
    pub(in crate::sqlite) phone: PhoneId,
    pub(super) patron: PatronId,
    pub(in crate::sqlite) number: String,
    pub(super) undone: bool,
    pub(super) last_message: Option<i64>,
}

impl TicketRow {
    pub(super) fn find(db: &Connection, id: TicketId) -> Result<Option<TicketRow>, StoreError> {
        Ok(db
            .prepare_cached(
                "SELECT id, library, place, since, topic, claimed_by, claimed_until, fence,
                        last_text, last_patron_at, last_staff_at, phone, patron, number,
                        undone IS NOT NULL, last_message, guest
                   FROM ticket WHERE id = ?1",
            )?
            .query_row([id.0], Self::read)
            .optional()?)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<TicketRow> {
        Ok(TicketRow {
            id: TicketId(row.get(0)?),
            state: State {
                library: row.get::<_, String>(1)?.as_str().into(),
                guest: row.get::<_, Option<String>>(16)?.as_deref().map(Into::into),
                place: row.get::<_, Word<Place>>(2)?.0,
                since: At(row.get(3)?),
                topic: row.get(4)?,
                claim: claim(row, 5)?,
                fence: Fence(row.get(7)?),
                last_text: InboundId(row.get(8)?),
                last_patron: At(row.get(9)?),
                last_staff: row.get::<_, Option<i64>>(10)?.map(At),
            },
            phone: PhoneId(row.get(11)?),
            patron: PatronId(row.get(12)?),
            number: row.get(13)?,
            undone: row.get(14)?,
            last_message: row.get(15)?,
        })
    }

    /// Writes what was decided. A turn of this phone that was computed on the old state is run
    /// again.
    pub(super) fn save(
        &self,
        tx: &Tx<'_>,
        next: &State,
        reason: Option<CloseReason>,
    ) -> Result<(), StoreError> {
        let closed = (next.place == Place::Closed).then_some(next.since.0);
        if let Some(guest) = self.state.guest.as_ref().filter(|_| next.guest.is_none()) {
            // It leaves their queue.
            changes::change(tx, next.since, guest, Some(self.id), Changed::Ticket)?;
        }
        tx.db
            .prepare_cached(
                "UPDATE ticket SET place = ?2, since = ?3, topic = ?4, claimed_by = ?5,
                        claimed_until = ?6, fence = ?7, last_staff_at = ?8, closed = ?9,
                        close_reason = coalesce(?10, CASE WHEN ?9 IS NULL THEN NULL
                                                          ELSE close_reason END),
                        undone = CASE WHEN ?9 IS NULL THEN undone END, guest = ?11,
                        guest_since = CASE WHEN ?11 IS NOT NULL THEN guest_since END,
                        guest_text = CASE WHEN ?11 IS NOT NULL THEN guest_text END
                  WHERE id = ?1",
            )?
            .execute(params![
                self.id.0,
                Word(next.place),
                next.since.0,
                next.topic,
                next.claim.as_ref().map(|claim| &*claim.staff.0),
                next.claim.as_ref().map(|claim| claim.until.0),
                next.fence.0,
                next.last_staff.map(|at| at.0),
                closed,
                reason.map(Word),
                next.guest.as_ref().map(|guest| &*guest.0),
            ])?;
        raise_version(tx, self.phone)
    }

    /// The patron's other open ticket of this library on the topic (d3).
    pub(super) fn open_on(
        &self,
        db: &Connection,
        topic: Option<&str>,
    ) -> Result<Option<TicketId>, StoreError> {
        Ok(db
            .prepare_cached(
                "SELECT id FROM ticket WHERE phone = ?1 AND closed IS NULL AND library = ?2
                    AND topic IS ?3 AND id <> ?4 LIMIT 1",
            )?
            .query_row(
                params![self.phone.0, &*self.state.library.0, topic, self.id.0],
                |row| row.get(0),
            )
            .optional()?
            .map(TicketId))
    }
}

/// Claimer and term, in two columns from `first` on.
pub(super) fn claim(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Claim>> {
    let staff: Option<String> = row.get(first)?;
    let until: Option<i64> = row.get(first + 1)?;
    Ok(staff.zip(until).map(|(staff, until)| Claim {
        staff: StaffId::from(staff.as_str()),
        until: At(until),
    }))
}

pub(super) fn raise_version(tx: &Tx<'_>, phone: PhoneId) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE phone SET version = version + 1 WHERE id = ?1")?
        .execute([phone.0])?;
    Ok(())
}

pub(super) fn library(name: &str) -> LibraryId {
    name.into()
}
