//! What the jurisdiction of a number has against the sentences that would go out from it: too long,
//! something unsaid, or something that is not said there (b8). Measured with the number's own brand
//! and contact and the library's own name, lists and words.

use super::MachineDraft;
use super::library::LibraryDraft;
use super::number::NumberEntry;
use crate::directory::Jurisdiction;
use crate::messages::{Messages, Name};
use crate::text::consent::{self, Answers, Sentence, Wrong};

/// A sentence that may not go out as it is.
struct Fault {
    name: Name,
    language: String,
    wrong: Wrong,
    blame: Blame,
}

/// Whose words are to change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blame {
    /// The library has reworded it.
    Wording,
    /// The library's name is too long for it.
    LibraryName,
    Number,
}

pub(super) fn check(machine: &mut MachineDraft, libraries: &mut [LibraryDraft]) {
    for entry in &machine.machine.numbers {
        // What is missing is said already.
        if entry.brand.is_empty() || entry.help_contact.is_empty() {
            continue;
        }
        let here = libraries
            .iter()
            .filter(|it| it.answers_at(&entry.number))
            .count();
        let mut of_number: Vec<Fault> = Vec::new();
        for library in libraries.iter_mut().filter(|library| library.parses) {
            let place = library
                .numbers
                .iter()
                .find(|(number, _)| *number == entry.number);
            let Some((_, at)) = place.cloned() else {
                continue;
            };
            let (own, others): (Vec<Fault>, Vec<Fault>) = faults(entry, library, here > 1)
                .into_iter()
                .partition(|fault| fault.blame != Blame::Number);
            let effect = library.effect();
            for fault in own {
                let remedy = match fault.blame {
                    Blame::Wording => format!("Reword it under [messages.{}].", fault.language),
                    Blame::LibraryName | Blame::Number => {
                        "Add a short-name that is shorter.".to_owned()
                    }
                };
                library
                    .found
                    .report_as(effect.clone(), &at, fault.what(entry), remedy);
            }
            of_number.extend(others);
        }
        // One for the number: with a shorter brand or contact the others mostly go as well.
        if let Some(worst) = of_number.into_iter().max_by_key(Fault::weight) {
            let remedy = "Shorten its brand or its help-contact, or reword the sentence.";
            machine.found.report(&entry.at, worst.what(entry), remedy);
        }
    }
}

impl Fault {
    fn what(&self, entry: &NumberEntry) -> String {
        let Fault {
            name,
            language,
            wrong,
            ..
        } = self;
        let (name, number) = (name.as_str(), &entry.number);
        format!("the sentence \"{name}\" in \"{language}\" cannot go out from {number}: {wrong}")
    }

    fn weight(&self) -> usize {
        match self.wrong {
            Wrong::TooLong { characters, .. } => characters,
            Wrong::Unsaid(_) | Wrong::Forbidden(_) => usize::MAX,
        }
    }
}

fn faults(entry: &NumberEntry, library: &LibraryDraft, shared: bool) -> Vec<Fault> {
    let mut languages = library.library.languages.clone();
    // There each word is answered in its own language, whatever the library speaks.
    if entry.jurisdiction == Jurisdiction::Ca {
        for language in ["en", "fr"] {
            if !languages.iter().any(|known| known == language) {
                languages.push(language.to_owned());
            }
        }
    }
    let mut faults = Vec::new();
    for language in &languages {
        for name in Name::ALL
            .into_iter()
            .filter(|name| is_sent(*name, shared, library))
        {
            let short_name = &library.library.short_name;
            let key = (name.as_str().to_owned(), language.clone());
            for wrong in wrong(entry, library, name, language, short_name) {
                let nameless = || self::wrong(entry, library, name, language, "");
                let blame = if library.library.reworded.contains_key(&key) {
                    Blame::Wording
                } else if matches!(wrong, Wrong::TooLong { .. }) && nameless().is_empty() {
                    Blame::LibraryName
                } else {
                    Blame::Number
                };
                faults.push(Fault {
                    name,
                    language: language.clone(),
                    wrong,
                    blame,
                });
            }
        }
    }
    faults
}

fn wrong(
    entry: &NumberEntry,
    library: &LibraryDraft,
    name: Name,
    language: &str,
    short_name: &str,
) -> Vec<Wrong> {
    let library = &library.library;
    let longest = |names: Vec<String>| names.into_iter().max_by_key(String::len);
    let list = longest(library.lists.iter().map(|list| list.name.clone()).collect());
    let word = longest(
        library
            .lists
            .iter()
            .map(|list| list.id.to_uppercase())
            .collect(),
    );
    let word = word.or_else(|| library.join_word());
    let values = [
        ("brand", entry.brand.as_str()),
        ("contact", &entry.help_contact),
        ("library", short_name),
        (
            "rates",
            consent::rates(entry.jurisdiction, language).unwrap_or_default(),
        ),
        ("list", list.as_deref().unwrap_or_default()),
        ("word", word.as_deref().unwrap_or_default()),
    ];
    let languages = [language, library.language()];
    let text = Messages::shipped()
        .in_first_of(name, &languages, &library.reworded)
        .fill(&values);
    let sentence = Sentence {
        answers: answers(name),
        text: &text,
        language,
        brand: &entry.brand,
        contact: &entry.help_contact,
        short_code: !entry.number.starts_with('+'),
    };
    consent::wrong(entry.jurisdiction, &sentence)
}

/// Whether the sentence can go out from a number that is, or is not, shared.
fn is_sent(name: Name, shared: bool, library: &LibraryDraft) -> bool {
    let pairs = [
        (Name::Help, Name::HelpShared),
        (Name::Stopped, Name::StoppedShared),
        (Name::StoppedLikely, Name::StoppedLikelyShared),
        (Name::StartedAgain, Name::StartedAgainShared),
    ];
    let of_list = [
        Name::StoppedList,
        Name::StoppedListLikely,
        Name::StartedList,
    ];
    let other = |(alone, together): &(Name, Name)| if shared { *alone } else { *together };
    let no_list = library.library.lists.is_empty();
    let elsewhere = pairs.iter().any(|pair| other(pair) == name);
    let listless = no_list && of_list.contains(&name);
    !elsewhere && !listless
}

/// The sentences that answer consent words. The others are as long as what they carry.
const ANSWERS: [(Name, Answers); 17] = [
    (Name::Help, Answers::Help),
    (Name::HelpShared, Answers::Help),
    (Name::Stopped, Answers::Stop),
    (Name::StoppedShared, Answers::Stop),
    (Name::StoppedLikely, Answers::Stop),
    (Name::StoppedLikelyShared, Answers::Stop),
    (Name::StoppedLibrary, Answers::Word),
    (Name::StoppedLibraryLikely, Answers::Word),
    (Name::StoppedList, Answers::Word),
    (Name::StoppedListLikely, Answers::Word),
    (Name::Started, Answers::Start),
    (Name::StartedAgain, Answers::Start),
    (Name::StartedAgainShared, Answers::Start),
    (Name::StartedLibrary, Answers::Word),
    (Name::StartedList, Answers::Word),
    (Name::Signature, Answers::Start),
    (Name::InvalidKeyword, Answers::Word),
];

fn answers(name: Name) -> Answers {
    let known = ANSWERS.iter().find(|(known, _)| *known == name);
    known.map_or(Answers::Other, |(_, answers)| *answers)
}
