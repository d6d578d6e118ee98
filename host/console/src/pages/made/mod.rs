//! Keywords that are made here: a form drawn from the plugin's schema, checked by reading the whole
//! configuration with it, kept as TOML with every version, on the air at once. What a file owns is
//! changed by the same form, and comes out as the TOML to paste.

mod air; // tried, saved, on the air
mod export; // a library as its file would say it
mod fields; // what a plugin asks for
mod form; // how it is drawn
mod history; // what a version changed
pub(crate) mod preview; // tried before it is saved
mod settings; // a plugin's settings, from its schema and back
mod typed; // what the form says

use std::sync::Arc;

use callslip_core::config::{Written, WrittenAlias};
use callslip_core::directory::{FlowName, Keyword, Library};
use callslip_core::flow::Plugin;
use callslip_core::ids::KeywordId;
use callslip_core::staff::Action;
use callslip_store::staff::{MadeKeyword, StaffChange, StaffCommitted};
use maud::html;

use super::{home, keywords};
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{Problems, paste};
use crate::refusal::Refusal;
use crate::visit::{Visit, note};

use air::Kept;
pub(super) use air::take;
pub(crate) use export::export;
use form::{Form, Of};
pub(super) use history::versions_list;
pub(super) use typed::times;

/// What a keyword is made of first.
const FIRST_FLOW: &str = "auto-reply";
const VERSIONS: usize = 20;

/// A new one: `?flow=` and `?word=` to begin with.
pub(crate) async fn new(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let key = visit.asked.query("flow").unwrap_or(FIRST_FLOW);
    let plugin = plugin(visit, &library, key)?;
    let mut written = typed::empty(key);
    visit
        .asked
        .query("word")
        .unwrap_or_default()
        .clone_into(&mut written.word);
    Form::new(&library, &plugin, &written, Of::New)
        .page(visit)
        .await
}

pub(crate) async fn edit(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let (of, mut written) = there(visit, &library, visit.place(1)).await?;
    // Another version of the same, to be saved with what it asks for (c8).
    if let Some(other) = visit.asked.query("flow").map(FlowName::of_key)
        && other.name == written.flow
    {
        written.version = other.version;
    }
    let plugin = plugin(visit, &library, &written.flow_name().key())?;
    Form::new(&library, &plugin, &written, of).page(visit).await
}

/// Saves a new one, or one that is there.
pub(crate) async fn save(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let plugin = plugin(visit, &library, visit.asked.field("flow"))?;
    let (of, before) = match visit.places.get(1) {
        Some(id) => {
            let (of, before) = there(visit, &library, id).await?;
            (of, Some(before))
        }
        None => (Of::New, None),
    };
    let (written, mut problems) = typed::keyword(visit, &library, &plugin, before.as_ref());
    if problems.is_empty() {
        let tried = air::tried(visit, &library, &written, of.filed()).await?;
        problems = tried.problems;
    }
    let form = Form::new(&library, &plugin, &written, of);
    if !problems.is_empty() {
        let page = form.with(&problems).page(visit).await?;
        return Ok(page.with_status(Refusal::invalid()));
    }
    if form.of.filed().is_some() {
        return Ok(to_paste(visit, &library, &written));
    }
    let what = match form.of {
        Of::New => "keyword-made",
        Of::Made(_) | Of::Filed(_) => "keyword-changed",
    };
    let over = visit.asked.field("version").parse().ok();
    match air::keep(visit, &library, &written, over, what).await? {
        Kept::Yes => Ok(Answer::see(format!(
            "{}?done={what}",
            keywords::path(&library.id, &id_of(&written))
        ))),
        Kept::Newer => {
            let page = form.over_newer(visit).await?;
            Ok(page.with_status(http::StatusCode::CONFLICT))
        }
    }
}

/// What a file owns, the file changes.
fn to_paste(visit: &Visit, library: &Library, written: &Written) -> Answer {
    let about = visit.shared.about();
    let file = about.files.get(&library.id);
    let body = html! {
        h1 { (written.word) " of " (library.name) }
        p {
            "Nothing is changed yet: a file owns this keyword. It is right as it stands here. Put it into "
            @match file { Some(file) => code { (file) }, None => "the library's file" }
            " in place of the keyword's part, and have the files read again."
        }
        (paste("The keyword as TOML", &written.toml()))
        p { a href=(keywords::path(&library.id, &id_of(written))) { "Back to the keyword" } }
        (keywords::read_files_button(visit, library))
    };
    frame::page(visit, Here::Keywords, "To paste", &body)
}

/// What is wrong with words while they are typed: a part of the form for a script, and the same
/// words stand in the form that comes back without one.
pub(crate) async fn check(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let query = |name| visit.asked.query(name).unwrap_or_default().trim();
    plugin(visit, &library, query("flow"))?;
    let (of, mut written) = match query("editing") {
        "" => (Of::New, typed::empty(query("flow"))),
        id => there(visit, &library, id).await?,
    };
    query("word").clone_into(&mut written.word);
    written.aliases = typed::aliases(query("aliases"));
    written.r#match = typed::rule(query("match")).map(str::to_owned);
    let mut problems = Problems::default();
    if !written.word.is_empty() {
        if written.id.is_none() {
            written.id = typed::new_id(&library, &written.word);
        }
        let tried = air::tried(visit, &library, &written, of.filed()).await?;
        problems = tried.problems.only(&["word", "aliases", "match"]);
    }
    let part = form::checked(visit, &library, &written, &problems).await?;
    Ok(Answer::page(part))
}

