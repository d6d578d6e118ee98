//! Tells open pages what changed, by server-sent events: a name and an id, never a text. The page
//! then asks for what it shows. Bounded in pages; each looks now and then whether its person may
//! still listen.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use callslip_core::ids::TicketId;
use callslip_core::staff::Action;
use callslip_engine::desk::{Actor, Changed, Changes, QueueRow};
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::Shared;
use crate::answer::Answer;
use crate::desk::actor;
use crate::refusal::Refusal;
use crate::visit::Visit;
use callslip_store::staff::TokenHash;

/// A desk has some tens of people with a few pages each.
const PAGES_MAX: usize = 512;
/// Proxies and browsers give up on what is silent for longer; and whoever was signed out
/// meanwhile listens no longer than this.
const PATIENCE: Duration = Duration::from_secs(15);
/// However much happens, a page looks up what is new this often at most; pages wait a little less
/// before they ask.
const PACE: Duration = Duration::from_millis(200);
/// The browser comes back this soon after a restart.
const RETRY: &str = "retry: 1000";

pub(crate) struct Listeners(Arc<Semaphore>);

impl Default for Listeners {
    fn default() -> Self {
        Listeners(Arc::new(Semaphore::new(PAGES_MAX)))
    }
}

/// Room for one open page more.
pub(crate) fn place(shared: &Shared) -> Result<OwnedSemaphorePermit, Refusal> {
    let place = Arc::clone(&shared.listeners.0).try_acquire_owned();
    place.map_err(|_| Refusal::Busy)
}

pub(crate) async fn events(visit: &Visit) -> Result<Answer, Refusal> {
    let place = place(&visit.shared)?;
    // Where the page was drawn, or where a broken connection had come to.
    let after = visit.asked.header("last-event-id");
    let after = after.or_else(|| visit.asked.query("after"));
    let latest = visit.desk().latest().await?;
    let seq = after.and_then(|seq| seq.parse().ok()).unwrap_or(latest);
    let (page, body) = Channel::<Bytes, Infallible>::new(1);
    let open = Open {
        shared: Arc::clone(&visit.shared),
        session: visit.who()?.session.token,
        page,
        seq,
        latest,
        _place: place,
    };
    tokio::spawn(open.run(visit.stopping.clone()));
    Ok(Answer::new("text/event-stream", body.boxed()))
}

/// One open page.
struct Open {
    shared: Arc<Shared>,
    session: TokenHash,
    page: Sender<Bytes>,
    seq: i64,
    /// Where the feed stood when the page came.
    latest: i64,
    _place: OwnedSemaphorePermit,
}

impl Open {
    /// Until the page is closed, which shows at the next event, its person is signed out, or the
    /// service stops.
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        let told = async {
            let hello = format!(
                "{RETRY}\nid: {}\nevent: began\ndata: {}\n\n",
                self.seq, self.latest
            );
            if self.send(hello).await.is_none() {
                return;
            }
            while self.once().await.is_some() {
                tokio::time::sleep(PACE).await;
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => {}
            () = told => {}
        }
    }

    /// Waits for the next change and tells it. None: nobody listens any more, or may.
    async fn once(&mut self) -> Option<()> {
        let actor = self.who().await?;
        let desk = self.shared.engine.desk();
        let changes = desk.changes(&actor, self.seq, PATIENCE).await.ok()?;
        self.seq = changes.seq;
        let mut lines = String::new();
        for name in names(&changes) {
            lines.push_str(&format!("event: {name}\ndata: {name}\n\n"));
        }
        for (place, ticket) in opened(&changes) {
            if let Ok(view) = desk.ticket(&actor, ticket).await {
                let (kind, words) = self.told(&view.row);
                lines.push_str(&format!("event: opened\ndata: {place} {kind} {words}\n\n"));
            }
        }
        lines.push_str(&format!("id: {}\n: still here\n\n", self.seq));
        self.send(lines).await
    }

    /// How loud, and what is read out.
    fn told(&self, row: &QueueRow) -> (&'static str, String) {
        let running = self.shared.engine.running();
        let library = running.directory.library(&row.library);
        let library = library.map_or("", |library| library.short_name.as_str());
        let alias = &row.alias;
        if row.urgent {
            return ("urgent", format!("Urgent: {alias}, {library}"));
        }
        let words = match row.since == row.opened {
            true => format!("New question from {alias}, {library}"),
            false => format!("{alias}, {library}, waits again"),
        };
        ("plain", words)
    }

    async fn who(&self) -> Option<Actor> {
        let (session, now) = (self.session, self.shared.engine.now());
        let found = self
            .shared
            .keep
            .read(move |reader| reader.session(&session, now));
        let (account, _) = found.await.ok()??;
        let staff = account.staff;
        let mut libraries = staff.roles.keys();
        let may = libraries.any(|library| staff.can(Action::SeeTexts, library));
        may.then(|| actor(&staff))
    }

    async fn send(&mut self, lines: String) -> Option<()> {
        self.page.send_data(Bytes::from(lines)).await.ok()
    }
}

/// What pages listen for, each once: `queue`, and `ticket-7` for what shows in one ticket.
fn names(changes: &Changes) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if changes.missed {
        names.insert("queue".to_owned());
        names.insert("ticket".to_owned());
    }
    for (_, _, ticket, changed) in &changes.rows {
        match changed {
            Changed::Opened | Changed::Text | Changed::Ticket => {
                names.insert("queue".to_owned());
            }
            Changed::Delivery | Changed::Presence | Changed::Settings => {}
        }
        if let Some(ticket) = ticket {
            names.insert(format!("ticket-{ticket}"));
        }
    }
    names
}

/// What is to be announced, each with its place in the feed.
fn opened(changes: &Changes) -> Vec<(i64, TicketId)> {
    let rows = changes.rows.iter();
    rows.filter(|(_, _, _, changed)| *changed == Changed::Opened)
        .filter_map(|(seq, _, ticket, _)| Some((*seq, (*ticket)?)))
        .collect()
}
