//! The form of a keyword that is made here.

use std::collections::BTreeMap;
use std::sync::Arc;

use callslip_core::config::Written;
use callslip_core::directory::{FlowName, Library};
use callslip_core::flow::Plugin;
use callslip_core::ids::KeywordId;
use callslip_core::staff::Action;
use callslip_store::staff::MadeKeyword;
use maud::{Markup, html};

use super::super::unmatched;
use super::fields::{field, grants};
use super::{history, keywords, new_path, preview, settings, typed};
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{Field, Problems, token};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const RULES: [(&str, &str); 6] = [
    ("first-word", "as the first word of a text"),
    ("only-word", "as the only word of a text"),
    ("only-phrase", "as the whole text"),
    ("phrase", "as these words in a row"),
    ("any-word", "anywhere in a text"),
    ("beginning", "as the beginning of a word"),
];

/// Whose form it is.
pub(super) enum Of {
    New,
    /// As it is now.
    Made(MadeKeyword),
    /// A file's.
    Filed(KeywordId),
}

impl Of {
    pub(super) fn filed(&self) -> Option<&KeywordId> {
        match self {
            Of::Filed(id) => Some(id),
            Of::New | Of::Made(_) => None,
        }
    }

    pub(super) fn keyword(&self) -> Option<&KeywordId> {
        match self {
            Of::New => None,
            Of::Made(made) => Some(&made.keyword),
            Of::Filed(id) => Some(id),
        }
    }
}

pub(super) struct Form<'a> {
    library: &'a Library,
    plugin: &'a Plugin,
    written: &'a Written,
    pub(super) of: Of,
    problems: Problems,
    /// Somebody else's version, over which this one is to be saved.
    newer: Option<MadeKeyword>,
    /// What came of a text that was tried.
    trial: Option<Markup>,
}

impl<'a> Form<'a> {
    pub(super) fn new(
        library: &'a Library,
        plugin: &'a Plugin,
        written: &'a Written,
        of: Of,
    ) -> Form<'a> {
        Form {
            library,
            plugin,
            written,
            of,
            problems: Problems::default(),
            newer: None,
            trial: None,
        }
    }

    pub(super) fn with(mut self, problems: &Problems) -> Form<'a> {
        self.problems = problems.clone();
        self
    }

    pub(super) fn tried(mut self, trial: Markup) -> Form<'a> {
        self.trial = Some(trial);
        self
    }

    /// After a refusal: what somebody else has saved meanwhile is shown, and the next try is over
    /// that (c8).
    pub(super) async fn over_newer(mut self, visit: &Visit) -> Result<Answer, Refusal> {
        let id = super::id_of(self.written);
        let versions = super::versions(visit, self.library, &id).await?;
        self.newer = versions.into_iter().next();
        self.page(visit).await
    }

    pub(super) async fn page(self, visit: &Visit) -> Result<Answer, Refusal> {
        let Form {
            library,
            plugin,
            written,
            of,
            problems,
            newer,
            trial,
        } = self;
        let checked = checked(visit, library, written, &Problems::default()).await?;
        let trial = match (trial, &of) {
            (Some(trial), _) => trial,
            // What a file owns would collide with itself.
            (None, Of::Filed(_)) => html! {},
            (None, Of::New | Of::Made(_)) => {
                preview::panel(visit, library, plugin, of.keyword(), None).await
            }
        };
        let action = match of.keyword() {
            Some(id) => format!("{}/edit", keywords::path(&library.id, id)),
            None => new_path(library),
        };
        let title = match of {
            Of::New => "Make a keyword",
            Of::Made(_) | Of::Filed(_) => "Change a keyword",
        };
        let version = match (&newer, &of) {
            (Some(newer), _) => Some(newer.version),
            (None, Of::Made(made)) => Some(made.version),
            (None, Of::New | Of::Filed(_)) => None,
        };
        let body = html! {
            h1 { (title) " of " (library.name) }
            (problems.summary())
            @if let Some(newer) = &newer { (newer_card(visit, library, written, newer)) }
            @if of.filed().is_some() {
                p.notice {
                    "A file owns this keyword. What comes out of this form is what to paste there; nothing is changed by it."
                }
            }
            @if matches!(of, Of::New) { (flow_choice(visit, library, written, &action)) }
            form method="post" action=(action) {
                (token(visit))
                input #flow type="hidden" name="flow" value=(written.flow_name().key());
                @if let Some(version) = version { input type="hidden" name="version" value=(version); }
                @if let Some(id) = of.keyword() { input #editing type="hidden" name="editing" value=(id); }
                div.cards {
                    section.card aria-labelledby="words-title" {
                        h2 #words-title { "Words" }
                        (words(library, written, &problems))
                        (checked)
                    }
                    section.card aria-labelledby="settings-title" {
                        h2 #settings-title { (plugin.manifest.name) " " span.quiet { (plugin.manifest.version) } }
                        p.quiet { (plugin.manifest.summary) }
                        @for setting in settings::of(plugin) { (field(library, written, &setting, &problems)) }
                    }
                    @if !plugin.needs.is_empty() {
                        section.card aria-labelledby="grants-title" {
                            h2 #grants-title { "What it may do" }
                            (grants(plugin, written))
                        }
                    }
                    section.card aria-labelledby="when-title" {
                        h2 #when-title { "When" }
                        (when(written, &problems))
                    }
                    (trial)
                }
                br;
                button {
                    @match of {
                        Of::New => "Put it on the air",
                        Of::Made(_) => "Save it",
                        Of::Filed(_) => "Check it and show the TOML",
                    }
                }
            }
            @if let Of::Made(made) = &of { (removal(visit, library, made)) }
        };
        Ok(frame::page(visit, Here::Keywords, title, &body))
    }
}

