//! Reads the machine's file and its libraries' into what runs, and says all that is wrong in one
//! go: each problem with its file, line and remedy, and with what it switches off (c5).
//!
//! Pure: texts and installed plugins in, values out. Which files there are, where secrets lie and
//! what becomes of a refusal is the shell's.

mod document;
mod problem;
mod table;

mod gateway;
mod machine;
mod network;
mod number;

mod contact;
mod desk; // what stands beside the reply box
mod grants;
pub(crate) mod hours;
mod keyword;
mod library;
mod notices;
mod reinvite;
mod reworded;
mod schedule;
mod settings;
mod topics;

mod assemble;
mod clashes;
mod export;
mod made;
mod sentences;
mod spending;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use export::{Written, WrittenAlias, WrittenGrant, WrittenPlace, WrittenSecret, keyword_toml};
pub use gateway::{
    Gateway, GatewayKind, Kannel, Secret, SignatureCheck, SignatureMethod, Smpp, Telnyx, Twilio,
    Vonage, http, smpp, webhook,
};
pub use machine::{
    ConsolePages, Delivery, KeySource, LibraryFiles, Limits, Machine, PhonePage, Plugins, Server,
    Store, Unclear,
};
pub use made::{Made, field_of, is_keyword, is_of_console, whole, without};
pub use network::{Alarms, Mail, MailLogin, MailTls};
pub use number::NumberEntry;
pub use problem::{Effect, Problem};

use crate::directory::Directory;
use crate::flow::Plugin;
use crate::ids::LibraryId;
use document::Document;
use library::LibraryDraft;
use problem::Findings;

/// A file of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// As people see it; paths in the file are relative to its folder.
    pub path: PathBuf,
    pub text: String,
}

/// What the files say.
#[derive(Clone, Debug)]
pub struct Reading {
    /// None when a problem stops the start.
    pub machine: Option<Machine>,
    pub directory: Directory,
    /// Which file says what a library is.
    pub files: BTreeMap<LibraryId, PathBuf>,
    /// File by file, line by line.
    pub problems: Vec<Problem>,
}

/// The machine's own file, before the others are known: where they lie, where plugins lie.
#[derive(Clone, Debug)]
pub struct MachineReading {
    /// What cannot be read has its default, so that the other files can be checked all the same.
    pub machine: Machine,
    pub problems: Vec<Problem>,
}

struct MachineDraft {
    machine: Machine,
    /// False: it has one problem, and what else is wrong with it is not said.
    parses: bool,
    /// False: a number could not be read, so that a library may well name it.
    numbers_known: bool,
    found: Findings,
}

impl MachineDraft {
    fn numbers(&self) -> impl Iterator<Item = &str> {
        self.machine
            .numbers
            .iter()
            .map(|entry| entry.number.as_str())
    }
}

/// Reads `callslip.toml` alone.
pub fn machine_only(file: &File) -> MachineReading {
    let draft = read_machine(&Document::parse(file));
    MachineReading {
        machine: draft.machine,
        problems: draft.found.into_problems(),
    }
}

/// Reads a keyword's settings that stand in a file of their own, as a plugin's tests have them.
/// Gives them as JSON text.
pub fn settings_only(file: &File, plugin: &Plugin) -> (String, Vec<Problem>) {
    let document = Document::parse(file);
    let mut found = Findings::new(&file.path, &file.text, Effect::StopsStart);
    let settings = settings::read(Some(document.root()), &(0..0), plugin, &mut found);
    document.close(&mut found);
    (settings, found.into_problems())
}

/// Reads the whole: the first file is the machine's, the others are libraries. `previous` is what
/// runs now, if anything does.
pub fn read(
    files: &[File],
    plugins: &BTreeMap<String, Arc<Plugin>>,
    previous: Option<&Directory>,
) -> Reading {
    read_with(files, plugins, previous, &[])
}

/// The same, with the keywords that were made in the console.
pub fn read_with(
    files: &[File],
    plugins: &BTreeMap<String, Arc<Plugin>>,
    previous: Option<&Directory>,
    made: &[Made],
) -> Reading {
    let nothing = File {
        path: PathBuf::from("callslip.toml"),
        text: String::new(),
    };
    let (file, others) = files.split_first().unwrap_or((&nothing, &[]));
    let mut machine = read_machine(&Document::parse(file));
    let (joined, own_lines) = made::behind(others, made);
    let others = joined.as_slice();
    let mut libraries = read_libraries(others, plugins, &machine.machine.plugins.folder);
    if libraries.is_empty() && machine.numbers_known {
        let files = &machine.machine.libraries;
        let (folder, pattern) = (files.folder.display(), &files.pattern);
        let what = format!("there is no library: no file {pattern} in {folder}");
        let remedy = "Write a file for each library, or say in libraries = where they are.";
        machine.found.report(&(0..0), what, remedy);
    }
    clashes::check(&mut machine, &mut libraries, previous);
    sentences::check(&mut machine, &mut libraries);
    let directory = assemble::directory(
        &machine.machine.numbers,
        &libraries,
        previous,
        &machine.machine.rules,
    );
    let whose = libraries.iter().zip(others);
    let named = whose.map(|(library, file)| (library.id.clone(), file.path.clone()));
    let named = named.collect();
    let stopped = !machine.found.is_empty();
    let mut problems = machine.found.into_problems();
    for library in libraries {
        problems.extend(library.found.into_problems());
    }
    made::place(&mut problems, &own_lines);
    Reading {
        machine: (!stopped).then_some(machine.machine),
        directory,
        files: named,
        problems,
    }
}

fn read_machine(document: &Document<'_>) -> MachineDraft {
    let (file, mut found) = document.open(Effect::StopsStart);
    let numbers = file.length("number");
    let machine = machine::read(file, &document.file.path, &mut found);
    document.close(&mut found);
    MachineDraft {
        parses: document.parses(),
        numbers_known: machine.numbers.len() == numbers && document.parses(),
        machine,
        found,
    }
}

fn read_libraries(
    files: &[File],
    plugins: &BTreeMap<String, Arc<Plugin>>,
    folder: &Path,
) -> Vec<LibraryDraft> {
    let documents: Vec<Document<'_>> = files.iter().map(Document::parse).collect();
    let wanted: Vec<(String, String)> = documents
        .iter()
        .map(|document| {
            let stem = document.stem();
            let id = document.peek("id").filter(|id| machine::is_plain_name(id));
            (id.map_or_else(|| stem.clone(), str::to_owned), stem)
        })
        .collect();
    let ids: Vec<(LibraryId, Option<usize>)> = clashes::choose_ids(&wanted);
    let drafts = documents.iter().zip(ids).map(|(document, (id, owner))| {
        let mut draft = library::read(document, &id, plugins, folder);
        if let (Some(owner), true) = (owner, draft.parses) {
            let at = document.at("id");
            let other = documents[owner].file.path.display();
            let what = format!("{other} is the library \"{}\" already", wanted[owner].0);
            let effect = draft.effect();
            let remedy = "Give each library an id of its own, which then stays for ever.";
            draft.found.report_as(effect, &at, what, remedy);
        }
        draft
    });
    drafts.collect()
}

#[cfg(test)]
mod tests;
