//! `callslip plugin run`: a conversation with a flow at the prompt, while its author changes it. When
//! a file changes the crate is built anew, what was texted so far is played again, and the
//! conversation goes on from where it was.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use callslip_rehearsal::{Conversation, Script, converse, written};
use callslip_runtime::{Flow, Options, Runtime};

use super::{build, crates};
use crate::stopped::Stopped;

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Of folders in folders.
const DEPTH_MAX: u32 = 6;

#[derive(clap::Args)]
pub(crate) struct Run {
    /// The plugin crate's folder
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// The transcript in tests/ whose library, settings and time it has; by default the first
    #[arg(long, value_name = "NAME")]
    like: Option<String>,
    /// Keeps the conversation as tests/NAME.txt when it ends
    #[arg(long, value_name = "NAME")]
    record: Option<String>,
}

impl Run {
    pub(super) fn run(self) -> Result<(), Stopped> {
        let runtime = Runtime::new(Options {
            slots: 1,
            ..Options::default()
        })?;
        let set = self.set()?;
        let kept = self.record.as_deref().map(|name| place(&self.folder, name));
        let kept = kept.transpose()?;
        let mut talk = Talk {
            flow: load(&runtime, &self.folder)?,
            set,
            lines: Vec::new(),
        };
        let mut seen = changed(&self.folder, DEPTH_MAX);
        let mut out = std::io::stdout().lock();
        let prompt = if std::io::stdin().is_terminal() {
            "> "
        } else {
            ""
        };
        writeln!(out, "{}", talk.opening())?;
        write!(out, "{prompt}")?;
        out.flush()?;
        let typed = typed();
        loop {
            match typed.recv_timeout(LOOK_EVERY) {
                Ok(line) if line.trim().is_empty() => {}
                Ok(line) => write!(out, "{}", talk.say(line)?)?,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let now = changed(&self.folder, DEPTH_MAX);
                    if now <= seen {
                        continue;
                    }
                    seen = now;
                    // The compiler's own words are on the screen already.
                    match load(&runtime, &self.folder) {
                        Ok(flow) => write!(out, "\n{}", talk.again(flow)?)?,
                        Err(error) => writeln!(out, "\nThe last good build goes on: {error:#}")?,
                    }
                }
            }
            write!(out, "{prompt}")?;
            out.flush()?;
        }
        if let Some(path) = kept {
            talk.keep(&path)?;
            writeln!(out, "\nKept as {}.", path.display())?;
        }
        Ok(())
    }

    fn set(&self) -> anyhow::Result<Script> {
        let scripts = crates::transcripts(&self.folder)?;
        let names: Vec<String> = scripts.iter().map(|script| script.name.clone()).collect();
        match &self.like {
            None => Ok(scripts.into_iter().next().unwrap_or_else(|| Script {
                name: "nothing".to_owned(),
                text: "> a".to_owned(),
            })),
            Some(like) => {
                let mut scripts = scripts.into_iter();
                let found = scripts.find(|script| script.name == *like);
                found.with_context(|| {
                    format!(
                        "tests/{like}.txt is not there; there is: {}",
                        names.join(", ")
                    )
                })
            }
        }
    }
}

struct Talk {
    flow: Arc<Flow>,
    set: Script,
    /// What was texted so far.
    lines: Vec<String>,
}

impl Talk {
    fn opening(&self) -> String {
        let manifest = &self.flow.plugin().manifest;
        format!(
            "{}, as in {}. Text it by its keyword; (later 2 days) lets time pass; Ctrl-D ends.",
            manifest.name, self.set.name
        )
    }

    fn say(&mut self, line: String) -> anyhow::Result<String> {
        self.lines.push(line);
        let Conversation { replies, stopped } = converse(&self.flow, &self.set, &self.lines)?;
        let mut shown = match replies.len() == self.lines.len() {
            true => shown(replies.last()),
            false => String::new(),
        };
        if let Some(why) = stopped {
            // It was not played, and is not played again.
            self.lines.truncate(replies.len());
            shown.push_str(&format!("{why}\n"));
        }
        Ok(shown)
    }

    fn again(&mut self, flow: Arc<Flow>) -> anyhow::Result<String> {
        self.flow = flow;
        let Conversation { replies, stopped } = converse(&self.flow, &self.set, &self.lines)?;
        let mut text = format!(
            "Built anew; {} of {} lines played again.\n",
            replies.len(),
            self.lines.len()
        );
        text.push_str(&shown(replies.last()));
        if let Some(why) = stopped {
            text.push_str(&format!("{why}\n"));
            self.lines.truncate(replies.len());
        }
        Ok(text)
    }

    fn keep(&self, path: &Path) -> anyhow::Result<()> {
        let Conversation { replies, .. } = converse(&self.flow, &self.set, &self.lines)?;
        let why = "Kept from a conversation at the prompt.";
        let text = written(&self.set, why, &self.lines, &replies);
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn shown(replies: Option<&Vec<callslip_rehearsal::Reply>>) -> String {
    let replies = replies.into_iter().flatten();
    replies.map(|reply| format!("{reply}\n")).collect()
}

fn load(runtime: &Runtime, folder: &Path) -> anyhow::Result<Arc<Flow>> {
    let built = build::component(folder)?;
    runtime
        .load(&built.bytes)
        .with_context(|| format!("{}", folder.display()))
}

/// A conversation that is there already is nobody's to write over.
fn place(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || !name.chars().all(plain) {
        bail!("\"{name}\" is no name for a transcript: use letters, digits, - and _");
    }
    let path = folder.join("tests").join(format!("{name}.txt"));
    if path.exists() {
        bail!("{} is there already; give another name", path.display());
    }
    Ok(path)
}

/// When something in the crate changed last, but for what the compiler writes.
fn changed(folder: &Path, depth: u32) -> SystemTime {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let times = entries.filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "target" || name == "tests" {
            return None;
        }
        let about = entry.metadata().ok()?;
        match about.is_dir() {
            true => depth
                .checked_sub(1)
                .map(|depth| changed(&entry.path(), depth)),
            false => about.modified().ok(),
        }
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Lines as they are typed; it ends with them.
fn typed() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
