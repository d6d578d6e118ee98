//! `callslip replay`: a conversation that waits, step by step, and whether it would go on with
//! another build of its flow. It looks beside a running service and changes nothing. What patrons
//! said is masked: as long as it was, and of its kind.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use callslip_core::flow::{Entry, Event, Fault, FlowInput, hiding};
use callslip_core::grants::Grants;
use callslip_core::ids::SessionId;
use callslip_core::snapshot::Session;
use callslip_runtime::{Flow, Limits, Nothing, Options, Runtime};
use callslip_store::patron_file::Moment;
use callslip_store::{Reader, SqliteStore};
use serde_json::{Value, json};

use super::ConfigFile;
use crate::house::key_and_store;
use crate::stopped::Stopped;
use crate::{audit, clock};

/// Conversations of one flow that are looked at with another build.
const SESSIONS_MAX: usize = 1_000;
const SHOWN_CHARACTERS_MAX: usize = 160;

#[derive(clap::Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    config: ConfigFile,
    /// Another store than the configured one
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The conversation, by the number of the text that began it; without it all that wait on the
    /// flow of --against
    #[arg(value_name = "SESSION", required_unless_present = "against")]
    session: Option<i64>,
    /// A component: would what waits go on with it?
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

impl Replay {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let (keys, path) = key_and_store(&self.config.config, self.store.as_deref())?;
        let reader = SqliteStore::look(&path, keys).map_err(anyhow::Error::from)?;
        let runtime = Runtime::new(Options {
            slots: 1,
            ..Options::default()
        })?;
        let against = (self.against.as_deref())
            .map(|file| load(&runtime, file))
            .transpose()?;
        let sessions = self.sessions(&*reader, against.as_deref())?;
        self.note(&path)?;
        let mut out = std::io::stdout().lock();
        let mut broken = 0;
        for session in &sessions {
            if self.session.is_some() {
                write!(out, "{}", steps(session))?;
                let own = reader
                    .component(&session.digest)
                    .map_err(anyhow::Error::from)?;
                let own = own.context("its component is not kept any more")?;
                let own = runtime.load(&own).map_err(anyhow::Error::from)?;
                writeln!(
                    out,
                    "With its own component it {}.",
                    went(&own, session)?.told()
                )?;
            }
            let Some(flow) = &against else {
                continue;
            };
            let went = went(flow, session)?;
            if went != Went::On {
                broken += 1;
            }
            let manifest = &flow.plugin().manifest;
            writeln!(
                out,
                "{}: with {} {} it {}.",
                named(session),
                manifest.name,
                manifest.version,
                went.told()
            )?;
        }
        if against.is_some() && sessions.is_empty() {
            writeln!(out, "No conversation waits on this flow.")?;
        }
        match broken {
            0 => Ok(()),
            broken => Err(Stopped::failed(format!(
                "{broken} of {} would break",
                sessions.len()
            ))),
        }
    }

    fn sessions(
        &self,
        reader: &dyn Reader,
        against: Option<&Flow>,
    ) -> Result<Vec<Session>, Stopped> {
        if let Some(id) = self.session {
            let session = reader.session(SessionId(id)).map_err(anyhow::Error::from)?;
            return session.map(|session| vec![session]).ok_or_else(|| {
                Stopped::failed(format!(
                    "no conversation {id} waits; of one that has ended nothing is kept"
                ))
            });
        }
        let name = against.map_or("", |flow| &flow.plugin().manifest.name);
        let sessions = reader.sessions_of(name, SESSIONS_MAX);
        Ok(sessions.map_err(anyhow::Error::from)?)
    }

    /// Before anything is shown.
    fn note(&self, store: &Path) -> anyhow::Result<()> {
        let line = json!({
            "at": Moment(clock::now()).to_string(),
            "what": "replay",
            "session": self.session,
            "by": audit::whoever(),
        });
        audit::append(store, &line)
    }
}

fn load(runtime: &Runtime, file: &Path) -> Result<std::sync::Arc<Flow>, Stopped> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let flow = runtime.load(&bytes);
    Ok(flow.with_context(|| format!("{}", file.display()))?)
}

/// What becomes of a conversation on the way through its journal.
#[derive(Debug, PartialEq, Eq)]
enum Went {
    On,
    /// It does something else than its journal says.
    Astray(String),
    Failed(String),
}

