//! A grammar as its file writes it, `words/stop-*.toml`, which says what each field is for.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::{Grammar, Wished};
use crate::text::consent::words::Words;
use crate::text::forms::{Form, Forms, spelled};

const FILES: [(&str, &str); 3] = [
    ("en", include_str!("../../../../words/stop-en.toml")),
    ("es", include_str!("../../../../words/stop-es.toml")),
    ("fr", include_str!("../../../../words/stop-fr.toml")),
];

/// The part that stands for the consent words of the tables, and the one for those of them that
/// take a name.
const CONSENT_WORD: &str = "word";
const WORD_BEFORE_NAME: &str = "word-before-name";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    fillers: Vec<String>,
    #[serde(default)]
    misspelt: Vec<String>,
    around: Vec<String>,
    beside: Beside,
    names: AroundNames,
    parts: BTreeMap<String, Vec<String>>,
    wish: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    texts: Vec<String>,
    asks: Vec<String>,
    business: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AroundNames {
    joints: Vec<String>,
    kinds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    asked: bool,
    #[serde(default = "yes")]
    named: bool,
    #[serde(default)]
    vague: bool,
    forms: Vec<String>,
}

const fn yes() -> bool {
    true
}

pub(super) fn read(consent_words: &Words) -> Result<Vec<Grammar>, String> {
    let grammar = |(language, text)| {
        let file: File = toml::from_str(text).map_err(|error| format!("{language}: {error}"))?;
        let mut parts = BTreeMap::new();
        for (name, phrases) in &file.parts {
            parts.insert(name.as_str(), spelled(phrases)?);
        }
        let stops = || consent_words.stops(language);
        let all = stops().map(|(words, _)| words.to_vec()).collect();
        let taking = stops().filter(|(_, entry)| entry.takes_name);
        let taking = taking.map(|(words, _)| words.to_vec()).collect();
        parts.insert(CONSENT_WORD, all);
        parts.insert(WORD_BEFORE_NAME, taking);
        let before_name = Wished {
            asked: false,
            for_all: false,
            for_named: true,
            vague: true,
        };
        let form = Form::parse(&format!("{{{WORD_BEFORE_NAME}}}"), &parts)?;
        let mut forms = vec![(form, before_name)];
        for group in &file.wish {
            for form in &group.forms {
                let form = Form::parse(form, &parts).map_err(|why| format!("{language}: {why}"))?;
                let wished = Wished {
                    asked: group.asked,
                    for_all: true,
                    for_named: group.named,
                    vague: group.vague,
                };
                forms.push((form, wished));
            }
        }
        let around = file
            .around
            .iter()
            .map(|form| Ok((Form::parse(form, &parts)?, ())));
        let around = Forms::new(around.collect::<Result<_, String>>()?);
        let forms = Forms::new(forms);
        let phrases = forms.phrases().chain(around.phrases());
        let vocabulary = phrases.flatten().cloned().collect();
        let set = |words: &[String]| -> Result<HashSet<String>, String> {
            Ok(spelled(words)?.into_iter().flatten().collect())
        };
        Ok(Grammar {
            language,
            fillers: spelled(&file.fillers)?.concat(),
            misspelt: spelled(&file.misspelt)?.concat(),
            around,
            texts: set(&file.beside.texts)?,
            asks: set(&file.beside.asks)?,
            business: set(&file.beside.business)?,
            vocabulary,
            joints: spelled(&file.names.joints)?,
            kinds: spelled(&file.names.kinds)?,
            forms,
        })
    };
    FILES.into_iter().map(grammar).collect()
}
