//! Who did what. Lines are added, never changed.

use callslip_core::at::At;
use callslip_core::ids::StaffId;
use rusqlite::{Connection, Row, params};

use super::Tx;
use crate::StoreError;
use crate::limits::ROWS_MAX;
use crate::staff::{AuditLine, AuditPage, Note, StaffChange, StaffCommit};

/// `made` is whom the change was about: who has just made the first account is its author.
pub(super) fn write(
    tx: &Tx<'_>,
    commit: &StaffCommit,
    note: &Note,
    made: Option<&StaffId>,
) -> Result<(), StoreError> {
    let by_link = matches!(
        commit.change,
        StaffChange::MakeFirst { .. } | StaffChange::Reset { .. }
    );
    let staff = commit.by.staff.as_ref().or(made.filter(|_| by_link));
    tx.db
        .prepare_cached(
            "INSERT INTO audit (at, staff, who, library, what, about)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            commit.now.0,
            staff.map(|staff| &*staff.0),
            commit.by.name,
            note.library.as_ref().map(|library| &*library.0),
            note.what,
            note.about
        ])?;
    Ok(())
}

const OF_LIBRARY: &str = "SELECT id, at, staff, who, library, what, about FROM audit
      WHERE library IS ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
const OF_PERSON: &str = "SELECT id, at, staff, who, library, what, about FROM audit
      WHERE library IS NULL AND staff = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

/// A statement for each library and person, so that each reads its own index from its end.
pub(super) fn page(db: &Connection, page: &AuditPage) -> Result<Vec<AuditLine>, StoreError> {
    let max = page.max.min(ROWS_MAX);
    let before = page.before.unwrap_or(i64::MAX);
    let libraries = page.libraries.iter();
    let libraries = libraries.map(|library| (OF_LIBRARY, Some(library.0.to_string())));
    let machine = page.machine.then_some((OF_LIBRARY, None));
    // Who sees the machine's lines sees these among them.
    let people = page.people.iter().filter(|_| !page.machine);
    let people = people.map(|staff| (OF_PERSON, Some(staff.0.to_string())));
    let mut lines = Vec::new();
    for (sql, of) in libraries.chain(machine).chain(people) {
        let mut select = db.prepare_cached(sql)?;
        let rows = select.query_map(params![of, before, max as i64], line)?;
        for line in rows {
            lines.push(line?);
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.id));
    lines.truncate(max);
    Ok(lines)
}

fn line(row: &Row<'_>) -> rusqlite::Result<AuditLine> {
    Ok(AuditLine {
        id: row.get(0)?,
        at: At(row.get(1)?),
        staff: row
            .get::<_, Option<String>>(2)?
            .as_deref()
            .map(StaffId::from),
        who: row.get(3)?,
        library: row
            .get::<_, Option<String>>(4)?
            .map(|library| library.as_str().into()),
        what: row.get(5)?,
        about: row.get(6)?,
    })
}
