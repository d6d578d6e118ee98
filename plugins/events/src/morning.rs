//! Ten in the morning: the day before an event its guests are reminded, and who waits for a seat
//! looks each day whether one came free.

use callslip::prelude::*;
use callslip::{LocalTime, ReminderId, Timestamp};

use crate::Messages;
use crate::listing::moment;
use crate::seats::{self, Mine, Room, Standing};

const TEN: u16 = 10 * 60;
/// Around its beginning an event is looked for in the calendar.
const MINUTE_MS: u64 = 60_000;

/// The next morning at which something is to be said or looked at; of no use once it has begun.
pub(crate) async fn set(talk: &Talk, mine: &Mine) -> Result<Option<ReminderId>, Refusal> {
    let day = talk.library().local(mine.starts).date;
    let today = talk.local_now().date;
    let morning = match mine.standing {
        Standing::Seated => day.plus_days(-1),
        Standing::Waiting(_) => today.plus_days(1).min(day.plus_days(-1)),
    };
    let ten = LocalTime {
        date: morning,
        minute: TEN,
    };
    let ten = talk.library().moment(ten);
    if ten <= talk.now() || ten >= mine.starts {
        return Ok(None);
    }
    let set = talk.reminders().between(ten, mine.starts, &mine.key).await;
    set.map(Some)
}

/// That morning has come.
pub(crate) async fn come(talk: &Talk, say: Messages, feed: &str, room: Room, key: &str) -> Outcome {
    let Some(mine) = seats::of_event(talk, key, room).await? else {
        return talk.finish();
    };
    let when = moment(
        talk,
        Language::of(say.language()),
        mine.starts,
        mine.all_day,
    );
    let eve = talk
        .local_now()
        .date
        .days_until(talk.library().local(mine.starts).date)
        <= 1;
    if called_off(talk, feed, &mine).await? {
        talk.say(say.gone(&mine.title));
        return talk.finish();
    }
    match mine.standing {
        Standing::Seated if mine.waited => {
            talk.say(say.moved_up(&mine.title, &when, talk.keyword()));
        }
        Standing::Seated => talk.say(say.reminder(&mine.title, &when, talk.keyword())),
        Standing::Waiting(ahead) if eve => {
            talk.say(say.still_waiting(&mine.title, &when, &ahead.to_string()));
        }
        Standing::Waiting(_) => {}
    }
    let reminder = set(talk, &mine).await?;
    seats::keep(talk, &mine, reminder).await?;
    talk.finish()
}

/// What the calendar says; where it says nothing the event takes place.
async fn called_off(talk: &Talk, feed: &str, mine: &Mine) -> Result<bool, Refusal> {
    let before = Timestamp(mine.starts.0 + MINUTE_MS);
    let found = talk.calendar().occurrences(feed, mine.starts, before).await;
    let day = talk.library().local(mine.starts).date;
    match found {
        Ok(found) => Ok(found
            .iter()
            .any(|one| one.cancelled && seats::key(&one.id, day) == mine.key)),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(_) => Ok(false),
    }
}
