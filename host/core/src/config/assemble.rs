//! Puts together what runs: what is right as the files say it, what is wrong as it last ran
//! right, or not at all (c5).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::clashes::collide;
use super::grants::missing;
use super::keyword::KeywordDraft;
use super::library::LibraryDraft;
use super::number::NumberEntry;
use crate::budget::Rules;
use crate::directory::{Directory, Keyword, Library, Number, names};
use crate::ids::LibraryId;

pub(super) fn directory(
    numbers: &[NumberEntry],
    drafts: &[LibraryDraft],
    previous: Option<&Directory>,
    rules: &Rules,
) -> Directory {
    let mut libraries: BTreeMap<LibraryId, Arc<Library>> = BTreeMap::new();
    let (wrong, right): (Vec<_>, Vec<_>) = drafts.iter().partition(|draft| draft.is_off());
    for draft in right.into_iter().chain(wrong) {
        let before = previous
            .and_then(|previous| previous.library(&draft.id))
            .filter(|before| !before.broken);
        let library = match (draft.is_off(), before) {
            (false, before) => running(draft, before.map(AsRef::as_ref)),
            (true, Some(before)) => Library::clone(before),
            (true, None) => Library {
                broken: true,
                ..draft.library.clone()
            },
        };
        let mut library = at_known_numbers(library, draft, numbers);
        if join_is_taken(&library, &libraries) {
            library.join = None;
        }
        libraries.insert(draft.id.clone(), Arc::new(library));
    }
    let numbers = numbers.iter().filter_map(|entry| {
        let number = number(entry, &libraries)?;
        Some((number.number.clone(), Arc::new(number)))
    });
    let numbers: HashMap<_, _> = numbers.collect();
    Directory {
        numbers,
        libraries,
        rules: rules.clone(),
    }
}

/// The library as its file says, each keyword that is wrong as it last was.
fn running(draft: &LibraryDraft, before: Option<&Library>) -> Library {
    let is_off = |keyword: &KeywordDraft| draft.found.has(&keyword.effect(&draft.id));
    let mut good: HashMap<usize, Keyword> = HashMap::new();
    for (index, keyword) in draft.keywords.iter().enumerate() {
        if !is_off(keyword)
            && let Some(keyword) = keyword.keyword()
        {
            good.insert(index, keyword);
        }
    }
    let mut keywords = Vec::new();
    for (index, keyword) in draft.keywords.iter().enumerate() {
        let keyword = match good.get(&index) {
            Some(keyword) => Some(keyword.clone()),
            None => before.and_then(|before| last_good(keyword, before, &good)),
        };
        keywords.extend(keyword.map(Arc::new));
    }
    Library {
        keywords,
        ..draft.library.clone()
    }
}

/// The keyword as it last ran, without what others have taken since. Switching it off and taking
/// a grant away act at once, whatever else is wrong.
fn last_good(
    draft: &KeywordDraft,
    before: &Library,
    good: &HashMap<usize, Keyword>,
) -> Option<Keyword> {
    let mut keyword = Keyword::clone(before.keyword(&draft.id)?);
    keyword.enabled &= draft.enabled;
    if let Some(grants) = &draft.grants {
        keyword.grants = keyword.grants.narrowed_to(grants);
    }
    if !missing(&keyword.grants, &keyword.plugin).is_empty() {
        return None;
    }
    let rule = keyword.rule;
    keyword.phrases.retain(|alias| {
        !good.values().any(|other| {
            let theirs = other.phrases.iter();
            theirs
                .into_iter()
                .any(|their| collide(rule, &alias.phrase, other.rule, &their.phrase))
        })
    });
    let has_word = keyword
        .phrases
        .iter()
        .any(|alias| alias.text == keyword.word);
    has_word.then_some(keyword)
}

/// A library that runs as it did before keeps its numbers, as far as the machine still has them.
fn at_known_numbers(
    mut library: Library,
    draft: &LibraryDraft,
    numbers: &[NumberEntry],
) -> Library {
    let known = |number: &String| numbers.iter().any(|entry| entry.number == *number);
    library.numbers.retain(known);
    if library.numbers.is_empty() {
        let named = draft.numbers.iter().map(|(number, _)| number.clone());
        library.numbers = named.filter(known).collect();
    }
    library
}

/// Of libraries that are right no two share a join word; one that runs as it did before may.
fn join_is_taken(library: &Library, others: &BTreeMap<LibraryId, Arc<Library>>) -> bool {
    let together = |other: &Library| {
        let mut numbers = other.numbers.iter();
        numbers.any(|number| library.numbers.contains(number))
    };
    let mut others = others.values();
    library.join.is_some() && others.any(|other| other.join == library.join && together(other))
}

/// None: no library answers there.
fn number(entry: &NumberEntry, libraries: &BTreeMap<LibraryId, Arc<Library>>) -> Option<Number> {
    let mut here: Vec<LibraryId> = libraries
        .values()
        .filter(|library| library.numbers.contains(&entry.number))
        .map(|library| library.id.clone())
        .collect();
    let desk = entry.front_desk.clone();
    let desk = desk.filter(|desk| libraries.contains_key(desk));
    if let Some(desk) = &desk
        && !here.contains(desk)
    {
        here.push(desk.clone());
        here.sort();
    }
    Some(Number {
        number: entry.number.clone(),
        gateway: entry.gateway.clone(),
        brand: entry.brand.clone(),
        jurisdiction: entry.jurisdiction,
        help_contact: entry.help_contact.clone(),
        stop_words: entry.stop_words,
        fallback: entry.fallback.clone(),
        rates: entry.rates,
        long: entry.long,
        front_desk: desk.or_else(|| here.first().cloned())?,
        names: names(
            &entry.brand,
            here.iter()
                .filter_map(|id| libraries.get(id))
                .map(AsRef::as_ref),
        ),
        libraries: here,
        answers_in: entry.answers_in.clone(),
    })
}
