//! Keywords: the list with its search, one keyword with all that is known of it, off and on.

mod facts;

use std::sync::Arc;

use callslip_core::at::At;
use callslip_core::config::keyword_toml;
use callslip_core::directory::{Keyword, Library};
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::staff::Action;
use callslip_store::staff::{MadeKeyword, Switching};
use maud::{Markup, html};

use facts::{facts, grants};

use super::home::{switch, told};
use crate::answer::Answer;
use crate::asked::escaped;
use crate::frame::{self, Here};
use crate::parts::{paste, token, words};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::Visit;

pub(crate) fn path(library: &LibraryId, keyword: &KeywordId) -> String {
    format!(
        "/libraries/{}/keywords/{}",
        escaped(&library.0),
        escaped(&keyword.0)
    )
}

pub(crate) async fn list(visit: &Visit) -> Result<Answer, Refusal> {
    let libraries = visit.libraries(Action::SeeKeywords)?;
    let search = visit.asked.query("search").unwrap_or_default();
    let wanted = search.trim().to_lowercase();
    let rows: Vec<(&Arc<Library>, &Arc<Keyword>)> = libraries
        .iter()
        .flat_map(|library| {
            library
                .keywords
                .iter()
                .map(move |keyword| (library, keyword))
        })
        .filter(|(_, keyword)| fits(keyword, &wanted))
        .collect();
    let all = visit.running();
    let all = all.directory.libraries.values();
    let choice: Vec<_> = all
        .filter(|library| {
            visit
                .staff()
                .is_ok_and(|staff| staff.can(Action::SeeKeywords, &library.id))
        })
        .collect();
    let body = html! {
        h1 { "Keywords" }
        form.row.card method="get" action="/keywords" role="search" {
            div.grow {
                label for="search" { "Search word, alias or flow" }
                input type="search" id="search" name="search" value=(search);
            }
            @if choice.len() > 1 {
                div {
                    label for="library" { "Library" }
                    br;
                    select id="library" name="library" {
                        option value="" { "All" }
                        @for library in choice {
                            option value=(library.id)
                                selected[visit.asked.query("library") == Some(&*library.id.0)] {
                                (library.name)
                            }
                        }
                    }
                }
            }
            button.second { "Search" }
        }
        div.row {
            @for library in libraries.iter().filter(|library| super::made::may(visit, library)) {
                a.button href=(super::made::new_path(library)) {
                    "Make a keyword" span.unseen { " for " } " " (library.short_name)
                }
            }
        }
        br;
        @if rows.is_empty() {
            p { "No keyword fits." }
        } @else {
            table.stack {
                caption.unseen { "Keywords" }
                thead { tr {
                    th scope="col" { "Keyword" } th scope="col" { "Library" }
                    th scope="col" { "Flow" } th scope="col" { "State" }
                } }
                tbody {
                    @for (library, keyword) in rows {
                        tr {
                            th scope="row" {
                                a href=(path(&library.id, &keyword.id)) { (keyword.word) }
                                @if keyword.phrases.len() > 1 {
                                    br;
                                    span.quiet { (others(keyword)) }
                                }
                            }
                            td { (library.name) }
                            td { (keyword.plugin.manifest.name) }
                            td { (state(library, keyword, visit.now)) }
                        }
                    }
                }
            }
        }
        @for library in &libraries { (removed(visit, library)) }
        section.card aria-labelledby="files-title" {
            h2 #files-title { "As files" }
            ul.plain {
                @for library in &libraries {
                    li.row {
                        a href={ "/libraries/" (escaped(&library.id.0)) "/export" } {
                            "Everything of " (library.name) " as TOML"
                        }
                        (read_files_button(visit, library))
                    }
                }
            }
        }
    };
    Ok(frame::page(visit, Here::Keywords, "Keywords", &body))
}

