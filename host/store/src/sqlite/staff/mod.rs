//! People with an account: each change with what must hold for it, in one transaction with its
//! line in the log. Nothing is written before all that must hold has been looked at.

mod accounts; // one account's rows
mod audit;
mod counters; // for a hall
mod made; // keywords of the console's own
mod overview; // what admins look at
mod plugins; // those that came by the console
mod reads;
mod switched;
mod tokens; // sessions and links

use callslip_core::at::At;
use callslip_core::ids::StaffId;

use super::writer::Tx;
use crate::StoreError;
use crate::staff::{
    NewAccount, PasswordHash, StaffChange, StaffCommit, StaffCommitted, StaffRefused, TokenHash,
};

type Outcome = Result<Result<Option<StaffId>, StaffRefused>, StoreError>;

pub(super) fn commit(tx: &Tx<'_>, commit: &StaffCommit) -> Result<StaffCommitted, StoreError> {
    let done = match change(tx, commit)? {
        Ok(staff) => staff,
        Err(refused) => return Ok(StaffCommitted::Refused(refused)),
    };
    if let Some(note) = &commit.note {
        audit::write(tx, commit, note, done.as_ref())?;
    }
    Ok(StaffCommitted::Saved(done))
}

fn change(tx: &Tx<'_>, commit: &StaffCommit) -> Outcome {
    let now = commit.now;
    match &commit.change {
        StaffChange::OfferFirst { link, expires } => offer_first(tx, link, *expires),
        StaffChange::MakeFirst {
            link,
            account,
            password,
        } => make_first(tx, link, account, password, now),
        StaffChange::Add {
            account,
            link,
            expires,
        } => add(tx, account, link, *expires, now),
        StaffChange::OfferReset {
            staff,
            link,
            expires,
        } => known(tx, staff, || tokens::offer(tx, link, Some(staff), *expires)),
        StaffChange::Reset { link, password } => reset(tx, link, password, now),
        StaffChange::Password {
            staff,
            password,
            keep,
        } => known(tx, staff, || {
            accounts::set_password(tx, staff, password)?;
            tokens::end_others(tx, staff, Some(keep))
        }),
        StaffChange::Totp {
            staff,
            secret,
            keep,
        } => known(tx, staff, || {
            accounts::set_totp(tx, staff, secret.as_ref())?;
            tokens::end_others(tx, staff, Some(keep))
        }),
        StaffChange::Email { staff, email } => known(tx, staff, || {
            accounts::set_email(tx, staff, email.as_deref())
        }),
        StaffChange::SignIn {
            staff,
            session,
            expires,
            totp_step,
        } => sign_in(tx, staff, session, *expires, *totp_step, now),
        StaffChange::SignOut { session } => {
            tokens::end(tx, session)?;
            Ok(Ok(None))
        }
        StaffChange::SignOutEverywhere { staff } => {
            known(tx, staff, || tokens::end_others(tx, staff, None))
        }
        StaffChange::Seen { session, expires } => {
            tokens::seen(tx, session, now, *expires)?;
            Ok(Ok(None))
        }
        StaffChange::Role {
            staff,
            library,
            role,
        } => {
            if accounts::is_last_owner(tx, staff, library, *role)? {
                return Ok(Err(StaffRefused::LastOne));
            }
            known(tx, staff, || accounts::set_role(tx, staff, library, *role))
        }
        StaffChange::Disable { staff } => {
            if accounts::is_last_anywhere(tx, staff)? {
                return Ok(Err(StaffRefused::LastOne));
            }
            known(tx, staff, || {
                accounts::set_disabled(tx, staff, Some(now))?;
                tokens::end_others(tx, staff, None)?;
                tokens::withdraw(tx, Some(staff))
            })
        }
        StaffChange::Enable { staff } => {
            known(tx, staff, || accounts::set_disabled(tx, staff, None))
        }
        StaffChange::Switch(switching) => {
            switched::write(tx, switching, &commit.by.name, now)?;
            Ok(Ok(None))
        }
        StaffChange::MakeKeyword {
            library,
            keyword,
            toml,
            over,
        } => made::write(
            tx,
            commit,
            (library, keyword),
            (toml.as_deref(), None),
            *over,
        ),
        StaffChange::RemoveKeyword {
            library,
            keyword,
            closing,
            over,
        } => made::write(
            tx,
            commit,
            (library, keyword),
            (None, Some(closing)),
            Some(*over),
        ),
        StaffChange::Ignore {
            library,
            key,
            ignored,
        } => {
            overview::ignore(tx, library, key, *ignored, now)?;
            Ok(Ok(None))
        }
        StaffChange::OfferPlugin {
            owner,
            plugin,
            bytes,
        } => plugins::offer(tx, commit, owner.as_ref(), plugin, bytes),
        StaffChange::InstallPlugin(id) => plugins::install(tx, id, now),
        StaffChange::WithdrawPlugin(id) => plugins::withdraw(tx, id, now),
        StaffChange::Counter {
            library,
            keyword,
            link,
        } => {
            counters::set(tx, (library, keyword), link.as_ref(), commit)?;
            Ok(Ok(None))
        }
        StaffChange::Noted => Ok(Ok(None)),
    }
}

