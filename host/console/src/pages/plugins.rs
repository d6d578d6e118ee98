//! Plugins: what is installed, what each asks for, which keywords use it, what failed lately and
//! what it said then; and the way in for a new one. A developer sees this page and no patron.

pub(crate) mod one; // a version of one

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use callslip_core::directory::{Directory, Keyword, Library};
use callslip_core::flow::Plugin;
use callslip_core::grants::Capability;
use callslip_core::staff::Action;
use callslip_store::staff::{FaultCount, FaultLine, StoredPlugin};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::token;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const FAULTS_SHOWN: usize = 20;

type Uses<'a> = Vec<(&'a Arc<Library>, &'a Arc<Keyword>)>;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeePlugins)?;
    let since = visit.now - WEEK;
    let ids: Vec<_> = libraries.iter().map(|library| library.id.clone()).collect();
    let (counts, faults, stored) = visit
        .shared
        .keep
        .read(move |reader| {
            let faults = reader.last_faults(&ids, FAULTS_SHOWN)?;
            Ok((reader.faults(since)?, faults, reader.plugins()?))
        })
        .await?;
    let mut used: BTreeMap<(String, String), (Arc<Plugin>, Uses<'_>)> = BTreeMap::new();
    for library in &libraries {
        for keyword in &library.keywords {
            let key = (keyword.flow.name.clone(), keyword.plugin.digest.to_string());
            let entry = used
                .entry(key)
                .or_insert_with(|| (Arc::clone(&keyword.plugin), Vec::new()));
            entry.1.push((library, keyword));
        }
    }
    let zone = zone(visit);
    let running = visit.running();
    let brought: Vec<&StoredPlugin> = stored
        .iter()
        .filter(|stored| {
            let owner = stored.id.owner.as_ref();
            owner.is_none_or(|owner| libraries.iter().any(|library| library.id == *owner))
        })
        .collect();
    let body = html! {
        h1 { "Plugins" }
        @if !brought.is_empty() { (shelf(&brought, &running.directory)) }
        (upload(visit, &libraries))
        h2 { "Those that a keyword of your libraries uses" }
        div.cards {
            @for (plugin, uses) in used.values() {
                @let fault = counts.iter().find(|fault| fault.digest == plugin.digest);
                (card(visit, plugin, uses, fault, &zone))
            }
        }
        br;
        section.card aria-labelledby="faults" {
            h2 #faults { "Last faults" }
            @if faults.is_empty() {
                p { "None." }
            } @else {
                p.quiet { "Who texted got a civil sentence, and a person has the question." }
                ol.plain { @for fault in &faults { (line(visit, fault, &running.directory, &zone)) } }
            }
        }
    };
    Ok(frame::page(visit, Here::Plugins, "Plugins", &body))
}

/// By the clock of the first library that one sees.
fn zone(visit: &Visit) -> TimeZone {
    let libraries = visit.libraries(Action::SeePlugins).unwrap_or_default();
    libraries
        .first()
        .map_or(TimeZone::UTC, |library| times::zone(library))
}

fn shelf(brought: &[&StoredPlugin], directory: &Directory) -> Markup {
    html! {
        table.stack {
            caption { "Brought by the console" }
            thead { tr {
                th scope="col" { "Plugin" } th scope="col" { "Of" } th scope="col" { "State" }
            } }
            tbody {
                @for stored in brought {
                    tr {
                        th scope="row" {
                            a href=(one::path(&stored.id)) { (stored.id.name) " " (stored.id.version) }
                        }
                        td { (one::whose(directory, &stored.id)) }
                        td { (one::state(stored)) }
                    }
                }
            }
        }
        br;
    }
}