/// Those that were taken away here: what their words say, and the way back.
fn removed(visit: &Visit, library: &Library) -> Markup {
    let running = visit.running();
    let gone: Vec<_> = running
        .switches()
        .gone
        .iter()
        .filter(|gone| gone.library == library.id)
        .collect();
    let may = super::made::may(visit, library);
    html! {
        @if !gone.is_empty() {
            br;
            details {
                summary { "Removed from " (library.short_name) " (" (gone.len()) ")" }
                ul.plain {
                    @for gone in gone {
                        @let word = gone.words.first().map_or("", String::as_str);
                        li {
                            div.row {
                                span {
                                    strong { (word) } ", " (times::moment(gone.since, &times::zone(library), visit.now))
                                }
                                @if may {
                                    form method="post" action={ (path(&library.id, &gone.keyword)) "/version" } {
                                        (token(visit))
                                        button.second.small { "Bring " (word) " back" }
                                    }
                                }
                            }
                            p.quiet { "Its word says: " (words(&gone.told)) }
                        }
                    }
                }
            }
            br;
        }
    }
}

fn fits(keyword: &Keyword, wanted: &str) -> bool {
    let mut phrases = keyword.phrases.iter();
    wanted.is_empty()
        || phrases.any(|alias| alias.text.to_lowercase().contains(wanted))
        || keyword.plugin.manifest.name.contains(wanted)
}

fn others(keyword: &Keyword) -> String {
    let others = keyword.phrases.iter().skip(1);
    let others: Vec<&str> = others.map(|alias| alias.text.as_str()).collect();
    others.join(", ")
}

fn state(library: &Library, keyword: &Keyword, now: At) -> Markup {
    html! {
        @if library.answers(keyword, now) {
            span.tag.on { "On" }
        } @else if keyword.enabled {
            span.tag.off { "Not at this time" }
        } @else {
            span.tag.off { "Off" }
        }
    }
}

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let keyword = keyword(&library, visit.place(1))?;
    let staff = visit.staff()?;
    let may_switch = staff.can(Action::Switch, &library.id);
    let running = visit.running();
    let filed = running
        .filed()
        .library(&library.id)
        .and_then(|library| library.keyword(&keyword.id).cloned());
    let about = visit.shared.about();
    let file = about.files.get(&library.id);
    let versions = super::made::versions(visit, &library, &keyword.id).await?;
    let body = html! {
        h1 { (keyword.word) " " (state(&library, &keyword, visit.now)) }
        div.cards {
            section.card aria-labelledby="what" {
                h2 #what { "What it is" }
                (facts(&library, &keyword))
            }
            section.card aria-labelledby="grants" {
                h2 #grants { "What its flow may do" }
                (grants(&keyword))
            }
            (switch_card(visit, &library, &keyword, may_switch))
            (super::reach::results::ways(&keyword, &path(&library.id, &keyword.id)))
        }
        br;
        section.card aria-labelledby="settings" {
            h2 #settings { "Settings" }
            @match versions.first().filter(|made| made.toml.is_some()) {
                Some(_) => (made_here(visit, &library, &keyword, &versions)),
                None => (owned_by(visit, &library, &keyword, file)),
            }
            @if let Some(filed) = filed { (paste("As TOML", &keyword_toml(&filed))) }
            @if versions.first().is_none_or(|made| made.toml.is_none()) {
                @for other in super::made::other_versions(visit, &keyword) {
                    p.quiet {
                        "For another version that is installed: "
                        code { "version = \"" (other.version.as_deref().unwrap_or_default()) "\"" }
                    }
                }
            }
        }
    };
    Ok(frame::page(visit, Here::Keywords, &keyword.word, &body))
}

/// What a file owns, the file changes.
fn owned_by(visit: &Visit, library: &Library, keyword: &Keyword, file: Option<&String>) -> Markup {
    html! {
        @match file {
            Some(file) => p {
                "The file " code { (file) } " owns this keyword. To change it, put this there in place of \
                 its part, changed as you like, and have the files read again."
            },
            None => p { "A file of the configuration owns this keyword." },
        }
        @if super::made::may(visit, library) {
            p {
                a.button.second href={ (path(&library.id, &keyword.id)) "/edit" } { "Change it in a form" }
            }
        }
        (read_files_button(visit, library))
    }
}

