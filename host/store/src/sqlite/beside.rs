//! Looks into a store beside the process that has it open, for commands such as `callslip why`.

use std::cell::Cell;
use std::path::Path;

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::phone::Keys;
use callslip_core::staff::Staff;

use super::reader::SqliteReader;
use super::writer::Tx;
use super::{failed, open, overdue, staff};
use crate::staff::{StaffCommit, StaffCommitted};
use crate::{OpenError, Reader, StaffReader, StoreError};

pub(super) fn look(path: &Path, keys: Keys) -> Result<Box<dyn Reader>, OpenError> {
    let db = open::known(path, &keys)?;
    Ok(Box::new(SqliteReader::new(db, keys)))
}

pub(super) fn look_staff(path: &Path, keys: Keys) -> Result<Box<dyn StaffReader>, OpenError> {
    let db = open::known(path, &keys)?;
    Ok(Box::new(SqliteReader::new(db, keys)))
}

pub(super) fn send_again(
    path: &Path,
    keys: &Keys,
    message: MessageId,
    now: At,
    useful_until: At,
) -> Result<Option<MessageId>, OpenError> {
    write(path, keys, |tx| {
        overdue::send_again(tx, message, now, useful_until)
    })
}

/// Who signs in by this name, if anybody, with the link noted.
pub(super) fn offer_reset(
    path: &Path,
    keys: &Keys,
    name: &str,
    offer: impl FnOnce(&Staff) -> StaffCommit,
) -> Result<Option<Staff>, OpenError> {
    let looking = SqliteReader::new(open::known(path, keys)?, keys.clone());
    let account = looking
        .account(name)
        .map_err(|cause| failed(path, &cause))?;
    let Some(account) = account else {
        return Ok(None);
    };
    let commit = offer(&account.staff);
    match write(path, keys, |tx| staff::commit(tx, &commit))? {
        StaffCommitted::Saved(_) => Ok(Some(account.staff)),
        StaffCommitted::Refused(_) => Ok(None),
    }
}

fn write<T>(
    path: &Path,
    keys: &Keys,
    work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, OpenError> {
    let mut db = open::known(path, keys)?;
    db.pragma_update(None, "query_only", false)
        .map_err(|cause| failed(path, &cause))?;
    let step = db
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(|cause| failed(path, &cause))?;
    let (last_text, seen_walk, fold) = (Cell::new(0), Cell::default(), Cell::new(false));
    let done = work(&Tx::beside(&step, keys, &last_text, &seen_walk, &fold));
    let done = done.map_err(|cause| failed(path, &cause))?;
    step.commit().map_err(|cause| failed(path, &cause))?;
    Ok(done)
}
