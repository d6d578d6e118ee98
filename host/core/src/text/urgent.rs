//! Says whether somebody may be in acute danger: words of suicide, self-harm or violence, said of
//! oneself or of somebody near (a8).
//!
//! The forms are data, `words/urgent-*.toml`, a file a language. A form counts wherever it stands,
//! but not as the title of a book that is asked for, nor as a figure of speech. One too many gets a
//! kind text; one too few is left alone, so that doubt speaks for danger. Whom to call is a matter
//! of the jurisdiction's file, what is sent of `route`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use super::consent::without_symbols;
use super::forms::{Form, Forms, Spelled, bare, ends, spelled};
use super::keyword::Tokens;

const FILES: [(&str, &str); 3] = [
    ("en", include_str!("../../words/urgent-en.toml")),
    ("es", include_str!("../../words/urgent-es.toml")),
    ("fr", include_str!("../../words/urgent-fr.toml")),
];

/// More than ten messages in one; it bounds the work that one text can cause.
const WORDS_MAX: usize = 300;

static GRAMMARS: LazyLock<Vec<Grammar>> = LazyLock::new(|| read().unwrap_or_default());

struct Grammar {
    language: &'static str,
    alone: Vec<Spelled>,
    danger: Forms<()>,
    harmless: Forms<()>,
    before_title: Vec<Spelled>,
    after_title: Vec<Spelled>,
}

/// The language of the words of danger in the text, if there are any.
pub fn language(text: &str) -> Option<&'static str> {
    let mut words = without_symbols(&Tokens::of(text));
    words.truncate(WORDS_MAX);
    let words: Vec<String> = words.iter().map(|word| bare(word)).collect();
    GRAMMARS
        .iter()
        .find(|grammar| grammar.finds(&words))
        .map(|grammar| grammar.language)
}

impl Grammar {
    fn finds(&self, words: &[String]) -> bool {
        if self.alone.iter().any(|alone| alone == words) {
            return true;
        }
        (0..words.len()).any(|start| {
            let mut ends = self.danger.ends(words, start).into_iter();
            ends.any(|end| !self.is_harmless(words, start..end))
        })
    }

    fn is_harmless(&self, words: &[String], said: Range<usize>) -> bool {
        let asked_for = self
            .before_title
            .iter()
            .any(|before| words[..said.start].ends_with(before));
        let medium = ends(&self.after_title, words, said.end).next().is_some();
        asked_for || medium || self.overlaps_harmless(words, &said)
    }

    /// Some of it is part of something that means another thing.
    fn overlaps_harmless(&self, words: &[String], said: &Range<usize>) -> bool {
        (0..said.end).any(|start| {
            let mut ends = self.harmless.ends(words, start).into_iter();
            ends.any(|end| end > said.start)
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(rename = "source")]
    _source: String,
    before_title: Vec<String>,
    after_title: Vec<String>,
    alone: Vec<String>,
    parts: BTreeMap<String, Vec<String>>,
    danger: Vec<String>,
    harmless: Vec<String>,
}

fn read() -> Result<Vec<Grammar>, String> {
    let grammar = |(language, text)| {
        let file: File = toml::from_str(text).map_err(|error| format!("{language}: {error}"))?;
        let mut parts = BTreeMap::new();
        for (name, phrases) in &file.parts {
            parts.insert(name.as_str(), spelled(phrases)?);
        }
        let forms = |written: &[String]| {
            let parsed = written
                .iter()
                .map(|form| Ok((Form::parse(form, &parts)?, ())));
            let parsed: Result<Vec<(Form, ())>, String> = parsed.collect();
            let forms = parsed.map_err(|why| format!("{language}: {why}"))?;
            Ok::<_, String>(Forms::new(forms))
        };
        Ok(Grammar {
            language,
            alone: spelled(&file.alone)?,
            danger: forms(&file.danger)?,
            harmless: forms(&file.harmless)?,
            before_title: spelled(&file.before_title)?,
            after_title: spelled(&file.after_title)?,
        })
    };
    FILES.into_iter().map(grammar).collect()
}

#[cfg(test)]
mod tests;
