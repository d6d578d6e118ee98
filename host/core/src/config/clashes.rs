//! What is wrong only when several things are looked at together: keywords of one library,
//! libraries of one number, libraries and the machine.
//!
//! Where two clash, the one that ran before the reload keeps its place; else the first.

use super::MachineDraft;
use super::keyword::KeywordDraft;
use super::library::LibraryDraft;
use super::problem::{Effect, Findings, nearest, suggest};
use crate::directory::{Directory, names, takes_replies};
use crate::ids::LibraryId;
use crate::text::consent;
use crate::text::keyword::{Phrase, Rule};

pub(super) fn check(
    machine: &mut MachineDraft,
    libraries: &mut [LibraryDraft],
    previous: Option<&Directory>,
) {
    for library in libraries.iter_mut().filter(|library| library.parses) {
        keywords(library);
        join_against_own_keywords(library);
        stops_against_own_keywords(library);
    }
    if machine.numbers_known {
        for library in libraries.iter_mut().filter(|library| library.parses) {
            unknown_numbers(library, machine);
        }
    }
    for library in libraries.iter_mut().filter(|library| library.parses) {
        nowhere_to_text(library);
    }
    if machine.parses {
        front_desks(machine, libraries);
    }
    missing_joins(machine, libraries);
    same_joins(libraries, previous);
    joins_against_keywords(libraries, previous);
}

/// Of two keywords that clash the second is off.
fn keywords(library: &mut LibraryDraft) {
    for index in 0..library.keywords.len() {
        let (before, keyword) = library.keywords.split_at(index);
        let keyword = &keyword[0];
        let effect = keyword.effect(&library.id);
        let found = &mut library.found;
        same_words(keyword, before, &effect, found);
        if keyword.catch_all
            && let Some(other) = before.iter().find(|other| other.catch_all)
        {
            let what = format!("the keyword {} is the catch-all already", other.word);
            let remedy = "Take catch-all = true away from one of them.";
            found.report_as(effect.clone(), &keyword.at, what, remedy);
        }
        let shared = before.iter().find(|other| other.storage == keyword.storage);
        if let Some(other) = shared {
            let (word, storage) = (&other.word, &keyword.storage);
            let what = format!("the keyword {word} keeps its data under \"{storage}\" too");
            let remedy = "Give this one another storage = \"...\".";
            found.report_as(effect, &keyword.at, what, remedy);
        }
    }
}

fn same_words(
    keyword: &KeywordDraft,
    before: &[KeywordDraft],
    effect: &Effect,
    found: &mut Findings,
) {
    for (alias, at) in &keyword.phrases {
        let taken = before.iter().find_map(|other| {
            let mut theirs = other.phrases.iter();
            let taken = theirs.find(|(theirs, _)| {
                collide(keyword.rule, &alias.phrase, other.rule, &theirs.phrase)
            });
            taken.map(|(theirs, their_at)| (&other.word, &theirs.text, their_at))
        });
        let Some((word, text, their_at)) = taken else {
            continue;
        };
        let line = found.line(their_at);
        let whose = match text == word {
            true => format!("the keyword {word}"),
            false => format!("{text} of the keyword {word}"),
        };
        let what = format!("{} collides with {whose} in line {line}", alias.text);
        let remedy = "Choose another word for one of them; case and accents do not matter.";
        found.report_as(effect.clone(), at, what, remedy);
    }
}

/// Whether a text can mean both and nothing says which of the two.
pub(super) fn collide(one_rule: Rule, one: &Phrase, other_rule: Rule, other: &Phrase) -> bool {
    if one.words() == other.words() {
        return true;
    }
    match (one_rule, other_rule) {
        // Such a keyword is found by each of its words alone.
        (Rule::AnyWord, Rule::AnyWord) => one.words().iter().any(|w| other.words().contains(w)),
        // HOUR and HOURS: of more words the longer one would win.
        (Rule::Beginning, Rule::Beginning) if one.words().len() == other.words().len() => {
            let (one, other) = (one.words().join(" "), other.words().join(" "));
            one.starts_with(&other) || other.starts_with(&one)
        }
        _ => false,
    }
}

/// A text that begins with the join word never reaches a keyword that begins with it too.
fn shadows(join: &Phrase, phrase: &Phrase) -> bool {
    phrase.words().starts_with(join.words())
}

fn shadowed(keyword: &KeywordDraft, join: &Phrase) -> Vec<(String, std::ops::Range<usize>)> {
    let phrases = keyword.phrases.iter();
    phrases
        .filter(|(alias, _)| shadows(join, &alias.phrase))
        .map(|(alias, at)| (alias.text.clone(), at.clone()))
        .collect()
}

fn join_against_own_keywords(library: &mut LibraryDraft) {
    let Some(join) = &library.library.join else {
        return;
    };
    for keyword in &library.keywords {
        for (text, at) in shadowed(keyword, join) {
            let what = format!("{text} begins with this library's join word");
            let remedy = "Choose another word: the join word alone gives the instructions.";
            let effect = keyword.effect(&library.id);
            library.found.report_as(effect, &at, what, remedy);
        }
    }
}

