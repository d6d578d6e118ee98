//! The host's side of each capability, for tests: plain maps of the thread that tests.
//!
//! A turn that fails is undone by putting an earlier world back. Limits are the host's.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::reminders::Reminder;
use crate::library::Library;
use crate::log::Level;
use crate::outcome::Refusal;
use crate::outside::Failure;
use crate::test::recording::{Outside, Recording, find};

/// What a flow may remember and do. One phone's, and the library's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) patron: BTreeMap<String, String>,
    pub(crate) library: BTreeMap<String, String>,
    /// Lists that there are; none: any.
    pub(crate) lists: Option<BTreeSet<String>>,
    pub(crate) member_of: BTreeSet<String>,
    pub(crate) profile: BTreeMap<String, String>,
    pub(crate) not_granted: BTreeSet<String>,
    pub(crate) sealed: BTreeMap<String, String>,
    pub(crate) outside: Outside,
    /// Wrong tries, by subject; what is not rolled back.
    pub(crate) tries: BTreeMap<String, u32>,
    /// Of the phone.
    pub(crate) number: String,
    /// Whose clock a calendar's events go by.
    pub(crate) place: Option<Library>,
    /// Of this turn.
    pub(crate) asked: Vec<String>,
    /// Of this turn.
    pub(crate) card: bool,
    pub(crate) log: Vec<(Level, String)>,
    /// Reminders that wait.
    pub(crate) reminders: Vec<Reminder>,
    /// Of this turn, too; `turn` counts them.
    pub(crate) reminders_set: u64,
    pub(crate) turn: u64,
    pub(crate) now: u64,
}

thread_local! {
    pub(super) static WORLD: RefCell<World> = RefCell::default();
}

/// Puts a world in place and gives back what it became.
pub(crate) fn within<T>(world: World, run: impl FnOnce() -> T) -> (T, World) {
    WORLD.set(world);
    let result = run();
    (result, WORLD.take())
}

pub(super) fn granted(capability: &str) -> Result<(), Refusal> {
    WORLD.with_borrow(|world| match world.not_granted.contains(capability) {
        false => Ok(()),
        true => Err(Refusal::NotGranted(capability.to_owned())),
    })
}

pub(crate) mod lists {
    use super::{WORLD, granted};
    use crate::outcome::Refusal;

    fn known(list: &str) -> Result<(), Refusal> {
        granted("lists")?;
        WORLD.with_borrow(|world| match &world.lists {
            Some(lists) if !lists.contains(list) => Err(Refusal::Unknown(format!("list {list:?}"))),
            _ => Ok(()),
        })
    }

    pub(crate) fn join(list: &str) -> Result<bool, Refusal> {
        known(list)?;
        Ok(WORLD.with_borrow_mut(|world| world.member_of.insert(list.to_owned())))
    }

    pub(crate) fn leave(list: &str) -> Result<bool, Refusal> {
        known(list)?;
        Ok(WORLD.with_borrow_mut(|world| world.member_of.remove(list)))
    }

    pub(crate) fn is_member(list: &str) -> Result<bool, Refusal> {
        known(list)?;
        Ok(WORLD.with_borrow(|world| world.member_of.contains(list)))
    }
}

pub(crate) mod profile {
    use super::{WORLD, granted};
    use crate::outcome::Refusal;

    pub(crate) fn get(field: &str) -> Result<Option<String>, Refusal> {
        granted("profile")?;
        Ok(WORLD.with_borrow(|world| world.profile.get(field).cloned()))
    }

    pub(crate) fn set(field: &str, value: &str) -> Result<(), Refusal> {
        granted("profile")?;
        WORLD.with_borrow_mut(|world| {
            world.profile.insert(field.to_owned(), value.to_owned());
        });
        Ok(())
    }
}

pub(crate) mod contact_card {
    use super::{WORLD, granted};
    use crate::outcome::Refusal;

    pub(crate) fn attach() -> Result<String, Refusal> {
        granted("contact-card")?;
        WORLD.with_borrow_mut(|world| world.card = true);
        Ok(crate::test::fixture::CARD_LINK.to_owned())
    }
}

