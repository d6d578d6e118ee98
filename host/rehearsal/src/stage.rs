//! What a flow may look at while a transcript is played: one patron and one library in memory.
//! What a run wrote is laid on it when the turn is done, as the store does in a commit.

use std::collections::{BTreeMap, BTreeSet};

use callslip::test::fixture;
use callslip_core::at::At;
use callslip_core::due::{self, ReminderId, Waiting};
use callslip_core::flow::{Scope, Write};
use callslip_core::ids::InboundId;
use callslip_core::outside::{Answer, Ask};
use callslip_runtime::Data;

use crate::outside::World;

#[derive(Clone)]
pub(crate) struct Stage {
    /// Each value with the version at which it was written.
    keys: BTreeMap<(Scope, String), (String, i64)>,
    /// Of all that is here; above 0 from the beginning, as 0 stands for nothing there.
    version: i64,
    pub(crate) member_of: BTreeSet<String>,
    pub(crate) profile: BTreeMap<String, String>,
    languages: Vec<String>,
    pub(crate) outside: World,
    /// Reminders that wait, with what each says.
    pub(crate) reminders: Vec<(Waiting, String)>,
    /// Turns so far that set one.
    pub(crate) turn: i64,
}

impl Stage {
    pub(crate) fn new(
        member_of: BTreeSet<String>,
        profile: BTreeMap<String, String>,
        languages: Vec<String>,
        outside: World,
    ) -> Stage {
        Stage {
            keys: BTreeMap::new(),
            version: 1,
            member_of,
            profile,
            languages,
            outside,
            reminders: Vec::new(),
            turn: 0,
        }
    }

    /// The same library with all forgotten that it knew of the patron, as at a number's new holder.
    pub(crate) fn emptied(&self) -> Stage {
        Stage {
            keys: BTreeMap::new(),
            // What is there no more has changed.
            version: self.version.saturating_add(1),
            member_of: BTreeSet::new(),
            profile: BTreeMap::new(),
            languages: self.languages.clone(),
            outside: self.outside.clone(),
            reminders: Vec::new(),
            turn: self.turn,
        }
    }

    pub(crate) fn apply(&mut self, writes: Vec<Write>) {
        for write in writes {
            self.version = self.version.saturating_add(1);
            match write {
                Write::Set { scope, key, value } => {
                    self.keys.insert((scope, key), (value, self.version));
                }
                Write::Delete { scope, key } => {
                    self.keys.remove(&(scope, key));
                }
                Write::Join { list } => {
                    self.member_of.insert(list);
                }
                Write::Leave { list } => {
                    self.member_of.remove(&list);
                }
                Write::Profile { field, value } => {
                    self.profile.insert(field, value);
                }
            }
        }
    }
}

impl Stage {
    pub(crate) fn remind(&mut self, writes: Vec<due::Write>) {
        self.turn += 1;
        for write in writes {
            match write {
                due::Write::Set {
                    id,
                    at,
                    useful_until,
                    payload,
                } => {
                    let waiting = Waiting {
                        id,
                        at,
                        useful_until,
                    };
                    self.reminders.push((waiting, payload));
                }
                due::Write::Move {
                    id,
                    at,
                    useful_until,
                } => {
                    let known = self.reminders.iter_mut();
                    for (waiting, _) in known.filter(|(waiting, _)| waiting.id == id) {
                        (waiting.at, waiting.useful_until) = (at, useful_until);
                    }
                }
                due::Write::Cancel { id } => self.reminders.retain(|(waiting, _)| waiting.id != id),
            }
        }
    }

    /// The first that is due by then; it waits no more.
    pub(crate) fn due(&mut self, until: At) -> Option<(Waiting, String)> {
        let due = self.reminders.iter().enumerate();
        let due = due.filter(|(_, (waiting, _))| waiting.at <= until);
        let (place, _) = due.min_by_key(|(_, (waiting, _))| (waiting.at, waiting.id))?;
        Some(self.reminders.remove(place))
    }
}

impl Data for Stage {
    fn get(&mut self, scope: Scope, key: &str) -> anyhow::Result<Option<(String, i64)>> {
        Ok(self.keys.get(&(scope, key.to_owned())).cloned())
    }

    fn list(
        &mut self,
        scope: Scope,
        prefix: &str,
        max: usize,
    ) -> anyhow::Result<(Vec<(String, String)>, i64)> {
        let pairs = (self.keys.iter())
            .filter(|((kept_in, key), _)| *kept_in == scope && key.starts_with(prefix))
            .map(|((_, key), (value, _))| (key.clone(), value.clone()))
            .take(max)
            .collect();
        Ok((pairs, self.version))
    }

    /// Any list is there: which ones a library has stands in its configuration.
    fn is_member(&mut self, list: &str) -> anyhow::Result<Option<bool>> {
        Ok(Some(self.member_of.contains(list)))
    }

    fn profile(&mut self, field: &str) -> anyhow::Result<Option<String>> {
        Ok(self.profile.get(field).cloned())
    }

    fn languages(&self) -> &[String] {
        &self.languages
    }

    fn card_link(&self) -> Option<String> {
        Some(fixture::CARD_LINK.to_owned())
    }

    fn outside(&mut self, ask: &Ask, before: usize) -> Option<Answer> {
        Some(self.outside.answer(ask, before))
    }

    fn seal(&self, key: &str, value: &str) -> Option<String> {
        Some(format!("{key}={value}"))
    }

    fn unseal(&self, key: &str, sealed: &str) -> Option<String> {
        let value = sealed.strip_prefix(key)?.strip_prefix('=')?;
        Some(value.to_owned())
    }

    fn is_own_number(&mut self, number: &str) -> anyhow::Result<bool> {
        Ok(self.outside.is_own_number(number))
    }

    fn reminders(&mut self) -> anyhow::Result<Vec<Waiting>> {
        Ok(self.reminders.iter().map(|(waiting, _)| *waiting).collect())
    }

    fn reminder_id(&self, ordinal: u64) -> ReminderId {
        ReminderId::of(InboundId(self.turn), ordinal)
    }
}