/// STOPTEENS is a STOP of the list, whoever would like it to be a keyword (a7).
fn stops_against_own_keywords(library: &mut LibraryDraft) {
    let names = names("", [&library.library]);
    for keyword in &library.keywords {
        for (alias, at) in &keyword.phrases {
            let read = consent::read(&alias.text, &names);
            if read.is_some_and(|read| !read.parts.is_empty()) {
                let what = format!("{} stops or starts this library's own texts", alias.text);
                let remedy = "Choose another word: it is read before any keyword.";
                let effect = keyword.effect(&library.id);
                library.found.report_as(effect, at, what, remedy);
            }
        }
    }
}

fn unknown_numbers(library: &mut LibraryDraft, machine: &MachineDraft) {
    let known: Vec<&str> = machine.numbers().collect();
    let effect = library.effect();
    for (number, at) in &library.numbers {
        if !known.contains(&number.as_str()) {
            // It may have meant any of those that nobody else names.
            library.numbers_known = false;
            let file = machine.found.file().display();
            let what = format!("the machine has no number {number}");
            let remedy = match nearest(number, known.iter().copied()) {
                Some(meant) => format!("Did you mean \"{meant}\"?"),
                None => format!("Add it as a [[number]] to {file}, or take it away here."),
            };
            library.found.report_as(effect.clone(), at, what, remedy);
        }
    }
}

/// A library whose messages come from letters alone cannot be texted.
fn nowhere_to_text(library: &mut LibraryDraft) {
    let reachable = library
        .numbers
        .iter()
        .any(|(number, _)| takes_replies(number));
    let Some((letters, at)) = library.numbers.first().filter(|_| !reachable) else {
        return;
    };
    let effect = library.effect();
    let what = format!("no patron can text this library: \"{letters}\" takes no replies");
    let remedy = "Add one of the machine's numbers or short codes to \"numbers\".";
    library.found.report_as(effect, at, what, remedy);
}

/// A shared number needs one library that owns what names no library; every number needs one.
fn front_desks(machine: &mut MachineDraft, libraries: &[LibraryDraft]) {
    let somewhere: Vec<&LibraryDraft> = libraries.iter().filter(|it| !it.numbers_known).collect();
    for entry in &machine.machine.numbers {
        let here: Vec<&str> = libraries
            .iter()
            .filter(|library| library.answers_at(&entry.number))
            .map(|library| &*library.id.0)
            .collect();
        let number = &entry.number;
        match &entry.front_desk {
            Some(desk) if !here.contains(&&*desk.0) => {
                if somewhere.iter().any(|library| library.id == *desk) {
                    continue;
                }
                let what = format!("the front desk of {number}, \"{desk}\", does not answer there");
                let remedy = match here.is_empty() {
                    true => format!("Add \"{number}\" to the numbers of {desk}."),
                    false => suggest(&desk.0, &here),
                };
                machine.found.report(&entry.at, what, remedy);
            }
            // Nothing comes in there.
            None if here.len() > 1 && !takes_replies(number) => (),
            None if here.len() > 1 && !entry.front_desk_meant => {
                let all = here.join(", ");
                let what = format!(
                    "{number} is shared by {all}, and nobody owns texts that name no library"
                );
                let remedy = format!("Add front-desk = \"{}\", or another of them.", here[0]);
                machine.found.report(&entry.at, what, remedy);
            }
            None if here.is_empty() && somewhere.is_empty() && !libraries.is_empty() => {
                let what = format!("no library answers at {number}");
                let remedy = "Add it to a library's numbers, or take this [[number]] away.";
                machine.found.report(&entry.at, what, remedy);
            }
            Some(_) | None => (),
        }
    }
}

fn missing_joins(machine: &MachineDraft, libraries: &mut [LibraryDraft]) {
    for number in machine.numbers().filter(|number| takes_replies(number)) {
        let here = libraries.iter().filter(|it| it.answers_at(number)).count();
        if here < 2 {
            continue;
        }
        for library in libraries.iter_mut().filter(|library| library.parses) {
            let place = library.numbers.iter().find(|(own, _)| own == number);
            let Some((_, at)) = place.cloned() else {
                continue;
            };
            if library.join_at.is_some() || library.join_meant {
                continue;
            }
            let effect = library.effect();
            let what = format!("{number} is shared, and no word says that this library is meant");
            let remedy = "Add a line such as join = \"BAYSIDE\".";
            library.found.report_as(effect, &at, what, remedy);
            // Once, however many of its numbers are shared.
            library.join_meant = true;
        }
    }
}