pub(crate) use super::reminders;

pub(crate) mod log {
    use super::WORLD;
    use crate::log::Level;

    pub(crate) fn write(level: Level, text: &str) {
        WORLD.with_borrow_mut(|world| world.log.push((level, text.to_owned())));
    }
}

/// What was recorded for this; none: nobody is there.
fn outside(capability: &str, asked: String) -> Result<Recording, Failure> {
    granted(capability).map_err(Failure::Refused)?;
    WORLD.with_borrow_mut(|world| {
        let answer = find(&world.outside, &asked).cloned();
        let nothing = || Failure::Unreachable(format!("nothing is recorded for {asked:?}"));
        let answer = answer.ok_or_else(nothing);
        world.asked.push(asked);
        match answer {
            Ok(Recording::Failed(failure)) => Err(failure),
            other => other,
        }
    })
}

/// What was recorded is of another kind than what was asked.
fn other_kind<T>() -> Result<T, Failure> {
    Err(Failure::Unreadable("what is recorded".to_owned()))
}

pub(crate) mod fetch {
    use super::{other_kind, outside};
    use crate::fetch::{Request, Response};
    use crate::outside::Failure;
    use crate::test::recording::Recording;

    pub(crate) fn send(request: &Request<'_>) -> Result<Response, Failure> {
        let asked = format!("{} {} {}", request.method.name(), request.url, request.body);
        match outside("fetch", asked.trim_end().to_owned())? {
            Recording::Response(response) => Ok(response),
            _ => other_kind(),
        }
    }
}

pub(crate) mod calendar {
    use super::{WORLD, other_kind, outside};
    use crate::calendar::Occurrence;
    use crate::outside::Failure;
    use crate::test::fixture;
    use crate::test::recording::Recording;
    use crate::time::Timestamp;

    pub(crate) fn occurrences(
        url: &str,
        after: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Occurrence>, Failure> {
        let Recording::Events(events) = outside("calendar", format!("CALENDAR {url}"))? else {
            return other_kind();
        };
        let place = WORLD.with_borrow(|world| world.place.clone());
        let place = place.unwrap_or_else(fixture::bayside);
        let all = events.iter().map(|event| event.at(&place));
        let mut within: Vec<Occurrence> = all
            .filter(|one| one.ends > after && one.starts < before)
            .collect();
        within.sort_by(|a, b| (a.starts, &a.title).cmp(&(b.starts, &b.title)));
        Ok(within)
    }
}

pub(crate) mod sip2 {
    use super::{other_kind, outside};
    use crate::outside::Failure;
    use crate::test::recording::Recording;

    pub(crate) fn exchange(server: &str, message: &str) -> Result<String, Failure> {
        match outside("sip2", format!("SIP2 {server} {message}"))? {
            Recording::Text(text) => Ok(text),
            _ => other_kind(),
        }
    }
}

pub(crate) mod sealed {
    use super::{WORLD, granted};
    use crate::outcome::Refusal;

    pub(crate) fn get(key: &str) -> Result<Option<String>, Refusal> {
        granted("sealed")?;
        Ok(WORLD.with_borrow(|world| world.sealed.get(key).cloned()))
    }

    pub(crate) fn set(key: &str, value: &str) -> Result<(), Refusal> {
        granted("sealed")?;
        WORLD.with_borrow_mut(|world| world.sealed.insert(key.to_owned(), value.to_owned()));
        Ok(())
    }

    pub(crate) fn delete(key: &str) -> Result<(), Refusal> {
        granted("sealed")?;
        WORLD.with_borrow_mut(|world| world.sealed.remove(key));
        Ok(())
    }
}

pub(crate) mod attempts {
    use super::{WORLD, granted};
    use crate::outside::Failure;

    /// Of one subject; the host bounds a phone and a library too.
    const TRIES_MAX: u32 = 5;

