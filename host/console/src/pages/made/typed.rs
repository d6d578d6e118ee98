//! What the form says, as a keyword, and what is wrong with it before anything is read.

use std::collections::{BTreeMap, BTreeSet};

use callslip_core::config::{Written, WrittenAlias, WrittenGrant, WrittenPlace};
use callslip_core::directory::{FlowName, Library};
use callslip_core::flow::Plugin;
use callslip_core::grants::Capability;
use callslip_core::text::keyword::{Phrase, Rule};

use super::settings;
use crate::asked::Asked;
use crate::parts::Problems;
use crate::visit::Visit;

/// What the form does not show stays as it was in `before`.
pub(super) fn keyword(
    visit: &Visit,
    library: &Library,
    plugin: &Plugin,
    before: Option<&Written>,
) -> (Written, Problems) {
    let mut problems = Problems::default();
    let asked = &visit.asked;
    let word = asked.field("word").to_owned();
    let id = match before {
        Some(before) => before.id.clone(),
        None => new_id(library, &word),
    };
    if id.is_none() || Phrase::new(&word).is_none() {
        problems.add("word", "Write a word that a patron can text.");
    }
    let closing = asked.field("closing");
    let flow = FlowName::of_key(asked.field("flow"));
    let written = Written {
        id,
        aliases: aliases(asked.field("aliases")),
        r#match: rule(asked.field("match")).map(str::to_owned),
        flow: flow.name,
        version: flow.version,
        grants: granted(visit, plugin),
        hidden: asked.field("hidden") == "1",
        settings: settings::typed(asked, library, plugin, &mut problems),
        closing: (!closing.is_empty()).then(|| closing.to_owned()),
        schedule: schedule(asked, &mut problems),
        word,
        ..before
            .cloned()
            .unwrap_or_else(|| empty(asked.field("flow")))
    };
    (written, problems)
}

/// With the flow of this key.
pub(super) fn empty(flow: &str) -> Written {
    let flow = FlowName::of_key(flow);
    Written {
        id: None,
        word: String::new(),
        aliases: Vec::new(),
        r#match: None,
        flow: flow.name,
        version: flow.version,
        grants: Vec::new(),
        storage: None,
        enabled: true,
        closing: None,
        catch_all: false,
        hidden: false,
        segments_max: None,
        schedule: toml::Table::new(),
        settings: toml::Table::new(),
    }
}

/// With commas between; `HORAS (es)` is a word of one language.
pub(super) fn aliases(typed: &str) -> Vec<WrittenAlias> {
    let aliases = typed.split(',').map(str::trim);
    let aliases = aliases.filter(|alias| !alias.is_empty());
    let aliases = aliases.map(|alias| {
        let spoken = alias.strip_suffix(')');
        match spoken.and_then(|alias| alias.rsplit_once('(')) {
            Some((word, language)) => WrittenAlias::Spoken {
                word: word.trim().to_owned(),
                language: language.trim().to_owned(),
            },
            None => WrittenAlias::Plain(alias.to_owned()),
        }
    });
    aliases.collect()
}

/// None: as the first word, which need not be said.
pub(super) fn rule(typed: &str) -> Option<&str> {
    Some(typed).filter(|rule| !["", Rule::FirstWord.name()].contains(rule))
}

/// All that a patron may text for it, and how it is found in a text.
pub(super) fn phrases(written: &Written) -> (Vec<Phrase>, Rule) {
    let aliases = written.aliases.iter().map(|alias| match alias {
        WrittenAlias::Plain(word) | WrittenAlias::Spoken { word, .. } => word.as_str(),
    });
    let words = std::iter::once(written.word.as_str()).chain(aliases);
    let rule = written.r#match.as_deref().and_then(Rule::from_name);
    (
        words.filter_map(Phrase::new).collect(),
        rule.unwrap_or(Rule::FirstWord),
    )
}

const TIMES: &str = "Write days and hours, such as mon-fri 09:00-17:00, sat 10:00-14:00.";

fn schedule(asked: &Asked, problems: &mut Problems) -> toml::Table {
    let mut table = toml::Table::new();
    for name in ["from", "until"] {
        if !asked.field(name).is_empty() {
            table.insert(name.to_owned(), asked.field(name).into());
        }
    }
    let parts = asked.field("times").split(',').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((days, hours)) = part.split_once(char::is_whitespace) else {
            problems.add("times", TIMES);
            break;
        };
        let nothing = || toml::Value::Array(Vec::new());
        let day = table.entry(days.to_lowercase()).or_insert_with(nothing);
        if let toml::Value::Array(spans) = day {
            spans.push(hours.trim().into());
        } else {
            problems.add("times", TIMES);
        }
    }
    table
}

/// As it is typed.
pub(crate) fn times(schedule: &toml::Table) -> String {
    let days = schedule.iter().filter_map(|(days, spans)| {
        let spans = spans.as_array()?;
        Some(spans.iter().filter_map(move |span| {
            let span = span.as_str()?;
            Some(format!("{days} {span}"))
        }))
    });
    days.flatten().collect::<Vec<_>>().join(", ")
}

/// From the word, once and for ever (c2); one that is free.
pub(super) fn new_id(library: &Library, word: &str) -> Option<String> {
    let of_word = Phrase::new(word)?.words().join("-");
    let plain: String = of_word
        .chars()
        .map(|letter| {
            if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    let plain = plain.trim_matches('-');
    let base = if plain.is_empty() { "keyword" } else { plain };
    let taken: BTreeSet<&str> = library
        .keywords
        .iter()
        .map(|keyword| &*keyword.id.0)
        .collect();
    let mut names =
        std::iter::once(base.to_owned()).chain((2..).map(|number| format!("{base}-{number}")));
    names.find(|name| !taken.contains(name.as_str()))
}

fn granted(visit: &Visit, plugin: &Plugin) -> Vec<WrittenGrant> {
    let given = plugin
        .needs
        .iter()
        .filter(|need| visit.asked.field(&format!("grant-{need}")) == "1");
    given
        .map(|need| match need {
            Capability::Profile => WrittenGrant::Profile {
                profile: visit
                    .asked
                    .field("profile-fields")
                    .split(',')
                    .map(|field| field.trim().to_owned())
                    .filter(|field| !field.is_empty())
                    .collect(),
            },
            need if need.is_for_places() => WrittenGrant::Places(BTreeMap::from([(
                need.name().to_owned(),
                visit
                    .asked
                    .field(&format!("places-{need}"))
                    .split(',')
                    .map(str::trim)
                    .filter(|host| !host.is_empty())
                    .map(|host| WrittenPlace::Open(host.to_owned()))
                    .collect(),
            )])),
            whole => WrittenGrant::Whole(whole.name().to_owned()),
        })
        .collect()
}
