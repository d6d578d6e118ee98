//! A conversation as a phone shows it, and beside each text what came of it and what it costs. All
//! of it is read from the store, so that a page shows the same after a restart.

use callslip_core::directory::Directory;
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, LibraryId};
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::{self, Verdict};
use callslip_core::text::segments;
use callslip_core::vcard::Card;
use callslip_store::{MessageState, StoreError, ThreadMessage, ThreadOf, ThreadTurn};
use http::Response;
use serde::{Deserialize, Serialize};

use super::answer::{self, Refusal};
use super::{Body, Phone};

/// Texts, each with its answers. Older ones stay in the store.
const TEXTS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: String,
    to: String,
    /// Only what came after this text.
    after: Option<InboundId>,
}

#[derive(Serialize)]
struct Thread {
    texts: Vec<Text>,
}

#[derive(Serialize)]
struct Text {
    id: InboundId,
    /// None: it was secret and is not kept.
    body: Option<String>,
    at: i64,
    cost: Option<Cost>,
    /// None: it is still under way.
    outcome: Option<Outcome>,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Message {
    id: String,
    /// Who speaks, where it is one of the libraries.
    library: Option<String>,
    body: String,
    media: Vec<Media>,
    state: &'static str,
    reason: Option<String>,
    at: i64,
    cost: Cost,
}

#[derive(Serialize)]
struct Cost {
    segments: usize,
    encoding: String,
}

/// What came of a text.
#[derive(Serialize)]
pub(super) struct Outcome {
    outcome: snapshot::Outcome,
    reason: String,
    flow: Option<String>,
    library: Option<String>,
    ticket: Option<i64>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Media {
    Card {
        href: String,
        name: String,
        texting: String,
        voice: Option<String>,
        url: Option<String>,
        email: Option<String>,
        address: Option<String>,
        note: Option<String>,
    },
    Other {
        href: String,
        content_type: String,
        description: String,
    },
}

impl Phone {
    pub(super) async fn thread(&self, asked: Asked) -> Result<Response<Body>, Refusal> {
        let of = ThreadOf::Number(Namespace::Simulator, self.known(&asked.from, &asked.to)?);
        let engine = self.engine.clone();
        let read = tokio::task::spawn_blocking(move || {
            engine
                .store()
                .reader()?
                .thread(&of, &asked.to, asked.after, TEXTS_MAX)
        });
        let turns = read
            .await
            .unwrap_or(Err(StoreError::Closed))
            .map_err(|error| {
                tracing::error!(%error, "a simulated phone's texts cannot be read");
                Refusal::busy("The texts cannot be read just now. Try again in a moment.")
            })?;
        let running = self.engine.running();
        let texts = turns
            .into_iter()
            .map(|turn| text(turn, &running.directory))
            .collect();
        Ok(answer::json(&Thread { texts }))
    }
}

/// The card in `LIBRARY.vcf`, for who texts the library's first number.
pub(super) fn library_card(directory: &Directory, file: &str) -> Option<Card> {
    let library = directory.library(&LibraryId::from(file.strip_suffix(".vcf")?))?;
    let number = library
        .numbers
        .first()
        .and_then(|number| directory.number(number))?;
    Some(Card::of(library, number))
}

impl Outcome {
    pub(super) fn of(verdict: &Verdict, directory: &Directory) -> Outcome {
        Outcome {
            outcome: verdict.outcome,
            reason: verdict.reason.clone(),
            flow: verdict.flow.clone(),
            library: name(verdict.library.as_ref(), directory),
            ticket: verdict.ticket.map(|ticket| ticket.0),
        }
    }
}

fn text(turn: ThreadTurn, directory: &Directory) -> Text {
    Text {
        id: turn.text,
        cost: turn.body.as_deref().map(cost),
        body: turn.body,
        at: turn.received.0,
        outcome: turn.verdict.map(|verdict| Outcome::of(&verdict, directory)),
        messages: turn
            .messages
            .into_iter()
            .map(|message| shown(message, directory))
            .collect(),
    }
}

fn shown(message: ThreadMessage, directory: &Directory) -> Message {
    Message {
        id: message.id.to_string(),
        library: name(message.library.as_ref(), directory),
        cost: cost(&message.body),
        body: message.body,
        media: message
            .media
            .into_iter()
            .map(|media| attached(media, directory))
            .collect(),
        state: state(message.state),
        reason: message.reason,
        at: message.created.0,
    }
}

fn name(library: Option<&LibraryId>, directory: &Directory) -> Option<String> {
    let library = directory.library(library?)?;
    Some(library.name.clone())
}

fn cost(text: &str) -> Cost {
    let counted = segments::count(text);
    Cost {
        segments: counted.segments,
        encoding: counted.encoding.to_string(),
    }
}

/// One of our own cards is drawn; the page loads nothing from elsewhere.
fn attached(media: Attachment, directory: &Directory) -> Media {
    let file = media.url.rsplit_once("/card/").map(|(_, file)| file);
    let Some((file, card)) = file.and_then(|file| Some((file, library_card(directory, file)?)))
    else {
        let Attachment {
            url: href,
            content_type,
            description,
        } = media;
        return Media::Other {
            href,
            content_type,
            description,
        };
    };
    Media::Card {
        href: format!("/phone/card/{file}"),
        name: card.name,
        texting: card.texting,
        voice: card.voice,
        url: card.url,
        email: card.email,
        address: card.address.map(|address| address.street),
        note: card.note,
    }
}

fn state(state: MessageState) -> &'static str {
    match state {
        MessageState::Offered => "offered",
        MessageState::Handed => "handed",
        MessageState::Queued => "queued",
        MessageState::Leased => "leased",
        MessageState::Sent => "sent",
        MessageState::Delivered => "delivered",
        MessageState::Failed => "failed",
        MessageState::Unclear => "unclear",
        MessageState::Cancelled => "cancelled",
    }
}
