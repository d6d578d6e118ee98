//! Trying a keyword before it is saved: the admin texts as a patron, and the flow answers with what
//! stands in the form. One conversation a session, kept by the engine for as long as it is used,
//! and gone with it (c8).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::{Directory, Library};
use callslip_core::flow::Plugin;
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::outbox::why::silence;
use callslip_core::snapshot::Outcome;
use callslip_core::text::segments;
use callslip_engine::preview::{Exchange, Preview, Tried};
use callslip_store::staff::TokenHash;
use maud::{Markup, html};

use super::form::{Form, Of};
use crate::answer::Answer;
use crate::asked::escaped;
use crate::keep::Trouble;
use crate::parts::words;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// Each holds two threads and a small file; the one longest unused makes room.
const AT_ONCE: usize = 16;
const IDLE: Duration = Duration::from_secs(30 * 60);

/// The conversations that go on, by the session of who plays.
#[derive(Default)]
pub(crate) struct Previews(Mutex<HashMap<TokenHash, Held>>);

#[derive(Clone)]
struct Held {
    about: About,
    used: At,
    /// A text at a time.
    preview: Arc<tokio::sync::Mutex<Preview>>,
}

/// What it is a trial of; None: of a keyword that is not there yet.
type About = (LibraryId, Option<KeywordId>);

impl Previews {
    fn of(&self, visit: &Visit, about: &About) -> Option<Arc<tokio::sync::Mutex<Preview>>> {
        let mut all = self.all();
        all.retain(|_, held| visit.now.since(held.used) < IDLE);
        let held = all.get_mut(&visit.visitor.hash())?;
        held.used = visit.now;
        (held.about == *about).then(|| Arc::clone(&held.preview))
    }

    fn keep(&self, visit: &Visit, about: About, preview: Preview) {
        let mut all = self.all();
        let oldest = all.iter().min_by_key(|(_, held)| held.used);
        if let Some((oldest, _)) = oldest.filter(|_| all.len() >= AT_ONCE) {
            let oldest = *oldest;
            all.remove(&oldest);
        }
        let held = Held {
            about,
            used: visit.now,
            preview: Arc::new(tokio::sync::Mutex::new(preview)),
        };
        all.insert(visit.visitor.hash(), held);
    }