/// Does what `kill -HUP` does.
pub(super) fn read_files_button(visit: &Visit, library: &Library) -> Markup {
    let may = visit.shared.around.get().is_some()
        && visit
            .staff()
            .is_ok_and(|staff| staff.can(Action::Switch, &library.id));
    html! {
        @if may {
            form method="post" action={ "/libraries/" (escaped(&library.id.0)) "/files" } {
                (token(visit))
                button.second { "Read the files again" span.unseen { ", for " (library.name) } }
            }
        }
    }
}

/// What was made here, is changed here; each version can come back.
fn made_here(
    visit: &Visit,
    library: &Library,
    keyword: &Keyword,
    versions: &[MadeKeyword],
) -> Markup {
    let path = path(&library.id, &keyword.id);
    let may = super::made::may(visit, library);
    html! {
        p { "It was made here." }
        @if may {
            p { a.button href={ (path) "/edit" } { "Change it" } }
            @for other in super::made::other_versions(visit, keyword) {
                p {
                    a.button.second href={ (path) "/edit?flow=" (escaped(&other.key())) } {
                        "Change it to " (other.name) " " (other.version.as_deref().unwrap_or_default())
                    }
                }
            }
            @if !super::made::other_versions(visit, keyword).is_empty() {
                p.quiet { "Conversations that wait go on with the version that they began with." }
            }
        }
        h3 { "Versions" }
        (super::made::versions_list(visit, library, versions, may))
    }
}

fn switch_card(visit: &Visit, library: &Library, keyword: &Keyword, may_switch: bool) -> Markup {
    let running = visit.running();
    let place = (library.id.clone(), keyword.id.clone());
    let off = running.switches().keywords_off.get(&place);
    let path = path(&library.id, &keyword.id);
    html! {
        section.card aria-labelledby="switch" {
            h2 #switch { "On or off" }
            @if let Some(off) = off {
                p {
                    "Switched off by " (off.by) ", "
                    (times::moment(off.since, &times::zone(library), visit.now)) ". Patrons get:"
                }
                blockquote { (words(&off.told)) }
                @if may_switch {
                    form method="post" action={ (path) "/on" } {
                        (token(visit)) button { "Switch it on" }
                    }
                }
            } @else if !keyword.enabled {
                p { "The file says that it is off: " code { "enabled = false" } ". Take that line away there." }
            } @else {
                p { "It is on." }
                @if may_switch {
                    form method="post" action={ "/libraries/" (escaped(&library.id.0)) "/off" } {
                        (token(visit))
                        input type="hidden" name="keyword" value=(keyword.id);
                        input type="hidden" name="back" value="keyword";
                        (closing_field(library, "closing"))
                        button.danger { "Switch it off" }
                    }
                }
            }
        }
    }
}

/// What a keyword that is off answers; posters live for years (c6).
pub(super) fn closing_field(library: &Library, name: &str) -> Markup {
    let id = format!("{name}-{}", library.id);
    html! {
        div.field {
            label for=(id) { "What patrons get who text it" }
            textarea id=(id) name="told" rows="2" maxlength="300" required {
                "This is closed at the moment. Ask your question here instead: a person answers."
            }
        }
    }
}

pub(crate) async fn off(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let keyword = keyword(&library, visit.asked.field("keyword"))?;
    let switching = Switching::KeywordOff {
        library: library.id.clone(),
        keyword: keyword.id.clone(),
        told: told(visit.asked.field("told"))?,
    };
    switch(visit, switching, "keyword-off", &keyword.word).await?;
    let back = match visit.asked.field("back") {
        "keyword" => path(&library.id, &keyword.id),
        _ => "/".to_owned(),
    };
    Ok(Answer::see(format!("{back}?done=keyword-off")))
}

pub(crate) async fn on(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let keyword = keyword(&library, visit.place(1))?;
    let switching = Switching::KeywordOn {
        library: library.id.clone(),
        keyword: keyword.id.clone(),
    };
    switch(visit, switching, "keyword-on", &keyword.word).await?;
    let path = path(&library.id, &keyword.id);
    Ok(Answer::see(format!("{path}?done=keyword-on")))
}

fn keyword(library: &Library, id: &str) -> Result<Arc<Keyword>, Refusal> {
    let keyword = library.keyword(&KeywordId::from(id));
    keyword.cloned().ok_or(Refusal::Nothing)
}
