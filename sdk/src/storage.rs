//! Capability `storage`: what one keyword of one library remembers.
//!
//! The host runs a turn again when another changed what it read; so a flow that reads, decides
//! and writes in one turn is right without further care.

use crate::journal::Recorded;
use crate::json::{Json, write_text};
use crate::outcome::Refusal;
use crate::talk::Talk;

/// Storage of this keyword; take [`patron`](Storage::patron) or [`library`](Storage::library).
pub struct Storage<'a> {
    talk: &'a Talk,
}

/// Storage of one scope. Keys are at most 128 bytes, values 16 KiB.
pub struct Scoped<'a> {
    talk: &'a Talk,
    scope: Scope,
}

/// Whose values they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Patron,
    Library,
}

/// What adding to a number came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It was added; the new number.
    Now(i64),
    /// It would have passed the most; the number that stands.
    Full(i64),
}

impl<'a> Storage<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Storage { talk }
    }

    /// What is kept for this patron alone.
    pub fn patron(&self) -> Scoped<'a> {
        Scoped {
            talk: self.talk,
            scope: Scope::Patron,
        }
    }

    /// What all patrons of this keyword share.
    pub fn library(&self) -> Scoped<'a> {
        Scoped {
            talk: self.talk,
            scope: Scope::Library,
        }
    }
}

impl Scoped<'_> {
    /// The value of a key, when there is one.
    pub async fn get(&self, key: &str) -> Result<Option<String>, Refusal> {
        let request = [self.scope.name(), key];
        self.talk
            .call("storage.get", &request, || host::get(self.scope, key))
            .await
    }

    /// Keeps a value.
    pub async fn set(&self, key: &str, value: &str) -> Result<(), Refusal> {
        let request = [self.scope.name(), key, value];
        self.talk
            .call("storage.set", &request, || {
                host::set(self.scope, key, value)
            })
            .await
    }

    /// Forgets a value; no matter whether there was one.
    pub async fn delete(&self, key: &str) -> Result<(), Refusal> {
        let request = [self.scope.name(), key];
        self.talk
            .call("storage.delete", &request, || host::delete(self.scope, key))
            .await
    }

    /// Keys and values whose key begins with `prefix`, by key; 200 at most. Before a question
    /// wrap it in [`once_async`](Talk::once_async).
    pub async fn list(&self, prefix: &str) -> Result<Vec<(String, String)>, Refusal> {
        let request = [self.scope.name(), prefix];
        let call = || host::list(self.scope, prefix).map(Pairs);
        self.talk
            .call("storage.list", &request, call)
            .await
            .map(|pairs| pairs.0)
    }

    /// Adds to a number, which is 0 at first.
    pub async fn add(&self, key: &str, amount: i64) -> Result<i64, Refusal> {
        match self.add_at_most(key, amount, None).await? {
            Added::Now(number) | Added::Full(number) => Ok(number),
        }
    }

    /// Adds to a number unless it would pass `most`: twenty seats are never twenty-one.
    pub async fn add_up_to(&self, key: &str, amount: i64, most: i64) -> Result<Added, Refusal> {
        self.add_at_most(key, amount, Some(most)).await
    }

    async fn add_at_most(
        &self,
        key: &str,
        amount: i64,
        most: Option<i64>,
    ) -> Result<Added, Refusal> {
        let mut numbers = amount.to_string();
        if let Some(most) = most {
            numbers.push_str(" up to ");
            numbers.push_str(&most.to_string());
        }
        let request = [self.scope.name(), key, &numbers];
        self.talk
            .call("storage.add", &request, || {
                host::add(self.scope, key, amount, most)
            })
            .await
    }
}

impl Scope {
    fn name(self) -> &'static str {
        match self {
            Scope::Patron => "patron",
            Scope::Library => "library",
        }
    }
}

struct Pairs(Vec<(String, String)>);

impl Recorded for Pairs {
    fn write(&self, out: &mut String) {
        out.push('[');
        for (at, (key, value)) in self.0.iter().enumerate() {
            out.push_str(if at == 0 { "[" } else { ",[" });
            write_text(out, key);
            out.push(',');
            write_text(out, value);
            out.push(']');
        }
        out.push(']');
    }

    fn read(got: &Json) -> Option<Pairs> {
        let pairs = got.items()?.iter().map(|pair| {
            let [key, value] = pair.items()? else {
                return None;
            };
            Some((key.text()?.to_owned(), value.text()?.to_owned()))
        });
        pairs.collect::<Option<_>>().map(Pairs)
    }
}

impl Recorded for Added {
    fn write(&self, out: &mut String) {
        let (name, number) = match self {
            Added::Now(number) => ("now", number),
            Added::Full(number) => ("full", number),
        };
        out.push_str("[\"");
        out.push_str(name);
        out.push_str("\",");
        out.push_str(&number.to_string());
        out.push(']');
    }

    fn read(got: &Json) -> Option<Added> {
        let [name, number] = got.items()? else {
            return None;
        };
        let number = number.integer()?;
        match name.text()? {
            "now" => Some(Added::Now(number)),
            "full" => Some(Added::Full(number)),
            _ => None,
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::storage as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use super::{Added, Scope};
    use crate::abi::callslip::plugin::storage;
    use crate::outcome::Refusal;

    fn scope(scope: Scope) -> storage::Scope {
        match scope {
            Scope::Patron => storage::Scope::Patron,
            Scope::Library => storage::Scope::Library,
        }
    }

    pub(super) fn get(of: Scope, key: &str) -> Result<Option<String>, Refusal> {
        Ok(storage::get(scope(of), key)?)
    }

    pub(super) fn set(of: Scope, key: &str, value: &str) -> Result<(), Refusal> {
        Ok(storage::set(scope(of), key, value)?)
    }

    pub(super) fn delete(of: Scope, key: &str) -> Result<(), Refusal> {
        Ok(storage::delete(scope(of), key)?)
    }

    pub(super) fn list(of: Scope, prefix: &str) -> Result<Vec<(String, String)>, Refusal> {
        let pairs = storage::list(scope(of), prefix)?;
        Ok(pairs
            .into_iter()
            .map(|pair| (pair.key, pair.value))
            .collect())
    }

    pub(super) fn add(
        of: Scope,
        key: &str,
        amount: i64,
        most: Option<i64>,
    ) -> Result<Added, Refusal> {
        Ok(match storage::add(scope(of), key, amount, most)? {
            storage::Added::Now(number) => Added::Now(number),
            storage::Added::Full(number) => Added::Full(number),
        })
    }
}
