//! Plays a flow's transcripts, the plain-text conversations beside its code, through the real
//! runtime: the component that will be installed, under the limits that it will have.
//!
//! It stands in for the host as the SDK's test kit does natively, and expects the same. It knows
//! no store, no engine and no configuration: those have tests of their own. Start at [`play`];
//! [`examine`] goes where no transcript does.

mod library; // the SDK's libraries in the host's types
mod player; // a conversation, turn by turn
mod stage; // what a flow may look at, in memory

mod converse; // one that is made up as it goes
mod costs; // what an instance and a turn take
mod examine; // all that `plugin check` looks for
mod lots; // chance that comes out the same each time
mod outside; // what a transcript says is there
mod remarks; // words that never arrive, messages that cost more than they look
mod walk; // answers that nobody wrote

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use callslip::test::transcript::{Step, Transcript, parse};
use callslip_runtime::Flow;

pub use callslip::test::transcript::Reply;
pub use converse::{Conversation, converse, written};
pub use costs::{Costs, costs};
pub use examine::{Examined, examine};

use player::Player;

/// A transcript that is still to be read.
#[derive(Clone, Debug)]
pub struct Script {
    /// Of its file, without the ending.
    pub name: String,
    pub text: String,
}

/// What came of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    pub name: String,
    /// Texts that the patron sent.
    pub texts: usize,
    /// For people, each with its line; empty when all went as it is written.
    pub wrong: Vec<String>,
}

/// What an admin would have had to allow for all of a flow's transcripts. The test kit refuses no
/// field and no language, the runtime all that were not named: these are the ones that the
/// transcripts name, with those that every library has.
struct Allowed {
    fields: BTreeSet<String>,
    languages: BTreeSet<String>,
}

/// Every `*.txt` of a folder, by name.
pub fn scripts(folder: &Path) -> anyhow::Result<Vec<Script>> {
    let cannot = || format!("{}: the folder cannot be read", folder.display());
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let name = path.file_stem().unwrap_or_default();
        scripts.push(Script {
            name: name.to_string_lossy().into_owned(),
            text,
        });
    }
    if scripts.is_empty() {
        bail!(
            "{}: there is no transcript; write a conversation as a file NAME.txt",
            folder.display()
        );
    }
    scripts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(scripts)
}

/// Plays the scripts of one flow, each turn twice in instances of its own: a turn that comes out
/// different the second time is wrong too.
pub fn play(flow: &Flow, scripts: &[Script]) -> Vec<Played> {
    let (transcripts, allowed) = read(scripts);
    scripts
        .iter()
        .zip(&transcripts)
        .map(|(script, transcript)| {
            let (texts, wrong) = match transcript {
                Ok(transcript) => rehearse(flow, transcript, &allowed),
                Err(why) => (0, vec![why.clone()]),
            };
            Played {
                name: script.name.clone(),
                texts,
                wrong,
            }
        })
        .collect()
}

/// Each script as a transcript, or what is wrong with it.
fn read(scripts: &[Script]) -> (Vec<Result<Transcript, String>>, Allowed) {
    let read: Vec<_> = scripts.iter().map(|script| parse(&script.text)).collect();
    let allowed = Allowed::in_all(read.iter().flatten());
    (read, allowed)
}

fn rehearse(flow: &Flow, transcript: &Transcript, allowed: &Allowed) -> (usize, Vec<String>) {
    let mut player = match Player::new(flow, transcript, allowed) {
        Ok(player) => player,
        Err(error) => return (0, vec![format!("{error:#}")]),
    };
    let mut wrong = Vec::new();
    for step in &transcript.steps {
        match player.step(&step.action) {
            Ok(replies) if replies == step.replies => {}
            Ok(replies) => wrong.push(difference(step, &replies)),
            Err(error) => {
                // What follows would only be its echo.
                wrong.push(format!("line {}: {}\n  {error}", step.line, step.action));
                break;
            }
        }
    }
    (player.texts(), wrong)
}

fn difference(step: &Step, came: &[Reply]) -> String {
    let shown = |replies: &[Reply]| {
        let lines: String = (replies.iter())
            .flat_map(|reply| {
                let reply = reply.to_string();
                reply
                    .lines()
                    .map(|line| format!("\n    {line}"))
                    .collect::<Vec<_>>()
            })
            .collect();
        match lines.is_empty() {
            true => "\n    nothing".to_owned(),
            false => lines,
        }
    };
    format!(
        "line {}: {}\n  expected{}\n  came{}",
        step.line,
        step.action,
        shown(&step.replies),
        shown(came)
    )
}

impl Allowed {
    fn in_all<'t>(transcripts: impl Iterator<Item = &'t Transcript>) -> Allowed {
        let mut allowed = Allowed {
            fields: ["name", "language"].map(String::from).into(),
            languages: ["en", "es"].map(String::from).into(),
        };
        for transcript in transcripts {
            allowed.languages.insert(transcript.language.clone());
            let told = transcript
                .profile
                .iter()
                .map(|(field, value)| (field, value));
            let replies = transcript.steps.iter().flat_map(|step| &step.replies);
            let changed = replies.filter_map(|reply| match reply {
                Reply::Profile(field, value) => Some((field, value)),
                Reply::Text(_)
                | Reply::Silence
                | Reply::Card
                | Reply::OnList(_)
                | Reply::OffList(_)
                | Reply::HandedOff(_)
                | Reply::Declined => None,
            });
            for (field, value) in told.chain(changed) {
                allowed.fields.insert(field.clone());
                if field == "language" {
                    allowed.languages.insert(value.clone());
                }
            }
        }
        allowed
    }
}
