//! What a flow may look at while a transcript is played: one patron and one library in memory.
//! What a run wrote is laid on it when the turn is done, as the store does in a commit.

use std::collections::{BTreeMap, BTreeSet};

use callslip::test::fixture;
use callslip_core::flow::{Scope, Write};
use callslip_runtime::Data;

#[derive(Clone)]
pub(crate) struct Stage {
    /// Each value with the version at which it was written.
    keys: BTreeMap<(Scope, String), (String, i64)>,
    /// Of all that is here; above 0 from the beginning, as 0 stands for nothing there.
    version: i64,
    pub(crate) member_of: BTreeSet<String>,
    pub(crate) profile: BTreeMap<String, String>,
    languages: Vec<String>,
}

impl Stage {
    pub(crate) fn new(
        member_of: BTreeSet<String>,
        profile: BTreeMap<String, String>,
        languages: Vec<String>,
    ) -> Stage {
        Stage {
            keys: BTreeMap::new(),
            version: 1,
            member_of,
            profile,
            languages,
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
}
