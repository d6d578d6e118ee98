//! The shipped sentences: complete in each language, within their segments, and reworded safely.

use super::*;
use crate::directory::Jurisdiction;
use crate::text::consent;
use crate::text::host_words::{self, HostWord};
use crate::text::keyword::Tokens;
use crate::text::segments::{self, Encoding};

const JURISDICTIONS: [Jurisdiction; 3] = [Jurisdiction::Us, Jurisdiction::Ca, Jurisdiction::Uk];

/// Values as long as they usually are; {brand} as long as it may be.
fn values<'a>(language: &str, jurisdiction: Jurisdiction) -> Vec<(&'a str, &'a str)> {
    let help = consent::help_line(jurisdiction, language);
    vec![
        ("brand", "Bay Area Libraries X"),
        ("library", "Bayside Town"),
        ("contact", "texts.example.org/help"),
        (
            "rates",
            consent::rates(jurisdiction, language).unwrap_or_default(),
        ),
        ("keyword", "STORY TIME"),
        ("keywords", "HOURS, EVENTS, HOLDS, JOIN, STORY TIME, CARD"),
        ("choices", "1 for Bayside, 2 for Hilltop"),
        ("question", "What name shall we put down?"),
        ("text", "Open today until 8 pm."),
        ("when", "tomorrow at 10 am"),
        ("number", "1"),
        ("label", "Bayside"),
        ("join", "BAYSIDE"),
        ("word", "BAYSIDE"),
        ("list", "Teen events"),
        ("names", "Bayside Town, Teen events"),
        ("emergency", help.map_or("", |help| help.emergency)),
        ("help-line", help.map_or("", |help| help.line)),
    ]
}

fn filled(name: Name, language: &str, jurisdiction: Jurisdiction) -> String {
    let template = Messages::shipped().text(name, language, &Reworded::new());
    template.fill(&values(language, jurisdiction))
}

#[test]
fn a4_every_sentence_exists_in_every_language_with_the_same_variables() {
    let messages = read().unwrap();
    assert_eq!(messages.languages().collect::<Vec<_>>(), ["en", "es", "fr"]);
    for language in messages.languages() {
        assert_eq!(
            messages.missing(language, &Reworded::new()),
            [],
            "{language}"
        );
        for name in Name::ALL {
            let variables = |language: &str| {
                let text = messages.text(name, language, &Reworded::new());
                let mut variables: Vec<String> =
                    text.variables().into_iter().map(str::to_owned).collect();
                variables.sort();
                variables
            };
            assert_eq!(
                variables(language),
                variables("en"),
                "{language}: {}",
                name.as_str()
            );
        }
    }
}

#[test]
fn names_are_written_as_they_are_read() {
    for name in Name::ALL {
        assert_eq!(Name::from_name(name.as_str()), Some(name));
    }
}

#[test]
fn every_variable_that_a_sentence_must_say_is_one_of_its_own() {
    for name in Name::ALL {
        let text = Messages::shipped().text(name, "en", &Reworded::new());
        for required in name.required() {
            assert!(text.variables().contains(required), "{}", name.as_str());
        }
    }
}

#[test]
fn an_english_sentence_is_one_segment() {
    for name in Name::ALL {
        let text = filled(name, "en", Jurisdiction::Us);
        let count = segments::count(&text);
        assert_eq!(
            (count.encoding, count.segments),
            (Encoding::Gsm7, 1),
            "{text}"
        );
    }
}

#[test]
fn spanish_and_french_are_two_segments_at_most() {
    for language in ["es", "fr"] {
        for name in Name::ALL {
            let text = filled(name, language, Jurisdiction::Us);
            assert!(segments::count(&text).segments <= 2, "{text}");
        }
    }
}

#[test]
fn b8_the_sentences_of_consent_are_short_in_every_language_and_jurisdiction() {
    let names = [
        Name::Help,
        Name::HelpShared,
        Name::Stopped,
        Name::StoppedShared,
        Name::StoppedLikely,
        Name::StoppedLikelyShared,
        Name::StoppedLibrary,
        Name::StoppedLibraryLikely,
        Name::StoppedList,
        Name::StoppedListLikely,
        Name::Started,
        Name::StartedAgain,
        Name::StartedAgainShared,
        Name::StartedLibrary,
        Name::StartedList,
        Name::StillStopped,
        Name::InvalidKeyword,
        Name::Signature,
    ];
    for jurisdiction in JURISDICTIONS {
        let max = consent::characters_max(jurisdiction, true).unwrap_or(160);
        for (language, name) in ["en", "es", "fr"]
            .into_iter()
            .flat_map(|l| names.map(|n| (l, n)))
        {
            let text = filled(name, language, jurisdiction);
            let count = segments::count(&text);
            assert_eq!(
                count.encoding,
                Encoding::Gsm7,
                "{text}: {:?}",
                count.forced_by
            );
            assert!(count.units <= max, "{} of {max}: {text}", count.units);
            assert!(!text.contains("  ") && text.trim() == text, "{text}");
        }
    }
}

