//! One `[[keyword]]` of a library. What is wrong in it switches off this keyword alone (c5).
//!
//! It does not know the library's other keywords: see `clashes`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::DeValue;

use super::machine::plain_name;
use super::problem::{Effect, Findings, nearest};
use super::table::{Table, Text, Value, line_of_text, wrong_type};
use super::{grants, schedule, settings};
use crate::directory::{Alias, FlowName, Keyword};
use crate::flow::Plugin;
use crate::grants::Grants;
use crate::ids::{KeywordId, LibraryId};
use crate::schedule::Schedule;
use crate::text::keyword::{Phrase, Rule, Tokens};
use crate::text::{consent, host_words, urgent};

const RULES: [&str; 6] = [
    "first-word",
    "only-word",
    "only-phrase",
    "phrase",
    "any-word",
    "beginning",
];
/// Longest word or alias, in characters. A text has 160.
const WORD_CHARACTERS_MAX: usize = 60;
/// As long as what staff say of a keyword that they switch off.
const CLOSING_CHARACTERS_MAX: usize = 300;
pub(super) const ALIASES_MAX: usize = 50;

/// What the library lends to each of its keywords while they are read.
pub(super) struct Surroundings<'c> {
    pub(super) library: &'c LibraryId,
    /// None: they cannot be read.
    pub(super) languages: Option<&'c [String]>,
    pub(super) plugins: &'c BTreeMap<String, Arc<Plugin>>,
    pub(super) folder: &'c Path,
    /// Where the library's file is.
    pub(super) home: &'c Path,
}

/// A keyword as far as it could be read.
pub(super) struct KeywordDraft {
    pub(super) id: KeywordId,
    /// Where its word stands.
    pub(super) at: Range<usize>,
    pub(super) word: String,
    pub(super) phrases: Vec<(Alias, Range<usize>)>,
    pub(super) rule: Rule,
    pub(super) enabled: bool,
    pub(super) catch_all: bool,
    pub(super) hidden: bool,
    pub(super) plugin: Option<(FlowName, Arc<Plugin>)>,
    /// None: the file's grants cannot be read.
    pub(super) grants: Option<Grants>,
    pub(super) settings: String,
    pub(super) storage: String,
    pub(super) segments_max: Option<u32>,
    pub(super) closing: Option<String>,
    pub(super) schedule: Option<Schedule>,
}

impl KeywordDraft {
    pub(super) fn effect(&self, library: &LibraryId) -> Effect {
        Effect::SwitchesKeywordOff(library.clone(), self.id.clone())
    }

    /// None where its plugin is missing.
    pub(super) fn keyword(&self) -> Option<Keyword> {
        let (flow, plugin) = self.plugin.clone()?;
        Some(Keyword {
            id: self.id.clone(),
            word: self.word.clone(),
            phrases: self
                .phrases
                .iter()
                .map(|(alias, _)| alias.clone())
                .collect(),
            rule: self.rule,
            enabled: self.enabled,
            closing: self.closing.clone(),
            catch_all: self.catch_all,
            hidden: self.hidden,
            plugin,
            flow,
            grants: self.grants.clone()?,
            settings: self.settings.clone(),
            storage: self.storage.clone(),
            segments_max: self.segments_max,
            schedule: self.schedule.clone(),
        })
    }
}

/// `taken` are the ids of the keywords before it.
pub(super) fn read(
    mut table: Table<'_>,
    around: &Surroundings<'_>,
    taken: &[KeywordId],
    found: &mut Findings,
) -> KeywordDraft {
    let id = choose_id(&table, taken);
    let effect = Effect::SwitchesKeywordOff(around.library.clone(), id.clone());
    found.within(effect, |found| {
        let word = table.needed_text("word", "\"HOURS\"", found);
        check_id(&mut table, &id, found);
        let mut phrases = Vec::new();
        if let Some(word) = &word {
            phrases.extend(alias(word, None, found));
        }
        aliases(&mut table, around, &mut phrases, found);
        let rule = rule(&mut table, found);
        let plugin = plugin(&mut table, around, found);
        let at_grants = match table.has("grants") {
            true => table.at_field("grants"),
            false => table.at_field("flow"),
        };
        let grants = grants::read(&mut table, around.home, found);
        if let (Some((_, plugin)), Some(grants)) = (&plugin, &grants) {
            grants::check(grants, plugin, &at_grants, found);
        }
        let settings = settings_text(
            &mut table,
            plugin.as_ref().map(|(_, plugin)| &**plugin),
            found,
        );
        let storage = table.text("storage", found);
        let draft = KeywordDraft {
            at: word
                .as_ref()
                .map_or(table.at().clone(), |word| word.at.clone()),
            word: word.map_or("", |word| word.value.trim()).to_owned(),
            phrases,
            rule,
            enabled: table.switch("enabled", true, found),
            catch_all: table.switch("catch-all", false, found),
            hidden: table.switch("hidden", false, found),
            plugin,
            grants,
            settings,
            // The id, so that a renamed word keeps its data (c2).
            storage: storage.map_or_else(|| id.to_string(), |name| name.value.to_owned()),
            segments_max: table
                .value("segments-max")
                .is_some()
                .then(|| table.count("segments-max", 6, 1..=110, found)),
            closing: closing(&mut table, found),
            schedule: schedule::read(&mut table, found),
            id,
        };
        table.finish(found);
        draft
    })
}

