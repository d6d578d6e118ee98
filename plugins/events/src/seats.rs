//! Seats and the waiting list: who came when, and so who has a seat.
//!
//! Everybody who signs up gets the next number. A number that is given back goes on the list of
//! those gone, and who stands within the seats when the gone are left out has one. So a waiting
//! list moves up without anybody writing to it, a seat that was promised is never taken back, and
//! twenty seats are never twenty-one.

use callslip::prelude::*;
use callslip::{Date, ReminderId, Timestamp};

use crate::listing::Event;

/// Longest list of given-back numbers: 16 KiB of storage hold them.
const GONE_MAX: usize = 2_000;
/// One phone's sign-ups.
const MINE_MAX: usize = 20;

/// Where a patron stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Seated,
    /// So many wait before this patron.
    Waiting(usize),
}

/// What signing up came to.
pub(crate) enum SignedUp {
    As(Mine),
    Full,
}

/// One event that this patron signed up for.
#[derive(Clone)]
pub(crate) struct Mine {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) starts: Timestamp,
    pub(crate) all_day: bool,
    pub(crate) standing: Standing,
    /// Whether there was no seat when the patron last heard of it.
    pub(crate) waited: bool,
    number: usize,
    reminder: Option<ReminderId>,
}

/// How many fit.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    /// None: all who come.
    pub(crate) seats: Option<u32>,
    pub(crate) waiting: u32,
}

/// The name of an event in storage. It begins with its day, so that the oldest are found first.
pub(crate) fn key(id: &str, day: Date) -> String {
    // FNV-1a: ids of feeds have any length.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{day}-{hash:016x}")
}

/// Whether somebody who comes now has a seat.
pub(crate) async fn has_seat(talk: &Talk, key: &str, room: Room) -> Result<bool, Refusal> {
    let Some(seats) = room.seats else {
        return Ok(true);
    };
    let joined = talk.storage().library().get(&joined(key)).await?;
    let joined = joined.and_then(|number| number.parse().ok()).unwrap_or(0);
    let gone = gone(talk, key).await?.len();
    Ok(joined - gone.min(joined) < seats as usize)
}

/// Takes the next number.
pub(crate) async fn sign_up(
    talk: &Talk,
    key: &str,
    event: &Event,
    room: Room,
) -> Result<SignedUp, Refusal> {
    let gone = gone(talk, key).await?;
    let most = match room.seats {
        Some(seats) => i64::from(seats) + i64::from(room.waiting) + gone.len() as i64,
        None => i64::MAX,
    };
    let added = talk
        .storage()
        .library()
        .add_up_to(&joined(key), 1, most)
        .await?;
    let Added::Now(number) = added else {
        return Ok(SignedUp::Full);
    };
    let number = usize::try_from(number).unwrap_or_default();
    let standing = standing(number, &gone, room.seats);
    let mine = Mine {
        key: key.to_owned(),
        title: event.title.clone(),
        starts: event.starts,
        all_day: event.all_day,
        standing,
        waited: standing != Standing::Seated,
        number,
        reminder: None,
    };
    Ok(SignedUp::As(mine))
}

/// Keeps what the patron was told, and the reminder that was set.
pub(crate) async fn keep(
    talk: &Talk,
    mine: &Mine,
    reminder: Option<ReminderId>,
) -> Result<(), Refusal> {
    let flag = |flag: bool| if flag { "1" } else { "0" }.to_owned();
    let kept = [
        mine.number.to_string(),
        mine.starts.0.to_string(),
        flag(mine.all_day),
        flag(mine.standing != Standing::Seated),
        reminder.map(|id| id.to_string()).unwrap_or_default(),
        mine.title.clone(),
    ];
    let kept = kept.join("|");
    talk.storage()
        .patron()
        .set(&mine_key(&mine.key), &kept)
        .await
}

/// Gives the number back.
pub(crate) async fn give_back(talk: &Talk, mine: &Mine) -> Result<(), Refusal> {
    let mut gone = gone(talk, &mine.key).await?;
    if gone.len() < GONE_MAX {
        gone.push(mine.number);
    }
    let gone: Vec<String> = gone.iter().map(usize::to_string).collect();
    let library = talk.storage().library();
    library.set(&gone_key(&mine.key), &gone.join(",")).await?;
    if let Some(reminder) = mine.reminder {
        talk.reminders().cancel(reminder).await?;
    }
    talk.storage().patron().delete(&mine_key(&mine.key)).await
}

/// Where the patron stands at one event.
pub(crate) async fn of_event(talk: &Talk, key: &str, room: Room) -> Result<Option<Mine>, Refusal> {
    let Some(kept) = talk.storage().patron().get(&mine_key(key)).await? else {
        return Ok(None);
    };
    let gone = gone(talk, key).await?;
    Ok(read(key, &kept, &gone, room))
}

/// All that the patron is signed up for and is still to come; what is over is forgotten.
pub(crate) async fn mine(talk: &Talk, room: Room) -> Result<Vec<Mine>, Refusal> {
    let today = talk.local_now().date;
    let mut all = Vec::new();
    for (key, kept) in talk.storage().patron().list("mine/").await? {
        let key = key.trim_start_matches("mine/").to_owned();
        if is_over(&key, today) {
            talk.storage().patron().delete(&mine_key(&key)).await?;
            continue;
        }
        if all.len() < MINE_MAX {
            let gone = gone(talk, &key).await?;
            all.extend(read(&key, &kept, &gone, room));
        }
    }
    Ok(all)
}

/// Forgets the numbers of events that are over. Not while signing up: many do that at once, and
/// each would look at what all the others write.
pub(crate) async fn sweep(talk: &Talk) -> Result<(), Refusal> {
    let today = talk.local_now().date;
    let library = talk.storage().library();
    for (name, _) in library.list("joined/").await? {
        let key = name.trim_start_matches("joined/");
        if !is_over(key, today) {
            break;
        }
        library.delete(&gone_key(key)).await?;
        library.delete(&name).await?;
    }
    Ok(())
}

async fn gone(talk: &Talk, key: &str) -> Result<Vec<usize>, Refusal> {
    let kept = talk.storage().library().get(&gone_key(key)).await?;
    let kept = kept.unwrap_or_default();
    Ok(kept.split(',').filter_map(|one| one.parse().ok()).collect())
}

fn read(key: &str, kept: &str, gone: &[usize], room: Room) -> Option<Mine> {
    let mut parts = kept.splitn(6, '|');
    let number = parts.next()?.parse().ok()?;
    Some(Mine {
        key: key.to_owned(),
        number,
        starts: Timestamp(parts.next()?.parse().ok()?),
        all_day: parts.next()? == "1",
        waited: parts.next()? == "1",
        reminder: parts.next()?.parse().ok(),
        title: parts.next()?.to_owned(),
        standing: standing(number, gone, room.seats),
    })
}

fn standing(number: usize, gone: &[usize], seats: Option<u32>) -> Standing {
    let before = gone.iter().filter(|gone| **gone < number).count();
    let place = number.saturating_sub(before);
    match seats.map(|seats| seats as usize) {
        Some(seats) if place > seats => Standing::Waiting(place - seats - 1),
        _ => Standing::Seated,
    }
}

fn is_over(key: &str, today: Date) -> bool {
    let day = key.get(..10).and_then(Date::parse);
    day.is_none_or(|day| day < today)
}

fn joined(key: &str) -> String {
    ["joined/", key].concat()
}

fn gone_key(key: &str) -> String {
    ["gone/", key].concat()
}

fn mine_key(key: &str) -> String {
    ["mine/", key].concat()
}
