//! A turn as it runs: matches what the flow does with what it did before, then goes on.
//!
//! The flow runs from its first line each turn. As long as the journal has entries, each step
//! gets its recorded result and nothing is done again; behind the last question the steps are
//! made and recorded. A flow that takes another path than its journal stops, naming the step.

mod entry;

pub(crate) use self::entry::{Recorded, fingerprint};

use self::entry::{ENTRY_BYTES_MAX, Heard, describe};
use crate::json::Json;
use crate::time::Timestamp;
use crate::world::{Entry, Event, Media, Message, Question};

/// The format that is written and the only one that is read.
const FORMAT: &str = "1";
/// Why a run ended before the flow's own end.
#[derive(Debug)]
pub(crate) enum Halt {
    Asked(Question),
    Fault(String),
}

/// An answer, or the lack of one.
#[derive(Debug)]
pub(crate) enum Answer {
    Text(String),
    TimedOut,
}

pub(crate) struct Turn {
    past: Vec<Entry>,
    at: usize,
    appended: Vec<Entry>,
    /// Taken by the step that waited for it.
    event: Option<(Event, Vec<Media>)>,
    now: Timestamp,
    /// How many `once` the flow is in; what happens there is not recorded by itself.
    once: u32,
    pub(crate) began: String,
    /// A reminder began it, not a text.
    pub(crate) is_due: bool,
    pub(crate) heard: Heard,
    pub(crate) said: Vec<Message>,
    pub(crate) halt: Option<Halt>,
    pub(crate) random: u64,
}

impl Turn {
    pub(crate) fn new(
        past: Vec<Entry>,
        event: Event,
        media: Vec<Media>,
        now: Timestamp,
        seed: u64,
    ) -> Turn {
        let heard = Heard {
            text: String::new(),
            at: now,
            media: Vec::new(),
        };
        let mut turn = Turn {
            past,
            at: 0,
            appended: Vec::new(),
            event: Some((event, media)),
            now,
            once: 0,
            began: String::new(),
            is_due: false,
            heard,
            said: Vec::new(),
            halt: None,
            random: seed,
        };
        turn.begin();
        turn
    }

    fn begin(&mut self) {
        match self.past.first() {
            None => {
                self.record(
                    "journal",
                    FORMAT.to_owned(),
                    env!("CARGO_PKG_VERSION").to_owned(),
                );
            }
            Some(first) if first.kind == "journal" && first.asked == FORMAT => self.at = 1,
            Some(first) => {
                let found = if first.kind == "journal" {
                    first.asked.as_str()
                } else {
                    "none"
                };
                let why = format!(
                    "diverged: step 1: the journal has format \"{found}\", this flow reads \"{FORMAT}\""
                );
                return self.fault(why);
            }
        }
        if let Some(kind) = self.hear(&["started", "due"]) {
            self.began = self.heard.text.clone();
            self.is_due = kind == "due";
        }
    }