/// What it answers while it is off or out of season (c6).
fn closing(table: &mut Table<'_>, found: &mut Findings) -> Option<String> {
    let closing = table.text("closing", found)?;
    if closing.value.chars().count() > CLOSING_CHARACTERS_MAX {
        let what = format!("\"closing\" has more than {CLOSING_CHARACTERS_MAX} characters");
        found.report(&closing.at, what, "Say it in two texts' length.");
    }
    Some(closing.value.to_owned())
}

/// The `id`, else the word as it is compared (c2). A second of the same id gets a number, so that
/// switching it off does not name the first.
fn choose_id(table: &Table<'_>, taken: &[KeywordId]) -> KeywordId {
    let given = |key| {
        table
            .peek(key)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let of_word = || Phrase::new(given("word")?).map(|word| word.words().join("-"));
    let id = given("id").map(str::to_owned).or_else(of_word);
    let id = id.unwrap_or_else(|| format!("keyword-{}", taken.len() + 1));
    let free = |id: &String| !taken.iter().any(|taken| *taken.0 == **id);
    if free(&id) {
        return id.as_str().into();
    }
    let numbered = (2..).map(|number| format!("{id}#{number}")).find(free);
    numbered.unwrap_or(id).as_str().into()
}

fn check_id(table: &mut Table<'_>, id: &KeywordId, found: &mut Findings) {
    let Some(text) = table.text("id", found) else {
        return;
    };
    plain_name(&text, "id", found);
    if *id.0 != *text.value.trim() {
        let what = format!(
            "another keyword of this library has the id \"{}\"",
            text.value
        );
        found.report(&text.at, what, "Give each keyword an id of its own.");
    }
}

fn aliases(
    table: &mut Table<'_>,
    around: &Surroundings<'_>,
    phrases: &mut Vec<(Alias, Range<usize>)>,
    found: &mut Findings,
) {
    let items = table.items("aliases", found).unwrap_or_default();
    if let Some(first_too_many) = items.get(ALIASES_MAX) {
        let what = format!("there are more than {ALIASES_MAX} aliases");
        found.report(&first_too_many.span(), what, "Keep those that patrons use.");
    }
    for item in items.iter().take(ALIASES_MAX) {
        let Some((alias, at)) = read_alias(item, around, found) else {
            continue;
        };
        match phrases
            .iter()
            .find(|(other, _)| other.phrase == alias.phrase)
        {
            Some((other, _)) => {
                let what = match other.text == alias.text {
                    true => format!("{} stands twice in this keyword", alias.text),
                    false => format!("{} is the same to a patron as {}", alias.text, other.text),
                };
                found.report(
                    &at,
                    what,
                    "Keep one of them: case and accents do not matter.",
                );
            }
            None => phrases.push((alias, at)),
        }
    }
}

/// `"OPEN"`, or `{ word = "HORAS", language = "es" }` (a4).
fn read_alias(
    item: &Value<'_>,
    around: &Surroundings<'_>,
    found: &mut Findings,
) -> Option<(Alias, Range<usize>)> {
    let fields = match item.get_ref() {
        DeValue::Table(fields) => fields,
        DeValue::String(_) => return alias(&line_of_text(item, "aliases", found)?, None, found),
        _ => {
            let remedy = "Write it as \"OPEN\" or as { word = \"HORAS\", language = \"es\" }.";
            wrong_type(item, "aliases", "a list of words", remedy, found);
            return None;
        }
    };
    let mut table = Table::new(fields, "aliases".to_owned(), item.span());
    let word = table.needed_text("word", "\"HORAS\"", found);
    let language = table.text("language", found);
    table.finish(found);
    if let (Some(language), Some(known)) = (&language, around.languages)
        && !known.iter().any(|known| known == language.value)
    {
        let what = format!("this library does not speak \"{}\"", language.value);
        let known = known.join(", ");
        let remedy = format!("Choose one of its languages ({known}), or add this one to them.");
        found.report(&language.at, what, remedy);
    }
    alias(
        &word?,
        language.map(|language| language.value.to_owned()),
        found,
    )
}

fn alias(
    text: &Text<'_>,
    language: Option<String>,
    found: &mut Findings,
) -> Option<(Alias, Range<usize>)> {
    let word = text.value.trim();
    let Some(phrase) = Phrase::new(word) else {
        let what = format!("\"{word}\" has nothing in it that a patron could text");
        found.report(&text.at, what, "Write a word, a number or an emoji.");
        return None;
    };
    if word.chars().count() > WORD_CHARACTERS_MAX {
        let what = format!("a keyword has more than {WORD_CHARACTERS_MAX} characters");
        found.report(&text.at, what, "Choose one that fits on a poster.");
    }
    check_reserved(word, &text.at, found);
    let alias = Alias {
        text: word.to_owned(),
        phrase,
        language,
    };
    Some((alias, text.at.clone()))
}

/// Words that never reach a keyword, whoever texts them.
pub(super) fn check_reserved(word: &str, at: &Range<usize>, found: &mut Findings) {
    let remedy = "Choose another word.";
    if consent::is_consent_word(word) {
        let what = format!("{word} is a consent word: it starts or stops texts, or asks for help");
        found.report(at, what, remedy);
    } else if consent::classify(word).is_some() {
        let what = format!("\"{word}\" is how people ask that texts stop, and then they do");
        found.report(at, what, remedy);
    } else if urgent::language(word).is_some() {
        let what = format!("\"{word}\" is what people in danger write: they get a help line");
        found.report(at, what, remedy);
    } else if host_words::is_reserved(word) || host_words::read(&Tokens::of(word)).is_some() {
        let what = format!("{word} is one of Callslip's own words and never reaches a keyword");
        found.report(at, what, remedy);
    }
}

fn rule(table: &mut Table<'_>, found: &mut Findings) -> Rule {
    let choices = RULES.map(|name| (name, Rule::from_name(name)));
    let rule = table.choice("match", &choices, found);
    rule.flatten().unwrap_or(Rule::FirstWord)
}

fn plugin(
    table: &mut Table<'_>,
    around: &Surroundings<'_>,
    found: &mut Findings,
) -> Option<(FlowName, Arc<Plugin>)> {
    let flow = table.needed_text("flow", "\"auto-reply\"", found)?;
    let version = table.text("version", found);
    let named = FlowName {
        name: flow.value.to_owned(),
        version: version.as_ref().map(|version| version.value.to_owned()),
    };
    if !named.is_for(around.library) {
        let what = format!("the plugin \"{}\" is another library's", flow.value);
        found.report(
            &flow.at,
            what,
            "Use one of the machine's, or this library's own.",
        );
        return None;
    }
    let Some(plugin) = around.plugins.get(&named.key()) else {
        if let Some(version) = version.filter(|_| around.plugins.contains_key(&named.name)) {
            missing_version(&named, &version, around, found);
            return None;
        }
        let what = format!("the plugin \"{}\" is not installed", flow.value);
        let names = around.plugins.keys().map(String::as_str);
        let names = names.filter(|key| {
            let of = FlowName::of_key(key);
            of.version.is_none() && of.is_for(around.library)
        });
        let remedy = match nearest(flow.value, names.clone()) {
            Some(meant) => format!("Did you mean \"{meant}\"?"),
            None => {
                let folder = around.folder.display();
                let installed: Vec<&str> = names.collect();
                let installed = super::problem::listed(&installed);
                format!("Put its .wasm file into {folder}, where there is: {installed}.")
            }
        };
        found.report(&flow.at, what, remedy);
        return None;
    };
    // The host has answered these words before a flow could (a5).
    for answer in &plugin.manifest.reserved_answers {
        if !consent::may_be_an_answer(answer) {
            let what = format!(
                "the flow \"{}\" waits for the answer {answer}, which is a consent word",
                flow.value
            );
            found.report(
                &flow.at,
                what,
                "Ask its author for a version with another answer.",
            );
        }
    }
    Some((named, plugin.clone()))
}

fn missing_version(
    named: &FlowName,
    version: &Text<'_>,
    around: &Surroundings<'_>,
    found: &mut Findings,
) {
    let what = format!(
        "version {} of the plugin \"{}\" is not installed",
        version.value, named.name
    );
    let all = around.plugins.keys().map(|key| FlowName::of_key(key));
    let there: Vec<String> = all
        .filter(|other| other.name == named.name)
        .filter_map(|other| other.version)
        .collect();
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    let there = super::problem::listed(&there);
    found.report(&version.at, what, format!("There is: {there}."));
}

fn settings_text(table: &mut Table<'_>, plugin: Option<&Plugin>, found: &mut Findings) -> String {
    let at = match table.has("settings") {
        true => table.at_field("settings"),
        false => table.at().clone(),
    };
    let settings = table.fields_of("settings", found);
    match plugin {
        Some(plugin) => settings::read(settings, &at, plugin, found),
        None => String::new(),
    }
}
