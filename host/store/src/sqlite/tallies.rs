//! Counts for reports, and who came by which poster until the day ends.

use callslip_core::at::At;
use callslip_core::budget;
use callslip_core::flow::Write;
use callslip_core::ids::{LibraryId, MessageId, PhoneId, TicketId};
use callslip_core::snapshot::{Consent, ConsentFact, Outcome, TurnCommit};
use callslip_core::source::{Issued, Mark};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::reader::SqliteReader;
use super::tokens::{Token as _, Word};
use super::writer::Tx;
use super::{SqliteStore, phones};
use crate::desk::What;
use crate::limits::ROWS_MAX;
use crate::tallies::{Counted, DeskMoment, DeskWalk, Tally, TallyReader, TallyRow, TallyStore};
use crate::{Done, MessageState, StoreError};

const HOUR_MS: i64 = 3_600_000;
/// A library's busiest year by the hour; a report over more says less.
const TALLIES_MAX: i64 = 200_000;
/// A gateway's words about a failure are a few.
const REASON_CHARACTERS_MAX: usize = 80;
/// Forgotten at once, so that the writer is not held.
const FORGET_MAX: i64 = 2_000;
/// Of a texts' reasons, those that no keyword knew.
const UNMATCHED: [&str; 4] = ["unmatched", "near-miss", "ask", "correction"];

impl TallyStore for SqliteStore {
    fn keep_tallies(&self, walked: (i64, i64), counted: Vec<Counted>, done: Done<bool>) {
        self.submit(move |tx| keep(tx, walked, &counted), done);
    }

    fn card_saved(
        &self,
        library: LibraryId,
        keyword: String,
        mark: String,
        now: At,
        done: Done<()>,
    ) {
        self.submit(
            move |tx| {
                let known = tx
                    .db
                    .prepare_cached(
                        "SELECT 1 FROM poster WHERE library = ?1 AND keyword = ?2 AND mark = ?3",
                    )?
                    .exists(params![&*library.0, keyword, mark])?;
                match known {
                    true => step(tx, (&library, &keyword, &mark), "card", now),
                    false => Ok(()),
                }
            },
            done,
        );
    }
}

impl TallyReader for SqliteReader {
    fn came(
        &self,
        phone: PhoneId,
        library: &LibraryId,
        now: At,
    ) -> Result<Option<(String, String)>, StoreError> {
        source_of(&self.db, phone, library, now)
    }

    fn desk_walk(&self, max: usize) -> Result<DeskWalk, StoreError> {
        let from: i64 = self
            .db
            .prepare_cached("SELECT event FROM tally_walk")?
            .query_row([], |row| row.get(0))?;
        let mut select = self.db.prepare_cached(
            "SELECT e.id, e.at, e.library, e.ticket, e.what, t.opened,
                    NOT EXISTS (SELECT 1 FROM desk_event o WHERE o.ticket = e.ticket
                                   AND o.what = e.what AND o.id < e.id)
               FROM desk_event e LEFT JOIN ticket t ON t.id = e.ticket
                    AND EXISTS (SELECT 1 FROM phone p WHERE p.id = t.phone AND p.namespace = 'real')
              WHERE e.id > ?1 ORDER BY e.id LIMIT ?2",
        )?;
        let mut rows = select.query(params![from, max.min(ROWS_MAX) as i64])?;
        let mut walk = DeskWalk {
            from,
            to: from,
            moments: Vec::new(),
        };
        while let Some(row) = rows.next()? {
            walk.to = row.get(0)?;
            let what: String = row.get(4)?;
            let is_end = match What::from_token(&what) {
                Some(What::Replied) => false,
                Some(What::Closed) => true,
                Some(_) | None => continue,
            };
            let (ticket, opened): (Option<i64>, Option<i64>) = (row.get(3)?, row.get(5)?);
            // A later reply answers something else; a question is closed as often as it is.
            let counts = is_end || row.get(6)?;
            if let (Some(ticket), Some(opened), true) = (ticket, opened, counts) {
                walk.moments.push(DeskMoment {
                    at: At(row.get(1)?),
                    library: row.get::<_, String>(2)?.as_str().into(),
                    ticket: TicketId(ticket),
                    opened: At(opened),
                    is_end,
                });
            }
        }
        Ok(walk)
    }
}