impl Went {
    fn told(&self) -> String {
        match self {
            Went::On => "goes the way that it went".to_owned(),
            Went::Astray(why) => format!("breaks: {why}"),
            Went::Failed(why) => format!("fails: {why}"),
        }
    }
}

/// The whole journal, and then nobody answers: what comes after it is not known yet.
fn went(flow: &Flow, session: &Session) -> anyhow::Result<Went> {
    let grants = Grants::of(flow.plugin().needs.iter().copied());
    let input = FlowInput {
        event: Event::TimedOut,
        pinned: session.pinned.clone(),
        media: Vec::new(),
        now: session.expires,
        journal: session.journal.clone(),
    };
    let ran = flow.run(&grants, &input, &mut Nothing, &Limits::default())?;
    let said = session.journal.iter().map(|entry| entry.got.as_str());
    Ok(match ran.result {
        // Behind its journal it asks the world, which nobody does here.
        Ok(_) | Err(Fault::Waits(_)) => Went::On,
        Err(Fault::Diverged(why)) => Went::Astray(why),
        Err(fault) => Went::Failed(fault.hiding(said).to_string()),
    })
}

fn named(session: &Session) -> String {
    let (keyword, library) = (&session.keyword, &session.library);
    format!("Conversation {} ({keyword} at {library})", session.id)
}

fn steps(session: &Session) -> String {
    let digest: String = session.digest.0.chars().take(12).collect();
    let mut text = format!(
        "{}, component {digest}, asked {}, waits until {}\n",
        named(session),
        Moment(session.asked),
        Moment(session.expires)
    );
    let last = session.journal.len();
    for (number, entry) in (1..).zip(&session.journal) {
        let got = match number == last && entry.kind == "ask" {
            true => {
                let said = session.journal.iter().map(|entry| entry.got.as_str());
                format!("waits: {:?}", hiding(&session.asked_text, said))
            }
            false => got(entry),
        };
        let line = format!("{number:>4} {:<14} {got}", entry.kind);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What came back at a step, masked and on one line.
fn got(entry: &Entry) -> String {
    if entry.kind == "journal" {
        return format!("format {}, written by {}", entry.asked, entry.got);
    }
    let mut got = match serde_json::from_str::<Value>(&entry.got) {
        Ok(mut value) => {
            mask_all(&mut value);
            value.to_string()
        }
        Err(_) => mask(&entry.got),
    };
    if got.chars().count() > SHOWN_CHARACTERS_MAX {
        got = got.chars().take(SHOWN_CHARACTERS_MAX).collect::<String>() + "...";
    }
    got
}

/// Texts and numbers, except for moments; what they are called stays.
fn mask_all(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => *value = Value::String(mask(&number.to_string())),
        Value::String(text) => *text = mask(text),
        Value::Array(values) => values.iter_mut().for_each(mask_all),
        Value::Object(members) => {
            let moment = |name: &str, value: &Value| name == "at" && value.is_i64();
            (members.iter_mut())
                .filter(|(name, value)| !moment(name, value))
                .for_each(|(_, value)| mask_all(value));
        }
    }
}

/// As long, and of the same kind: letters, capitals, digits.
fn mask(text: &str) -> String {
    (text.chars())
        .map(|letter| match letter {
            letter if letter.is_numeric() => '0',
            letter if letter.is_uppercase() => 'X',
            letter if letter.is_alphabetic() => 'x',
            letter => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e6_what_was_said_is_masked_with_its_length_and_kind() {
        let entry = |kind: &str, got: &str| Entry {
            kind: kind.to_owned(),
            asked: String::new(),
            got: got.to_owned(),
        };
        let shown = |kind, json| got(&entry(kind, json));
        assert_eq!(
            shown(
                "answer",
                r#"{"at":1935828000000,"text":"María 7b, +1 555"}"#
            ),
            r#"{"at":1935828000000,"text":"Xxxxx 0x, +0 000"}"#
        );
        assert_eq!(shown("profile.get", "\"Ana\""), "\"Xxx\"");
        assert_eq!(shown("lists.join", "true"), "true");
        assert_eq!(
            shown("once", "[417, {\"pin\": 1234}]"),
            r#"["000",{"pin":"0000"}]"#
        );
        assert_eq!(shown("state", "Ana said"), "Xxx xxxx");
    }
}
