//! Lists and who is on them, counted.

use std::collections::BTreeMap;

use callslip_core::at::At;
use callslip_core::ids::LibraryId;
use callslip_core::snapshot::Consent;
use rusqlite::params;

use super::reader::SqliteReader;
use super::tokens::Word;
use crate::StoreError;
use crate::limits::ROWS_MAX;
use crate::lists::{ListCount, ListMember, ListReader};

impl ListReader for SqliteReader {
    fn list_counts(&self, library: &LibraryId, since: At) -> Result<Vec<ListCount>, StoreError> {
        let mut counts: BTreeMap<String, ListCount> = BTreeMap::new();
        let mut members = self.db.prepare_cached(
            "SELECT m.list, EXISTS (SELECT 1 FROM stopped s WHERE s.phone = p.phone
                        AND s.library = m.library AND s.list IN ('', m.list)) AS out, count(*)
               FROM list_member m JOIN patron p ON p.id = m.patron
              WHERE m.library = ?1 GROUP BY m.list, out",
        )?;
        let mut rows = members.query([&*library.0])?;
        while let Some(row) = rows.next()? {
            let (list, is_out): (String, bool) = (row.get(0)?, row.get(1)?);
            let count = row.get::<_, i64>(2)?.unsigned_abs();
            let of = counts.entry(list).or_default();
            match is_out {
                true => of.stopped = count,
                false => of.members = count,
            }
        }
        let mut changes = self.db.prepare_cached(
            "SELECT list, after, count(*) FROM consent_fact
              WHERE library = ?1 AND list IS NOT NULL AND at >= ?2 AND before <> after
              GROUP BY list, after",
        )?;
        let mut rows = changes.query(params![&*library.0, since.0])?;
        while let Some(row) = rows.next()? {
            let count = row.get::<_, i64>(2)?.unsigned_abs();
            let of = counts.entry(row.get(0)?).or_default();
            match row.get::<_, Word<Consent>>(1)?.0 {
                Consent::In => of.joined = count,
                Consent::Out => of.left = count,
                Consent::Unknown => {}
            }
        }
        let named = counts.into_iter();
        Ok(named.map(|(list, of)| ListCount { list, ..of }).collect())
    }

    fn list_members(
        &self,
        library: &LibraryId,
        list: &str,
        after: &str,
        max: usize,
    ) -> Result<Vec<ListMember>, StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT p.alias, p.language, m.since,
                    EXISTS (SELECT 1 FROM stopped s WHERE s.phone = p.phone
                               AND s.library = m.library AND s.list IN ('', m.list))
               FROM list_member m JOIN patron p ON p.id = m.patron
              WHERE m.library = ?1 AND m.list = ?2 AND p.alias > ?3 ORDER BY p.alias LIMIT ?4",
        )?;
        let max = max.min(ROWS_MAX) as i64;
        let members = select.query_map(params![&*library.0, list, after, max], |row| {
            Ok(ListMember {
                alias: row.get(0)?,
                language: row.get(1)?,
                since: At(row.get(2)?),
                stopped: row.get(3)?,
            })
        })?;
        Ok(members.collect::<Result<_, _>>()?)
    }
}