fn flow_choice(visit: &Visit, library: &Library, written: &Written, action: &str) -> Markup {
    let about = visit.shared.about();
    let flow = written.flow_name().key();
    html! {
        form.row.card method="get" action=(action) {
            div {
                label for="flow-choice" { "What answers" }
                br;
                select id="flow-choice" name="flow" {
                    @for (key, known) in offered(&about.plugins, library) {
                        option value=(key) selected[*key == flow] {
                            (key) ": " (known.manifest.summary)
                        }
                    }
                }
            }
            button.second { "Take this one" }
        }
    }
}

/// What this library's keywords can be given: the machine's and its own. A version is named only
/// where there are several.
fn offered<'p>(
    plugins: &'p BTreeMap<String, Arc<Plugin>>,
    library: &Library,
) -> Vec<(&'p String, &'p Arc<Plugin>)> {
    let versions = |name: &str| {
        let of = plugins.keys().map(|key| FlowName::of_key(key));
        of.filter(|other| other.name == name && other.version.is_some())
            .count()
    };
    let all = plugins
        .iter()
        .map(|(key, plugin)| (FlowName::of_key(key), key, plugin));
    all.filter(|(flow, ..)| flow.is_for(&library.id))
        .filter(|(flow, ..)| flow.version.is_none() || versions(&flow.name) > 1)
        .map(|(_, key, plugin)| (key, plugin))
        .collect()
}

/// Somebody was quicker: what they did, and how to go on.
fn newer_card(visit: &Visit, library: &Library, written: &Written, newer: &MadeKeyword) -> Markup {
    let theirs = newer.toml.as_deref().and_then(Written::read);
    html! {
        section.problems role="alert" aria-labelledby="newer-title" {
            h2 #newer-title { "Somebody else has changed it meanwhile" }
            p { (newer.by) ", " (times::moment(newer.at, &times::zone(library), visit.now)) "." }
            @match theirs {
                None => p { "They removed it. Saving makes it again." },
                Some(theirs) => {
                    p { "Saved as it stands below, this is what would change of theirs:" }
                    (history::list(&history::changes(&theirs, written)))
                    p {
                        a href={ (keywords::path(&library.id, &newer.keyword)) "/edit" } { "Begin with their version instead" }
                    }
                },
            }
        }
    }
}

/// Posters live for years: its word goes on saying this (c6).
fn removal(visit: &Visit, library: &Library, made: &MadeKeyword) -> Markup {
    html! {
        br;
        section.card aria-labelledby="remove-title" {
            h2 #remove-title { "Remove it" }
            p.quiet {
                "For two years whoever texts its word gets this; after that, the word is a question for a person."
            }
            form method="post" action={ (keywords::path(&library.id, &made.keyword)) "/remove" } {
                (token(visit))
                (keywords::closing_field(library, "removed"))
                button.danger { "Remove the keyword" }
            }
        }
    }
}

