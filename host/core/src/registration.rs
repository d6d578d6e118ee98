//! What carriers and registries ask before a number may text, said from the running configuration,
//! in the order in which their forms ask it (b3).

use crate::directory::{Library, Number};
use crate::messages::{Messages, Name};
use crate::text::consent;

/// Registries want a few and read no more.
const SAMPLES_MAX: usize = 5;

/// One field of such a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub heading: &'static str,
    pub text: String,
}

/// `libraries` are those of the number, its front desk first; `privacy` is the address of what
/// patrons are told.
pub fn sheet(number: &Number, libraries: &[&Library], privacy: &str) -> Vec<Entry> {
    let entry = |heading, text: String| Entry { heading, text };
    vec![
        entry("Brand", brand(number, libraries)),
        entry("Use case", use_case(number)),
        entry("Sample messages", samples(libraries).join("\n")),
        entry("How people opt in", opt_in(number, libraries)),
        entry("Opt-in picture", picture(number, libraries)),
        entry(
            "HELP is answered with",
            sentence(number, libraries, help(number)),
        ),
        entry(
            "STOP is answered with",
            sentence(number, libraries, stop(number)),
        ),
        entry("Privacy policy", privacy.to_owned()),
        entry("Terms", privacy.to_owned()),
    ]
}

/// Registries refuse a brand that is not the name that people see, and a shared number without
/// its consortium.
fn brand(number: &Number, libraries: &[&Library]) -> String {
    let names: Vec<&str> = libraries.iter().map(|library| &*library.name).collect();
    match number.shared() {
        true => format!("{}, for {}", number.brand, names.join(", ")),
        false => number.brand.clone(),
    }
}

fn use_case(number: &Number) -> String {
    format!(
        "People text a word to {} and get the library's answer to it, or ask a question that a \
         librarian answers. Nothing is advertised, and nothing is sent to who has not texted first.",
        number.number
    )
}

/// What its keywords say, as an admin wrote it.
fn samples(libraries: &[&Library]) -> Vec<String> {
    let keywords = libraries.iter().flat_map(|library| &library.keywords);
    let texts = keywords
        .filter(|keyword| keyword.enabled && !keyword.hidden)
        .filter_map(|keyword| Some((&keyword.word, said(&keyword.settings)?)));
    texts
        .map(|(word, said)| format!("{word}: {said}"))
        .take(SAMPLES_MAX)
        .collect()
}

/// The text of an automatic reply, in the library's own language.
fn said(settings: &str) -> Option<String> {
    let settings: serde_json::Value = serde_json::from_str(settings).ok()?;
    let text = settings.get("text")?;
    let one = text.as_str();
    let first = || text.as_object()?.values().next()?.as_str();
    one.or_else(first).map(str::to_owned)
}

fn word_to_text(number: &Number, libraries: &[&Library]) -> String {
    let first = libraries.first();
    let keyword = first.and_then(|library| {
        let mut keywords = library.keywords.iter();
        keywords.find(|keyword| keyword.enabled && !keyword.hidden)
    });
    let word = keyword.map_or("HOURS", |keyword| keyword.word.as_str());
    let join = first.and_then(|library| library.join_word());
    match join.filter(|_| number.shared()) {
        Some(join) => format!("{join} {word}"),
        None => word.to_owned(),
    }
}

fn opt_in(number: &Number, libraries: &[&Library]) -> String {
    format!(
        "By texting first, from a poster, a bookmark or the library's website that names the \
         word, the number and these terms: \"Text {} to {}.\" A text in is consent to its answer; \
         lists need a yes of their own.",
        word_to_text(number, libraries),
        number.number
    )
}

/// What the poster in the picture has to say.
fn picture(number: &Number, libraries: &[&Library]) -> String {
    let rates = consent::rates(number.jurisdiction, "en").unwrap_or_default();
    let terms = format!(
        "{}. {rates} Reply HELP for help, STOP to end.",
        number.brand
    );
    let terms = terms.split_whitespace().collect::<Vec<_>>().join(" ");
    format!(
        "A photograph of the poster, which says: \"Text {} to {}. {terms}\"",
        word_to_text(number, libraries),
        number.number
    )
}

fn help(number: &Number) -> Name {
    match number.shared() {
        true => Name::HelpShared,
        false => Name::Help,
    }
}

fn stop(number: &Number) -> Name {
    match number.shared() {
        true => Name::StoppedShared,
        false => Name::Stopped,
    }
}

fn sentence(number: &Number, libraries: &[&Library], name: Name) -> String {
    let none = crate::messages::Reworded::new();
    let first = libraries.first();
    let reworded = first.map_or(&none, |library| &library.reworded);
    let language = first.map_or("en", |library| library.language());
    let rates = consent::rates(number.jurisdiction, language).unwrap_or_default();
    Messages::shipped().text(name, language, reworded).fill(&[
        ("brand", number.brand.as_str()),
        ("contact", number.help_contact.as_str()),
        (
            "library",
            first.map_or("", |library| library.short_name.as_str()),
        ),
        ("rates", rates),
    ])
}
