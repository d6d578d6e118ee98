//! The patron behind a ticket: muted or not, how they want to be answered, and the one way to
//! their number.

use callslip_core::at::At;
use callslip_core::desk::{Channel, Mute, Preference, Refused, Right, reach};
use callslip_core::ids::PatronId;
use callslip_core::phone::PhoneNumber;
use rusqlite::{Connection, params};

use super::acts;
use super::agreements;
use super::changes::tell;
use super::guests;
use super::opting;
use super::row::{TicketRow, raise_version};
use crate::StoreError;
use crate::desk::{Deed, PatronAct, Reveal, What};
use crate::sqlite::texts;
use crate::sqlite::tokens::{Token as _, Word};
use crate::sqlite::writer::Tx;

pub(super) fn act(tx: &Tx<'_>, act: &PatronAct) -> Result<Result<(), Refused>, StoreError> {
    // Who answers as a guest may give the question back.
    let find = match act.deed {
        Deed::Parted => acts::admitted,
        _ => acts::checked,
    };
    let row = match find(tx, act.ticket, &act.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let (what, detail) = match &act.deed {
        Deed::Mute(mute) => {
            if let Err(refused) = mute.check(act.now) {
                return Ok(Err(refused));
            }
            set_mute(tx, &row, Some(mute))?;
            (What::Muted, Some(mute.why.clone()))
        }
        Deed::Unmute { why } => {
            if let Err(refused) = reach::reason(why) {
                return Ok(Err(refused));
            }
            set_mute(tx, &row, None)?;
            (What::Unmuted, Some(why.clone()))
        }
        Deed::Agreed { text } => {
            if let Err(refused) = agreements::keep(tx, &row, act, *text)? {
                return Ok(Err(refused));
            }
            (What::Agreed, None)
        }
        Deed::Invited { guest, text } => {
            if let Err(refused) = guests::invite(tx, &row, (guest, *text), act.now)? {
                return Ok(Err(refused));
            }
            (What::Invited, Some(guest.to_string()))
        }
        Deed::Parted => {
            if let Err(refused) = guests::part(tx, &row, act.now)? {
                return Ok(Err(refused));
            }
            let guest = row.state.guest.as_ref();
            (What::Parted, guest.map(ToString::to_string))
        }
        Deed::Prefer(preference) => {
            let note = preference.as_ref().and_then(|p| p.note.as_deref());
            if let Some(Err(refused)) = note.map(reach::reason) {
                return Ok(Err(refused));
            }
            prefer(tx, &row, preference.as_ref())?;
            let word = preference.as_ref().map(|p| p.channel.token().to_owned());
            (What::Preferred, word)
        }
        Deed::OptOut { why } => {
            let done = opting::opt_out(tx, &row, &act.actor, why, act.now)?;
            // It stands in the history of each open ticket already.
            raise_version(tx, row.phone)?;
            return Ok(done);
        }
        Deed::Undo { why } => {
            if let Err(refused) = opting::undo(tx, &row, why, act.now)? {
                return Ok(Err(refused));
            }
            (What::Undone, Some(why.clone()))
        }
    };
    // A turn that was computed before goes by the old word.
    raise_version(tx, row.phone)?;
    tell(tx, &row, &act.actor.staff, act.now, what, detail.as_deref())?;
    Ok(Ok(()))
}

pub(super) fn reveal(
    tx: &Tx<'_>,
    reveal: &Reveal,
) -> Result<Result<PhoneNumber, Refused>, StoreError> {
    let row = match acts::find(tx, reveal.ticket)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let may = reveal.actor.check_reveal(&row.state.library);
    if let Err(refused) = may.and_then(|()| reach::reason(&reveal.why)) {
        return Ok(Err(refused));
    }
    let sealed: Vec<u8> = tx
        .db
        .prepare_cached("SELECT sealed FROM phone WHERE id = ?1")?
        .query_row([row.phone.0], |row| row.get(0))?;
    let number = texts::open_number(tx.keys, row.phone, &sealed)?;
    let why = Some(reveal.why.as_str());
    tell(
        tx,
        &row,
        &reveal.actor.staff,
        reveal.now,
        What::Revealed,
        why,
    )?;
    Ok(Ok(number))
}

/// Kept and shown until they are changed.
pub(super) fn reach_of(
    db: &Connection,
    patron: PatronId,
    now: At,
) -> Result<(Option<Preference>, Option<Mute>), StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT channel, channel_note, muted_until, muted_why FROM patron WHERE id = ?1",
        )?
        .query_row([patron.0], |row| {
            let channel: Option<Word<Channel>> = row.get(0)?;
            let note = row.get(1)?;
            let until: Option<i64> = row.get(2)?;
            let why: Option<String> = row.get(3)?;
            let preference = channel.map(|channel| Preference {
                channel: channel.0,
                note,
            });
            let mute = until
                .map(At)
                .filter(|until| *until > now)
                .map(|until| Mute {
                    until,
                    why: why.unwrap_or_default(),
                });
            Ok((preference, mute))
        })?)
}

fn set_mute(tx: &Tx<'_>, row: &TicketRow, mute: Option<&Mute>) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE patron SET muted_until = ?2, muted_why = ?3 WHERE id = ?1")?
        .execute(params![
            row.patron.0,
            mute.map(|mute| mute.until.0),
            mute.map(|mute| mute.why.as_str()),
        ])?;
    Ok(())
}

fn prefer(tx: &Tx<'_>, row: &TicketRow, preference: Option<&Preference>) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE patron SET channel = ?2, channel_note = ?3 WHERE id = ?1")?
        .execute(params![
            row.patron.0,
            preference.map(|preference| Word(preference.channel)),
            preference.and_then(|preference| preference.note.as_deref()),
        ])?;
    Ok(())
}