/// What is wrong with the words, and how many of the last month's texts they would have answered:
/// looked up while they are typed, where a script runs.
pub(super) async fn checked(
    visit: &Visit,
    library: &Library,
    written: &Written,
    problems: &Problems,
) -> Result<Markup, Refusal> {
    let would = would(visit, library, written).await?;
    Ok(html! {
        div #checked role="status" {
            (problems.lines())
            @if let Some(would) = would {
                p { "It would have answered " strong { (would) } " of the last month's unmatched texts." }
            }
        }
    })
}

/// Of the last month's unmatched texts; only for who may see texts.
async fn would(
    visit: &Visit,
    library: &Library,
    written: &Written,
) -> Result<Option<usize>, Refusal> {
    let (phrases, rule) = typed::phrases(written);
    if phrases.is_empty() || !visit.staff()?.can(Action::SeeTexts, &library.id) {
        return Ok(None);
    }
    let texts = unmatched::texts(visit, library).await?;
    Ok(Some(unmatched::answered(&phrases, rule, library, &texts)))
}

fn words(library: &Library, written: &Written, problems: &Problems) -> Markup {
    let check = format!("/libraries/{}/check", escaped(&library.id.0));
    let told = |name: &str| problems.described(name, Some(&format!("{name}-hint")));
    const WITH: &str = "#word, #aliases, #match, #flow, #editing";
    const TYPED: &str = "input changed delay:400ms";
    html! {
        div.field {
            label for="word" { "Keyword" }
            p.hint #word-hint { "What stands on the poster, such as PARKING." }
            (problems.beside("word"))
            input type="text" #word name="word" value=(written.word) required autocapitalize="off"
                aria-describedby=[told("word")] aria-invalid=[problems.invalid("word")]
                hx-get=(check) hx-include=(WITH) hx-target="#checked" hx-swap="outerHTML" hx-trigger=(TYPED);
        }
        div.field {
            label for="aliases" { "Other words for it" }
            p.hint #aliases-hint { "With commas between; a word of one language as HORAS (es)." }
            (problems.beside("aliases"))
            input type="text" #aliases name="aliases" value=(history::aliases(&written.aliases))
                aria-describedby=[told("aliases")] aria-invalid=[problems.invalid("aliases")]
                hx-get=(check) hx-include=(WITH) hx-target="#checked" hx-swap="outerHTML" hx-trigger=(TYPED);
        }
        div.field {
            label for="match" { "Found" }
            (problems.beside("match"))
            select #match name="match" aria-describedby=[problems.described("match", None)]
                aria-invalid=[problems.invalid("match")]
                hx-get=(check) hx-include=(WITH) hx-target="#checked" hx-swap="outerHTML" hx-trigger="change" {
                @for (name, told) in RULES {
                    option value=(name) selected[written.r#match.as_deref().unwrap_or("first-word") == name] { (told) }
                }
            }
        }
        div.field {
            label {
                input type="checkbox" name="hidden" value="1" checked[written.hidden];
                " In no menu and never suggested"
            }
        }
    }
}

/// A season, and days and hours in it.
fn when(written: &Written, problems: &Problems) -> Markup {
    let day = |name: &str| {
        let day = written.schedule.get(name);
        day.and_then(toml::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let field = |name: &'static str, label: &str, kind: &'static str, value: &str, hint: &str| {
        Field {
            name,
            label,
            kind,
            value,
            hint,
            auto: "off",
        }
        .show(problems)
    };
    html! {
        p.quiet { "Left empty, it answers at any time." }
        (field("from", "From", "date", &day("from"), "The first day."))
        (field("until", "Until", "date", &day("until"), "The last day."))
        (field(
            "times", "Days and hours", "text", &typed::times(&written.schedule),
            "Such as mon-fri 09:00-17:00, sat 10:00-14:00.",
        ))
        div.field {
            label for="closing" { "What patrons get when it does not answer (may be left out)" }
            p.hint #closing-hint { "Outside of these times, and while it is off." }
            (problems.beside("closing"))
            textarea #closing name="closing" rows="2" maxlength="300"
                aria-describedby=[problems.described("closing", Some("closing-hint"))]
                aria-invalid=[problems.invalid("closing")] { "\n" (written.closing.as_deref().unwrap_or_default()) }
        }
    }
}
