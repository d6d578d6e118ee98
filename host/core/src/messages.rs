//! Every sentence that the host itself sends, by name, in each shipped language.
//!
//! The sentences are data, in `messages/`, a file a language. A library may reword each; when a
//! sentence is sent, and with which values, is for routing to know.

mod calendar;
mod name;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

pub use calendar::Day;
pub use name::Name;

use crate::text::template::Template;
use calendar::Calendar;

/// A library's own wordings: (name, language) to template.
pub type Reworded = HashMap<(String, String), String>;

/// What every fallback ends in.
const LAST_RESORT: &str = "en";

const FILES: [(&str, &str); 3] = [
    ("en", include_str!("../messages/en.toml")),
    ("es", include_str!("../messages/es.toml")),
    ("fr", include_str!("../messages/fr.toml")),
];

static SHIPPED: LazyLock<Messages> = LazyLock::new(|| read().unwrap_or_default());

#[derive(Debug, Default)]
pub struct Messages {
    languages: BTreeMap<&'static str, Sentences>,
}

#[derive(Debug)]
struct Sentences {
    templates: HashMap<Name, Template>,
    calendar: Calendar,
}

impl Messages {
    pub fn shipped() -> &'static Messages {
        &SHIPPED
    }

    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        self.languages.keys().copied()
    }

    /// The sentence in that language, in the library's words if it has its own, else in English.
    pub fn text(&self, name: Name, language: &str, reworded: &Reworded) -> Cow<'_, Template> {
        self.in_first_of(name, &[language], reworded)
    }

    /// The sentence in the first of the languages that has it (the patron's, then the library's),
    /// else in English.
    pub fn in_first_of(
        &self,
        name: Name,
        languages: &[&str],
        reworded: &Reworded,
    ) -> Cow<'_, Template> {
        languages
            .iter()
            .chain(&[LAST_RESORT])
            .find_map(|language| self.own(name, language, reworded))
            .unwrap_or_else(|| Cow::Owned(Template::default()))
    }

    /// "1 for HOURS, 2 for HOLDS": what the `{choices}` of other sentences are.
    pub fn choices(&self, labels: &[&str], language: &str, reworded: &Reworded) -> String {
        let choice = self.text(Name::Choice, language, reworded);
        let numbered = labels.iter().zip(1..).map(|(label, number)| {
            choice.fill(&[("number", &number.to_string()), ("label", label)])
        });
        numbered.collect::<Vec<_>>().join(", ")
    }

    /// "tomorrow at 10 am": what the `{when}` of other sentences is. `minutes` since midnight.
    pub fn when(&self, day: Day, minutes: u16, language: &str) -> String {
        let sentences = self
            .languages
            .get(language)
            .or_else(|| self.languages.get(LAST_RESORT));
        sentences
            .map(|sentences| sentences.calendar.when(day, minutes))
            .unwrap_or_default()
    }

    /// The sentences that a library must word itself to speak this language (a4): none for a
    /// shipped one.
    pub fn missing(&self, language: &str, reworded: &Reworded) -> Vec<Name> {
        let is_missing = |name: &Name| self.own(*name, language, reworded).is_none();
        Name::ALL.into_iter().filter(is_missing).collect()
    }

    /// In all languages.
    pub(crate) fn every(&self) -> impl Iterator<Item = &Template> {
        let languages = self.languages.values();
        languages.flat_map(|sentences| sentences.templates.values())
    }

    fn own(&self, name: Name, language: &str, reworded: &Reworded) -> Option<Cow<'_, Template>> {
        let wording = reworded.get(&(name.as_str().to_owned(), language.to_owned()));
        if let Some(template) = wording.and_then(|wording| Template::parse(wording).ok()) {
            return Some(Cow::Owned(template));
        }
        self.languages
            .get(language)?
            .templates
            .get(&name)
            .map(Cow::Borrowed)
    }
}

/// Whether a library may say it so: the sentence exists, names no unknown variable, and says what
/// it must. What is wrong is told in words for an admin.
pub fn check_reworded(name: &str, text: &str) -> Result<(), String> {
    let Some(known) = Name::from_name(name) else {
        let nearest = nearest(name, Name::ALL.into_iter().map(Name::as_str));
        return Err(match nearest {
            Some(nearest) => {
                format!("no sentence is called \"{name}\": did you mean \"{nearest}\"?")
            }
            None => format!("no sentence is called \"{name}\""),
        });
    };
    let template = Template::parse(text).map_err(|error| error.to_string())?;
    let shipped = Messages::shipped().text(known, LAST_RESORT, &Reworded::new());
    let variables = shipped.variables();
    if let Some(unknown) = template
        .variables()
        .into_iter()
        .find(|own| !variables.contains(own))
    {
        return Err(match variables.as_slice() {
            [] => format!("\"{name}\" has no variables, and {{{unknown}}} is one"),
            known => format!("\"{name}\" knows no {{{unknown}}}, only {}", listed(known)),
        });
    }
    let own = template.variables();
    match known
        .required()
        .iter()
        .find(|required| !own.contains(required))
    {
        Some(required) => Err(format!("\"{name}\" must say {{{required}}}")),
        None if text.trim().is_empty() => Err(format!("\"{name}\" must say something")),
        None => Ok(()),
    }
}

fn listed(variables: &[&str]) -> String {
    let braced: Vec<String> = variables.iter().map(|name| format!("{{{name}}}")).collect();
    braced.join(", ")
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE_MIN: f64 = 0.6;
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(alike, _)| *alike >= ALIKE_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[derive(Deserialize)]
struct File {
    calendar: Calendar,
    #[serde(flatten)]
    sentences: HashMap<String, String>,
}

fn read() -> Result<Messages, String> {
    let mut messages = Messages::default();
    for (language, text) in FILES {
        let of = |error: String| format!("{language}.toml: {error}");
        let file: File = toml::from_str(text).map_err(|error| of(error.to_string()))?;
        let mut templates = HashMap::new();
        for (name, sentence) in file.sentences {
            let known = Name::from_name(&name).ok_or_else(|| of(format!("{name} is no name")))?;
            let template = Template::parse(&sentence).map_err(|e| of(format!("{name}: {e}")))?;
            templates.insert(known, template);
        }
        messages.languages.insert(
            language,
            Sentences {
                templates,
                calendar: file.calendar,
            },
        );
    }
    Ok(messages)
}

#[cfg(test)]
mod tests;
