//! A library's keywords against a text. Where several match, the one that says more about the
//! text wins: a whole text before a first word, then the longer phrase, then the order of the file.

use crate::at::At;
use crate::directory::{Gone, Keyword, Library};
use crate::ids::KeywordId;
use crate::source::{self, Mark};
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

/// A text from a poster.
pub(super) struct Marked {
    pub(super) keyword: KeywordId,
    pub(super) mark: Mark,
    /// Without the mark.
    pub(super) text: Tokens,
}

/// Only marks that were given out for that keyword are read, so that no word of a patron's is
/// taken for one (a20).
pub(super) fn marked(library: &Library, text: &Tokens) -> Option<Marked> {
    library.marks.iter().find_map(|(id, mark)| {
        let keyword = library.keyword(id)?;
        let mut phrases = keyword.phrases.iter();
        let left = phrases.find_map(|alias| {
            let words = alias.phrase.words();
            let begins = text.words().starts_with(words);
            begins.then(|| source::without(mark, words.len(), text))?
        })?;
        // Another keyword of that beginning may say more about the text.
        let found = find(library, &left)?;
        (found.keyword.id == *id).then(|| Marked {
            keyword: id.clone(),
            mark: mark.clone(),
            text: left,
        })
    })
}

/// A keyword that was taken away and whose word still stands on posters (c6), and whether the text
/// is nothing but it.
pub(super) fn gone<'a>(library: &'a Library, text: &Tokens, now: At) -> Option<(&'a Gone, bool)> {
    let gone = library.gone.iter().filter(|gone| now < gone.until);
    let mut found = gone.filter_map(|gone| {
        let mut phrases = gone.phrases.iter();
        let phrase = phrases.find(|phrase| phrase.find(gone.rule, text).is_some())?;
        Some((gone, phrase.find(Rule::OnlyPhrase, text).is_some()))
    });
    found.next()
}

/// What the library's word alone is answered with (a1).
pub(super) fn welcome(library: &Library, now: At) -> Option<&Keyword> {
    let enabled = || {
        library
            .keywords
            .iter()
            .map(|keyword| &**keyword)
            .filter(|keyword| library.answers(keyword, now))
    };
    enabled()
        .find(|keyword| &*keyword.id.0 == "welcome")
        .or_else(|| enabled().find(|keyword| keyword.plugin.manifest.name == "instructions"))
}

/// The words for a menu, in the patron's language where an alias has it.
pub(super) fn menu(library: &Library, language: &str, now: At) -> Vec<String> {
    library
        .keywords
        .iter()
        .filter(|keyword| library.answers(keyword, now))
        .filter(|keyword| !keyword.hidden && !keyword.catch_all)
        .map(|keyword| {
            let in_language = keyword
                .phrases
                .iter()
                .find(|alias| alias.language.as_deref() == Some(language));
            in_language.map_or_else(|| keyword.word.clone(), |alias| alias.text.clone())
        })
        .collect()
}
