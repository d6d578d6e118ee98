//! The fields that a plugin asks for: its settings, from its schema, and what it may do.

use callslip_core::config::{Written, WrittenGrant, WrittenPlace};
use callslip_core::directory::Library;
use callslip_core::flow::Plugin;
use callslip_core::grants::Capability;
use maud::{Markup, html};

use super::settings::{self, Setting, Shape};
use crate::parts::Problems;

pub(super) fn field(
    library: &Library,
    written: &Written,
    setting: &Setting,
    problems: &Problems,
) -> Markup {
    let name = format!("set-{}", setting.name);
    let shown = |language: Option<&str>| {
        settings::shown(&written.settings, setting, language, library.language())
    };
    let hint_id = format!("{name}-hint");
    let hint = (!setting.hint.is_empty()).then_some(hint_id.as_str());
    let described = problems.described(&name, hint);
    let described = described.as_deref();
    let invalid = problems.invalid(&name);
    let needed = setting.required;
    html! {
        div.field {
            @match &setting.shape {
                Shape::Switch => {
                    label {
                        input type="checkbox" id=(name) name=(name) value="1" aria-describedby=[described] aria-invalid=[invalid]
                            checked[settings::is_on(&written.settings, setting)];
                        " " (setting.title)
                    }
                },
                Shape::Spoken => {
                    fieldset id=(name) {
                        legend { (setting.title) @if !needed { " (may be left out)" } }
                        @if let Some(id) = hint { p.hint id=(id) { (setting.hint) } }
                    (problems.beside(&name))
                        @for language in &library.languages {
                            label for={ (name) "-" (language) } { (language) }
                            textarea id={ (name) "-" (language) } name={ (name) "-" (language) } rows="2" lang=(language)
                                aria-describedby=[described] aria-invalid=[invalid] { "\n" (shown(Some(language))) }
                        }
                    }
                },
                Shape::Choice(choices) => {
                    label for=(name) { (setting.title) }
                    @if let Some(id) = hint { p.hint id=(id) { (setting.hint) } }
                    (problems.beside(&name))
                    select id=(name) name=(name) aria-describedby=[described] aria-invalid=[invalid] {
                        @if !needed { option value="" { "as usual" } }
                        @for choice in choices {
                            option value=(choice) selected[shown(None) == *choice] { (choice) }
                        }
                    }
                },
                Shape::Line | Shape::Number => {
                    label for=(name) { (setting.title) @if !needed { " (may be left out)" } }
                    @if let Some(id) = hint { p.hint id=(id) { (setting.hint) } }
                    (problems.beside(&name))
                    input type="text" id=(name) name=(name) value=(shown(None)) aria-describedby=[described] aria-invalid=[invalid];
                },
                Shape::Other => {
                    label for=(name) { (setting.title) " (as TOML)" }
                    @if let Some(id) = hint { p.hint id=(id) { (setting.hint) } }
                    (problems.beside(&name))
                    textarea id=(name) name=(name) rows="3" aria-describedby=[described] aria-invalid=[invalid] { "\n" (shown(None)) }
                },
            }
            @if setting.shape == Shape::Switch && hint.is_some() {
                p.hint id=(hint_id) { (setting.hint) }
            }
        }
    }
}

pub(super) fn grants(plugin: &Plugin, written: &Written) -> Markup {
    let given = |need: Capability| {
        written.grants.iter().any(|grant| match grant {
            WrittenGrant::Whole(name) => name == need.name(),
            WrittenGrant::Profile { .. } => need == Capability::Profile,
            WrittenGrant::Places(places) => places.contains_key(need.name()),
        })
    };
    let fields = written.grants.iter().find_map(|grant| match grant {
        WrittenGrant::Profile { profile } => Some(profile.join(", ")),
        WrittenGrant::Whole(_) | WrittenGrant::Places(_) => None,
    });
    let places = |need: Capability| {
        let places = written.grants.iter().find_map(|grant| match grant {
            WrittenGrant::Places(places) => places.get(need.name()),
            _ => None,
        });
        let hosts = places.into_iter().flatten().map(WrittenPlace::host);
        hosts.collect::<Vec<_>>().join(", ")
    };
    html! {
        p { "It needs each of these. It never sees a phone number." }
        @for need in &plugin.needs {
            div.field {
                label {
                    input type="checkbox" name={ "grant-" (need) } value="1" required checked[given(*need)];
                    " It " (need.sentence())
                }
            }
            @if need.is_for_places() {
                @let name = format!("places-{need}");
                @let hint = format!("{name}-hint");
                div.field {
                    label for=(name) { "Where" }
                    p.hint id=(hint) {
                        "Hosts, with commas between, such as: "
                        @if *need == Capability::Sip2 { "ils.example.org:6001" } @else { "api.example.org" }
                        ". None: it goes nowhere. A place that wants a password stands in the library's file."
                    }
                    input type="text" id=(name) name=(name) value=(places(*need))
                        aria-describedby=(hint);
                }
            }
            @if *need == Capability::Profile {
                div.field {
                    label for="profile-fields" { "Which of it" }
                    p.hint #profile-fields-hint { "With commas between, such as: name" }
                    input type="text" id="profile-fields" name="profile-fields"
                        value=(fields.clone().unwrap_or_else(|| "name".to_owned()))
                        aria-describedby="profile-fields-hint";
                }
            }
        }
    }
}
