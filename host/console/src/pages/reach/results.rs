//! What a survey, a poll or a quiz has counted in its library's storage, as bars and for
//! spreadsheets. It is looked up again while the page is open.

use std::collections::BTreeMap;

use callslip_core::directory::Keyword;
use maud::{Markup, html};
use serde_json::Value;

use super::csv;
use super::figures::{Bar, bars};
use crate::answer::Answer;
use crate::frame::{self, Here};
use crate::pages::keywords;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// A flow counts choices, not people.
const KEYS_MAX: usize = 1_000;
/// What the bundled flows count, and how each is read.
const KINDS: [(&str, &str, &str); 3] = [
    ("votes", "Votes", "Choice"),
    ("rating", "Ratings", "Rating"),
    ("score", "Scores", "Right answers"),
];

/// Whether there is anything that this page would show.
pub(crate) fn counts(keyword: &Keyword) -> bool {
    ["survey", "poll", "quiz"].contains(&keyword.plugin.manifest.name.as_str())
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    let counted = load(visit, &keyword).await?;
    let own = format!("{}/results", keywords::path(&library.id, &keyword.id));
    let body = html! {
        h1 { "Results of " (keyword.word) }
        @if let Some(question) = worded(&keyword, "question", library.language()) { p { (question) } }
        p.row {
            a href={ (own) "/csv" } { "CSV" }
            a href={ (keywords::path(&library.id, &keyword.id)) "/counter" } { "Counter for a hall" }
        }
        div #results hx-get=(own) hx-select="#results > *" hx-swap="innerHTML" hx-trigger="every 5s" {
            @if counted.is_empty() { p { "Nobody has answered yet." } }
            @for (kind, rows) in &counted {
                (part(kind, rows))
            }
        }
        p { a href=(keywords::path(&library.id, &keyword.id)) { "Back to " (keyword.word) } }
    };
    Ok(frame::page(
        visit,
        Here::Keywords,
        &format!("Results of {}", keyword.word),
        &body,
    ))
}

fn part(kind: &str, rows: &[Bar]) -> Markup {
    let known = KINDS.iter().find(|(name, ..)| *name == kind);
    let (title, column) = known.map_or((kind, "What"), |(_, title, column)| (*title, *column));
    let sum: u64 = rows.iter().map(|row| row.count).sum();
    html! {
        section.card {
            h2 { (title) ": " (sum) }
            @if let Some(mean) = mean(kind, rows) { p { "On average " (mean) } }
            (bars(title, [column, "Times"], rows))
        }
    }
}

/// Of what is a number itself, in tenths.
fn mean(kind: &str, rows: &[Bar]) -> Option<String> {
    let times: u64 = rows.iter().map(|row| row.count).sum();
    let sum = rows
        .iter()
        .map(|row| Some(row.name.parse::<u64>().ok()? * row.count));
    let sum = sum.sum::<Option<u64>>()?;
    (kind != "votes" && times > 0).then(|| {
        let tenths = (sum * 10 + times / 2) / times;
        format!("{}.{}", tenths / 10, tenths % 10)
    })
}

pub(crate) async fn table(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    let mut rows = vec![["what", "answer", "times"].map(str::to_owned).to_vec()];
    for (kind, bars) in load(visit, &keyword).await? {
        let lines = bars.into_iter();
        rows.extend(lines.map(|bar| vec![kind.clone(), bar.name, bar.count.to_string()]));
    }
    Ok(csv::answer(
        &format!("{}-{}-results", library.id, keyword.id),
        &rows,
    ))
}

/// By what stands before the slash; an answer is called as the keyword's settings call it.
async fn load(visit: &Visit, keyword: &Keyword) -> Result<BTreeMap<String, Vec<Bar>>, Refusal> {
    let library = visit.library()?;
    let (id, storage) = (library.id.clone(), keyword.storage.clone());
    let found = visit
        .shared
        .keep
        .read(move |reader| reader.counted(&id, &storage, "", KEYS_MAX))
        .await?;
    let settings: Value = serde_json::from_str(&keyword.settings).unwrap_or_default();
    let mut counted: BTreeMap<String, Vec<(u64, Bar)>> = BTreeMap::new();
    for (key, value) in found {
        let (Some((kind, answer)), Ok(count)) = (key.split_once('/'), value.parse()) else {
            continue;
        };
        let place: u64 = answer.parse().unwrap_or(u64::MAX);
        let name = match kind {
            "votes" => choice(&settings, place, library.language()),
            _ => None,
        };
        let bar = Bar::new(name.unwrap_or_else(|| answer.to_owned()), count);
        counted
            .entry(kind.to_owned())
            .or_default()
            .push((place, bar));
    }
    let sorted = counted.into_iter().map(|(kind, mut bars)| {
        bars.sort_by_key(|(place, _)| *place);
        (kind, bars.into_iter().map(|(_, bar)| bar).collect())
    });
    Ok(sorted.collect())
}

fn choice(settings: &Value, place: u64, language: &str) -> Option<String> {
    let place = usize::try_from(place.checked_sub(1)?).ok()?;
    said(settings.get("choices")?.get(place)?, language)
}

fn worded(keyword: &Keyword, name: &str, language: &str) -> Option<String> {
    let settings: Value = serde_json::from_str(&keyword.settings).ok()?;
    said(settings.get(name)?, language)
}

/// One text, or one for each language.
fn said(value: &Value, language: &str) -> Option<String> {
    let own = value.get(language).and_then(Value::as_str);
    let first = || value.as_object()?.values().next()?.as_str();
    value.as_str().or(own).or_else(first).map(str::to_owned)
}

/// On a keyword's page: what leads here.
pub(crate) fn ways(keyword: &Keyword, path: &str) -> Markup {
    html! {
        section.card aria-labelledby="reach" {
            h2 #reach { "Reach people with it" }
            ul {
                li { a href={ (path) "/poster" } { "Posters, cards, bookmarks, a link" } }
                li { a href={ (path) "/counter" } { "Counter for a hall" } }
                @if counts(keyword) { li { a href={ (path) "/results" } { "Results" } } }
            }
        }
    }
}
