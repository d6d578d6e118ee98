//! One library's file, as far as it can be read by itself. What is wrong outside its keywords
//! switches the whole library off (c5); what clashes with other files is found in `clashes`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZoneDatabase;

use super::document::Document;
use super::keyword::{self, KeywordDraft, Surroundings};
use super::machine::{is_plain_name, plain_name};
use super::number::{Kind, number_text};
use super::problem::{Effect, Findings, nearest};
use super::table::{Table, line_of_text};
use super::{contact, desk, hours, notices, reinvite, reworded, spending, topics};
use crate::directory::{Hours, Library, List};
use crate::flow::Plugin;
use crate::ids::{KeywordId, LibraryId};
use crate::text::consent;
use crate::text::keyword::Phrase;

/// A library as far as its own file says.
pub(super) struct LibraryDraft {
    pub(super) found: Findings,
    pub(super) id: LibraryId,
    /// Without its keywords.
    pub(super) library: Library,
    /// The numbers it names, each with its place.
    pub(super) numbers: Vec<(String, Range<usize>)>,
    /// False: it may be at any number, nobody can tell.
    pub(super) numbers_known: bool,
    /// False: it has one problem, and what else is wrong with it is not said.
    pub(super) parses: bool,
    pub(super) join_at: Option<Range<usize>>,
    /// There is a field that looks like a misspelt join.
    pub(super) join_meant: bool,
    pub(super) keywords: Vec<KeywordDraft>,
}

impl LibraryDraft {
    pub(super) fn effect(&self) -> Effect {
        Effect::SwitchesLibraryOff(self.id.clone())
    }

    pub(super) fn is_off(&self) -> bool {
        self.found.has(&self.effect())
    }

    pub(super) fn answers_at(&self, number: &str) -> bool {
        self.numbers.iter().any(|(own, _)| own == number)
    }
}

pub(super) fn read(
    document: &Document<'_>,
    id: &LibraryId,
    plugins: &BTreeMap<String, Arc<Plugin>>,
    folder: &Path,
) -> LibraryDraft {
    let (mut file, mut found) = document.open(Effect::SwitchesLibraryOff(id.clone()));
    let (numbers, numbers_known) = numbers(&mut file, &mut found);
    let languages = languages(&mut file, &mut found);
    let mut library = facts(&mut file, id, languages.as_deref(), &mut found);
    let own_folder = document.file.path.parent().unwrap_or(Path::new(""));
    library.notices = notices::read(&mut file, own_folder, &mut found);
    library.numbers = numbers.iter().map(|(number, _)| number.clone()).collect();
    let join_at = file.has("join").then(|| file.at_field("join"));
    let around = Surroundings {
        library: id,
        languages: languages.as_deref(),
        plugins,
        folder,
        home: own_folder,
    };
    let keywords = keywords(&mut file, &around, &mut found);
    let join_meant = file.finish(&mut found).contains(&"join");
    document.close(&mut found);
    LibraryDraft {
        found,
        id: id.clone(),
        library,
        numbers,
        numbers_known: numbers_known && document.parses(),
        parses: document.parses(),
        join_at,
        join_meant,
        keywords,
    }
}

fn facts(
    file: &mut Table<'_>,
    id: &LibraryId,
    languages: Option<&[String]>,
    found: &mut Findings,
) -> Library {
    check_id(file, id, found);
    let name = file.needed_text("name", "\"Bayside Public Library\"", found);
    let name = name.map_or_else(|| id.to_string(), |name| name.value.trim().to_owned());
    let short_name = file.owned("short-name", found);
    let hours = file.table("hours", found);
    let at_languages = file.at_field("languages");
    let (quiet, school) = spending::quiet(file, found);
    Library {
        id: id.clone(),
        short_name: short_name.unwrap_or_else(|| name.clone()),
        name,
        time_zone: time_zone(file, found),
        languages: languages.map_or_else(|| vec!["en".to_owned()], <[String]>::to_vec),
        numbers: Vec::new(),
        join: join(file, found),
        hours: hours.map_or_else(Hours::default, |table| hours::read(table, found)),
        phone: contact::phone(file, found),
        website: contact::website(file, found),
        address: file.owned("address", found),
        email: contact::email(file, found),
        lists: lists(file, found),
        topics: topics::read(file, found),
        keywords: Vec::new(),
        reworded: reworded::read(file, languages, &at_languages, found),
        acknowledge: file.switch("acknowledge", true, found),
        plain_characters: file.switch("plain-characters", false, found),
        broken: false,
        outage: None,
        gone: Vec::new(),
        marks: Vec::new(),
        budget: spending::budget(file, found),
        quiet,
        notices: None,
        desk: desk::read(file, found),
        second_person_above: second_person(file, found),
        reinvite: reinvite::read(file, languages.unwrap_or_default(), found),
        school,
        terms: spending::terms(file, school, found),
    }
}

