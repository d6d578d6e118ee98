//! What a library's people set up for themselves: saved answers, who knows which topic, and which
//! of the flows' answers were wrong.

use callslip_core::at::At;
use callslip_core::desk::ticket::REMARK_CHARACTERS_MAX;
use callslip_core::desk::topic::TOPICS_MAX;
use callslip_core::desk::{Canned, CannedId, Refused, Right, canned};
use callslip_core::ids::{InboundId, LibraryId, StaffId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::changes::{self, Line};
use super::row::library;
use crate::StoreError;
use crate::desk::{CannedAct, CannedWhat, Changed, TopicPeople, What, Wrong, WrongAnswer};
use crate::limits::ROWS_MAX;
use crate::sqlite::writer::Tx;

/// Who knows one topic of one library.
const PEOPLE_MAX: usize = 200;

pub(super) fn canned_act(tx: &Tx<'_>, act: &CannedAct) -> Result<Result<(), Refused>, StoreError> {
    if let Err(refused) = act.actor.check(&act.library, Right::Manage) {
        return Ok(Err(refused));
    }
    let done = match &act.what {
        CannedWhat::Add { name, body } => add(tx, act, name, body)?,
        CannedWhat::Change {
            id,
            name,
            body,
            seen,
        } => change(tx, act, *id, (name, body), *seen)?,
        CannedWhat::Remove(id) => remove(tx, act, *id)?,
    };
    if let Ok(name) = &done {
        let line = Line {
            at: act.now,
            library: &act.library,
            ticket: None,
            staff: Some(&act.actor.staff),
            what: What::CannedChanged,
            detail: Some(name),
        };
        changes::event(tx, &line)?;
        changes::change(tx, act.now, &act.library, None, Changed::Settings)?;
    }
    Ok(done.map(drop))
}

fn add(
    tx: &Tx<'_>,
    act: &CannedAct,
    name: &str,
    body: &str,
) -> Result<Result<String, Refused>, StoreError> {
    if let Err(refused) = canned::check(name, body) {
        return Ok(Err(refused));
    }
    let count: i64 = tx
        .db
        .prepare_cached("SELECT count(*) FROM canned WHERE library = ?1")?
        .query_row([&*act.library.0], |row| row.get(0))?;
    if count >= canned::ANSWERS_MAX as i64 {
        let what = format!(
            "a library has at most {} saved answers",
            canned::ANSWERS_MAX
        );
        return Ok(Err(Refused::Invalid(what)));
    }
    let added = tx
        .db
        .prepare_cached(
            "INSERT INTO canned (library, name, body, staff, changed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            &*act.library.0,
            name.trim(),
            body,
            &*act.actor.staff.0,
            act.now.0
        ])?;
    Ok(match added {
        0 => Err(taken(name)),
        _ => Ok(name.trim().to_owned()),
    })
}

fn change(
    tx: &Tx<'_>,
    act: &CannedAct,
    id: CannedId,
    (name, body): (&str, &str),
    seen: At,
) -> Result<Result<String, Refused>, StoreError> {
    if let Err(refused) = canned::check(name, body) {
        return Ok(Err(refused));
    }
    let other = tx
        .db
        .prepare_cached("SELECT 1 FROM canned WHERE library = ?1 AND name = ?2 AND id <> ?3")?
        .exists(params![&*act.library.0, name.trim(), id.0])?;
    if other {
        return Ok(Err(taken(name)));
    }
    let changed = tx
        .db
        .prepare_cached(
            "UPDATE canned SET name = ?3, body = ?4, staff = ?5, changed = ?6
              WHERE id = ?1 AND library = ?2 AND changed = ?7",
        )?
        .execute(params![
            id.0,
            &*act.library.0,
            name.trim(),
            body,
            &*act.actor.staff.0,
            act.now.0,
            seen.0,
        ])?;
    if changed == 1 {
        return Ok(Ok(name.trim().to_owned()));
    }
    let what = "somebody has changed or removed this answer meanwhile: look at it again";
    Ok(Err(Refused::Invalid(what.to_owned())))
}

fn remove(
    tx: &Tx<'_>,
    act: &CannedAct,
    id: CannedId,
) -> Result<Result<String, Refused>, StoreError> {
    let name = tx
        .db
        .prepare_cached("DELETE FROM canned WHERE id = ?1 AND library = ?2 RETURNING name")?
        .query_row(params![id.0, &*act.library.0], |row| row.get(0))
        .optional()?;
    Ok(name.ok_or(Refused::NotFound))
}

fn taken(name: &str) -> Refused {
    Refused::Invalid(format!(
        "there is an answer called \"{}\" already",
        name.trim()
    ))
}

pub(super) fn canned(db: &Connection, of: &LibraryId) -> Result<Vec<Canned>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, name, body, staff, changed FROM canned WHERE library = ?1 ORDER BY name LIMIT ?2",
    )?;
    let answers = select.query_map(params![&*of.0, ROWS_MAX as i64], |row| {
        Ok(Canned {
            id: CannedId(row.get(0)?),
            library: of.clone(),
            name: row.get(1)?,
            body: row.get(2)?,
            staff: row.get::<_, String>(3)?.as_str().into(),
            changed: At(row.get(4)?),
        })
    })?;
    Ok(answers.collect::<Result<_, _>>()?)
}