fn same_joins(libraries: &mut [LibraryDraft], previous: Option<&Directory>) {
    let mut order: Vec<usize> = (0..libraries.len()).collect();
    order.sort_by_key(|index| !had_join(&libraries[*index], previous));
    for (rank, index) in order.iter().enumerate() {
        let first = order[..rank]
            .iter()
            .map(|other| &libraries[*other])
            .find(|other| {
                let library = &libraries[*index];
                library.library.join.is_some()
                    && library.library.join == other.library.join
                    && shared_number(library, other).is_some()
            });
        let Some(first) = first else { continue };
        let (id, file) = (first.id.clone(), first.found.file().to_owned());
        let library = &mut libraries[*index];
        // Its texts are tickets then, and those that begin with the word belong to the other.
        library.library.join = None;
        if let (true, Some(at)) = (library.parses, &library.join_at) {
            let effect = Effect::SwitchesLibraryOff(library.id.clone());
            let what = format!("{id} has the same join word, in {}", file.display());
            let remedy = "Choose another one for this library.";
            library.found.report_as(effect, at, what, remedy);
        }
    }
}

fn joins_against_keywords(libraries: &mut [LibraryDraft], previous: Option<&Directory>) {
    for join_index in 0..libraries.len() {
        for index in 0..libraries.len() {
            let (owner, library) = (&libraries[join_index], &libraries[index]);
            let Some(join) = owner.library.join.clone() else {
                continue;
            };
            if index == join_index || shared_number(owner, library).is_none() {
                continue;
            }
            let clashes: Vec<_> = library
                .keywords
                .iter()
                .flat_map(|keyword| {
                    let effect = keyword.effect(&library.id);
                    let shadowed = shadowed(keyword, &join).into_iter();
                    shadowed.map(move |(text, at)| (effect.clone(), text, at))
                })
                .collect();
            let keyword_is_older = !had_join(owner, previous)
                && clashes
                    .iter()
                    .any(|(effect, _, _)| had_keyword(effect, &join, previous));
            let (owner_id, library_id) = (owner.id.clone(), library.id.clone());
            if keyword_is_older {
                let owner = &mut libraries[join_index];
                owner.library.join = None;
                if let (true, Some(at)) = (owner.parses, &owner.join_at) {
                    let effect = Effect::SwitchesLibraryOff(owner_id);
                    let what = format!("{library_id} has a keyword like this join word");
                    let remedy = "Choose another join word for this library.";
                    owner.found.report_as(effect, at, what, remedy);
                }
                continue;
            }
            let library = &mut libraries[index];
            if !library.parses {
                continue;
            }
            for (effect, text, at) in clashes {
                let what = format!(
                    "{text} begins with the join word of {owner_id}, which shares a number with \
                     this library"
                );
                let remedy = "Choose another word.";
                library.found.report_as(effect, &at, what, remedy);
            }
        }
    }
}

fn shared_number<'l>(one: &'l LibraryDraft, other: &LibraryDraft) -> Option<&'l str> {
    let mut numbers = one.numbers.iter().map(|(number, _)| number.as_str());
    numbers.find(|number| takes_replies(number) && other.answers_at(number))
}

fn had_join(library: &LibraryDraft, previous: Option<&Directory>) -> bool {
    let before = previous.and_then(|previous| previous.library(&library.id));
    before.is_some_and(|before| before.join.is_some() && before.join == library.library.join)
}

/// Whether the keyword began with that word before, too.
fn had_keyword(effect: &Effect, join: &Phrase, previous: Option<&Directory>) -> bool {
    let (Effect::SwitchesKeywordOff(library, keyword), Some(previous)) = (effect, previous) else {
        return false;
    };
    let library = previous.library(library);
    let keyword = library.and_then(|library| library.keyword(keyword));
    keyword.is_some_and(|keyword| {
        let mut aliases = keyword.phrases.iter();
        aliases.any(|alias| shadows(join, &alias.phrase))
    })
}

/// The ids under which the libraries run, and for each that wanted another's the file that has it.
pub(super) fn choose_ids(wanted: &[(String, String)]) -> Vec<(LibraryId, Option<usize>)> {
    let owner = |id: &str| {
        let mut claims = wanted
            .iter()
            .enumerate()
            .filter(|(_, (want, _))| want == id);
        let first = claims.clone().next();
        // A file of that very name is more likely the right one than a copy of it.
        claims
            .find(|(_, (_, stem))| stem == id)
            .or(first)
            .map(|(index, _)| index)
    };
    let mut ids: Vec<(LibraryId, Option<usize>)> = Vec::new();
    for (index, (want, stem)) in wanted.iter().enumerate() {
        let owner_of_wanted = owner(want).filter(|owner| *owner != index);
        if owner_of_wanted.is_none() {
            ids.push((want.as_str().into(), None));
            continue;
        }
        let taken =
            |id: &String| owner(id).is_some() || ids.iter().any(|(taken, _)| *taken.0 == **id);
        let numbered = (2..).map(|number| format!("{stem}#{number}"));
        let free = std::iter::once(stem.clone())
            .chain(numbered)
            .find(|id| !taken(id));
        ids.push((free.unwrap_or_default().as_str().into(), owner_of_wanted));
    }
    ids
}
