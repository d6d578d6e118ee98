//! What is known of a keyword: its words, its times, what its flow may do.

use callslip_core::config::Written;
use callslip_core::directory::{Keyword, Library};
use callslip_core::grants::Capability;
use maud::{Markup, html};

use crate::parts::words;

pub(super) fn facts(library: &Library, keyword: &Keyword) -> Markup {
    let manifest = &keyword.plugin.manifest;
    html! {
        dl.facts {
            dt { "Library" } dd { (library.name) }
            dt { "Words" }
            dd {
                @for (index, alias) in keyword.phrases.iter().enumerate() {
                    @if index > 0 { ", " }
                    (alias.text)
                    @if let Some(language) = &alias.language { " (" (language) ")" }
                }
            }
            dt { "Found" } dd { (rule(keyword)) }
            dt { "Flow" } dd { (manifest.name) " " (manifest.version) }
            dt { "It" } dd { (manifest.summary) }
            @if keyword.hidden { dt { "Hidden" } dd { "It stands in no menu and is never suggested." } }
            @if let Some(when) = when(keyword) { dt { "Answers" } dd { (when) } }
            @if let Some(closing) = &keyword.closing { dt { "Else" } dd { (words(closing)) } }
            dt { "Remembers under" } dd { code { (keyword.storage) } }
        }
    }
}

/// Its season, as the form has it.
fn when(keyword: &Keyword) -> Option<String> {
    keyword.schedule.as_ref()?;
    let schedule = Written::of(keyword).schedule;
    let day = |name| schedule.get(name).and_then(toml::Value::as_str);
    let parts = [
        day("from").map(|day| format!("from {day}")),
        day("until").map(|day| format!("until {day}")),
        Some(crate::pages::made::times(&schedule)).filter(|times| !times.is_empty()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn rule(keyword: &Keyword) -> &'static str {
    use callslip_core::text::keyword::Rule;
    if keyword.catch_all {
        return "whenever nothing else answers";
    }
    match keyword.rule {
        Rule::FirstWord => "as the first word of a text",
        Rule::OnlyWord => "as the only word of a text",
        Rule::AnyWord => "anywhere in a text",
        Rule::Phrase => "as these words in a row, anywhere in a text",
        Rule::OnlyPhrase => "as the whole text",
        Rule::Beginning => "as the beginning of a word",
    }
}

pub(super) fn grants(keyword: &Keyword) -> Markup {
    let granted = &keyword.grants;
    html! {
        @if granted.capabilities.is_empty() {
            p { "Answer, and nothing else: it reaches nothing outside itself." }
        } @else {
            ul {
                @for capability in &granted.capabilities {
                    li {
                        "It " (capability.sentence())
                        @if *capability == Capability::Profile {
                            @let fields: Vec<&str> =
                                granted.profile_fields.iter().map(String::as_str).collect();
                            @if fields.is_empty() { " (nothing of it yet)" }
                            @else { ": " (fields.join(", ")) }
                        }
                        @if capability.is_for_places() {
                            @let places: Vec<&str> = granted.places(*capability).iter()
                                .map(|place| place.address.as_str()).collect();
                            ": " (places.join(", "))
                        }
                    }
                }
            }
        }
        p.quiet { "It never sees a phone number." }
    }
}
