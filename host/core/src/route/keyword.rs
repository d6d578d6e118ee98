//! A library's keywords against a text. Where several match, the one that says more about the
//! text wins: a whole text before a first word, then the longer phrase, then the order of the file.

use crate::directory::{Keyword, Library};
use crate::text::keyword::{Rule, Tokens};

pub(super) struct Matched<'a> {
    pub(super) keyword: &'a Keyword,
    /// What follows the keyword.
    pub(super) rest: String,
    /// The alias's own language.
    pub(super) language: Option<&'a str>,
    /// The text is nothing but the keyword.
    pub(super) alone: bool,
}

/// The catch-all keyword matches by its word like any other; what nothing matches is not asked here.
pub(super) fn find<'a>(library: &'a Library, text: &Tokens) -> Option<Matched<'a>> {
    let mut best: Option<(u8, usize, Matched<'a>)> = None;
    for keyword in &library.keywords {
        for alias in &keyword.phrases {
            let Some(found) = alias.phrase.find(keyword.rule, text) else {
                continue;
            };
            let alone = alias.phrase.find(Rule::OnlyPhrase, text).is_some();
            let weight = (keyword.rule.strength(), alias.phrase.words().len());
            if best
                .as_ref()
                .is_none_or(|(strength, words, _)| weight > (*strength, *words))
            {
                let language = alias.language.as_deref();
                let matched = Matched {
                    keyword,
                    rest: found.rest,
                    language,
                    alone,
                };
                best = Some((weight.0, weight.1, matched));
            }
        }
    }
    best.map(|(_, _, matched)| matched)
}

/// What the library's word alone is answered with (a1).
pub(super) fn welcome(library: &Library) -> Option<&Keyword> {
    let enabled = || {
        library
            .keywords
            .iter()
            .map(|keyword| &**keyword)
            .filter(|keyword| keyword.enabled)
    };
    enabled()
        .find(|keyword| &*keyword.id.0 == "welcome")
        .or_else(|| enabled().find(|keyword| keyword.plugin.manifest.name == "instructions"))
}

/// The words for a menu, in the patron's language where an alias has it.
pub(super) fn menu(library: &Library, language: &str) -> Vec<String> {
    library
        .keywords
        .iter()
        .filter(|keyword| keyword.enabled && !keyword.hidden && !keyword.catch_all)
        .map(|keyword| {
            let in_language = keyword
                .phrases
                .iter()
                .find(|alias| alias.language.as_deref() == Some(language));
            in_language.map_or_else(|| keyword.word.clone(), |alias| alias.text.clone())
        })
        .collect()
}
