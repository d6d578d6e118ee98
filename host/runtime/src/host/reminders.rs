//! `reminders`: the flow runs again for this turn's patron at a moment that it chose. When such a
//! turn runs, what it may say and what becomes of it after an outage is decided outside.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::due::{
    HORIZON, PAYLOAD_BYTES_MAX, ReminderId, USEFUL, WAITING_MAX, Waiting, Write,
};

use crate::abi::interfaces::reminders::Host;
use crate::view::{Stop, View, invalid, limit};

impl Host for View {
    fn remind_at(
        &mut self,
        when: u64,
        useful_until: Option<u64>,
        payload: String,
    ) -> Result<u64, Stop> {
        let (at, useful_until) = self.moments(when, useful_until)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(limit(format!(
                "a reminder's payload has {PAYLOAD_BYTES_MAX} bytes at most"
            )));
        }
        if self.waiting()?.len() >= WAITING_MAX {
            return Err(limit(format!(
                "{WAITING_MAX} reminders at most wait for one patron at one keyword"
            )));
        }
        let ordinal = self.reminders_set;
        if ordinal >= ReminderId::PER_TURN_MAX {
            return Err(limit(format!(
                "more than {} reminders set in one turn",
                ReminderId::PER_TURN_MAX
            )));
        }
        let id = self.ask(|data| data.reminder_id(ordinal))?;
        self.reminders_set += 1;
        self.waiting()?.push(Waiting {
            id,
            at,
            useful_until,
        });
        self.reminder_writes.push(Write::Set {
            id,
            at,
            useful_until,
            payload,
        });
        Ok(id.0)
    }

    fn reschedule(&mut self, id: u64, when: u64, useful_until: Option<u64>) -> Result<bool, Stop> {
        let (at, useful_until) = self.moments(when, useful_until)?;
        let id = ReminderId(id);
        let waiting = self.waiting()?;
        let Some(known) = waiting.iter_mut().find(|known| known.id == id) else {
            return Ok(false);
        };
        (known.at, known.useful_until) = (at, useful_until);
        self.change(Write::Move {
            id,
            at,
            useful_until,
        })?;
        Ok(true)
    }

    fn cancel(&mut self, id: u64) -> Result<bool, Stop> {
        let id = ReminderId(id);
        let waiting = self.waiting()?;
        let before = waiting.len();
        waiting.retain(|known| known.id != id);
        let was = waiting.len() < before;
        if was {
            self.change(Write::Cancel { id })?;
        }
        Ok(was)
    }
}

impl View {
    /// Those of this patron and keyword, with what this run has changed.
    fn waiting(&mut self) -> Result<&mut Vec<Waiting>, Stop> {
        if self.waiting.is_none() {
            let known = self.ask(|data| data.reminders())?.map_err(Stop::Failed)?;
            self.waiting = Some(known);
        }
        Ok(self.waiting.get_or_insert_default())
    }

    fn change(&mut self, write: Write) -> Result<(), Stop> {
        if self.reminder_writes.len() >= self.limits.writes {
            return Err(limit(format!(
                "more than {} changes of reminders in one turn",
                self.limits.writes
            )));
        }
        self.reminder_writes.push(write);
        Ok(())
    }

    /// When, and until when it is of use.
    fn moments(&self, when: u64, useful_until: Option<u64>) -> Result<(At, At), Stop> {
        let now = self.now;
        let at = moment(when);
        if at <= now {
            return Err(invalid("a reminder is for a moment that is to come".into()));
        }
        if at.since(now) > HORIZON {
            return Err(limit("a reminder is for the next two years".into()));
        }
        let useful_until = useful_until.map_or(at + USEFUL, moment);
        if useful_until <= at || useful_until.since(at) > LONG {
            return Err(invalid(
                "a reminder is of use until some time after its moment, a month at most".into(),
            ));
        }
        Ok((at, useful_until))
    }
}

/// Nobody wants a reminder that is later than this.
const LONG: Duration = Duration::from_secs(31 * 24 * 60 * 60);

fn moment(millis: u64) -> At {
    At(i64::try_from(millis).unwrap_or(i64::MAX))
}
