//! A counter for a hall of people who text at once: one big number that moves by itself, without a
//! text and without a name. Signed in, or by a link that nobody guesses and an admin ends.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use callslip_core::directory::{Keyword, Library};
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::staff::Action;
use callslip_store::staff::StaffChange;
use callslip_store::tallies::Tally;
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use maud::{Markup, html};
use tokio::sync::OwnedSemaphorePermit;

use super::period::Period;
use crate::answer::Answer;
use crate::auth::Token;
use crate::frame::{self, Here};
use crate::pages::keywords;
use crate::parts::{paste, token};
use crate::refusal::Refusal;
use crate::times;
use crate::visit::{Visit, note};
use crate::{Shared, live};

/// A hall sees it move; the store is asked no more often than this for each page.
const PACE: Duration = Duration::from_secs(1);
/// Proxies give up on what is silent for longer.
const SILENT_MAX: u32 = 15;

pub(crate) async fn show(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    let own = format!("{}/counter", keywords::path(&library.id, &keyword.id));
    let count = today(&visit.shared, &library, &keyword.id).await?;
    let of = (library.id.clone(), keyword.id.clone());
    let since = visit
        .shared
        .keep
        .read(move |reader| reader.counter_since(&of.0, &of.1))
        .await?;
    let may = visit
        .staff()
        .is_ok_and(|staff| staff.can(Action::ManageDesk, &library.id));
    let body = html! {
        (number(&library, &keyword, count, &own))
        @if may {
            section.card aria-labelledby="link" {
                h2 #link { "A link for the hall" }
                @match since {
                    Some(since) => {
                        p { "There is one since " (times::moment(since, &times::zone(&library), visit.now)) ". A new one ends it." }
                        form.row method="post" action={ (own) "/end" } {
                            (token(visit)) button.danger { "End it" }
                        }
                    }
                    None => p { "Whoever has it sees the number, and nothing else, without signing in." },
                }
                form.row method="post" action=(own) { (token(visit)) button { "Make a new link" } }
            }
        }
        p { a href=(keywords::path(&library.id, &keyword.id)) { "Back to " (keyword.word) } }
    };
    Ok(frame::page(
        visit,
        Here::Reports,
        &format!("{} today", keyword.word),
        &body,
    ))
}

/// What moves, and what tells it to.
fn number(library: &Library, keyword: &Keyword, count: u64, own: &str) -> Markup {
    html! {
        h1 { (library.name) }
        div.counter {
            p { "Text " strong { (keyword.word) } ". Today so far:" }
            p.big #counter role="status" aria-live="polite" hx-get=(own) hx-select="#counter > *"
                hx-swap="innerHTML" hx-trigger="counted from:body" { span { (count) } }
        }
        div hidden hx-sse:connect={ (own) "/moves" }
            hx-config="sse.pauseOnBackground:false, sse.reconnectMaxDelay:5000" {}
    }
}

/// Texts to the keyword on the library's own day.
async fn today(shared: &Shared, library: &Library, keyword: &KeywordId) -> Result<u64, Refusal> {
    let between = Period::read("1", library, shared.engine.now()).between();
    let (id, keyword) = (library.id.clone(), keyword.to_string());
    let rows = shared
        .keep
        .read(move |reader| reader.tallied(&id, Tally::Text, between))
        .await?;
    let own = rows
        .iter()
        .filter(|row| row.parts.first() == Some(&keyword));
    Ok(own.map(|row| row.count).sum())
}

/// A new link in the place of an earlier one; it is told once.
pub(crate) async fn offer(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    let link = Token::fresh()?;
    set(visit, &library, &keyword, Some(&link)).await?;
    let body = html! {
        h1 { "A link for the hall" }
        p { "It is shown this once. Whoever has it sees how many have texted " (keyword.word) " today." }
        (paste("Path of the page, behind the console's address", &format!("/counter/{}", link.told())))
        p { a href={ "/counter/" (link.told()) } { "Open it" } }
    };
    Ok(frame::page(
        visit,
        Here::Reports,
        "A link for the hall",
        &body,
    ))
}

pub(crate) async fn end(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    set(visit, &library, &keyword, None).await?;
    let path = keywords::path(&library.id, &keyword.id);
    Ok(Answer::see(format!("{path}/counter?done=counter-ended")))
}

