//! Tells open pages that something is new at one of our numbers. An event names the number and
//! nothing else: the page then fetches what it shows. Bounded in pages and in pace.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use callslip_engine::{Engine, Happened};
use http::Response;
use http_body_util::BodyExt as _;
use http_body_util::channel::{Channel, Sender};
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::answer::{self, Refusal};
use super::{Body, Phone};

/// A person has a few open.
const PAGES_MAX: usize = 32;
/// Proxies and browsers give up on what is silent for longer.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// However many texts come, a page looks up what is new this often at most.
const PACE: Duration = Duration::from_millis(100);
/// The browser comes back this soon after a restart.
const HELLO: &[u8] = b"retry: 1000\n\n";

pub(super) struct Pages(Arc<Semaphore>);

impl Default for Pages {
    fn default() -> Self {
        Pages(Arc::new(Semaphore::new(PAGES_MAX)))
    }
}

impl Phone {
    pub(super) fn events(
        &self,
        stopping: watch::Receiver<bool>,
    ) -> Result<Response<Body>, Refusal> {
        let permit = Arc::clone(&self.pages.0).try_acquire_owned().map_err(|_| {
            Refusal::busy("Too many pages are open. Close one, and this one goes on by itself.")
        })?;
        let (page, body) = Channel::<Bytes, Infallible>::new(1);
        let told = Told {
            page,
            happened: self.engine.events(),
            handed: self.handed.subscribe(),
            engine: self.engine.clone(),
            _permit: permit,
        };
        tokio::spawn(told.run(stopping));
        Ok(answer::of(answer::EVENTS, body.boxed()))
    }
}

/// One open page.
struct Told {
    page: Sender<Bytes>,
    happened: broadcast::Receiver<Happened>,
    handed: broadcast::Receiver<String>,
    engine: Engine,
    _permit: OwnedSemaphorePermit,
}

impl Told {
    /// Until the page is closed, which shows at the next event or heartbeat, or the service stops.
    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        if self
            .page
            .send_data(Bytes::from_static(HELLO))
            .await
            .is_err()
        {
            return;
        }
        loop {
            let event = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                numbers = self.news() => match numbers {
                    Some(numbers) => lines(&numbers),
                    None => return,
                },
                () = tokio::time::sleep(HEARTBEAT) => Bytes::from_static(b": still here\n\n"),
            };
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                sent = self.page.send_data(event) => if sent.is_err() { return },
            }
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(PACE) => {}
            }
        }
    }

    /// The next number at which something happened, and all that have come in since. None: the
    /// engine has ended. It may be dropped while it waits: nothing is taken before it returns.
    async fn news(&mut self) -> Option<BTreeSet<String>> {
        let first = tokio::select! {
            happened = self.happened.recv() => happened.map(|happened| happened.number),
            handed = self.handed.recv() => handed,
        };
        let mut numbers = BTreeSet::new();
        match first {
            Ok(number) => {
                numbers.insert(number);
            }
            // Missed some: any of them.
            Err(RecvError::Lagged(_)) => {
                numbers.extend(self.engine.running().directory.numbers.keys().cloned());
            }
            Err(RecvError::Closed) => return None,
        }
        while let Ok(happened) = self.happened.try_recv() {
            numbers.insert(happened.number);
        }
        while let Ok(number) = self.handed.try_recv() {
            numbers.insert(number);
        }
        Some(numbers)
    }
}

fn lines(numbers: &BTreeSet<String>) -> Bytes {
    let events = numbers
        .iter()
        .map(|number| format!("data: {}\n\n", json!({ "number": number })));
    Bytes::from(events.collect::<String>())
}