/// A text's turn. One row for what it came to, whatever that was.
pub(super) fn turn(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    gateway: &str,
    counts: bool,
) -> Result<(), StoreError> {
    let verdict = &turn.verdict;
    let Some(library) = verdict.library.as_ref().filter(|_| counts) else {
        return Ok(());
    };
    let by = match (verdict.outcome, &verdict.flow) {
        (Outcome::Ticketed, _) => "people",
        (Outcome::Silent, _) => "",
        (Outcome::Answered, Some(_)) => "flow",
        (Outcome::Answered, None) => "host",
    };
    let keyword = verdict.keyword.as_ref().map_or("", |keyword| &keyword.0);
    let outcome = verdict.outcome.token();
    let key = [keyword, gateway, outcome, by, &verdict.reason].join("\t");
    add(tx, library, Tally::Text, &key, 1, turn.now)?;
    came(tx, turn, library)
}

/// What somebody does who came by a poster, until the day ends.
fn came(tx: &Tx<'_>, turn: &TurnCommit, library: &LibraryId) -> Result<(), StoreError> {
    if let Some(came) = &turn.came {
        let of = (&came.library, &*came.keyword.0, came.mark.as_str());
        tx.db
            .prepare_cached(
                "INSERT INTO came (phone, library, keyword, mark, until) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (phone, library) DO UPDATE SET keyword = excluded.keyword,
                   mark = excluded.mark, until = excluded.until",
            )?
            .execute(params![turn.phone.0, &*of.0.0, of.1, of.2, came.until.0])?;
        step(tx, of, "texted", turn.now)?;
        if turn
            .patron
            .as_ref()
            .is_some_and(|patron| patron.id.is_none())
        {
            step(tx, of, "registered", turn.now)?;
        }
    }
    let Some((keyword, mark)) = source_of(tx.db, turn.phone, library, turn.now)? else {
        return Ok(());
    };
    let of = (library, keyword.as_str(), mark.as_str());
    let writes = turn.storage.iter().flat_map(|storage| &storage.writes);
    if writes
        .clone()
        .any(|write| matches!(write, Write::Join { .. }))
    {
        step(tx, of, "joined", turn.now)?;
    }
    if turn.ticket.is_some() {
        step(tx, of, "asked", turn.now)?;
    }
    if UNMATCHED.contains(&turn.verdict.reason.as_str()) {
        step(tx, of, "unmatched", turn.now)?;
    }
    match &turn.verdict.keyword {
        Some(next) if turn.came.is_none() && turn.verdict.reason == "keyword" => {
            step(tx, of, &format!("then\t{next}"), turn.now)
        }
        Some(_) | None => Ok(()),
    }
}