/// The way in: for each library in which one may, and for the machine.
fn upload(visit: &Visit, libraries: &[Arc<Library>]) -> Markup {
    let staff = visit.staff();
    let of: Vec<(String, String)> = libraries
        .iter()
        .filter(|library| {
            staff
                .as_ref()
                .is_ok_and(|staff| staff.can(Action::InstallPlugins, &library.id))
        })
        .map(|library| {
            let path = format!("/libraries/{}/plugins", escaped(&library.id.0));
            (path, library.name.clone())
        })
        .collect();
    let operator = staff.is_ok_and(|staff| staff.operator);
    let machine = operator.then(|| ("/plugins".to_owned(), "this machine".to_owned()));
    html! {
        @for (nth, (path, name)) in machine.into_iter().chain(of).enumerate() {
            details.card {
                summary { "Upload a plugin for " (name) }
                form method="post" action=(path) enctype="multipart/form-data" {
                    (token(visit))
                    div.field {
                        label for={ "file-" (nth) } { "The component" }
                        p.hint id={ "file-hint-" (nth) } {
                            "A .wasm file of at most 64 MiB, as "
                            code { "callslip plugin build" }
                            " makes it. It is looked over and shown to you before it is installed."
                        }
                        input type="file" id={ "file-" (nth) } name="file" accept=".wasm" required
                            aria-describedby={ "file-hint-" (nth) };
                    }
                    button { "Look at it" }
                }
            }
        }
    }
}

/// What it asks for, in plain sentences.
fn asks(needs: &[Capability]) -> Markup {
    html! {
        @if needs.is_empty() {
            p { "Nothing: it only answers." }
        } @else {
            ul { @for need in needs { li { code { (need) } ": " (need.sentence()) } } }
        }
    }
}

fn line(visit: &Visit, fault: &FaultLine, directory: &Directory, zone: &TimeZone) -> Markup {
    let library = directory.library(&fault.library);
    let keyword = fault.keyword.as_ref();
    let word = keyword
        .and_then(|id| library?.keyword(id))
        .map(|keyword| keyword.word.as_str());
    let digest: String = fault.digest.0.chars().take(12).collect();
    html! {
        li {
            h3 { "Fault " (fault.id) }
            p {
                (fault.flow) " (" code { (digest) } ")"
                @if let (Some(word), Some(id)) = (word, keyword) {
                    ", keyword " a href=(super::keywords::path(&fault.library, id)) { (word) }
                }
                @if let Some(library) = library { " at " (library.short_name) }
                ", " (times::moment(fault.at, zone, visit.now))
            }
            pre tabindex="0" aria-label={ "What failed in fault " (fault.id) } { code { (fault.cause) } }
            @if !fault.log.is_empty() {
                details {
                    summary { "What it logged before" }
                    pre tabindex="0" aria-label={ "Log of fault " (fault.id) } { code { (fault.log) } }
                }
            }
        }
    }
}

fn card(
    visit: &Visit,
    plugin: &Plugin,
    uses: &Uses<'_>,
    fault: Option<&FaultCount>,
    zone: &TimeZone,
) -> Markup {
    let manifest = &plugin.manifest;
    let digest: String = plugin.digest.0.chars().take(12).collect();
    let heading = format!("plugin-{}-{digest}", manifest.name);
    html! {
        section.card aria-labelledby=(heading) {
            h2 id=(heading) { (manifest.name) " " span.quiet { (manifest.version) } }
            p { (manifest.summary) }
            @if let Some(fault) = fault {
                p {
                    span.tag.bad { "Failed " (fault.count) @if fault.count == 1 { " time" } @else { " times" } }
                    " in the last week, last " (times::moment(fault.last, zone, visit.now)) ":"
                }
                pre tabindex="0" aria-label="The last fault" { code { (fault.cause) } }
            } @else {
                p { span.tag.good { "No fault in the last week" } }
            }
            h3 { "It asks for" }
            (asks(&plugin.needs))
            h3 { "Used by" }
            ul {
                @for (library, keyword) in uses {
                    li {
                        a href=(super::keywords::path(&library.id, &keyword.id)) { (keyword.word) }
                        " at " (library.short_name)
                        @if !keyword.enabled { " " span.tag.off { "Off" } }
                    }
                }
            }
            p.quiet { "Its component is " code { (digest) } "." }
        }
    }
}