pub(super) fn set_people(
    tx: &Tx<'_>,
    set: &TopicPeople,
) -> Result<Result<(), Refused>, StoreError> {
    if let Err(refused) = set.actor.check(&set.library, Right::Manage) {
        return Ok(Err(refused));
    }
    if set.people.len() > PEOPLE_MAX {
        let what = format!("a topic has at most {PEOPLE_MAX} people");
        return Ok(Err(Refused::Invalid(what)));
    }
    tx.db
        .prepare_cached("DELETE FROM topic_staff WHERE library = ?1 AND topic = ?2")?
        .execute(params![&*set.library.0, set.topic])?;
    for staff in &set.people {
        tx.db
            .prepare_cached(
                "INSERT INTO topic_staff (library, topic, staff) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![&*set.library.0, set.topic, &*staff.0])?;
    }
    let line = Line {
        at: set.now,
        library: &set.library,
        ticket: None,
        staff: Some(&set.actor.staff),
        what: What::TopicPeopleSet,
        detail: Some(&set.topic),
    };
    changes::event(tx, &line)?;
    changes::change(tx, set.now, &set.library, None, Changed::Settings)?;
    Ok(Ok(()))
}

pub(super) fn people(
    db: &Connection,
    of: &LibraryId,
) -> Result<Vec<(String, StaffId)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT topic, staff FROM topic_staff WHERE library = ?1 ORDER BY topic, staff LIMIT ?2",
    )?;
    let people = select.query_map(params![&*of.0, (PEOPLE_MAX * TOPICS_MAX) as i64], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?.as_str().into()))
    })?;
    Ok(people.collect::<Result<_, _>>()?)
}

/// The topics that a person knows, each with its library.
pub(super) fn known_to(
    db: &Connection,
    staff: &StaffId,
) -> Result<Vec<(LibraryId, String)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, topic FROM topic_staff WHERE staff = ?1 ORDER BY library, topic LIMIT ?2",
    )?;
    let topics = select.query_map(params![&*staff.0, ROWS_MAX as i64], |row| {
        Ok((library(&row.get::<_, String>(0)?), row.get(1)?))
    })?;
    Ok(topics.collect::<Result<_, _>>()?)
}

/// One click, and a second one changes nothing.
pub(super) fn mark_wrong(
    tx: &Tx<'_>,
    wrong: &WrongAnswer,
) -> Result<Result<(), Refused>, StoreError> {
    let answered = tx
        .db
        .prepare_cached(
            "SELECT library, keyword, flow, ticket FROM text WHERE id = ?1 AND flow NOT NULL",
        )?
        .query_row([wrong.text.0], |row| {
            Ok((
                row.get::<_, Option<String>>(0)?,
                row.get::<_, Option<String>>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get::<_, Option<i64>>(3)?.map(TicketId),
            ))
        })
        .optional()?;
    let Some((Some(name), keyword, flow, ticket)) = answered else {
        return Ok(Err(Refused::NotFound));
    };
    let of = library(&name);
    if let Err(refused) = wrong.actor.check(&of, Right::Answer) {
        return Ok(Err(refused));
    }
    let remark = wrong
        .remark
        .as_deref()
        .map(str::trim)
        .filter(|remark| !remark.is_empty());
    if remark.is_some_and(|remark| remark.chars().count() > REMARK_CHARACTERS_MAX) {
        let what = format!("a remark has at most {REMARK_CHARACTERS_MAX} characters");
        return Ok(Err(Refused::Invalid(what)));
    }
    tx.db
        .prepare_cached(
            "INSERT INTO wrong_answer (text, library, keyword, flow, staff, at, remark)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (text) DO UPDATE SET remark = coalesce(excluded.remark, remark)",
        )?
        .execute(params![
            wrong.text.0,
            name,
            keyword,
            flow,
            &*wrong.actor.staff.0,
            wrong.now.0,
            remark,
        ])?;
    let line = Line {
        at: wrong.now,
        library: &of,
        ticket,
        staff: Some(&wrong.actor.staff),
        what: What::AnswerWrong,
        detail: flow.as_deref(),
    };
    changes::event(tx, &line)?;
    changes::change(tx, wrong.now, &of, ticket, Changed::Ticket)?;
    Ok(Ok(()))
}

pub(super) const WRONG: &str = "
    SELECT w.text, t.body, w.keyword, w.flow, w.staff, w.at, w.remark
      FROM wrong_answer w LEFT JOIN text t ON t.id = w.text
     WHERE w.library = ?1 ORDER BY w.text DESC LIMIT ?2";

pub(super) fn wrong_answers(
    db: &Connection,
    of: &LibraryId,
    max: usize,
) -> Result<Vec<Wrong>, StoreError> {
    let mut select = db.prepare_cached(WRONG)?;
    let wrong = select.query_map(params![&*of.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(Wrong {
            text: InboundId(row.get(0)?),
            body: row.get(1)?,
            keyword: row.get(2)?,
            flow: row.get(3)?,
            staff: row.get::<_, String>(4)?.as_str().into(),
            at: At(row.get(5)?),
            remark: row.get(6)?,
        })
    })?;
    Ok(wrong.collect::<Result<_, _>>()?)
}

pub(super) fn is_wrong(db: &Connection, text: InboundId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM wrong_answer WHERE text = ?1")?
        .exists([text.0])?)
}
