//! `callslip export`: all that is held of one patron, for whoever has a right to see it: the
//! patron, or a student's parent at a school (b4). And a library's conversations for study, masked.
//!
//! It only looks, beside a `callslip serve` that runs, and each look leaves a line in the audit
//! file first.

mod study;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use callslip_core::config;
use callslip_core::ids::LibraryId;
use callslip_core::inbound::{Namespace, Sender};
use callslip_core::phone::{PhoneNumber, hex};
use callslip_store::SqliteStore;
use callslip_store::patron_file::{LibraryFile, Moment, PatronFile, TextFile};
use serde_json::json;

use super::ConfigFile;
use crate::stopped::Stopped;
use crate::{audit, clock, files, key};

#[derive(clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    config: ConfigFile,
    /// Another store than the configured one
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The patron's phone, with + and country code
    #[arg(long, value_name = "PHONE", required_unless_present = "conversations")]
    patron: Option<String>,
    /// A library's conversations for study instead, as CSV
    #[arg(long, conflicts_with = "patron", requires_all = ["library", "masked"])]
    conversations: bool,
    /// Numbers, names, addresses, e-mail and card numbers are masked; there is no other way
    #[arg(long, requires = "conversations")]
    masked: bool,
    /// Only what this library may see
    #[arg(long, value_name = "ID")]
    library: Option<String>,
    /// Phones of the simulator
    #[arg(long)]
    simulated: bool,
    /// Write JSON; a line each for conversations
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let file = files::read(&self.config.config)?;
        let early = config::machine_only(&file);
        if !early.problems.is_empty() {
            let lines = early.problems.iter().map(ToString::to_string);
            return Err(Stopped::Usage(lines.collect()));
        }
        let number = self.patron.as_deref().map(phone).transpose()?;
        let library = self.library(file, &early.machine)?;
        let path = self.store.as_ref().unwrap_or(&early.machine.store.sqlite);
        if !path.is_file() {
            return Err(Stopped::usage(format!(
                "there is no store at {}",
                path.display()
            )));
        }
        let keys = key::known(&early.machine.keys)?;
        let namespace = match self.simulated {
            true => Namespace::Simulator,
            false => Namespace::Real,
        };
        let Some(number) = number else {
            let library =
                library.ok_or_else(|| Stopped::usage("--conversations needs --library"))?;
            self.note(path, None)?;
            return study::write(path, keys, library, namespace, self.json);
        };
        let reader = SqliteStore::look(path, keys.clone()).map_err(anyhow::Error::from)?;
        let held = reader
            .patron_file(namespace, &number, library.as_ref())
            .map_err(anyhow::Error::from)?;
        let phone = hex(&keys.find(namespace, &number)[..8]);
        self.note(path, Some(phone))?;
        let Some(held) = held else {
            return Err(anyhow::anyhow!("nothing is held: this phone has never texted").into());
        };
        let mut out = std::io::stdout().lock();
        if self.json {
            let written = serde_json::to_string_pretty(&held).map_err(anyhow::Error::from)?;
            writeln!(out, "{written}")?;
        } else {
            write!(out, "{}", plain(&held))?;
        }
        Ok(())
    }

    /// A name that is mistyped must not pass for a library that holds nothing.
    fn library(
        &self,
        file: config::File,
        machine: &config::Machine,
    ) -> Result<Option<LibraryId>, Stopped> {
        let Some(name) = &self.library else {
            return Ok(None);
        };
        let mut all = vec![file];
        all.extend(files::libraries(&machine.libraries)?);
        let libraries = config::read(&all, &BTreeMap::new(), None)
            .directory
            .libraries;
        let id = LibraryId::from(name.as_str());
        if libraries.contains_key(&id) {
            return Ok(Some(id));
        }
        let known: Vec<String> = libraries.keys().map(ToString::to_string).collect();
        Err(Stopped::usage(format!(
            "there is no library \"{name}\"; there is: {}",
            known.join(", ")
        )))
    }

    /// Before anything is shown.
    fn note(&self, store: &Path, phone: Option<String>) -> Result<(), Stopped> {
        let what = match phone {
            Some(_) => "export",
            None => "export-conversations-masked",
        };
        let line = json!({
            "at": Moment(clock::now()).to_string(),
            "what": what,
            "phone": phone,
            "library": self.library,
            "simulated": self.simulated,
            "by": audit::whoever(),
        });
        Ok(audit::append(store, &line)?)
    }
}

/// As people write it, too.
fn phone(written: &str) -> Result<PhoneNumber, Stopped> {
    let bare: String = written
        .chars()
        .filter(|letter| !" -().".contains(*letter))
        .collect();
    match callslip_gateways::classify(&bare) {
        Some(Sender::Phone(number)) => Ok(number),
        Some(Sender::ShortCode(_) | Sender::Alphanumeric(_)) | None => Err(Stopped::usage(
            "--patron needs a phone with + and country code, such as +15557654321",
        )),
    }
}

