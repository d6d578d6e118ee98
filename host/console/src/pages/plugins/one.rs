//! One version of a plugin, from its file to the shelf: looked at before anything of it runs for a
//! patron, installed, withdrawn, brought back. What is installed changes nothing that runs: a
//! keyword is changed to it on a page of its own.

use callslip_core::directory::{Directory, Keyword, Library};
use callslip_core::ids::LibraryId;
use callslip_engine::Engine;
use callslip_store::staff::{PluginId, StaffChange, StaffCommitted, StaffRefused, StoredPlugin};
use maud::{Markup, html};

use super::asks;
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::keep::Trouble;
use crate::parts::token;
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};

/// Whose it is: the library's that the route names, else the machine's.
fn owner(visit: &Visit) -> Option<LibraryId> {
    visit.permit.as_ref().map(|permit| permit.library().clone())
}

/// The one that the path names.
fn named(visit: &Visit) -> PluginId {
    let owner = owner(visit);
    let first = usize::from(owner.is_some());
    PluginId {
        owner,
        name: visit.place(first).to_owned(),
        version: visit.place(first + 1).to_owned(),
    }
}

pub(super) fn path(id: &PluginId) -> String {
    let (name, version) = (escaped(&id.name), escaped(&id.version));
    match &id.owner {
        Some(library) => format!(
            "/libraries/{}/plugins/{name}/{version}",
            escaped(&library.0)
        ),
        None => format!("/plugins/{name}/{version}"),
    }
}

/// A file comes: whether it is a plugin, and what it asks for, is found out and shown.
pub(crate) async fn offer(visit: &Visit) -> Result<Answer, Refusal> {
    let owner = owner(visit);
    let file = visit.asked.file();
    let file =
        file.ok_or_else(|| Refusal::Invalid("Choose a file that ends in .wasm.".to_owned()))?;
    let bytes = file.to_vec();
    let looked = tokio::task::spawn_blocking(move || {
        let plugin = Engine::check_plugin(&bytes);
        (plugin, bytes)
    });
    let (plugin, bytes) = looked.await.map_err(|_| Trouble::Panicked)?;
    let plugin = plugin.map_err(|why| {
        Refusal::Invalid(format!(
            "This file is no plugin that can run here: {why:#}."
        ))
    })?;
    let id = PluginId {
        owner: owner.clone(),
        name: plugin.manifest.name.clone(),
        version: plugin.manifest.version.clone(),
    };
    let line = note(owner.as_ref(), "plugin-uploaded", told(&id));
    let change = StaffChange::OfferPlugin {
        owner,
        plugin,
        bytes,
    };
    match visit.commit(change, Some(line)).await? {
        StaffCommitted::Saved(_) => Ok(Answer::see(path(&id))),
        StaffCommitted::Refused(refused) => Err(Refusal::Invalid(why_not(refused, &id))),
    }
}

fn told(id: &PluginId) -> String {
    format!("{} {}", id.name, id.version)
}

fn why_not(refused: StaffRefused, id: &PluginId) -> String {
    match refused {
        StaffRefused::VersionTaken => format!(
            "{} is installed already, and is another file. Give the new one another version.",
            told(id)
        ),
        StaffRefused::TooMany => "There are as many versions as are kept.".to_owned(),
        _ => "It is not there any more: upload it again.".to_owned(),
    }
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let id = named(visit);
    let stored = stored(visit, &id).await?;
    let running = visit.running();
    let users = users(running.filed(), &stored);
    let zone = super::zone(visit);
    let path = path(&id);
    let title = format!("{} {}", id.name, id.version);
    let body = html! {
        h1 { (id.name) " " span.quiet { (id.version) } }
        section.card aria-labelledby="is" {
            h2 #is { "What it is" }
            p { (stored.summary) }
            dl.facts {
                dt { "Of" } dd { (whose(&running.directory, &id)) }
                dt { "Size" } dd { (stored.size / 1024) " KiB" }
                dt { "Uploaded" } dd { "by " (stored.by) ", " (times::moment(stored.uploaded, &zone, visit.now)) }
                dt { "State" } dd { (state(&stored)) }
            }
            p.quiet { "It was looked over: it is a component for this host, describes itself as its file \
                says, and waits for no word that the host keeps for itself." }
            h3 { "It asks for" }
            (asks(&stored.needs))
            p.quiet { "It never sees a phone number, and reaches nothing else." }
        }
        @if may_change(visit, &id) {
            section.card aria-labelledby="do" {
                h2 #do { "What to do with it" }
                @if stored.installed.is_none() {
                    p { "To install it changes nothing that runs: a keyword is made with it, or changed to it, afterwards." }
                    form method="post" action={ (path) "/install" } {
                        (token(visit)) button { "Install it" }
                    }
                } @else if stored.withdrawn.is_some() {
                    form method="post" action={ (path) "/install" } {
                        (token(visit)) button.second { "Bring it back" }
                    }
                } @else {
                    form method="post" action={ (path) "/withdraw" } {
                        (token(visit))
                        p { "No keyword can be given it then. Conversations that wait on it go on to their end." }
                        button.danger { "Withdraw it" }
                    }
                }
            }
        }
        @if !users.is_empty() {
            section.card aria-labelledby="users" {
                h2 #users { "Keywords with it" }
                ul { @for (library, keyword) in &users {
                    li { (keyword.word) " at " (library.short_name) }
                } }
            }
        }
    };
    Ok(frame::page(visit, Here::Plugins, &title, &body))
}

