//! What is switched off by hand.

use callslip_core::at::At;
use callslip_core::ids::LibraryId;
use callslip_core::switches::{Closed, Switched, Switches};
use rusqlite::{Connection, params};

use super::Tx;
use crate::StoreError;
use crate::staff::Switching;

const KEYWORD: &str = "keyword";
const CLOSED: &str = "closed";
const OUTAGE: &str = "outage";

pub(super) fn write(
    tx: &Tx<'_>,
    switching: &Switching,
    by: &str,
    now: At,
) -> Result<(), StoreError> {
    let put = |library: &LibraryId, what, keyword: &str, told: &str, date: Option<&str>| {
        tx.db
            .prepare_cached(
                "INSERT INTO switched (library, what, keyword, told, date, since, by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (library, what, keyword) DO UPDATE
                    SET told = excluded.told, date = excluded.date, since = excluded.since,
                        by = excluded.by",
            )?
            .execute(params![&*library.0, what, keyword, told, date, now.0, by])
    };
    let take = |library: &LibraryId, what, keyword: &str| {
        tx.db
            .prepare_cached(
                "DELETE FROM switched WHERE library = ?1 AND what = ?2 AND keyword = ?3",
            )?
            .execute(params![&*library.0, what, keyword])
    };
    match switching {
        Switching::KeywordOff {
            library,
            keyword,
            told,
        } => put(library, KEYWORD, &keyword.0, told, None)?,
        Switching::KeywordOn { library, keyword } => take(library, KEYWORD, &keyword.0)?,
        Switching::Closed {
            library,
            date,
            because,
        } => put(library, CLOSED, "", because, Some(date))?,
        Switching::Opened { library } => take(library, CLOSED, "")?,
        Switching::Outage { library, told } => put(library, OUTAGE, "", told, None)?,
        Switching::OutageOver { library } => take(library, OUTAGE, "")?,
        Switching::PosterMade {
            library,
            keyword,
            mark,
            place,
        } => tx
            .db
            .prepare_cached(
                "INSERT INTO poster (library, keyword, mark, place, since, by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (library, keyword, mark) DO UPDATE SET place = excluded.place",
            )?
            .execute(params![
                &*library.0,
                &*keyword.0,
                mark.as_str(),
                place,
                now.0,
                by
            ])?,
        Switching::PosterGone {
            library,
            keyword,
            mark,
        } => tx
            .db
            .prepare_cached("DELETE FROM poster WHERE library = ?1 AND keyword = ?2 AND mark = ?3")?
            .execute(params![&*library.0, &*keyword.0, mark.as_str()])?,
    };
    Ok(())
}

pub(in crate::sqlite) fn read(db: &Connection) -> Result<Switches, StoreError> {
    let mut switches = Switches::default();
    let mut select =
        db.prepare_cached("SELECT library, what, keyword, told, date, since, by FROM switched")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let library = LibraryId::from(row.get::<_, String>(0)?.as_str());
        let (what, keyword): (String, String) = (row.get(1)?, row.get(2)?);
        let switched = Switched {
            told: row.get(3)?,
            since: At(row.get(5)?),
            by: row.get(6)?,
        };
        match (what.as_str(), row.get::<_, Option<String>>(4)?) {
            (KEYWORD, _) => {
                let place = (library, keyword.as_str().into());
                switches.keywords_off.insert(place, switched);
            }
            (CLOSED, Some(date)) => {
                let Switched { told, since, by } = switched;
                let closed = Closed {
                    date,
                    because: told,
                    since,
                    by,
                };
                switches.closed.insert(library, closed);
            }
            (OUTAGE, _) => {
                switches.outages.insert(library, switched);
            }
            _ => {}
        }
    }
    switches.gone = super::made::removed(db)?;
    switches.posters = crate::sqlite::tallies::posters(db)?;
    Ok(switches)
}
