//! Keywords that were made in the console. A version is added with each change and none is taken
//! away, so that who changed what is known and any version can come back.

use callslip_core::at::At;
use callslip_core::config::{Written, WrittenAlias};
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::switches::Removed;
use callslip_core::text::keyword::Rule;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Outcome, Tx};
use crate::StoreError;
use crate::limits::ROWS_MAX;
use crate::staff::{MadeKeyword, StaffCommit, StaffRefused};

/// A keyword's settings at their longest.
const TOML_BYTES_MAX: usize = 64 * 1024;

pub(super) fn write(
    tx: &Tx<'_>,
    commit: &StaffCommit,
    (library, keyword): (&LibraryId, &KeywordId),
    (toml, closing): (Option<&str>, Option<&str>),
    over: Option<i64>,
) -> Outcome {
    if toml.is_some_and(|toml| toml.len() > TOML_BYTES_MAX) {
        return Err(StoreError::TooLarge {
            what: "a keyword",
            max: TOML_BYTES_MAX,
        });
    }
    let latest: Option<(i64, bool)> = tx
        .db
        .prepare_cached(
            "SELECT id, toml IS NOT NULL FROM made_keyword
              WHERE library = ?1 AND keyword = ?2 ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![&*library.0, &*keyword.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    // Who makes a new one need not know of one that is gone.
    let counts = latest.filter(|(_, is_there)| *is_there || over.is_some());
    if counts.map(|(id, _)| id) != over {
        return Ok(Err(StaffRefused::Newer));
    }
    tx.db
        .prepare_cached(
            "INSERT INTO made_keyword (library, keyword, toml, closing, at, by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            &*library.0,
            &*keyword.0,
            toml,
            closing,
            commit.now.0,
            commit.by.name
        ])?;
    Ok(Ok(None))
}

pub(super) fn all(db: &Connection) -> Result<Vec<MadeKeyword>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, keyword, toml, closing, at, by FROM made_keyword
          WHERE id IN (SELECT max(id) FROM made_keyword GROUP BY library, keyword)
            AND toml IS NOT NULL ORDER BY library, keyword",
    )?;
    let made = select.query_map([], version)?;
    Ok(made.collect::<Result<_, _>>()?)
}

/// Those whose latest version is their end, with the words of the version before it.
pub(super) fn removed(db: &Connection) -> Result<Vec<Removed>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, keyword, closing, at,
                (SELECT toml FROM made_keyword b
                  WHERE b.library = m.library AND b.keyword = m.keyword AND b.toml IS NOT NULL
                  ORDER BY b.id DESC LIMIT 1)
           FROM made_keyword m
          WHERE id IN (SELECT max(id) FROM made_keyword GROUP BY library, keyword)
            AND toml IS NULL AND closing IS NOT NULL ORDER BY library, keyword",
    )?;
    let mut rows = select.query([])?;
    let mut removed = Vec::new();
    while let Some(row) = rows.next()? {
        let toml: Option<String> = row.get(4)?;
        let Some(written) = toml.as_deref().and_then(Written::read) else {
            continue;
        };
        let aliases = written.aliases.iter().map(|alias| match alias {
            WrittenAlias::Plain(word) | WrittenAlias::Spoken { word, .. } => word.clone(),
        });
        removed.push(Removed {
            library: row.get::<_, String>(0)?.as_str().into(),
            keyword: row.get::<_, String>(1)?.as_str().into(),
            words: std::iter::once(written.word.clone())
                .chain(aliases)
                .collect(),
            rule: written
                .r#match
                .as_deref()
                .and_then(Rule::from_name)
                .unwrap_or(Rule::FirstWord),
            told: row.get(2)?,
            since: At(row.get(3)?),
        });
    }
    Ok(removed)
}

pub(super) fn versions(
    db: &Connection,
    library: &LibraryId,
    keyword: &KeywordId,
    max: usize,
) -> Result<Vec<MadeKeyword>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, keyword, toml, closing, at, by FROM made_keyword
          WHERE library = ?1 AND keyword = ?2 ORDER BY id DESC LIMIT ?3",
    )?;
    let max = max.min(ROWS_MAX) as i64;
    let made = select.query_map(params![&*library.0, &*keyword.0, max], version)?;
    Ok(made.collect::<Result<_, _>>()?)
}

fn version(row: &Row<'_>) -> rusqlite::Result<MadeKeyword> {
    Ok(MadeKeyword {
        version: row.get(0)?,
        library: row.get::<_, String>(1)?.as_str().into(),
        keyword: row.get::<_, String>(2)?.as_str().into(),
        toml: row.get(3)?,
        closing: row.get(4)?,
        at: At(row.get(5)?),
        by: row.get(6)?,
    })
}
