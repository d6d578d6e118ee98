//! Writing one: for which list, for whom on it, once in each language. Nothing goes out from here.

use callslip_core::broadcast::{Audience, CHARACTERS_MAX, Wording, rendered};
use callslip_core::directory::Library;
use callslip_store::broadcasts::NewBroadcast;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{Field, Problems, spoken, token};
use crate::refusal::Refusal;
use crate::visit::Visit;

const DAYS_MAX: u32 = 3_650;

pub(super) fn path(library: &Library) -> String {
    format!("/libraries/{}/broadcasts", escaped(&library.id.0))
}

pub(crate) async fn form(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    Ok(page(visit, &library, &Problems::default()))
}

pub(crate) async fn create(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let mut problems = Problems::default();
    let list = visit.asked.field("list");
    let list = library.lists.iter().find(|known| known.id == list);
    if list.is_none() {
        problems.add("list", "Choose a list.");
    }
    let written = written(visit, &library, &mut problems);
    let audience = audience(visit, &library, &mut problems);
    let Some(list) = list.filter(|_| problems.is_empty()) else {
        return Ok(page(visit, &library, &problems).with_status(Refusal::invalid()));
    };
    let new = NewBroadcast {
        library: library.id.clone(),
        list: list.id.clone(),
        audience,
        texts: rendered(&library, list, &written),
        written,
        author: visit.staff()?.id.clone(),
        now: visit.now,
    };
    let id = visit.shared.engine.add_broadcast(new).await?;
    Ok(Answer::see(super::path(&library, id)))
}

/// One for each language of the library that something was written in; its own must be among them.
fn written(visit: &Visit, library: &Library, problems: &mut Problems) -> Vec<Wording> {
    let mut written = Vec::new();
    for (index, language) in library.languages.iter().enumerate() {
        let field = format!("text-{language}");
        let text = visit.asked.field(&field).replace("\r\n", "\n");
        if text.is_empty() {
            if index == 0 {
                let what = format!(
                    "Write it in {}: whoever chose no language gets this.",
                    spoken(language)
                );
                problems.add(field, what);
            }
            continue;
        }
        if text.chars().count() > CHARACTERS_MAX {
            problems.add(
                field,
                format!("It is longer than {CHARACTERS_MAX} characters."),
            );
            continue;
        }
        written.push(Wording {
            language: language.clone(),
            text,
        });
    }
    written
}

fn audience(visit: &Visit, library: &Library, problems: &mut Problems) -> Audience {
    let some = |name: &str| Some(visit.asked.field(name)).filter(|value| !value.is_empty());
    let mut days = |name: &'static str| {
        let typed = some(name)?;
        let days = typed
            .parse()
            .ok()
            .filter(|days| (1..=DAYS_MAX).contains(days));
        if days.is_none() {
            problems.add(
                name,
                format!("Write a number of days, 1 to {DAYS_MAX}, or nothing."),
            );
        }
        days
    };
    let (new_days, silent_days) = (days("new-days"), days("silent-days"));
    let topics = library.topics.iter();
    let topic = topics
        .map(|topic| &topic.id)
        .find(|id| Some(id.as_str()) == some("topic"));
    let languages = library.languages.iter();
    Audience {
        language: languages
            .into_iter()
            .find(|of| Some(of.as_str()) == some("only"))
            .cloned(),
        new_days,
        silent_days,
        topic: topic.cloned(),
    }
}

fn page(visit: &Visit, library: &Library, problems: &Problems) -> Answer {
    let body = html! {
        h1 { "Write a broadcast" }
        (problems.summary())
        @if library.lists.is_empty() {
            p { "The library has no list yet: a [[list]] in its file makes one." }
        } @else {
            form method="post" action=(path(library)) {
                (token(visit))
                div.field {
                    label for="list" { "To the members of" }
                    (problems.beside("list"))
                    select #list name="list" {
                        @for list in &library.lists {
                            option value=(list.id) selected[visit.asked.field("list") == list.id] { (list.name) }
                        }
                    }
                }
                @for language in &library.languages { (wording(visit, language, problems)) }
                (whom(visit, library, problems))
                button { "Look at it" }
                p.hint { "Nothing goes out yet: the next page shows how it reads, how many get it and what it costs." }
            }
        }
    };
    frame::page(visit, Here::Lists, "Write a broadcast", &body)
}

fn wording(visit: &Visit, language: &str, problems: &Problems) -> Markup {
    let name = format!("text-{language}");
    let hint = format!("{name}-hint");
    html! {
        div.field {
            label for=(name) { "In " (spoken(language)) }
            p.hint id=(hint) { "The library's name goes before it and STOP behind it, so that nobody must wonder." }
            (problems.beside(&name))
            textarea id=(name) name=(name) rows="4" lang=(language) maxlength=(CHARACTERS_MAX)
                aria-describedby=[problems.described(&name, Some(&hint))]
                aria-invalid=[problems.invalid(&name)] { (visit.asked.field(&name)) }
        }
    }
}

fn whom(visit: &Visit, library: &Library, problems: &Problems) -> Markup {
    let field = |name, label, hint| Field {
        name,
        label,
        kind: "text",
        value: visit.asked.field(name),
        hint,
        auto: "off",
    };
    html! {
        details open[["only", "new-days", "silent-days", "topic"].iter().any(|of| !visit.asked.field(of).is_empty())] {
            summary { "Not to all of them" }
            div.field {
                label for="only" { "Language" }
                select #only name="only" {
                    option value="" { "Every language" }
                    @for language in &library.languages {
                        option value=(language) selected[visit.asked.field("only") == language] { "Only " (spoken(language)) }
                    }
                }
            }
            (field("new-days", "Joined in the last days", "How many; nothing: whenever they joined.").show(problems))
            (field("silent-days", "Silent for days", "Who has texted nothing for so long; nothing: everybody.").show(problems))
            @if !library.topics.is_empty() {
                div.field {
                    label for="topic" { "Has asked about" }
                    select #topic name="topic" {
                        option value="" { "Anything" }
                        @for topic in &library.topics {
                            option value=(topic.id) selected[visit.asked.field("topic") == topic.id] { (topic.name) }
                        }
                    }
                }
            }
        }
    }
}