#[test]
fn a16_help_and_signature_have_the_parts_that_carriers_ask_for() {
    let help = filled(Name::Help, "en", Jurisdiction::Us);
    for part in [
        "Bay Area Libraries",
        "texts.example.org/help",
        "STOP",
        "Msg&data rates",
        "frequency",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
    assert_eq!(
        filled(Name::Signature, "en", Jurisdiction::Uk),
        "Bay Area Libraries X. HELP for help, STOP to end."
    );
    assert!(!filled(Name::Help, "en", Jurisdiction::Uk).contains("rates"));
}

/// A word that a sentence tells patrons to text is one that is understood, in that language too.
#[test]
fn the_words_in_capitals_are_words_that_the_host_knows() {
    for (language, name) in ["en", "es", "fr"]
        .into_iter()
        .flat_map(|l| Name::ALL.map(|name| (l, name)))
    {
        let text = Messages::shipped()
            .text(name, language, &Reworded::new())
            .fill(&[]);
        let mut rest = text.clone();
        for phrase in ["FORGET ME", "MIS DATOS", "MES DONNEES"] {
            assert!(host_words::private(&Tokens::of(phrase)).is_some());
            rest = rest.replace(phrase, "");
        }
        let words = rest.split(|c: char| !c.is_alphabetic());
        for word in words.filter(|word| word.len() > 1 && *word == word.to_uppercase()) {
            let is_known = consent::is_consent_word(word)
                || matches!(
                    host_words::read(&Tokens::of(word)),
                    Some(
                        HostWord::Menu
                            | HostWord::Resume
                            | HostWord::Exit
                            | HostWord::Leave { .. }
                            | HostWord::Ask { .. }
                    )
                )
                || host_words::private(&Tokens::of(word)).is_some()
                || host_words::is_leave_all(&Tokens::of(word));
            assert!(is_known, "{word} in {text}");
        }
    }
}

#[test]
fn a_library_s_wording_wins_and_a_missing_language_falls_back() {
    let messages = Messages::shipped();
    let mut reworded = Reworded::new();
    let mut reword = |name: &str, language: &str, text: &str| {
        reworded.insert((name.to_owned(), language.to_owned()), text.to_owned());
    };
    reword("menu", "en", "Try {keywords}!");
    reword("menu", "vi", "Hãy nhắn {keywords}.");
    reword("error", "en", "broken {template");
    let say = |languages: &[&str], name: Name| {
        messages
            .in_first_of(name, languages, &reworded)
            .fill(&[("keywords", "HOURS")])
    };
    assert_eq!(say(&["en"], Name::Menu), "Try HOURS!");
    assert_eq!(say(&["vi", "es"], Name::Menu), "Hãy nhắn HOURS.");
    assert!(say(&["es"], Name::Menu).starts_with("Mande"));
    assert!(say(&["vi", "es"], Name::ExitNothing).starts_with("Ahora"));
    assert!(say(&["vi"], Name::ExitNothing).starts_with("There"));
    assert!(say(&["en"], Name::Error).starts_with("Something"));
    let missing = messages.missing("vi", &reworded);
    assert!(missing.contains(&Name::Error) && !missing.contains(&Name::Menu));
}

#[test]
fn a_wording_that_cannot_be_sent_is_refused_with_what_to_do() {
    let error = |name: &str, text: &str| check_reworded(name, text).unwrap_err();
    assert_eq!(check_reworded("menu", "Try {keywords}!"), Ok(()));
    assert_eq!(check_reworded("error", "Oh dear."), Ok(()));
    assert_eq!(
        error("tiket-opened", "x"),
        "no sentence is called \"tiket-opened\": did you mean \"ticket-opened\"?"
    );
    assert_eq!(error("zzz", "x"), "no sentence is called \"zzz\"");
    assert_eq!(
        error("menu", "{keyword}"),
        "\"menu\" knows no {keyword}, only {keywords}"
    );
    assert_eq!(
        error("error", "{brand}"),
        "\"error\" has no variables, and {brand} is one"
    );
    assert_eq!(error("stopped", "Bye."), "\"stopped\" must say {brand}");
    assert_eq!(error("error", " "), "\"error\" must say something");
    assert!(error("menu", "{keywords").contains("never closed"));
}

#[test]
fn a2_choices_are_numbered_in_words() {
    let messages = Messages::shipped();
    let choices = |language| messages.choices(&["HOURS", "HOLDS"], language, &Reworded::new());
    assert_eq!(choices("en"), "1 for HOURS, 2 for HOLDS");
    assert_eq!(choices("es"), "1 para HOURS, 2 para HOLDS");
}

#[test]
fn a13_the_next_opening_is_said_as_people_say_it() {
    let when = |day, minutes, language| Messages::shipped().when(day, minutes, language);
    assert_eq!(when(Day::Today, 600, "en"), "today at 10 am");
    assert_eq!(when(Day::Tomorrow, 750, "en"), "tomorrow at 12:30 pm");
    assert_eq!(when(Day::Weekday(0), 0, "en"), "Monday at 12 am");
    assert_eq!(when(Day::Tomorrow, 570, "es"), "mañana a las 9:30");
    assert_eq!(when(Day::Weekday(6), 840, "fr"), "dimanche à 14 h");
    assert_eq!(when(Day::Weekday(2), 545, "fr"), "mercredi à 9 h 05");
    assert_eq!(when(Day::Weekday(99), 9999, "vi"), "today at 10:39 pm");
}