/// With a sentence for whoever still reads its word on a poster (c6).
pub(crate) async fn remove(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let made = current(visit, &library, visit.place(1)).await?;
    let closing = home::told(visit.asked.field("told"))?;
    let change = StaffChange::RemoveKeyword {
        library: library.id.clone(),
        keyword: made.keyword.clone(),
        closing,
        over: made.version,
    };
    let line = note(Some(&library.id), "keyword-removed", word_of(&made));
    if let StaffCommitted::Refused(_) = visit.commit(change, Some(line)).await? {
        return Err(Refusal::Invalid(newer()));
    }
    air::take(visit).await?;
    Ok(Answer::see("/keywords?done=keyword-removed"))
}

/// One click back to an earlier version; without one named, to the last that there was.
pub(crate) async fn bring_back(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let id = KeywordId::from(visit.place(1));
    let versions = versions(visit, &library, &id).await?;
    let named = visit.asked.field("version").parse::<i64>().ok();
    let wanted = versions
        .iter()
        .find(|made| named.map_or(made.toml.is_some(), |version| made.version == version));
    let written = wanted.and_then(|made| made.toml.as_deref());
    let written = written.and_then(Written::read).ok_or(Refusal::Nothing)?;
    let over = versions.first().map(|made| made.version);
    change(visit, &library, &written, over, "keyword-brought-back").await
}

/// Another word for a keyword that was made here; from the page of unmatched texts.
pub(crate) async fn alias(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let made = current(visit, &library, visit.place(1)).await?;
    let mut written = read(&made)?;
    let word = visit.asked.field("word").to_owned();
    written.aliases.push(WrittenAlias::Plain(word));
    let over = Some(made.version);
    change(visit, &library, &written, over, "keyword-changed").await
}

/// Without a form to come back to.
async fn change(
    visit: &Visit,
    library: &Library,
    written: &Written,
    over: Option<i64>,
    what: &str,
) -> Result<Answer, Refusal> {
    let tried = air::tried(visit, library, written, None).await?;
    if let Some(problem) = tried.problems.first() {
        return Err(Refusal::Invalid(problem.to_owned()));
    }
    match air::keep(visit, library, written, over, what).await? {
        Kept::Yes => Ok(Answer::see(format!(
            "{}?done=keyword-changed",
            keywords::path(&library.id, &id_of(written))
        ))),
        Kept::Newer => Err(Refusal::Invalid(newer())),
    }
}

pub(super) async fn versions(
    visit: &Visit,
    library: &Library,
    keyword: &KeywordId,
) -> Result<Vec<MadeKeyword>, Refusal> {
    let (library, keyword) = (library.id.clone(), keyword.clone());
    let read = visit
        .shared
        .keep
        .read(move |reader| reader.versions(&library, &keyword, VERSIONS));
    Ok(read.await?)
}

/// As it is now, whoever owns it.
async fn there(visit: &Visit, library: &Library, id: &str) -> Result<(Of, Written), Refusal> {
    let id = KeywordId::from(id);
    let made = versions(visit, library, &id).await?.into_iter().next();
    if let Some(made) = made.filter(|made| made.toml.is_some()) {
        let written = read(&made)?;
        return Ok((Of::Made(made), written));
    }
    let running = visit.running();
    let filed = running.filed().library(&library.id);
    let keyword = filed.and_then(|library| library.keyword(&id));
    let written = Written::of(keyword.ok_or(Refusal::Nothing)?);
    Ok((Of::Filed(id), written))
}

/// As it is now; not for one that a file owns, nor for one that is gone.
async fn current(visit: &Visit, library: &Library, id: &str) -> Result<MadeKeyword, Refusal> {
    match there(visit, library, id).await? {
        (Of::Made(made), _) => Ok(made),
        (Of::New | Of::Filed(_), _) => Err(Refusal::Nothing),
    }
}

fn read(made: &MadeKeyword) -> Result<Written, Refusal> {
    let written = made.toml.as_deref().and_then(Written::read);
    written.ok_or(Refusal::Nothing)
}

fn word_of(made: &MadeKeyword) -> String {
    read(made).map_or_else(|_| made.keyword.to_string(), |written| written.word)
}

/// One that was typed has its id.
fn id_of(written: &Written) -> KeywordId {
    KeywordId::from(written.id.as_deref().unwrap_or_default())
}

fn newer() -> String {
    "Somebody else has changed it meanwhile: look at it again, then change it.".to_owned()
}

/// By the name, and the version, that keywords know it by; another library's is not there (g5).
fn plugin(visit: &Visit, library: &Library, key: &str) -> Result<Arc<Plugin>, Refusal> {
    let about = visit.shared.about();
    let plugin = about.plugins.get(key).cloned();
    plugin
        .filter(|_| FlowName::of_key(key).is_for(&library.id))
        .ok_or_else(|| Refusal::Invalid(format!("The plugin \"{key}\" is not installed.")))
}

/// Of its plugin, those that it does not run.
pub(super) fn other_versions(visit: &Visit, keyword: &Keyword) -> Vec<FlowName> {
    let about = visit.shared.about();
    about
        .plugins
        .iter()
        .map(|(key, plugin)| (FlowName::of_key(key), plugin))
        .filter(|(flow, _)| flow.name == keyword.flow.name && flow.version.is_some())
        .filter(|(_, plugin)| plugin.digest != keyword.plugin.digest)
        .map(|(flow, _)| flow)
        .collect()
}

/// Whether the page of keywords offers to make one.
pub(super) fn may(visit: &Visit, library: &Library) -> bool {
    visit.shared.around.get().is_some()
        && visit
            .staff()
            .is_ok_and(|staff| staff.can(Action::ManageDesk, &library.id))
}

pub(super) fn new_path(library: &Library) -> String {
    format!("/libraries/{}/keywords", escaped(&library.id.0))
}
