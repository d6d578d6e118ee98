//! Whom a broadcast is for: members of its list who may be texted, and at which number.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use rusqlite::{Connection, params};

use super::{Json, Word};
use crate::StoreError;
use crate::broadcasts::AudienceOf;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One row each: patron, phone, number and language. A patron is texted where they spoke last, and
/// not at all where they have stopped every number. ?1 library, ?2 list, ?3 numbers as JSON, ?4 the
/// first of them, ?5 language or null, ?6 joined since, ?7 silent since, ?8 topic or null,
/// ?9 behind this patron.
pub(super) const MEMBERS: &str = "
    SELECT p.id AS patron, p.phone AS phone, p.language AS language, f.namespace AS namespace,
           coalesce(
             (SELECT c.number FROM conversation c
               WHERE c.phone = p.phone AND c.consent <> 'out'
                 AND c.number IN (SELECT value FROM json_each(?3))
               ORDER BY c.updated DESC LIMIT 1),
             (SELECT ?4 WHERE NOT EXISTS (
               SELECT 1 FROM conversation c
                WHERE c.phone = p.phone AND c.number IN (SELECT value FROM json_each(?3))))
           ) AS number
      FROM list_member m
      JOIN patron p ON p.id = m.patron
      JOIN phone f ON f.id = p.phone
     WHERE m.library = ?1 AND m.list = ?2 AND m.patron > ?9
       AND m.since >= ?6
       AND coalesce(f.last_text, 0) <= ?7
       AND f.lists_suspended IS NULL
       AND (?5 IS NULL OR p.language = ?5)
       AND (?8 IS NULL OR EXISTS (
             SELECT 1 FROM ticket t WHERE t.phone = p.phone AND t.library = ?1 AND t.topic = ?8))
       AND NOT EXISTS (SELECT 1 FROM stopped s
             WHERE s.phone = p.phone AND s.library = ?1 AND s.list IN ('', ?2))
     ORDER BY m.patron";

/// What ?6 and ?7 are.
pub(super) fn bounds(of: &AudienceOf) -> (At, At) {
    let ago = |days: u32| of.now - DAY * days;
    let joined = of.audience.new_days.map_or(At(i64::MIN), ago);
    let silent = of.audience.silent_days.map_or(At(i64::MAX), ago);
    (joined, silent)
}

/// `only`: phones of this namespace; none: all.
pub(super) fn by_language(
    db: &Connection,
    of: &AudienceOf,
    only: Option<Namespace>,
) -> Result<Vec<(Option<String>, u64)>, StoreError> {
    let (joined, silent) = bounds(of);
    let mut select = db.prepare_cached(&format!(
        "SELECT language, count(*) FROM ({MEMBERS})
          WHERE number IS NOT NULL AND (?10 IS NULL OR namespace = ?10) GROUP BY language"
    ))?;
    let counted = select.query_map(
        params![
            &*of.library.0,
            of.list,
            Json(&of.numbers),
            of.numbers.first(),
            of.audience.language,
            joined.0,
            silent.0,
            of.audience.topic,
            0,
            only.map(Word),
        ],
        |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
    )?;
    Ok(counted.collect::<Result<_, _>>()?)
}