/// `id` is the one that was chosen; the file may have wanted another.
fn check_id(file: &mut Table<'_>, id: &LibraryId, found: &mut Findings) {
    match file.text("id", found) {
        Some(text) => {
            plain_name(&text, "id", found);
        }
        None if !is_plain_name(&id.0) => {
            let what = format!("\"{id}\", the name of this file, cannot be a library's id");
            let remedy = "Add a line such as id = \"bayside\": small letters, digits, hyphens.";
            found.report(&(0..0), what, remedy);
        }
        None => (),
    }
}

fn time_zone(file: &mut Table<'_>, found: &mut Findings) -> String {
    let Some(text) = file.needed_text("time-zone", "\"America/New_York\"", found) else {
        return "UTC".to_owned();
    };
    let zones = TimeZoneDatabase::bundled();
    let zone = zones.get(text.value).ok();
    if let Some(name) = zone.as_ref().and_then(|zone| zone.iana_name()) {
        return name.to_owned();
    }
    let known: Vec<String> = zones.available().map(|name| name.to_string()).collect();
    let remedy = match nearest(text.value, known.iter().map(String::as_str)) {
        Some(meant) => format!("Did you mean \"{meant}\"?"),
        None => "Write a name of the IANA list, such as \"America/New_York\".".to_owned(),
    };
    let what = format!("there is no time zone \"{}\"", text.value);
    found.report(&text.at, what, remedy);
    "UTC".to_owned()
}

/// None: nobody can tell which they are.
fn languages(file: &mut Table<'_>, found: &mut Findings) -> Option<Vec<String>> {
    if !file.has("languages") {
        file.missing("languages", "[\"en\"]");
    }
    let items = file.items("languages", found)?;
    if items.is_empty() {
        let what = "\"languages\" has no language in it";
        let remedy = "Write the library's own first, such as [\"en\", \"es\"].";
        found.report(&file.at_field("languages"), what, remedy);
    }
    let mut languages: Vec<String> = Vec::new();
    for item in items {
        let text = line_of_text(item, "languages", found)?;
        let language = text.value.to_owned();
        if !is_language(&language) {
            let what = format!("\"{language}\" is not a language tag");
            let remedy = "Write two small letters, such as \"en\" or \"es\".";
            found.report(&text.at, what, remedy);
            return None;
        }
        if languages.contains(&language) {
            let what = format!("\"{language}\" is there twice");
            found.report(&text.at, what, "Take one away.");
            continue;
        }
        languages.push(language);
    }
    (!languages.is_empty()).then_some(languages)
}

/// `en`, `haw`, `pt-BR`.
fn is_language(tag: &str) -> bool {
    let (language, region) = match tag.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (tag, None),
    };
    let small = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    let region_fits = |region: &str| {
        (2..=4).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    (2..=3).contains(&language.len()) && small(language) && region.is_none_or(region_fits)
}

fn numbers(file: &mut Table<'_>, found: &mut Findings) -> (Vec<(String, Range<usize>)>, bool) {
    if !file.has("numbers") {
        file.missing("numbers", "[\"66746\"]");
        return (Vec::new(), false);
    }
    let Some(items) = file.items("numbers", found) else {
        return (Vec::new(), false);
    };
    let mut numbers: Vec<(String, Range<usize>)> = Vec::new();
    let mut all_known = true;
    if items.is_empty() {
        let at = file.at_field("numbers");
        let what = "\"numbers\" is empty: no text reaches this library";
        found.report(&at, what, "Write at least one of the machine's numbers.");
    }
    for item in items {
        let Some(number) = number_text(item, "numbers", None, Kind::Texting, found) else {
            all_known = false;
            continue;
        };
        if numbers.iter().any(|(other, _)| other == number.value) {
            let what = format!("{} is there twice", number.value);
            found.report(&number.at, what, "Take one away.");
            continue;
        }
        numbers.push((number.value.to_owned(), number.at));
    }
    (numbers, all_known)
}

