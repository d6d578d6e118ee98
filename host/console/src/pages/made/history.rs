//! What one version of a keyword changed, as people read it.

use callslip_core::config::{Written, WrittenAlias, WrittenGrant, WrittenPlace};
use callslip_core::directory::Library;
use callslip_store::staff::MadeKeyword;
use maud::{Markup, html};

use super::super::keywords;
use super::typed;
use crate::parts::{token, words};
use crate::times;
use crate::visit::Visit;

/// One thing that is said otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) what: String,
    pub(super) before: String,
    pub(super) after: String,
}

pub(super) fn changes(before: &Written, after: &Written) -> Vec<Change> {
    let (before, after) = (said(before), said(after));
    let mut changes = Vec::new();
    for (what, value) in &before {
        let now = after.iter().find(|(known, _)| known == what);
        let now = now.map_or("", |(_, value)| value.as_str());
        if value != now {
            changes.push(change(what, value, now));
        }
    }
    let added = after
        .iter()
        .filter(|(what, value)| !value.is_empty() && before.iter().all(|(known, _)| known != what));
    changes.extend(added.map(|(what, value)| change(what, "", value)));
    changes
}

fn change(what: &str, before: &str, after: &str) -> Change {
    Change {
        what: what.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    }
}

/// All that a keyword says, by the names that the form has for it.
fn said(written: &Written) -> Vec<(String, String)> {
    let on = |switch: bool| if switch { "yes" } else { "no" }.to_owned();
    let mut said = vec![
        ("Keyword".to_owned(), written.word.clone()),
        ("Other words".to_owned(), aliases(&written.aliases)),
        (
            "Found".to_owned(),
            written.r#match.clone().unwrap_or_default(),
        ),
        ("Flow".to_owned(), written.flow.clone()),
        (
            "Version".to_owned(),
            written.version.clone().unwrap_or_default(),
        ),
        ("It may".to_owned(), grants(&written.grants)),
        ("Hidden".to_owned(), on(written.hidden)),
        (
            "When it does not answer".to_owned(),
            written.closing.clone().unwrap_or_default(),
        ),
        ("From".to_owned(), day(written, "from")),
        ("Until".to_owned(), day(written, "until")),
        ("Days and hours".to_owned(), typed::times(&written.schedule)),
    ];
    for (name, value) in &written.settings {
        match value {
            toml::Value::String(text) => said.push((name.clone(), text.clone())),
            toml::Value::Table(by_language) => {
                for (language, value) in by_language {
                    let text = value.as_str().map(str::to_owned);
                    let text = text.unwrap_or_else(|| value.to_string());
                    said.push((format!("{name} ({language})"), text));
                }
            }
            other => said.push((name.clone(), other.to_string())),
        }
    }
    said
}

fn day(written: &Written, name: &str) -> String {
    let day = written.schedule.get(name);
    day.and_then(toml::Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

pub(super) fn aliases(aliases: &[WrittenAlias]) -> String {
    let aliases = aliases.iter().map(|alias| match alias {
        WrittenAlias::Plain(word) => word.clone(),
        WrittenAlias::Spoken { word, language } => format!("{word} ({language})"),
    });
    aliases.collect::<Vec<_>>().join(", ")
}

fn grants(grants: &[WrittenGrant]) -> String {
    let grants = grants.iter().map(|grant| match grant {
        WrittenGrant::Whole(name) => name.clone(),
        WrittenGrant::Profile { profile } => format!("profile: {}", profile.join(", ")),
        WrittenGrant::Places(places) => {
            let places = places.iter().map(|(name, places)| {
                let hosts: Vec<&str> = places.iter().map(WrittenPlace::host).collect();
                format!("{name}: {}", hosts.join(", "))
            });
            places.collect::<Vec<_>>().join(", ")
        }
    });
    grants.collect::<Vec<_>>().join(", ")
}

pub(super) fn list(changes: &[Change]) -> Markup {
    html! {
        ul {
            @for change in changes {
                li {
                    (change.what) ": "
                    @match (change.before.as_str(), change.after.as_str()) {
                        ("", after) => ins { (words(after)) },
                        (before, "") => del { (words(before)) },
                        (before, after) => {
                            del { (words(before)) } " " span.unseen { "is now" } " " ins { (words(after)) }
                        },
                    }
                }
            }
        }
    }
}

/// Who changed what, the latest first; each version comes back by a button.
pub(crate) fn versions_list(
    visit: &Visit,
    library: &Library,
    versions: &[MadeKeyword],
    may: bool,
) -> Markup {
    let zone = times::zone(library);
    let read = |made: &MadeKeyword| made.toml.as_deref().and_then(Written::read);
    html! {
        ol.plain {
            @for (nth, made) in versions.iter().enumerate() {
                li {
                    div.row {
                        span {
                            (times::moment(made.at, &zone, visit.now)) " by " (made.by)
                            @if made.toml.is_none() { " (removed)" }
                            @if nth == 0 { " (this one)" }
                        }
                        @if may && nth > 0 && made.toml.is_some() {
                            form method="post" action={ (keywords::path(&library.id, &made.keyword)) "/version" } {
                                (token(visit))
                                input type="hidden" name="version" value=(made.version);
                                button.second.small { "Bring it back" }
                            }
                        }
                    }
                    @if let (Some(now), Some(before)) = (read(made), versions.get(nth + 1).and_then(read)) {
                        (list(&changes(&before, &now)))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_named_field_by_field() {
        let before = "[[keyword]]\nid = \"parking\"\nword = \"PARKING\"\naliases = [\"CARS\"]\nflow = \"auto-reply\"\n\
                      [keyword.settings]\ntext = \"Behind.\"\nurl = \"a.example\"\n";
        let after = "[[keyword]]\nid = \"parking\"\nword = \"PARKING\"\nflow = \"auto-reply\"\n\
                     [keyword.schedule]\nfrom = \"2031-06-01\"\nmon-fri = [\"09:00-17:00\"]\n\
                     [keyword.settings.text]\nen = \"In front.\"\nes = \"Delante.\"\n";
        let (before, after) = (
            Written::read(before).unwrap(),
            Written::read(after).unwrap(),
        );
        assert_eq!(changes(&before, &before), []);
        let told: Vec<String> = changes(&before, &after)
            .iter()
            .map(|change| format!("{}: {} > {}", change.what, change.before, change.after))
            .collect();
        assert_eq!(
            told,
            [
                "Other words: CARS > ",
                "From:  > 2031-06-01",
                "Days and hours:  > mon-fri 09:00-17:00",
                "text: Behind. > ",
                "url: a.example > ",
                "text (en):  > In front.",
                "text (es):  > Delante.",
            ]
        );
    }
}