async fn set(
    visit: &Visit,
    library: &Library,
    keyword: &Keyword,
    link: Option<&Token>,
) -> Result<(), Refusal> {
    let what = match link {
        Some(_) => "counter-linked",
        None => "counter-ended",
    };
    let change = StaffChange::Counter {
        library: library.id.clone(),
        keyword: keyword.id.clone(),
        link: link.map(Token::hash),
    };
    let note = note(Some(&library.id), what, keyword.word.as_str());
    visit.commit(change, Some(note)).await?;
    Ok(())
}

/// For who has the link.
pub(crate) async fn public(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = linked(visit).await?;
    let count = today(&visit.shared, &library, &keyword.id).await?;
    let own = format!("/counter/{}", visit.place(0));
    let body = number(&library, &keyword, count, &own);
    Ok(frame::bare(
        visit,
        &format!("{} today", keyword.word),
        &body,
    ))
}

async fn linked(visit: &Visit) -> Result<(Arc<Library>, Arc<Keyword>), Refusal> {
    let told = Token::read(visit.place(0)).ok_or(Refusal::Nothing)?;
    let hash = told.hash();
    let of = visit
        .shared
        .keep
        .read(move |reader| reader.counter(&hash))
        .await?;
    let (library, keyword) = of.ok_or(Refusal::Nothing)?;
    known(&visit.shared, &library, &keyword).ok_or(Refusal::Nothing)
}

fn known(
    shared: &Shared,
    library: &LibraryId,
    keyword: &KeywordId,
) -> Option<(Arc<Library>, Arc<Keyword>)> {
    let running = shared.engine.running();
    let library = running.directory.library(library)?;
    let keyword = library.keyword(keyword)?;
    Some((Arc::clone(library), Arc::clone(keyword)))
}

pub(crate) async fn moves(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = super::place(visit)?;
    listen(visit, library, keyword, None)
}

pub(crate) async fn public_moves(visit: &Visit) -> Result<Answer, Refusal> {
    let (library, keyword) = linked(visit).await?;
    let link = Token::read(visit.place(0));
    listen(visit, library, keyword, link)
}

fn listen(
    visit: &Visit,
    library: Arc<Library>,
    keyword: Arc<Keyword>,
    link: Option<Token>,
) -> Result<Answer, Refusal> {
    let place = live::place(&visit.shared)?;
    let (page, body) = Channel::<Bytes, Infallible>::new(1);
    let open = Open {
        shared: Arc::clone(&visit.shared),
        library,
        keyword: keyword.id.clone(),
        link,
        page,
        _place: place,
    };
    let mut stopping = visit.stopping.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => {}
            _ = open.run() => {}
        }
    });
    Ok(Answer::new("text/event-stream", body.boxed()))
}

/// One open page.
struct Open {
    shared: Arc<Shared>,
    library: Arc<Library>,
    keyword: KeywordId,
    /// Asked again each time, so that a link that was ended ends its pages.
    link: Option<Token>,
    page: Sender<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl Open {
    /// Until nobody listens any more, or may.
    async fn run(mut self) -> Option<()> {
        let mut last = None;
        let mut silent = 0;
        self.send("retry: 1000\n: here\n\n").await?;
        loop {
            if let Some(link) = &self.link {
                let hash = link.hash();
                let still = self
                    .shared
                    .keep
                    .read(move |reader| reader.counter(&hash))
                    .await;
                still.ok()??;
            }
            let count = today(&self.shared, &self.library, &self.keyword)
                .await
                .ok()?;
            // The page may have been drawn before the last text came: the first look tells it, too.
            if last != Some(count) {
                last = Some(count);
                silent = 0;
                self.send("event: counted\ndata: counted\n\n").await?;
            } else if silent >= SILENT_MAX {
                silent = 0;
                self.send(": still here\n\n").await?;
            }
            silent += 1;
            tokio::time::sleep(PACE).await;
        }
    }

    async fn send(&mut self, lines: &'static str) -> Option<()> {
        self.page
            .send_data(Bytes::from_static(lines.as_bytes()))
            .await
            .ok()
    }
}