fn source_of(
    db: &Connection,
    phone: PhoneId,
    library: &LibraryId,
    now: At,
) -> Result<Option<(String, String)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT keyword, mark FROM came WHERE phone = ?1 AND library = ?2 AND until > ?3",
        )?
        .query_row(params![phone.0, &*library.0, now.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

fn step(
    tx: &Tx<'_>,
    (library, keyword, mark): (&LibraryId, &str, &str),
    step: &str,
    now: At,
) -> Result<(), StoreError> {
    let key = [keyword, mark, step].join("\t");
    add(tx, library, Tally::Source, &key, 1, now)
}

/// A message of a library's is further than before. `first`: it has left us with this.
pub(super) fn message(
    tx: &Tx<'_>,
    (library, gateway): (&LibraryId, &str),
    id: MessageId,
    (state, first): (MessageState, bool),
    reason: Option<&str>,
    now: At,
) -> Result<(), StoreError> {
    let count = |step: &str, reason: &str| {
        let key = [gateway, step, reason].join("\t");
        add(tx, library, Tally::Message, &key, 1, now)
    };
    if state == MessageState::Failed {
        return count("failed", &impersonal(reason.unwrap_or_default()));
    }
    if first {
        count("out", "")?;
        let body: String = tx
            .db
            .prepare_cached("SELECT body FROM message WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))?;
        let segments = budget::cost(&body) as u64;
        add(tx, library, Tally::Segments, gateway, segments, now)?;
    }
    match state {
        MessageState::Delivered => count("delivered", ""),
        _ => Ok(()),
    }
}

/// What a gateway says of a failure may quote whom it was for.
fn impersonal(reason: &str) -> String {
    let digits = reason.split(|letter: char| !letter.is_ascii_digit());
    match digits.map(str::len).max() {
        Some(7..) => "other".to_owned(),
        _ => reason
            .chars()
            .filter(|letter| !letter.is_control())
            .take(REASON_CHARACTERS_MAX)
            .collect(),
    }
}

/// A list grows, or somebody leaves it.
pub(super) fn consent(
    tx: &Tx<'_>,
    phone: PhoneId,
    fact: &ConsentFact,
    now: At,
) -> Result<(), StoreError> {
    let Some(part) = &fact.part else {
        return Ok(());
    };
    let Some(list) = part.list.as_ref().filter(|_| fact.before != fact.after) else {
        return Ok(());
    };
    let way = match fact.after {
        Consent::In => "joined",
        Consent::Out => "left",
        Consent::Unknown => return Ok(()),
    };
    match phones::is_real(tx, phone)? {
        true => add(
            tx,
            &part.library,
            Tally::List,
            &format!("{list}\t{way}"),
            1,
            now,
        ),
        false => Ok(()),
    }
}

/// The phone has another holder, or is forgotten.
pub(super) fn forget_whose(tx: &Tx<'_>, phone: PhoneId) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM came WHERE phone = ?1")?
        .execute([phone.0])?;
    Ok(())
}

/// The day has ended.
pub(super) fn forget_came(tx: &Tx<'_>, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "DELETE FROM came WHERE (phone, library) IN (
               SELECT phone, library FROM came WHERE until <= ?1 LIMIT ?2)",
        )?
        .execute([now.0, FORGET_MAX])?;
    Ok(())
}

fn keep(tx: &Tx<'_>, (from, to): (i64, i64), counted: &[Counted]) -> Result<bool, StoreError> {
    let moved = tx
        .db
        .prepare_cached("UPDATE tally_walk SET event = ?2 WHERE event = ?1")?
        .execute([from, to])?;
    if moved == 0 {
        return Ok(false);
    }
    for one in counted {
        add(tx, &one.library, one.what, one.part, 1, one.at)?;
    }
    Ok(true)
}

fn add(
    tx: &Tx<'_>,
    library: &LibraryId,
    what: Tally,
    key: &str,
    count: u64,
    at: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO tally (library, what, hour, key, n) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (library, what, hour, key) DO UPDATE SET n = n + excluded.n",
        )?
        .execute(params![
            &*library.0,
            Word(what),
            at.0.div_euclid(HOUR_MS),
            key,
            i64::try_from(count).unwrap_or(i64::MAX),
        ])?;
    Ok(())
}

pub(super) fn read(
    db: &Connection,
    library: &LibraryId,
    what: Tally,
    (from, to): (At, At),
) -> Result<Vec<TallyRow>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT hour, key, n FROM tally
          WHERE library = ?1 AND what = ?2 AND hour >= ?3 AND hour < ?4
          ORDER BY hour, key LIMIT ?5",
    )?;
    let rows = select.query_map(
        params![
            &*library.0,
            Word(what),
            from.0.div_euclid(HOUR_MS),
            // A zone of half an hour gets the half hour before, too.
            (to.0 + HOUR_MS - 1).div_euclid(HOUR_MS),
            TALLIES_MAX
        ],
        |row| {
            let key: String = row.get(1)?;
            Ok(TallyRow {
                at: At(row.get::<_, i64>(0)? * HOUR_MS),
                parts: key.split('\t').map(str::to_owned).collect(),
                count: row.get::<_, i64>(2)?.unsigned_abs(),
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn posters(db: &Connection) -> Result<Vec<Issued>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, keyword, mark, place, since FROM poster ORDER BY library, keyword, since, mark",
    )?;
    let mut rows = select.query([])?;
    let mut posters = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(mark) = Mark::read(&row.get::<_, String>(2)?) else {
            continue;
        };
        posters.push(Issued {
            library: row.get::<_, String>(0)?.as_str().into(),
            keyword: row.get::<_, String>(1)?.as_str().into(),
            mark,
            place: row.get(3)?,
            since: At(row.get(4)?),
        });
    }
    Ok(posters)
}
