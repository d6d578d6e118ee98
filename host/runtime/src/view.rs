//! What host functions see of a turn: the lent snapshot with the run's own writes laid over it, so
//! that a flow reads what it wrote, and a record of both for the commit.
//!
//! The functions themselves, one capability a file, are in `host/`.

use std::collections::{BTreeMap, BTreeSet};

use callslip_core::flow::{Effects, LogLine, Read, Scope, Write};

use crate::abi::interfaces::types::Refusal;
use crate::data::{self, Data};
use crate::limits::Limits;

/// How a host function ends when it has no answer.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The flow gets this as a value and may go on.
    Refused(Refusal),
    /// The host could not do its part: the run ends, and the flow is not to blame.
    Failed(anyhow::Error),
    /// There is no turn to ask about: `describe` may only describe.
    NoTurn,
}

pub(crate) struct View {
    pub(crate) limits: Limits,
    pub(crate) profile_fields: BTreeSet<String>,
    /// What this run wrote. None: it deleted the key.
    pub(crate) keys: BTreeMap<(Scope, String), Option<String>>,
    pub(crate) members: BTreeMap<String, bool>,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) card: bool,
    pub(crate) log: Vec<LogLine>,
    pub(crate) log_bytes: usize,
    /// What it said when it panicked.
    pub(crate) crash: Option<Crash>,
    reads: Vec<Read>,
    seen: BTreeSet<Subject>,
    writes: Vec<Write>,
    /// Why the host could not do its part.
    failure: Option<Stop>,
}

/// A panic in the flow's own words.
pub(crate) struct Crash {
    pub(crate) message: String,
    pub(crate) place: String,
}

/// What a read was of. Within one run it has one answer, so one record of it is enough.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Key(Scope, String),
    Scope(Scope),
    List(String),
    Field(String),
}

impl View {
    pub(crate) fn new(limits: Limits, profile_fields: BTreeSet<String>) -> Self {
        Self {
            limits,
            profile_fields,
            keys: BTreeMap::new(),
            members: BTreeMap::new(),
            fields: BTreeMap::new(),
            card: false,
            log: Vec::new(),
            log_bytes: 0,
            crash: None,
            reads: Vec::new(),
            seen: BTreeSet::new(),
            writes: Vec::new(),
            failure: None,
        }
    }

    /// Asks the snapshot without a record: for what cannot change under a turn.
    pub(crate) fn ask<R>(&self, ask: impl FnOnce(&mut dyn Data) -> R) -> Result<R, Stop> {
        data::with(ask).ok_or(Stop::NoTurn)
    }

    /// Asks the snapshot about `subject` and records what was seen.
    pub(crate) fn read<R>(
        &mut self,
        subject: Subject,
        ask: impl FnOnce(&mut dyn Data) -> anyhow::Result<R>,
        record: impl FnOnce(&R) -> Read,
    ) -> Result<R, Stop> {
        let first = !self.seen.contains(&subject);
        if first && self.reads.len() >= self.limits.reads {
            return Err(limit(format!(
                "more than {} things read in one turn",
                self.limits.reads
            )));
        }
        let answer = self.ask(ask)?.map_err(Stop::Failed)?;
        if first {
            self.reads.push(record(&answer));
            self.seen.insert(subject);
        }
        Ok(answer)
    }

    pub(crate) fn write(&mut self, write: Write) -> Result<(), Stop> {
        if self.writes.len() >= self.limits.writes {
            return Err(limit(format!(
                "more than {} writes in one turn",
                self.limits.writes
            )));
        }
        match &write {
            Write::Set { scope, key, value } => {
                self.keys.insert((*scope, key.clone()), Some(value.clone()));
            }
            Write::Delete { scope, key } => {
                self.keys.insert((*scope, key.clone()), None);
            }
            Write::Join { list } => {
                self.members.insert(list.clone(), true);
            }
            Write::Leave { list } => {
                self.members.insert(list.clone(), false);
            }
            Write::Profile { field, value } => {
                self.fields.insert(field.clone(), value.clone());
            }
        }
        self.writes.push(write);
        Ok(())
    }

    /// A name of something: a key, a list, a field.
    pub(crate) fn check_name(&self, what: &str, name: &str) -> Result<(), Stop> {
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(invalid(format!(
                "a {what} has a name without control characters"
            )));
        }
        if name.len() > self.limits.key_bytes {
            return Err(limit(format!(
                "the name of a {what} has {} bytes at most",
                self.limits.key_bytes
            )));
        }
        Ok(())
    }

    pub(crate) fn check_value(&self, value: &str) -> Result<(), Stop> {
        if value.len() > self.limits.value_bytes {
            return Err(limit(format!(
                "a value has {} bytes at most",
                self.limits.value_bytes
            )));
        }
        Ok(())
    }

    /// Turns a stop into what the flow gets, or keeps it and ends the run.
    pub(crate) fn stop(&mut self, stop: Stop) -> wasmtime::Result<Refusal> {
        match stop {
            Stop::Refused(refusal) => Ok(refusal),
            Stop::Failed(_) | Stop::NoTurn => {
                self.failure = Some(stop);
                Err(wasmtime::Error::msg("the host ended the run"))
            }
        }
    }

    pub(crate) fn take_failure(&mut self) -> Option<Stop> {
        self.failure.take()
    }

    pub(crate) fn effects(self) -> Effects {
        Effects {
            reads: self.reads,
            writes: self.writes,
            card: self.card,
            log: self.log,
        }
    }
}

pub(crate) fn limit(reason: String) -> Stop {
    Stop::Refused(Refusal::Limit(reason))
}

pub(crate) fn invalid(reason: String) -> Stop {
    Stop::Refused(Refusal::Invalid(reason))
}

pub(crate) fn unknown(reason: String) -> Stop {
    Stop::Refused(Refusal::Unknown(reason))
}

pub(crate) fn not_granted(reason: String) -> Stop {
    Stop::Refused(Refusal::NotGranted(reason))
}
