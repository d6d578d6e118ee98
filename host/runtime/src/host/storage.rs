//! `storage`: what a flow remembers for its keyword. Sees keys and values of one keyword of one
//! library; which those are is the lent snapshot's affair.

use callslip_core::flow::{Read, SEALED_PREFIX, Scope, Write};

use crate::abi::interfaces::storage::{self, Added, Host, Pair};
use crate::view::{Stop, Subject, View, invalid, limit};

impl Host for View {
    fn get(&mut self, scope: storage::Scope, key: String) -> Result<Option<String>, Stop> {
        self.check_name("key", &key)?;
        self.value(scope.into(), key)
    }

    fn set(&mut self, scope: storage::Scope, key: String, value: String) -> Result<(), Stop> {
        self.check_name("key", &key)?;
        self.check_value(&value)?;
        let scope = scope.into();
        self.write(Write::Set { scope, key, value })
    }

    fn delete(&mut self, scope: storage::Scope, key: String) -> Result<(), Stop> {
        self.check_name("key", &key)?;
        let scope = scope.into();
        self.write(Write::Delete { scope, key })
    }

    fn list(&mut self, scope: storage::Scope, prefix: String) -> Result<Vec<Pair>, Stop> {
        if !prefix.is_empty() {
            self.check_name("key", &prefix)?;
        }
        self.pairs(scope.into(), &prefix)
    }

    fn add(
        &mut self,
        scope: storage::Scope,
        key: String,
        amount: i64,
        at_most: Option<i64>,
    ) -> Result<Added, Stop> {
        self.check_name("key", &key)?;
        let scope = scope.into();
        let now = match self.value(scope, key.clone())? {
            None => 0,
            Some(value) => (value.parse::<i64>())
                .map_err(|_| invalid(format!("what is kept under \"{key}\" is no number")))?,
        };
        let sum = now
            .checked_add(amount)
            .ok_or_else(|| limit("the sum does not fit 64 bits".into()))?;
        // Taking away is allowed where the bound was lowered meanwhile: a patron must be able to
        // leave an event that has become too full.
        if amount > 0 && at_most.is_some_and(|at_most| sum > at_most) {
            return Ok(Added::Full(now));
        }
        let value = sum.to_string();
        self.write(Write::Set { scope, key, value })?;
        Ok(Added::Now(sum))
    }
}

impl View {
    fn value(&mut self, scope: Scope, key: String) -> Result<Option<String>, Stop> {
        let own = (scope, key);
        if let Some(written) = self.keys.get(&own) {
            return Ok(written.clone());
        }
        let (scope, key) = own;
        let found = self.read(
            Subject::Key(scope, key.clone()),
            |data| data.get(scope, &key),
            |found| Read::Key {
                scope,
                key: key.clone(),
                version: found.as_ref().map_or(0, |(_, version)| *version),
            },
        )?;
        Ok(found.map(|(value, _)| value))
    }

    fn pairs(&mut self, scope: Scope, prefix: &str) -> Result<Vec<Pair>, Stop> {
        let rows = self.limits.list_rows;
        let written: Vec<(String, Option<String>)> = (self.keys.iter())
            .filter(|((written_in, key), _)| {
                let sealed = key.starts_with(SEALED_PREFIX);
                *written_in == scope && key.starts_with(prefix) && !sealed
            })
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect();
        // Each own deletion may hide one row of the snapshot; so many more are asked for.
        let ask_for = rows + written.iter().filter(|(_, value)| value.is_none()).count();
        let (kept, _) = self.read(
            Subject::Scope(scope),
            |data| data.list(scope, prefix, ask_for),
            |(_, version)| Read::Scope {
                scope,
                version: *version,
            },
        )?;
        let mut pairs: std::collections::BTreeMap<String, String> = kept.into_iter().collect();
        for (key, value) in written {
            match value {
                Some(value) => pairs.insert(key, value),
                None => pairs.remove(&key),
            };
        }
        Ok((pairs.into_iter().take(rows))
            .map(|(key, value)| Pair { key, value })
            .collect())
    }
}
