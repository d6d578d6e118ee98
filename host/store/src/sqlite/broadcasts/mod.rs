//! Broadcasts: what was written, where each stands, and what people do with it.

mod audience; // whom it is for
mod sending; // recipients, then messages
#[cfg(test)]
mod speed;

use callslip_core::at::At;
use callslip_core::broadcast::{Act, Facts, Refused, State, next};
use callslip_core::ids::StaffId;
use callslip_core::inbound::Namespace;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::reader::SqliteReader;
use super::tokens::{Json, Word};
use super::writer::Tx;
use crate::broadcasts::{
    AudienceOf, Broadcast, BroadcastAct, BroadcastReader, BroadcastStep, BroadcastStore,
    NewBroadcast, Progress, Stepped,
};
use crate::limits::ROWS_MAX;
use crate::{Done, StoreError};

impl BroadcastStore for SqliteStore {
    fn add_broadcast(&self, new: NewBroadcast, done: Done<i64>) {
        self.submit(move |tx| add(tx, &new), done);
    }

    fn act_on_broadcast(&self, act: BroadcastAct, done: Done<Result<State, Refused>>) {
        self.submit(move |tx| self::act(tx, &act), done);
    }

    fn step_broadcast(&self, step: BroadcastStep, done: Done<Stepped>) {
        self.submit(move |tx| sending::step(tx, &step), done);
    }
}

impl BroadcastReader for SqliteReader {
    fn broadcasts(
        &self,
        library: &callslip_core::ids::LibraryId,
        max: usize,
    ) -> Result<Vec<Broadcast>, StoreError> {
        let mut select = self.db.prepare_cached(&format!(
            "{SELECT} WHERE library = ?1 ORDER BY id DESC LIMIT ?2"
        ))?;
        let max = max.min(ROWS_MAX) as i64;
        let found = select.query_map(params![&*library.0, max], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn broadcast(&self, id: i64) -> Result<Option<Broadcast>, StoreError> {
        find(&self.db, id)
    }

    fn audience(&self, of: &AudienceOf) -> Result<Vec<(Option<String>, u64)>, StoreError> {
        audience::by_language(&self.db, of, None)
    }

    fn left_out(&self, id: i64) -> Result<Vec<(String, u64)>, StoreError> {
        sending::left_out_for(&self.db, id)
    }

    fn simulated(&self, of: &AudienceOf) -> Result<Vec<(Option<String>, u64)>, StoreError> {
        audience::by_language(&self.db, of, Some(Namespace::Simulator))
    }

    fn broadcast_progress(&self, id: i64) -> Result<Progress, StoreError> {
        sending::progress(&self.db, id)
    }

    fn broadcasts_due(&self, now: At) -> Result<Vec<Broadcast>, StoreError> {
        let mut select = self.db.prepare_cached(&format!(
            "{SELECT} WHERE state IN ('scheduled', 'sending') AND due <= ?1 ORDER BY due LIMIT 100"
        ))?;
        let found = select.query_map([now.0], read)?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

const SELECT: &str = "SELECT id, library, list, state, audience, written, texts, author, approver,
                             created, due FROM broadcast";

fn read(row: &Row<'_>) -> rusqlite::Result<Broadcast> {
    Ok(Broadcast {
        id: row.get(0)?,
        library: row.get::<_, String>(1)?.as_str().into(),
        list: row.get(2)?,
        state: row.get::<_, Word<State>>(3)?.0,
        audience: row.get::<_, Json<_>>(4)?.0,
        written: row.get::<_, Json<_>>(5)?.0,
        texts: row.get::<_, Json<_>>(6)?.0,
        author: StaffId::from(row.get::<_, String>(7)?.as_str()),
        approver: row
            .get::<_, Option<String>>(8)?
            .map(|staff| StaffId::from(staff.as_str())),
        created: At(row.get(9)?),
        due: At(row.get(10)?),
    })
}

fn find(db: &Connection, id: i64) -> Result<Option<Broadcast>, StoreError> {
    let mut select = db.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    Ok(select.query_row([id], read).optional()?)
}

fn add(tx: &Tx<'_>, new: &NewBroadcast) -> Result<i64, StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO broadcast (library, list, state, audience, written, texts, author, created,
                                    changed, due, walked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8, 0)",
        )?
        .execute(params![
            &*new.library.0,
            new.list,
            Word(State::Draft),
            Json(&new.audience),
            Json(&new.written),
            Json(&new.texts),
            &*new.author.0,
            new.now.0,
        ])?;
    Ok(tx.db.last_insert_rowid())
}

fn act(tx: &Tx<'_>, act: &BroadcastAct) -> Result<Result<State, Refused>, StoreError> {
    let found = find(tx.db, act.id)?.filter(|known| known.library == act.library);
    let Some(known) = found else {
        return Ok(Err(Refused::Elsewhere));
    };
    let people = match act.act {
        Act::Submit { .. } => {
            let counted = audience::by_language(tx.db, &audience_of(&known, act), None)?;
            counted.iter().map(|(_, people)| people).sum()
        }
        Act::Approve | Act::Pause | Act::Resume | Act::Cancel => 0,
    };
    let facts = Facts {
        state: known.state,
        author: &known.author,
        people,
        due: known.due,
        second_person_above: act.second_person_above,
    };
    let state = match next(&facts, act.act, &act.by, act.now) {
        Ok(state) => state,
        Err(refused) => return Ok(Err(refused)),
    };
    let (due, author, approver) = match act.act {
        Act::Submit { due } => (due, &act.by, None),
        Act::Approve => (known.due, &known.author, Some(&act.by)),
        Act::Pause | Act::Resume | Act::Cancel => {
            (known.due, &known.author, known.approver.as_ref())
        }
    };
    tx.db
        .prepare_cached(
            "UPDATE broadcast SET state = ?2, due = ?3, author = ?4, approver = ?5, changed = ?6
              WHERE id = ?1",
        )?
        .execute(params![
            act.id,
            Word(state),
            due.0,
            &*author.0,
            approver.map(|staff| &*staff.0),
            act.now.0,
        ])?;
    match state {
        State::Paused => sending::take_back(tx, act.id, act.now)?,
        State::Cancelled => sending::cancel(tx, act.id, act.now)?,
        State::Draft | State::Approval | State::Scheduled | State::Sending | State::Done => {}
    }
    Ok(Ok(state))
}

fn audience_of(known: &Broadcast, act: &BroadcastAct) -> AudienceOf {
    AudienceOf {
        library: known.library.clone(),
        list: known.list.clone(),
        audience: known.audience.clone(),
        numbers: act.numbers.clone(),
        now: act.now,
    }
}