    /// Takes what the flow waited for, from the journal or from this turn's event, and gives its
    /// kind.
    fn hear(&mut self, kinds: &[&'static str]) -> Option<&'static str> {
        if let Some(entry) = self.past.get(self.at) {
            let kind = kinds.iter().find(|kind| **kind == entry.kind).copied();
            let heard = kind.and_then(|_| Heard::read(&Json::parse(&entry.got)?));
            let Some(heard) = heard else {
                self.diverge(kinds.first().copied().unwrap_or_default(), "");
                return None;
            };
            self.heard = heard;
            self.at += 1;
            return kind;
        }
        let (event, media) = self.event.take()?;
        let (kind, text) = match event {
            Event::Started(text) => ("started", text),
            Event::Due(payload) => ("due", payload),
            Event::Answered(text) => ("answer", text),
            Event::TimedOut => ("timed-out", String::new()),
        };
        if !kinds.contains(&kind) {
            self.fault(format!(
                "diverged: step {}: the flow waits for {}, the host brings {kind}",
                self.at + 1,
                kinds.first().copied().unwrap_or_default(),
            ));
            return None;
        }
        self.heard = Heard::fitting(text, self.now, media);
        let mut got = String::new();
        self.heard.write(&mut got);
        self.record(kind, String::new(), got);
        kinds.iter().find(|known| **known == kind).copied()
    }

    /// Asks, and gives the answer when there is one already. None: this turn is over.
    pub(crate) fn ask(&mut self, text: &str, question: Question) -> Option<Answer> {
        if self.once > 0 {
            self.fault("a question stands inside `once`: ask outside it".to_owned());
            return None;
        }
        let asked = fingerprint("ask", &[text, &question.choices.join("\n")]);
        self.said.push(Message {
            text: text.to_owned(),
            media: Vec::new(),
        });
        if self.at < self.past.len() {
            self.matched("ask", &asked)?;
            // What was said up to here went out with the turn that asked.
            self.said.clear();
            return match self.hear(&["answer", "timed-out"])? {
                "answer" => Some(Answer::Text(self.heard.text.clone())),
                _ => Some(Answer::TimedOut),
            };
        }
        self.heard_all();
        self.record("ask", asked, String::new());
        self.halt.get_or_insert(Halt::Asked(question));
        None
    }

    /// A step whose result is recorded: a call of the host, or `once`. None: this turn is over.
    pub(crate) fn step<T: Recorded>(
        &mut self,
        kind: &'static str,
        request: &[&str],
        perform: impl FnOnce() -> T,
    ) -> Option<T> {
        if self.halt.is_some() {
            return None;
        }
        if self.once > 0 {
            return Some(perform());
        }
        let asked = fingerprint(kind, request);
        if self.replays() {
            return self.recall(kind, &asked, |got| {
                Json::parse(got).as_ref().and_then(T::read)
            });
        }
        let result = perform();
        let mut got = String::new();
        result.write(&mut got);
        self.record(kind, asked, got);
        Some(result)
    }

    /// The recorded result of the step that must come next.
    pub(crate) fn recall<T>(
        &mut self,
        kind: &'static str,
        asked: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let got = self.matched(kind, asked)?;
        let result = read(&got);
        if result.is_none() {
            let why = format!("diverged: step {}: what {kind} got cannot be read", self.at);
            self.fault(why);
        }
        result
    }

    /// Whether what happens now has happened before.
    pub(crate) fn replays(&self) -> bool {
        self.at < self.past.len()
    }

    pub(crate) fn enter_once(&mut self) {
        self.once += 1;
    }

    pub(crate) fn leave_once(&mut self) {
        self.once = self.once.saturating_sub(1);
    }

    pub(crate) fn inside_once(&self) -> bool {
        self.once > 0
    }

    pub(crate) fn record(&mut self, kind: &str, asked: String, got: String) {
        self.appended.push(Entry {
            kind: kind.to_owned(),
            asked,
            got,
        });
    }

    pub(crate) fn fault(&mut self, why: String) {
        match self.halt {
            Some(Halt::Fault(_)) => {}
            _ => self.halt = Some(Halt::Fault(why)),
        }
    }

    /// Whether a question was asked and answered before, in this turn or an earlier one.
    pub(crate) fn asked_before(&self) -> bool {
        !self.past.is_empty()
    }

    /// Checks that the flow went as far as its journal, and took what this turn brought.
    pub(crate) fn ended(&mut self) {
        if self.halt.is_none() && self.replays() {
            self.diverge("its end", "");
        }
        self.heard_all();
    }

    /// A journal that stops short of a question leaves this turn's event to nobody.
    fn heard_all(&mut self) {
        if self.event.is_some() {
            let step = self.past.len() + 1;
            self.fault(format!(
                "diverged: step {step}: the journal ends without a question"
            ));
        }
    }

    /// What goes behind the journal, or which entry is too long for it.
    pub(crate) fn into_appended(self) -> Result<Vec<Entry>, String> {
        let long = self
            .appended
            .iter()
            .find(|entry| entry.got.len() > ENTRY_BYTES_MAX);
        match long {
            None => Ok(self.appended),
            Some(entry) => Err(format!(
                "{} gave {} bytes and a question follows, but a step of the journal holds at most \
                 {ENTRY_BYTES_MAX}: wrap it in `once` and keep only what you need",
                entry.kind,
                entry.got.len(),
            )),
        }
    }

    fn matched(&mut self, kind: &str, asked: &str) -> Option<String> {
        let entry = self.past.get(self.at)?;
        if entry.kind != kind || entry.asked != asked {
            self.diverge(kind, asked);
            return None;
        }
        self.at += 1;
        self.past.get(self.at - 1).map(|entry| entry.got.clone())
    }

    fn diverge(&mut self, kind: &str, asked: &str) {
        let Some(entry) = self.past.get(self.at) else {
            return;
        };
        let step = self.at + 1;
        let mut why = format!("diverged: step {step}: the journal has ");
        describe(&mut why, &entry.kind, &entry.asked);
        why.push_str(", the flow now did ");
        describe(&mut why, kind, asked);
        self.fault(why);
    }
}
