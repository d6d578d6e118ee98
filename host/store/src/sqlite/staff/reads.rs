//! What the console asks of the staff's part.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{KeywordId, LibraryId, StaffId};
use callslip_core::staff::Staff;
use callslip_core::switches::Switches;
use rusqlite::{OptionalExtension as _, params};

use super::{accounts, audit, counters, made, overview, plugins, switched, tokens};
use crate::StoreError;
use crate::limits::ROWS_MAX;
use crate::sqlite::reader::SqliteReader;
use crate::sqlite::tallies;
use crate::staff::{
    Account, AuditLine, AuditPage, FaultCount, FaultLine, Link, MadeKeyword, Misled, Session,
    StaffReader, StoredPlugin, TokenHash, TotpSecret, Traffic, UnmatchedText,
};
use crate::tallies::{Tally, TallyRow};

/// Accounts that one page lists at most.
const ACCOUNTS_MAX: i64 = 1_000;

impl SqliteReader {
    fn whole(&self, (mut account, sealed): accounts::Bare) -> Result<Account, StoreError> {
        accounts::roles(&self.db, &mut account.staff)?;
        if let Some(sealed) = sealed {
            let place = accounts::place(&account.staff.id);
            let secret = self.keys.open(&place, &sealed);
            account.totp = Some(TotpSecret(
                secret.map_err(|_| StoreError::Unsealable(place))?,
            ));
        }
        Ok(account)
    }

    fn find(
        &self,
        column: &'static str,
        value: impl rusqlite::ToSql,
    ) -> Result<Option<Account>, StoreError> {
        let found = accounts::find(&self.db, column, value)?;
        found.map(|found| self.whole(found)).transpose()
    }
}

impl StaffReader for SqliteReader {
    fn nobody_yet(&self) -> Result<bool, StoreError> {
        Ok(!accounts::any(&self.db)?)
    }

    fn email(&self, staff: &StaffId) -> Result<Option<String>, StoreError> {
        accounts::email(&self.db, staff)
    }

    fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        self.find("name", name)
    }

    fn account_of(&self, staff: &StaffId) -> Result<Option<Account>, StoreError> {
        self.find("id", &*staff.0)
    }

    fn session(
        &self,
        token: &TokenHash,
        now: At,
    ) -> Result<Option<(Account, Session)>, StoreError> {
        let sql = format!(
            "SELECT {} FROM staff_session WHERE hash = ?1 AND expires > ?2",
            tokens::COLUMNS
        );
        let found = self
            .db
            .prepare_cached(&sql)?
            .query_row(params![token.0, now.0], |row| {
                Ok((
                    tokens::session(row)?,
                    StaffId::from(row.get::<_, String>(4)?.as_str()),
                ))
            })
            .optional()?;
        let Some((session, staff)) = found else {
            return Ok(None);
        };
        let account = self.account_of(&staff)?;
        Ok(account
            .filter(|account| account.disabled.is_none())
            .map(|account| (account, session)))
    }

    fn sessions(&self, staff: &StaffId, now: At) -> Result<Vec<Session>, StoreError> {
        let sql = format!(
            "SELECT {} FROM staff_session WHERE staff = ?1 AND expires > ?2 ORDER BY began DESC",
            tokens::COLUMNS
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let sessions = select.query_map(params![&*staff.0, now.0], tokens::session)?;
        Ok(sessions.collect::<Result<_, _>>()?)
    }

    fn link(&self, token: &TokenHash, now: At) -> Result<Option<Link>, StoreError> {
        let found = self
            .db
            .prepare_cached(
                "SELECT staff, expires FROM staff_link WHERE hash = ?1 AND expires > ?2",
            )?
            .query_row(params![token.0, now.0], |row| {
                Ok((row.get::<_, Option<String>>(0)?, At(row.get(1)?)))
            })
            .optional()?;
        let Some((staff, expires)) = found else {
            return Ok(None);
        };
        let staff = match staff {
            Some(staff) => match self.account_of(&StaffId::from(staff.as_str()))? {
                Some(account) => Some(account.staff),
                None => return Ok(None),
            },
            None => None,
        };
        Ok(Some(Link { staff, expires }))
    }

    fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let sql = format!(
            "SELECT {} FROM staff ORDER BY name LIMIT ?1",
            accounts::COLUMNS
        );
        let mut select = self.db.prepare_cached(&sql)?;
        let found = select.query_map([ACCOUNTS_MAX], accounts::account)?;
        found.map(|found| self.whole(found?)).collect()
    }

    fn audit(&self, page: &AuditPage) -> Result<Vec<AuditLine>, StoreError> {
        audit::page(&self.db, page)
    }

    fn switches(&self) -> Result<Switches, StoreError> {
        switched::read(&self.db)
    }

    fn traffic(&self, since: At) -> Result<Vec<Traffic>, StoreError> {
        overview::traffic(&self.db, since)
    }

    fn last_stops(&self) -> Result<Vec<(String, At)>, StoreError> {
        overview::last_stops(&self.db)
    }

    fn faults(&self, since: At) -> Result<Vec<FaultCount>, StoreError> {
        overview::faults(&self.db, since)
    }

    fn unmatched(
        &self,
        library: &LibraryId,
        since: At,
        max: usize,
    ) -> Result<Vec<UnmatchedText>, StoreError> {
        overview::unmatched(&self.db, library, since, max)
    }

    fn last_faults(
        &self,
        libraries: &[LibraryId],
        max: usize,
    ) -> Result<Vec<FaultLine>, StoreError> {
        overview::last_faults(&self.db, libraries, max)
    }

    fn plugins(&self) -> Result<Vec<StoredPlugin>, StoreError> {
        plugins::all(&self.db)
    }

    fn misled(
        &self,
        library: &LibraryId,
        since: At,
        soon: Duration,
        max: usize,
    ) -> Result<Vec<Misled>, StoreError> {
        overview::misled(&self.db, library, since, soon, max)
    }

    fn ignored(&self, library: &LibraryId) -> Result<Vec<String>, StoreError> {
        overview::ignored(&self.db, library)
    }

    fn made_keywords(&self) -> Result<Vec<MadeKeyword>, StoreError> {
        made::all(&self.db)
    }

    fn versions(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
        max: usize,
    ) -> Result<Vec<MadeKeyword>, StoreError> {
        made::versions(&self.db, library, keyword, max)
    }

    fn tallied(
        &self,
        library: &LibraryId,
        what: Tally,
        between: (At, At),
    ) -> Result<Vec<TallyRow>, StoreError> {
        tallies::read(&self.db, library, what, between)
    }

    fn counted(
        &self,
        library: &LibraryId,
        storage: &str,
        prefix: &str,
        max: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT v.key, v.value FROM storage_value v JOIN storage_scope s ON s.id = v.scope
              WHERE s.library = ?1 AND s.name = ?2 AND s.patron = 0 AND substr(v.key, 1, ?3) = ?4
              ORDER BY v.key LIMIT ?5",
        )?;
        let rows = select.query_map(
            params![
                &*library.0,
                storage,
                prefix.chars().count() as i64,
                prefix,
                max.min(ROWS_MAX) as i64
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn counter(&self, link: &TokenHash) -> Result<Option<(LibraryId, KeywordId)>, StoreError> {
        counters::of(&self.db, link)
    }

    fn counter_since(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
    ) -> Result<Option<At>, StoreError> {
        counters::since(&self.db, library, keyword)
    }

    fn shown(&self, staff: &StaffId) -> Result<Option<String>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT shown FROM staff WHERE id = ?1")?
            .query_row([&*staff.0], |row| row.get(0))
            .optional()?)
    }

    fn staff_of(&self, library: &LibraryId) -> Result<Vec<Staff>, StoreError> {
        let mut select = self.db.prepare_cached(
            "SELECT staff FROM staff_role WHERE library = ?1 ORDER BY staff LIMIT ?2",
        )?;
        let ids = select.query_map(params![&*library.0, ACCOUNTS_MAX], |row| {
            Ok(StaffId::from(row.get::<_, String>(0)?.as_str()))
        })?;
        let mut staff = Vec::new();
        for id in ids {
            let account = self.account_of(&id?)?;
            let able = account.filter(|account| account.disabled.is_none());
            staff.extend(able.map(|account| account.staff));
        }
        Ok(staff)
    }
}
