//! What pages are made of: forms with what is wrong beside the field, tables, patrons' words.

use std::borrow::Cow;

use callslip_core::ids::LibraryId;
use maud::{Markup, html};

use crate::auth::form_token;
use crate::visit::Visit;

/// What every form carries.
pub(crate) fn token(visit: &Visit) -> Markup {
    html! { input type="hidden" name="form" value=(form_token(&visit.visitor)); }
}

/// What is wrong with a form, by field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems(Vec<(Cow<'static, str>, String)>);

impl Problems {
    pub(crate) fn of(field: &'static str, what: impl Into<String>) -> Problems {
        Problems(vec![(field.into(), what.into())])
    }

    pub(crate) fn add(&mut self, field: impl Into<Cow<'static, str>>, what: impl Into<String>) {
        self.0.push((field.into(), what.into()));
    }

    pub(crate) fn extend(&mut self, more: Problems) {
        self.0.extend(more.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first line of all.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(|(_, what)| what.as_str())
    }

    /// Those with these fields alone.
    pub(crate) fn only(mut self, fields: &[&str]) -> Problems {
        self.0.retain(|(field, _)| fields.contains(&&**field));
        self
    }

    /// A line each, without a way to the field.
    pub(crate) fn lines(&self) -> Markup {
        html! { @for (_, what) in &self.0 { p.problem { (what) } } }
    }

    /// Beside a field: what is wrong with it.
    pub(crate) fn beside(&self, field: &str) -> Markup {
        html! {
            @if let Some(what) = self.at(field) {
                p.problem id={ (field) "-problem" } { (what) }
            }
        }
    }

    /// For the field's `aria-invalid`.
    pub(crate) fn invalid(&self, field: &str) -> Option<&'static str> {
        self.at(field).map(|_| "true")
    }

    /// For the field's `aria-describedby`: what is wrong with it, then its hint.
    pub(crate) fn described(&self, field: &str, hint: Option<&str>) -> Option<String> {
        let problem = self.at(field).map(|_| format!("{field}-problem"));
        let ids: Vec<String> = problem.into_iter().chain(hint.map(str::to_owned)).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn at(&self, field: &str) -> Option<&str> {
        let mut at = self.0.iter().filter(|(named, _)| *named == field);
        at.next().map(|(_, what)| what.as_str())
    }

    /// Above the form: read out at once, each leading to its field.
    pub(crate) fn summary(&self) -> Markup {
        html! {
            @if !self.0.is_empty() {
                div.problems role="alert" {
                    @for (field, what) in &self.0 {
                        p { a href={ "#" (field) } { (what) } }
                    }
                }
            }
        }
    }
}

/// One line to fill in.
pub(crate) struct Field<'a> {
    pub(crate) name: &'static str,
    pub(crate) label: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) value: &'a str,
    pub(crate) hint: &'a str,
    /// For the browser's own helpers, such as `username`.
    pub(crate) auto: &'static str,
}

impl Field<'_> {
    pub(crate) fn show(&self, problems: &Problems) -> Markup {
        let hint_id = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let described = problems.described(self.name, hint_id.as_deref());
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                @if let Some(id) = &hint_id { p.hint id=(id) { (self.hint) } }
                (problems.beside(self.name))
                input id=(self.name) name=(self.name) type=(self.kind) value=(self.value)
                    autocomplete=(self.auto) aria-describedby=[described]
                    aria-invalid=[problems.invalid(self.name)] autocapitalize="off" spellcheck="false";
            }
        }
    }
}

/// What a patron or the world wrote: its own direction, and kept inside its box whatever it holds.
pub(crate) fn words(text: &str) -> Markup {
    html! { bdi.words { (text) } }
}

/// Something to copy.
pub(crate) fn paste(label: &str, text: &str) -> Markup {
    html! {
        figure.paste {
            figcaption { (label) }
            pre tabindex="0" aria-label=(label) { code { (text) } }
        }
    }
}

/// Each alias's own mark (d1): a shape of its letters, told apart at a glance. Read out it would
/// only repeat the name.
pub(crate) fn mark(alias: &str) -> Markup {
    let letters: String = alias
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect();
    let sum = alias.bytes().fold(0u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    html! {
        span class={ "mark mark-" (sum % 10) } aria-hidden="true" { (letters) }
    }
}

/// One line of what was said, cut at a character.
pub(crate) fn short(said: &str, characters: usize) -> String {
    let mut flat = said
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut line: String = flat.by_ref().take(characters).collect();
    if flat.next().is_some() {
        line.push('\u{2026}');
    }
    line
}

/// A topic as people call it; one that the library's file no longer has, by its id.
pub(crate) fn topic(visit: &Visit, library: &LibraryId, id: &str) -> String {
    let running = visit.running();
    let library = running.directory.library(library);
    let mut topics = library.into_iter().flat_map(|library| &library.topics);
    let known = topics.find(|topic| topic.id == id);
    known.map_or(id, |topic| &topic.name).to_owned()
}

/// A language as people call it; its tag where nobody here knows.
pub(crate) fn spoken(tag: &str) -> String {
    let known = match tag.split('-').next().unwrap_or_default() {
        "ar" => "Arabic",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fr" => "French",
        "haw" => "Hawaiian",
        "hi" => "Hindi",
        "ht" => "Haitian Creole",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ru" => "Russian",
        "so" => "Somali",
        "tl" => "Tagalog",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        _ => return tag.to_owned(),
    };
    known.to_owned()
}
