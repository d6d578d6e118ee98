//! Where texts come from: what each poster and each link has brought, step by step (a20).

use std::collections::BTreeMap;
use std::sync::Arc;

use callslip_core::directory::Library;
use callslip_core::ids::KeywordId;
use callslip_core::staff::Action;
use callslip_store::tallies::{Tally, TallyRow};
use maud::{Markup, html};

use super::period::{LAST_DAYS, Period, told};
use super::{csv, poster};
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::pages::keywords;
use crate::refusal::Refusal;
use crate::visit::Visit;

const STEPS: [(&str, &str); 6] = [
    ("texted", "Texted"),
    ("registered", "For the first time"),
    ("card", "Took the contact card"),
    ("asked", "Asked a person"),
    ("joined", "Joined a list"),
    ("unmatched", "No keyword knew"),
];

/// One poster's counts, and what was texted next.
#[derive(Default)]
struct Source {
    steps: BTreeMap<String, u64>,
    then: BTreeMap<String, u64>,
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let period = Period::of(visit, &library);
    let sources = gathered(load(visit, &library, &period).await?);
    let own = format!("/libraries/{}/sources", escaped(&library.id.0));
    let places = places(visit, &library);
    let may_texts = visit
        .staff()
        .is_ok_and(|staff| staff.can(Action::SeeTexts, &library.id));
    let body = html! {
        h1 { "Where texts come from" }
        p { (library.name) ", " (period.told) ". Counted by the mark on each poster; what the same phone did later that day counts for it, too." }
        p.row {
            @for days in LAST_DAYS {
                @let asked = days.to_string();
                a href={ (own) "?period=" (asked) } aria-current=[(asked == period.asked).then_some("true")] { (told(days)) }
            }
            a href={ (own) "/csv?period=" (period.asked) } { "CSV" }
        }
        @if sources.is_empty() {
            p { "No text came by a mark. Give a keyword's posters their marks in its poster studio." }
        } @else {
            table.stack {
                caption.unseen { "What each source has brought" }
                thead { tr {
                    th scope="col" { "Source" } th scope="col" { "Where" }
                    @for (_, name) in STEPS { th.number scope="col" { (name) } }
                } }
                tbody {
                    @for ((keyword, mark), source) in &sources {
                        tr {
                            th scope="row" { (named(&library, keyword)) " " (mark) }
                            td { (places.get(&(keyword.clone(), mark.clone())).map_or("", String::as_str)) }
                            @for (step, name) in STEPS {
                                td.number data-name=(name) { (source.steps.get(step).copied().unwrap_or(0)) }
                            }
                        }
                    }
                }
            }
            @for ((keyword, mark), source) in &sources {
                (after(&library, (keyword.as_str(), mark.as_str()), source, may_texts))
            }
        }
    };
    Ok(frame::page(
        visit,
        Here::Reports,
        "Where texts come from",
        &body,
    ))
}

/// What people want who came by it, each with the way to its wording.
fn after(library: &Library, (keyword, mark): (&str, &str), source: &Source, may: bool) -> Markup {
    let unmatched = source.steps.get("unmatched").copied().unwrap_or(0);
    html! {
        @if !source.then.is_empty() || unmatched > 0 {
            section.card {
                h2 { "After " (named(library, keyword)) " " (mark) }
                ul {
                    @for (next, count) in &source.then {
                        @let id = KeywordId::from(next.as_str());
                        li {
                            (named(library, next)) ": " (count) " "
                            a href={ (keywords::path(&library.id, &id)) "/edit" } {
                                "Change what it says" span.unseen { ": " (named(library, next)) }
                            }
                        }
                    }
                    @if unmatched > 0 {
                        li {
                            "Nothing that a keyword knew: " (unmatched) " "
                            @if may {
                                a href={ "/unmatched?library=" (escaped(&library.id.0)) } { "See what is asked" }
                            }
                        }
                    }
                }
                p.row {
                    a href={ (keywords::path(&library.id, &KeywordId::from(keyword))) "/edit" } {
                        "Change what " (named(library, keyword)) " says"
                    }
                    a href={ (poster::path(library, &KeywordId::from(keyword))) "?mark=" (mark) } { "Its poster" }
                }
            }
        }
    }
}

fn named(library: &Library, keyword: &str) -> String {
    let known = library.keyword(&KeywordId::from(keyword));
    known.map_or(keyword, |keyword| &keyword.word).to_owned()
}

fn places(visit: &Visit, library: &Library) -> BTreeMap<(String, String), String> {
    let running = visit.running();
    let posters = running.switches().posters.clone().into_iter();
    posters
        .filter(|poster| poster.library == library.id)
        .map(|poster| {
            (
                (poster.keyword.to_string(), poster.mark.to_string()),
                poster.place,
            )
        })
        .collect()
}

async fn load(
    visit: &Visit,
    library: &Arc<Library>,
    period: &Period,
) -> Result<Vec<TallyRow>, Refusal> {
    let (id, between) = (library.id.clone(), period.between());
    let rows = visit
        .shared
        .keep
        .read(move |reader| reader.tallied(&id, Tally::Source, between))
        .await?;
    Ok(rows)
}

fn gathered(rows: Vec<TallyRow>) -> BTreeMap<(String, String), Source> {
    let mut sources: BTreeMap<(String, String), Source> = BTreeMap::new();
    for row in rows {
        let [keyword, mark, step, rest @ ..] = row.parts.as_slice() else {
            continue;
        };
        let source = sources.entry((keyword.clone(), mark.clone())).or_default();
        let place = match rest {
            [next, ..] => source.then.entry(next.clone()),
            [] => source.steps.entry(step.clone()),
        };
        *place.or_default() += row.count;
    }
    sources
}

pub(crate) async fn table(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let period = Period::of(visit, &library);
    let mut by_day: BTreeMap<String, Vec<TallyRow>> = BTreeMap::new();
    for row in load(visit, &library, &period).await? {
        by_day
            .entry(period.day(row.at).to_string())
            .or_default()
            .push(row);
    }
    let places = places(visit, &library);
    let mut head = ["day", "keyword", "mark", "where"]
        .map(str::to_owned)
        .to_vec();
    head.extend(STEPS.map(|(_, name)| name.to_lowercase()));
    let mut rows = vec![head];
    for (day, counted) in by_day {
        for (place, source) in &gathered(counted) {
            let mut row = vec![day.clone(), place.0.clone(), place.1.clone()];
            row.push(places.get(place).cloned().unwrap_or_default());
            let steps = STEPS.map(|(step, _)| source.steps.get(step).copied().unwrap_or(0));
            row.extend(steps.map(|count| count.to_string()));
            rows.push(row);
        }
    }
    Ok(csv::answer(
        &format!("{}-sources-{}", library.id, period.asked),
        &rows,
    ))
}