pub(super) fn may_change(visit: &Visit, id: &PluginId) -> bool {
    use callslip_core::staff::Action::InstallPlugins;
    visit.staff().is_ok_and(|staff| match &id.owner {
        Some(library) => staff.can(InstallPlugins, library),
        None => staff.operator,
    })
}

pub(super) fn state(stored: &StoredPlugin) -> Markup {
    html! {
        @match (stored.installed, stored.withdrawn) {
            (None, _) => span.tag.warn { "Not installed" },
            (Some(_), None) => span.tag.on { "Installed" },
            (Some(_), Some(_)) => span.tag.off { "Withdrawn" },
        }
    }
}

pub(super) fn whose(directory: &Directory, id: &PluginId) -> String {
    match &id.owner {
        None => "this machine, for every library".to_owned(),
        Some(library) => directory
            .library(library)
            .map_or_else(|| library.to_string(), |library| library.name.clone()),
    }
}

async fn stored(visit: &Visit, id: &PluginId) -> Result<StoredPlugin, Refusal> {
    let all = visit.shared.keep.read(|reader| reader.plugins()).await?;
    all.into_iter()
        .find(|stored| stored.id == *id)
        .ok_or(Refusal::Nothing)
}

/// Keywords that run it, whoever has made them.
fn users<'d>(directory: &'d Directory, stored: &StoredPlugin) -> Vec<(&'d Library, &'d Keyword)> {
    // The same file may also be another's, by another name.
    let name = stored.flow().name;
    let libraries = directory.libraries.values();
    let of_owner = libraries.filter(|library| {
        let owner = stored.id.owner.as_ref();
        owner.is_none_or(|owner| *owner == library.id)
    });
    of_owner
        .flat_map(|library| {
            let keywords = library.keywords.iter();
            keywords.map(move |keyword| (&**library, &**keyword))
        })
        .filter(|(_, keyword)| keyword.flow.name == name && keyword.plugin.digest == stored.digest)
        .collect()
}

pub(crate) async fn install(visit: &Visit) -> Result<Answer, Refusal> {
    let id = named(visit);
    let line = note(id.owner.as_ref(), "plugin-installed", told(&id));
    change(visit, StaffChange::InstallPlugin(id.clone()), line, &id).await?;
    Ok(Answer::see(format!("{}?done=plugin-installed", path(&id))))
}

pub(crate) async fn withdraw(visit: &Visit) -> Result<Answer, Refusal> {
    let id = named(visit);
    let stored = stored(visit, &id).await?;
    let running = visit.running();
    let users: Vec<String> = users(running.filed(), &stored)
        .iter()
        .map(|(library, keyword)| format!("{} at {}", keyword.word, library.short_name))
        .collect();
    if !users.is_empty() {
        return Err(Refusal::Invalid(format!(
            "A keyword has it: {}. Change it to another version first.",
            users.join(", ")
        )));
    }
    let line = note(id.owner.as_ref(), "plugin-withdrawn", told(&id));
    change(visit, StaffChange::WithdrawPlugin(id.clone()), line, &id).await?;
    Ok(Answer::see(format!("{}?done=plugin-withdrawn", path(&id))))
}

async fn change(
    visit: &Visit,
    change: StaffChange,
    line: callslip_store::staff::Note,
    id: &PluginId,
) -> Result<(), Refusal> {
    if let StaffCommitted::Refused(refused) = visit.commit(change, Some(line)).await? {
        return Err(match refused {
            StaffRefused::NoSuchPlugin => Refusal::Nothing,
            refused => Refusal::Invalid(why_not(refused, id)),
        });
    }
    super::super::made::take(visit).await
}