    pub(crate) fn take(subject: &str) -> Result<bool, Failure> {
        granted("attempts").map_err(Failure::Refused)?;
        Ok(WORLD.with_borrow_mut(|world| {
            let tries = world.tries.entry(subject.to_owned()).or_default();
            let room = *tries < TRIES_MAX;
            *tries += u32::from(room);
            room
        }))
    }

    pub(crate) fn give_back(subject: &str) -> Result<(), Failure> {
        granted("attempts").map_err(Failure::Refused)?;
        WORLD.with_borrow_mut(|world| {
            let tries = world.tries.entry(subject.to_owned()).or_default();
            *tries = tries.saturating_sub(1);
        });
        Ok(())
    }
}

pub(crate) mod own_number {
    use super::{WORLD, granted};
    use crate::outcome::Refusal;

    /// Numbers differ in how they are written.
    fn digits(number: &str) -> String {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let end = digits.len().saturating_sub(10);
        digits.get(end..).unwrap_or_default().to_owned()
    }

    pub(crate) fn matches(number: &str) -> Result<bool, Refusal> {
        granted("own-number")?;
        Ok(WORLD.with_borrow(|world| {
            let own = digits(&world.number);
            !own.is_empty() && own == digits(number)
        }))
    }
}

pub(crate) mod storage {
    use std::collections::BTreeMap;

    use super::{WORLD, World, granted};
    use crate::outcome::Refusal;
    use crate::storage::{Added, Scope};

    const KEY_BYTES_MAX: usize = 128;
    const VALUE_BYTES_MAX: usize = 16 * 1024;
    const ROWS_MAX: usize = 200;

    fn keys<T>(scope: Scope, run: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        WORLD.with_borrow_mut(|world: &mut World| match scope {
            Scope::Patron => run(&mut world.patron),
            Scope::Library => run(&mut world.library),
        })
    }

    fn fits(key: &str) -> Result<(), Refusal> {
        granted("storage")?;
        match key.len() {
            0 => Err(Refusal::Invalid("a key is not empty".to_owned())),
            1..=KEY_BYTES_MAX => Ok(()),
            _ => Err(Refusal::Limit(format!(
                "a key has at most {KEY_BYTES_MAX} bytes"
            ))),
        }
    }

    pub(crate) fn get(scope: Scope, key: &str) -> Result<Option<String>, Refusal> {
        fits(key)?;
        Ok(keys(scope, |keys| keys.get(key).cloned()))
    }

    pub(crate) fn set(scope: Scope, key: &str, value: &str) -> Result<(), Refusal> {
        fits(key)?;
        if value.len() > VALUE_BYTES_MAX {
            return Err(Refusal::Limit(format!(
                "a value has at most {VALUE_BYTES_MAX} bytes"
            )));
        }
        keys(scope, |keys| keys.insert(key.to_owned(), value.to_owned()));
        Ok(())
    }

    pub(crate) fn delete(scope: Scope, key: &str) -> Result<(), Refusal> {
        fits(key)?;
        keys(scope, |keys| keys.remove(key));
        Ok(())
    }

    pub(crate) fn list(scope: Scope, prefix: &str) -> Result<Vec<(String, String)>, Refusal> {
        granted("storage")?;
        Ok(keys(scope, |keys| {
            let found = keys.iter().filter(|(key, _)| key.starts_with(prefix));
            found
                .take(ROWS_MAX)
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        }))
    }

    pub(crate) fn add(
        scope: Scope,
        key: &str,
        amount: i64,
        most: Option<i64>,
    ) -> Result<Added, Refusal> {
        let stands = match get(scope, key)? {
            None => 0,
            Some(value) => value
                .parse::<i64>()
                .map_err(|_| Refusal::Invalid(format!("{key:?} holds no number")))?,
        };
        match stands
            .checked_add(amount)
            .filter(|sum| most.is_none_or(|most| *sum <= most))
        {
            None => Ok(Added::Full(stands)),
            Some(sum) => set(scope, key, &sum.to_string()).map(|()| Added::Now(sum)),
        }
    }
}
