//! What host functions see of a turn: the lent snapshot with the run's own writes laid over it, so
//! that a flow reads what it wrote, and a record of both for the commit.
//!
//! The functions themselves, one capability a file, are in `host/`.

use std::collections::{BTreeMap, BTreeSet};

use callslip_core::at::At;
use callslip_core::due;
use callslip_core::flow::{Effects, LogLine, Read, Scope, Write};
use callslip_core::grants::Grants;
use callslip_core::outside::{Answer, Ask, Failure};

use crate::abi::interfaces::outside as wit;
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
    /// The answer has to be got first; the run ends, and begins again with it.
    Waits(Box<Ask>),
}

/// How a function that asks outside ends when it has no answer.
#[derive(Debug)]
pub(crate) enum Gone {
    /// The flow gets this as a value and may go on.
    Failure(Failure),
    Stop(Stop),
}

impl From<Failure> for Gone {
    fn from(failure: Failure) -> Gone {
        Gone::Failure(failure)
    }
}

impl From<Failure> for wit::Failure {
    fn from(failure: Failure) -> wit::Failure {
        match failure {
            Failure::NotGranted(why) => wit::Failure::Refused(Refusal::NotGranted(why)),
            Failure::Limit(why) => wit::Failure::Refused(Refusal::Limit(why)),
            Failure::Invalid(why) => wit::Failure::Refused(Refusal::Invalid(why)),
            Failure::Unreachable(why) => wit::Failure::Unreachable(why),
            Failure::TooLong => wit::Failure::TooLong,
            Failure::Unreadable(why) => wit::Failure::Unreadable(why),
            Failure::Unclear => wit::Failure::Unclear,
        }
    }
}

pub(crate) struct View {
    pub(crate) limits: Limits,
    pub(crate) grants: Grants,
    /// What this run wrote. None: it deleted the key.
    pub(crate) keys: BTreeMap<(Scope, String), Option<String>>,
    pub(crate) members: BTreeMap<String, bool>,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) card: bool,
    /// Numbers held against the patron's.
    pub(crate) compared: u32,
    /// What it asked outside and has the answer to.
    asked: Vec<Ask>,
    pub(crate) log: Vec<LogLine>,
    pub(crate) log_bytes: usize,
    /// What it said when it panicked.
    pub(crate) crash: Option<Crash>,
    /// Of the turn.
    pub(crate) now: At,
    /// Reminders that wait; none: not looked at yet.
    pub(crate) waiting: Option<Vec<due::Waiting>>,
    pub(crate) reminders_set: u64,
    pub(crate) reminder_writes: Vec<due::Write>,
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
    pub(crate) fn new(limits: Limits, grants: Grants) -> Self {
        Self {
            limits,
            grants,
            keys: BTreeMap::new(),
            members: BTreeMap::new(),
            fields: BTreeMap::new(),
            card: false,
            compared: 0,
            asked: Vec::new(),
            log: Vec::new(),
            log_bytes: 0,
            crash: None,
            now: At(0),
            waiting: None,
            reminders_set: 0,
            reminder_writes: Vec::new(),
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

    /// The answer to what was asked outside, if it was asked before.
    pub(crate) fn outside(&mut self, ask: Ask) -> Result<Answer, Gone> {
        ask.place(&self.grants)?;
        let kind = ask.capability();
        let of_kind = (self.asked.iter()).filter(|before| before.capability() == kind);
        if of_kind.count() >= ask.most() {
            let what = format!("{kind} is asked {} times a turn at most", ask.most());
            return Err(Failure::Limit(what).into());
        }
        let before = self.asked.iter().filter(|before| **before == ask).count();
        let answer = self.ask(|data| data.outside(&ask, before));
        let answer = answer.map_err(Gone::Stop)?;
        let Some(answer) = answer else {
            return Err(Gone::Stop(Stop::Waits(Box::new(ask))));
        };
        self.asked.push(ask);
        match answer {
            Answer::Failed(failure) => Err(failure.into()),
            answer => Ok(answer),
        }
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
            Stop::Failed(_) | Stop::NoTurn | Stop::Waits(_) => {
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
            reminders: self.reminder_writes,
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