    fn end(&self, visit: &Visit) {
        self.all().remove(&visit.visitor.hash());
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<TokenHash, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The form again, with what was typed into it and what came of the text.
pub(crate) async fn play(visit: &Visit) -> Result<Answer, Refusal> {
    let library = visit.library()?;
    let plugin = super::plugin(visit, &library, visit.asked.field("flow"))?;
    let editing = visit.asked.field("editing");
    let (of, before) = match editing {
        "" => (Of::New, None),
        id => {
            let (of, before) = super::there(visit, &library, id).await?;
            (of, Some(before))
        }
    };
    if of.filed().is_some() {
        return Err(Refusal::Nothing);
    }
    let (written, mut problems) = super::typed::keyword(visit, &library, &plugin, before.as_ref());
    let mut told = None;
    if visit.asked.field("try") == "again" {
        visit.shared.previews.end(visit);
    } else if visit.asked.field("patron").is_empty() {
        told = Some("Write what a patron would text.".to_owned());
    } else if problems.is_empty() {
        let tried = super::air::tried(visit, &library, &written, None).await?;
        problems = tried.problems;
        if problems.is_empty() {
            let id = super::id_of(&written);
            told = text(visit, &library, before.is_some(), id, tried.directory).await?;
        }
    }
    let status = match problems.is_empty() {
        true => http::StatusCode::OK,
        false => Refusal::invalid(),
    };
    let panel = panel(visit, &library, &plugin, of.keyword(), told.as_deref()).await;
    let form = Form::new(&library, &plugin, &written, of);
    let page = form.with(&problems).tried(panel).page(visit).await?;
    Ok(page.with_status(status))
}

/// Says why not, if the text was not taken.
async fn text(
    visit: &Visit,
    library: &Library,
    is_there: bool,
    keyword: KeywordId,
    directory: Directory,
) -> Result<Option<String>, Refusal> {
    let about = (library.id.clone(), is_there.then(|| keyword.clone()));
    let tried = Tried {
        directory,
        library: library.id.clone(),
        keyword,
    };
    let engine = &visit.shared.engine;
    let held = match visit.shared.previews.of(visit, &about) {
        Some(held) => {
            held.lock().await.change(engine, &tried);
            held
        }
        None => {
            let engine = engine.clone();
            let begun = tokio::task::spawn_blocking(move || engine.preview(&tried)).await;
            match begun.map_err(|_| Trouble::Panicked)? {
                Ok(preview) => visit.shared.previews.keep(visit, about.clone(), preview),
                Err(why) => return Ok(Some(format!("It cannot be tried: {why:#}."))),
            }
            match visit.shared.previews.of(visit, &about) {
                Some(held) => held,
                None => return Err(Refusal::Busy),
            }
        }
    };
    let mut preview = held.lock().await;
    // Sent twice, or from a page that one went back to: it was played already.
    let seen = visit.asked.field("so-far").parse::<usize>();
    if seen.is_ok_and(|seen| seen != preview.talk().len()) && !preview.talk().is_empty() {
        return Ok(Some(
            "This was sent from an older page, and was not texted again.".to_owned(),
        ));
    }
    // Nobody is asked by accident (c8).
    preview.reach(engine, visit.asked.field("really") == "1");
    let played = preview.text(visit.asked.field("patron"), visit.now).await;
    Ok(played
        .err()
        .map(|why| format!("It was not texted: {why:#}.")))
}

/// Where the admin plays the patron; part of the form, whose fields go with each text.
pub(super) async fn panel(
    visit: &Visit,
    library: &Library,
    plugin: &Plugin,
    keyword: Option<&KeywordId>,
    told: Option<&str>,
) -> Markup {
    let about = (library.id.clone(), keyword.cloned());
    let held = match visit.asked.reads() {
        true => None,
        false => visit.shared.previews.of(visit, &about),
    };
    let talk = match &held {
        Some(held) => held.lock().await.talk().to_vec(),
        None => Vec::new(),
    };
    let path = format!("/libraries/{}/preview", escaped(&library.id.0));
    let goes_out = plugin.needs.iter().any(|need| need.is_for_places());
    html! {
        section.card.trial #try aria-labelledby="try-title" {
            h2 #try-title { "Try it" }
            p.quiet {
                "You are a patron. The flow answers with what stands in this form, saved or not, and \
                 nothing of it is kept or reaches anybody."
            }
            @if !talk.is_empty() {
                ol.talk tabindex="0" aria-label="The conversation" {
                    @for exchange in &talk { (shown(library, exchange)) }
                }
            }
            @if let Some(told) = told { p.problem role="alert" { (told) } }
            input type="hidden" name="so-far" value=(talk.len());
            div.field {
                label for="patron" { "Text as a patron" }
                p.hint #patron-hint { (hint(visit, library)) }
                input type="text" #patron name="patron" maxlength="1600" autocomplete="off"
                    aria-describedby="patron-hint" autofocus[!visit.asked.reads()];
            }
            @if goes_out {
                div.field {
                    label {
                        input type="checkbox" name="really" value="1"
                            checked[visit.asked.field("really") == "1"];
                        " Really ask the places above: what is ordered or renewed there is ordered and renewed"
                    }
                }
            }
            // The first button of the form: the Enter key texts, and never saves.
            button.second name="try" value="text" formaction=(path) { "Text it" }
            @if !talk.is_empty() {
                " "
                button.second name="try" value="again" formaction=(path) formnovalidate { "Begin again" }
            }
        }
    }
}

fn hint(visit: &Visit, library: &Library) -> Markup {
    let running = visit.running();
    let number = library
        .number()
        .and_then(|number| running.directory.number(number));
    let join = library.join_word();
    html! {
        @match (number, join) {
            (Some(number), Some(join)) if number.shared() => {
                "To " (number.number) ", which other libraries share: a first text begins with " (join) "."
            },
            (Some(number), _) => { "To " (number.number) ". MENU, HELP and STOP are answered too." },
            (None, _) => { "The library has no number yet." },
        }
    }
}

fn shown(library: &Library, exchange: &Exchange) -> Markup {
    let verdict = &exchange.verdict;
    let who = verdict.flow.as_deref().unwrap_or("Callslip");
    html! {
        li.theirs {
            p.who { "Patron" }
            p.bubble { (words(&exchange.text)) }
        }
        @for message in &exchange.messages {
            li.ours {
                p.who { (who) }
                p.bubble { (words(&message.body)) }
                @for card in &message.media { p.quiet { "With " (card.description) } }
                p.quiet { (cost(&message.body)) }
            }
        }
        @if exchange.messages.len() > 1 {
            @let texts: usize = exchange.messages.iter().map(|message| segments::count(&message.body).segments).sum();
            li.ours { p.quiet { "Together " (texts) " texts." } }
        }
        @if let Some(cause) = &exchange.fault { li.note { p { (words(cause)) } } }
        @if let Some(note) = came_of(library, exchange) { li.note { p { (note) } } }
    }
}

/// What staff would see of it, or why there is no answer.
fn came_of(library: &Library, exchange: &Exchange) -> Option<String> {
    let verdict = &exchange.verdict;
    let elsewhere = (verdict.library.as_ref())
        .filter(|answered| **answered != library.id)
        .map(|answered| format!("It went to another library: {answered}. "));
    let came = match verdict.outcome {
        Outcome::Ticketed => "It is a question for a person now.".to_owned(),
        Outcome::Silent => format!("No answer: {}.", silence(&verdict.reason)),
        Outcome::Answered if exchange.waits => "Waits for the patron's answer.".to_owned(),
        Outcome::Answered => String::new(),
    };
    let told = elsewhere.unwrap_or_default() + &came;
    (!told.is_empty()).then_some(told)
}

/// What one message costs, by the same words that count what is sent.
fn cost(body: &str) -> Markup {
    let counted = segments::count(body);
    html! {
        (counted.segments) @if counted.segments == 1 { " text, " } @else { " texts, " }
        (counted.characters) " characters, " (counted.encoding)
    }
}
