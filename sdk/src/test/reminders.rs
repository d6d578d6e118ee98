//! The host's side of `reminders`, for tests: those that wait, in the order in which they were set.

use super::world::{WORLD, granted};
use crate::outcome::Refusal;

const WAITING_MAX: usize = 20;
const PAYLOAD_BYTES_MAX: usize = 1_024;
const DAY: u64 = 24 * 60 * 60 * 1_000;
const HORIZON: u64 = 2 * 365 * DAY;
const LONG: u64 = 31 * DAY;
/// A turn sets so many at most: an id is its turn's times this and its place in the turn.
const PER_TURN_MAX: u64 = 32;

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reminder {
    pub(crate) id: u64,
    pub(crate) at: u64,
    pub(crate) useful_until: u64,
    pub(crate) payload: String,
}

pub(crate) fn remind_at(
    when: u64,
    useful_until: Option<u64>,
    payload: &str,
) -> Result<u64, Refusal> {
    let useful_until = moments(when, useful_until)?;
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(Refusal::Limit(format!(
            "a reminder's payload has {PAYLOAD_BYTES_MAX} bytes at most"
        )));
    }
    WORLD.with_borrow_mut(|world| {
        if world.reminders.len() >= WAITING_MAX {
            return Err(Refusal::Limit(format!(
                "{WAITING_MAX} reminders at most wait for one patron at one keyword"
            )));
        }
        let id = world.turn * PER_TURN_MAX + world.reminders_set;
        world.reminders_set += 1;
        world.reminders.push(Reminder {
            id,
            at: when,
            useful_until,
            payload: payload.to_owned(),
        });
        Ok(id)
    })
}

pub(crate) fn reschedule(id: u64, when: u64, useful_until: Option<u64>) -> Result<bool, Refusal> {
    let useful_until = moments(when, useful_until)?;
    Ok(WORLD.with_borrow_mut(|world| {
        let mut waiting = world.reminders.iter_mut();
        let known = waiting.find(|known| known.id == id);
        known.is_some_and(|known| {
            (known.at, known.useful_until) = (when, useful_until);
            true
        })
    }))
}

pub(crate) fn cancel(id: u64) -> Result<bool, Refusal> {
    granted("reminders")?;
    Ok(WORLD.with_borrow_mut(|world| {
        let before = world.reminders.len();
        world.reminders.retain(|known| known.id != id);
        world.reminders.len() < before
    }))
}

/// Until when it is of use.
fn moments(when: u64, useful_until: Option<u64>) -> Result<u64, Refusal> {
    granted("reminders")?;
    let now = WORLD.with_borrow(|world| world.now);
    if when <= now {
        return Err(Refusal::Invalid(
            "a reminder is for a moment that is to come".to_owned(),
        ));
    }
    if when - now > HORIZON {
        return Err(Refusal::Limit(
            "a reminder is for the next two years".to_owned(),
        ));
    }
    let useful_until = useful_until.unwrap_or(when + DAY);
    if useful_until <= when || useful_until - when > LONG {
        return Err(Refusal::Invalid(
            "a reminder is of use until some time after its moment, a month at most".to_owned(),
        ));
    }
    Ok(useful_until)
}