/// Does it if there is such an account.
fn known(tx: &Tx<'_>, staff: &StaffId, work: impl FnOnce() -> Result<(), StoreError>) -> Outcome {
    if !accounts::exists(tx, staff)? {
        return Ok(Err(StaffRefused::NoSuchAccount));
    }
    work()?;
    Ok(Ok(Some(staff.clone())))
}

fn offer_first(tx: &Tx<'_>, link: &TokenHash, expires: At) -> Outcome {
    if accounts::any(tx.db)? {
        return Ok(Err(StaffRefused::NotFirst));
    }
    tokens::offer(tx, link, None, expires)?;
    Ok(Ok(None))
}

fn make_first(
    tx: &Tx<'_>,
    link: &TokenHash,
    account: &NewAccount,
    password: &PasswordHash,
    now: At,
) -> Outcome {
    if accounts::any(tx.db)? {
        return Ok(Err(StaffRefused::NotFirst));
    }
    match tokens::whose(tx.db, link, now)? {
        Some(None) => {}
        Some(Some(_)) | None => return Ok(Err(StaffRefused::LinkGone)),
    }
    tokens::withdraw(tx, None)?;
    accounts::add(tx, account, Some(password), now)?;
    Ok(Ok(Some(account.id.clone())))
}

fn add(tx: &Tx<'_>, account: &NewAccount, link: &TokenHash, expires: At, now: At) -> Outcome {
    if accounts::is_taken(tx.db, &account.name)? {
        return Ok(Err(StaffRefused::NameTaken));
    }
    accounts::add(tx, account, None, now)?;
    tokens::offer(tx, link, Some(&account.id), expires)?;
    Ok(Ok(Some(account.id.clone())))
}

fn reset(tx: &Tx<'_>, link: &TokenHash, password: &PasswordHash, now: At) -> Outcome {
    let Some(Some(staff)) = tokens::whose(tx.db, link, now)? else {
        return Ok(Err(StaffRefused::LinkGone));
    };
    tokens::withdraw(tx, Some(&staff))?;
    accounts::set_password(tx, &staff, password)?;
    accounts::set_totp(tx, &staff, None)?;
    tokens::end_others(tx, &staff, None)?;
    Ok(Ok(Some(staff)))
}

fn sign_in(
    tx: &Tx<'_>,
    staff: &StaffId,
    session: &TokenHash,
    expires: At,
    totp_step: Option<i64>,
    now: At,
) -> Outcome {
    if let Some(step) = totp_step
        && !accounts::take_step(tx, staff, step)?
    {
        return Ok(Err(StaffRefused::CodeUsed));
    }
    known(tx, staff, || {
        tokens::begin(tx, session, staff, now, expires)
    })
}