/// For people: one fact a line.
fn plain(held: &PatronFile) -> String {
    let mut text = format!("Known since {}", held.known_since);
    if let Some(country) = &held.country {
        let _ = write!(text, ", from {country}");
    }
    text.push_str(".\n");
    if let Some(since) = held.lists_suspended {
        let _ = writeln!(text, "Lists have left this phone alone since {since}.");
    }
    for library in &held.libraries {
        text.push_str(&library_lines(library));
    }
    section(&mut text, "Numbers", &held.numbers, |number| {
        let library = number.library.as_deref().unwrap_or("no library yet");
        format!(
            "{}: consent {}, last spoken to {library}, {}",
            number.number, number.consent, number.updated
        )
    });
    section(&mut text, "Texts", &held.texts, text_lines);
    section(
        &mut text,
        "Conversations with a flow",
        &held.sessions,
        |it| {
            let ended = match (&it.ended, &it.reason) {
                (Some(ended), Some(reason)) => format!("ended {ended} ({reason})"),
                (Some(ended), None) => format!("ended {ended}"),
                (None, _) => format!("{}, until {}", it.state, it.expires),
            };
            let question = it.question.as_deref().unwrap_or("(not kept)");
            let (library, keyword, asked) = (&it.library, &it.keyword, it.asked);
            format!("{asked} {library} {keyword}: {question} - {ended}")
        },
    );
    section(&mut text, "Questions to people", &held.tickets, |ticket| {
        let closed = ticket
            .closed
            .map_or("open".to_owned(), |at| format!("closed {at}"));
        let about = ticket.summary.as_deref().or(ticket.topic.as_deref());
        let about = about.map(|about| format!(": {about}")).unwrap_or_default();
        let mut line = format!("{} {}{about} - {closed}", ticket.opened, ticket.library);
        for note in &ticket.notes {
            let _ = write!(line, "\n    staff noted: {}", indented(note));
        }
        line
    });
    section(&mut text, "Stopped", &held.stopped, Clone::clone);
    section(&mut text, "Consent", &held.consent, |line| {
        let words = match line.words.is_empty() {
            true => String::new(),
            false => format!(" \"{}\"", line.words),
        };
        let gateway = line.gateway.as_deref().unwrap_or("unknown");
        let mut shown = format!(
            "{} at {}: {} -> {}, by {}{words}, through {gateway}",
            line.at, line.number, line.before, line.after, line.by
        );
        for answer in &line.answered {
            let _ = write!(shown, "\n    we answered: {}", indented(answer));
        }
        shown
    });
    text.push_str(
        "\nThe lines on consent are proof for both sides: they are kept for their own term, tied to \
         a keyed hash of the number, after all else is deleted.\n",
    );
    text
}

fn library_lines(library: &LibraryFile) -> String {
    let mut text = format!(
        "\nAt {}, where staff say \"{}\", since {}\n",
        library.library, library.alias, library.since
    );
    if let Some(language) = &library.language {
        let _ = writeln!(text, "  language: {language}");
    }
    if let Some(channel) = &library.channel {
        let note = library.channel_note.as_deref().unwrap_or_default();
        let _ = writeln!(text, "  to be answered by: {channel} {}", indented(note));
    }
    for field in &library.profile {
        let _ = writeln!(text, "  {}: {}", field.field, indented(&field.value));
    }
    for list in &library.lists {
        let _ = writeln!(text, "  on the list {} since {}", list.list, list.since);
    }
    for kept in &library.kept {
        let (storage, key) = (&kept.storage, &kept.key);
        let _ = writeln!(
            text,
            "  kept by {storage}: {key} = {}",
            indented(&kept.value)
        );
    }
    text
}

fn text_lines(text: &TextFile) -> String {
    let body = text.text.as_deref().unwrap_or("(not kept)");
    let mut shown = format!("{} to {}: {}", text.received, text.number, indented(body));
    for address in &text.media {
        let _ = write!(shown, "\n    with {address}");
    }
    let library = text.library.as_deref().unwrap_or("no library");
    let keyword = text.keyword.as_deref().unwrap_or("no keyword");
    match (&text.outcome, &text.reason) {
        (Some(outcome), Some(reason)) => {
            let _ = write!(shown, "\n    {outcome} ({reason}), {library}, {keyword}");
        }
        _ => shown.push_str("\n    not answered yet"),
    }
    for answer in &text.answers {
        let (state, body) = (&answer.state, indented(&answer.text));
        let _ = write!(shown, "\n    < {body} ({state})");
    }
    shown
}

fn section<T>(text: &mut String, title: &str, rows: &[T], line: impl Fn(&T) -> String) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for row in rows {
        let _ = writeln!(text, "  {}", line(row));
    }
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n      ")
}