/// The first word that means this library where a number is shared.
fn join(file: &mut Table<'_>, found: &mut Findings) -> Option<Phrase> {
    let text = file.text("join", found)?;
    let phrase = Phrase::new(text.value).filter(|phrase| phrase.words().len() == 1);
    match &phrase {
        Some(_) => keyword::check_reserved(text.value, &text.at, found),
        None => {
            let what = format!("\"join\" cannot be \"{}\"", text.value);
            found.report(&text.at, what, "Write one word, such as \"BAYSIDE\".");
        }
    }
    phrase
}

fn lists(file: &mut Table<'_>, found: &mut Findings) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    for mut table in file.tables("list", found) {
        let id = table.needed_text("id", "\"teens\"", found);
        let name = table.needed_text("name", "\"Teen events\"", found);
        let description = table.owned("description", found).unwrap_or_default();
        let frequency = table
            .value("frequency")
            .is_some()
            .then(|| table.count("frequency", 1, 1..=1_000, found));
        let names = list_names(&mut table, found);
        table.finish(found);
        let Some(id) = id else { continue };
        plain_name(&id, "id", found);
        if lists.iter().any(|list| list.id == id.value) {
            let what = format!("there is a list \"{}\" already", id.value);
            found.report(&id.at, what, "Give each list an id of its own.");
            continue;
        }
        for name in [Some(&id), name.as_ref()].into_iter().flatten() {
            if consent::classify(&format!("STOP {}", name.value)).is_some() {
                let what = format!("\"STOP {}\" stops all texts, not this list", name.value);
                let remedy = "Give the list another id and name.";
                found.report(&name.at, what, remedy);
            }
        }
        lists.push(List {
            id: id.value.to_owned(),
            name: name.map_or(id.value, |name| name.value).to_owned(),
            names,
            description,
            frequency,
        });
    }
    lists
}

/// `names = { es = "Noches para jóvenes" }`
fn list_names(table: &mut Table<'_>, found: &mut Findings) -> BTreeMap<String, String> {
    let Some(mut names) = table.table("names", found) else {
        return BTreeMap::new();
    };
    let mut read = BTreeMap::new();
    for (language, value) in names.entries() {
        if !is_language(language.value) {
            let what = format!("\"{}\" is not a language tag", language.value);
            let remedy = "Write two small letters, such as es = \"...\".";
            found.report(&language.at, what, remedy);
            continue;
        }
        if let Some(name) = line_of_text(value, "names", found) {
            if consent::classify(&format!("STOP {}", name.value)).is_some() {
                let what = format!("\"STOP {}\" stops all texts, not this list", name.value);
                found.report(
                    &name.at,
                    what,
                    "Give the list another name in this language.",
                );
            }
            read.insert(language.value.to_owned(), name.value.to_owned());
        }
    }
    names.ignore_rest();
    names.finish(found);
    read
}

/// `[broadcasts]`
fn second_person(file: &mut Table<'_>, found: &mut Findings) -> Option<u32> {
    const KEY: &str = "second-person-above";
    let mut table = file.table("broadcasts", found)?;
    let above = table.value(KEY).is_some();
    let above = above.then(|| table.count(KEY, 0, 0..=10_000_000, found));
    table.finish(found);
    above
}

fn keywords(
    file: &mut Table<'_>,
    around: &Surroundings<'_>,
    found: &mut Findings,
) -> Vec<KeywordDraft> {
    let mut keywords: Vec<KeywordDraft> = Vec::new();
    let mut taken: Vec<KeywordId> = Vec::new();
    for table in file.tables("keyword", found) {
        let keyword = keyword::read(table, around, &taken, found);
        taken.push(keyword.id.clone());
        keywords.push(keyword);
    }
    keywords
}
