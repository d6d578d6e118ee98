//! Answers that did not help: those that staff marked as wrong, and those after which the patron
//! soon asked for a person all the same (a14).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::ids::KeywordId;
use callslip_engine::desk::Wrong;
use callslip_store::staff::Misled;
use maud::{Markup, html};

use super::keywords;
use super::unmatched::{SINCE, short};
use crate::desk::Names;
use crate::parts::words;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

/// What comes later has mostly nothing to do with the answer.
const SOON: Duration = Duration::from_secs(5 * 60);
const MISLED_MAX: usize = 200;
/// Of one keyword, those that are shown.
const SHOWN: usize = 5;

pub(super) struct Unhelpful {
    library: Arc<Library>,
    marked: Vec<Wrong>,
    by_keyword: Vec<(KeywordId, Vec<Misled>)>,
    names: Names,
}

pub(super) async fn load(visit: &Visit, library: &Arc<Library>) -> Result<Unhelpful, Refusal> {
    let since = visit.now - SINCE;
    let actor = visit.actor()?;
    let mut marked = visit.desk().wrong_answers(&actor, &library.id).await?;
    marked.retain(|wrong| wrong.at >= since);
    let names = visit
        .names(marked.iter().map(|wrong| wrong.staff.clone()))
        .await?;
    let id = library.id.clone();
    let misled = visit
        .shared
        .keep
        .read(move |reader| reader.misled(&id, since, SOON, MISLED_MAX))
        .await?;
    Ok(Unhelpful {
        library: Arc::clone(library),
        marked,
        by_keyword: by_keyword(misled),
        names,
    })
}

/// Those of one keyword together, the most first.
fn by_keyword(misled: Vec<Misled>) -> Vec<(KeywordId, Vec<Misled>)> {
    let mut of: BTreeMap<KeywordId, Vec<Misled>> = BTreeMap::new();
    for one in misled {
        of.entry(one.keyword.clone()).or_default().push(one);
    }
    let mut sorted: Vec<_> = of.into_iter().collect();
    sorted.sort_by_key(|(_, those)| std::cmp::Reverse(those.len()));
    sorted
}

pub(super) fn section(visit: &Visit, found: &Unhelpful) -> Markup {
    let library = &found.library;
    let id = format!("unhelpful-{}", library.id);
    html! {
        @if !found.marked.is_empty() || !found.by_keyword.is_empty() {
            section.card aria-labelledby=(id) {
                h2 id=(id) { "Answers that did not help, " (library.short_name) }
                @for (keyword, those) in &found.by_keyword {
                    h3 { (named(library, Some(&keyword.0))) }
                    p { (soon_asked(those.len())) }
                    ul { @for one in those.iter().take(SHOWN) { (line(visit, library, one)) } }
                }
                @if !found.marked.is_empty() {
                    h3 { "Marked as wrong" }
                    ul { @for wrong in &found.marked { (marked(visit, found, wrong)) } }
                }
            }
            br;
        }
    }
}

fn soon_asked(count: usize) -> String {
    match count {
        1 => "Once a patron asked for a person within five minutes of its answer.".to_owned(),
        count => {
            format!("{count} times a patron asked for a person within five minutes of its answer.")
        }
    }
}

fn line(visit: &Visit, library: &Library, one: &Misled) -> Markup {
    html! {
        li {
            @match &one.asked { Some(asked) => (words(&short(asked))), None => "(not kept)" }
            ", then " (words(&short(&one.then))) " " (moment(visit, library, one.at))
            @if let Some(ticket) = one.ticket { " " a href={ "/tickets/" (ticket) } { "its question" } }
        }
    }
}

fn marked(visit: &Visit, found: &Unhelpful, wrong: &Wrong) -> Markup {
    let library = &found.library;
    html! {
        li {
            (named(library, wrong.keyword.as_deref())) " answered "
            @match &wrong.body { Some(asked) => (words(&short(asked))), None => "(not kept)" }
            ", marked by " (found.names.of(&wrong.staff)) " " (moment(visit, library, wrong.at))
            @if let Some(remark) = &wrong.remark { ": " (words(&short(remark))) }
        }
    }
}

fn moment(visit: &Visit, library: &Library, at: At) -> Markup {
    html! { span.quiet { (times::moment(at, &times::zone(library), visit.now)) } }
}

/// A keyword's word, leading to its page while there is one.
fn named(library: &Library, id: Option<&str>) -> Markup {
    let Some(id) = id.map(KeywordId::from) else {
        return html! { "A flow" };
    };
    html! {
        @match library.keyword(&id) {
            Some(keyword) => a href=(keywords::path(&library.id, &id)) { (keyword.word) },
            None => (id),
        }
    }
}
