//! One account's rows: itself and its roles.

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, StaffId};
use callslip_core::staff::{Role, Staff};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Tx;
use crate::StoreError;
use crate::sqlite::tokens::Word;
use crate::staff::{Account, NewAccount, PasswordHash, TotpSecret};

pub(super) fn any(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM staff LIMIT 1")?
        .exists([])?)
}

pub(super) fn exists(tx: &Tx<'_>, staff: &StaffId) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached("SELECT 1 FROM staff WHERE id = ?1")?
        .exists([&*staff.0])?)
}

pub(super) fn is_taken(db: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM staff WHERE name = ?1")?
        .exists([name])?)
}

pub(super) fn add(
    tx: &Tx<'_>,
    account: &NewAccount,
    password: Option<&PasswordHash>,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO staff (id, name, shown, operator, password, made)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            &*account.id.0,
            account.name,
            account.shown,
            account.operator,
            password.map(|password| &password.0),
            now.0
        ])?;
    for (library, role) in &account.roles {
        set_role(tx, &account.id, library, Some(*role))?;
    }
    Ok(())
}

pub(super) fn set_password(
    tx: &Tx<'_>,
    staff: &StaffId,
    password: &PasswordHash,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE staff SET password = ?2 WHERE id = ?1")?
        .execute(params![&*staff.0, password.0])?;
    Ok(())
}

pub(super) fn set_email(
    tx: &Tx<'_>,
    staff: &StaffId,
    email: Option<&str>,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE staff SET email = ?2 WHERE id = ?1")?
        .execute(params![&*staff.0, email])?;
    Ok(())
}

pub(super) fn email(db: &Connection, staff: &StaffId) -> Result<Option<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT email FROM staff WHERE id = ?1")?
        .query_row([&*staff.0], |row| row.get(0))
        .optional()?
        .flatten())
}

pub(super) fn set_totp(
    tx: &Tx<'_>,
    staff: &StaffId,
    secret: Option<&(TotpSecret, i64)>,
) -> Result<(), StoreError> {
    let sealed = secret.map(|(secret, _)| tx.keys.seal(&place(staff), &secret.0));
    tx.db
        .prepare_cached("UPDATE staff SET totp = ?2, totp_step = ?3 WHERE id = ?1")?
        .execute(params![&*staff.0, sealed, secret.map(|(_, step)| step)])?;
    Ok(())
}

/// False: a code of this step of time, or of a later one, was taken before.
pub(super) fn take_step(tx: &Tx<'_>, staff: &StaffId, step: i64) -> Result<bool, StoreError> {
    let changed = tx
        .db
        .prepare_cached(
            "UPDATE staff SET totp_step = ?2
              WHERE id = ?1 AND (totp_step IS NULL OR totp_step < ?2)",
        )?
        .execute(params![&*staff.0, step])?;
    Ok(changed == 1)
}

pub(super) fn set_role(
    tx: &Tx<'_>,
    staff: &StaffId,
    library: &LibraryId,
    role: Option<Role>,
) -> Result<(), StoreError> {
    match role {
        Some(role) => tx
            .db
            .prepare_cached(
                "INSERT INTO staff_role (staff, library, role) VALUES (?1, ?2, ?3)
                 ON CONFLICT (staff, library) DO UPDATE SET role = excluded.role",
            )?
            .execute(params![&*staff.0, &*library.0, Word(role)])?,
        None => tx
            .db
            .prepare_cached("DELETE FROM staff_role WHERE staff = ?1 AND library = ?2")?
            .execute(params![&*staff.0, &*library.0])?,
    };
    Ok(())
}

pub(super) fn set_disabled(
    tx: &Tx<'_>,
    staff: &StaffId,
    since: Option<At>,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE staff SET disabled = ?2 WHERE id = ?1")?
        .execute(params![&*staff.0, since.map(|since| since.0)])?;
    Ok(())
}

/// Whether this role would leave the library without an owner who can sign in.
pub(super) fn is_last_owner(
    tx: &Tx<'_>,
    staff: &StaffId,
    library: &LibraryId,
    role: Option<Role>,
) -> Result<bool, StoreError> {
    if role == Some(Role::Owner) {
        return Ok(false);
    }
    Ok(tx
        .db
        .prepare_cached(
            "SELECT 1 FROM staff_role own
              WHERE own.staff = ?1 AND own.library = ?2 AND own.role = 'owner'
                AND NOT EXISTS (SELECT 1 FROM staff_role other JOIN staff s ON s.id = other.staff
                                 WHERE other.library = own.library AND other.role = 'owner'
                                   AND other.staff <> own.staff AND s.disabled IS NULL)",
        )?
        .exists(params![&*staff.0, &*library.0])?)
}

/// The last operator, or the last owner of some library.
pub(super) fn is_last_anywhere(tx: &Tx<'_>, staff: &StaffId) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "SELECT 1 WHERE EXISTS (
               SELECT 1 FROM staff own WHERE own.id = ?1 AND own.operator
                  AND NOT EXISTS (SELECT 1 FROM staff other WHERE other.operator
                                     AND other.id <> own.id AND other.disabled IS NULL))
             OR EXISTS (
               SELECT 1 FROM staff_role own WHERE own.staff = ?1 AND own.role = 'owner'
                  AND NOT EXISTS (SELECT 1 FROM staff_role other JOIN staff s ON s.id = other.staff
                                   WHERE other.library = own.library AND other.role = 'owner'
                                     AND other.staff <> own.staff AND s.disabled IS NULL))",
        )?
        .exists([&*staff.0])?)
}

/// As [`account`] reads them.
pub(super) const COLUMNS: &str = "id, name, shown, operator, password, totp, made, disabled";

/// An account without its roles, which [`roles`] adds, and its second step, still sealed.
pub(super) type Bare = (Account, Option<Vec<u8>>);

pub(super) fn account(row: &Row<'_>) -> rusqlite::Result<Bare> {
    let account = Account {
        staff: Staff {
            id: row.get::<_, String>(0)?.as_str().into(),
            name: row.get(1)?,
            shown: row.get(2)?,
            operator: row.get(3)?,
            roles: std::collections::BTreeMap::new(),
        },
        password: row.get::<_, Option<String>>(4)?.map(PasswordHash),
        totp: None,
        made: At(row.get(6)?),
        disabled: row.get::<_, Option<i64>>(7)?.map(At),
    };
    Ok((account, row.get(5)?))
}

pub(super) fn find(
    db: &Connection,
    column: &'static str,
    value: impl rusqlite::ToSql,
) -> Result<Option<Bare>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE {column} = ?1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([value], account)
        .optional()?)
}

pub(super) fn roles(db: &Connection, staff: &mut Staff) -> Result<(), StoreError> {
    let mut select = db.prepare_cached("SELECT library, role FROM staff_role WHERE staff = ?1")?;
    let mut rows = select.query([&*staff.id.0])?;
    while let Some(row) = rows.next()? {
        let library: String = row.get(0)?;
        staff
            .roles
            .insert(library.as_str().into(), row.get::<_, Word<Role>>(1)?.0);
    }
    Ok(())
}

/// Where a second step's secret stands: elsewhere it does not open.
pub(super) fn place(staff: &StaffId) -> String {
    format!("totp {staff}")
}
