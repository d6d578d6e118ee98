//! Accepts connections, at most so many at once, and stops gracefully: nothing new is taken, what
//! was begun is finished.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::Bounds;
use super::connection::{self, Larger};
use super::pulse::Pulse;
use super::reply::Reply;
use super::tally::Tally;

/// Gateways wait 15 s at most; what takes longer to finish is nobody's any more.
const FINISH_WITHIN: Duration = Duration::from_secs(15);
/// After a failed accept, such as one with no file descriptor left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Of so many places one is kept free: who asks nothing makes room for who comes to ask.
const KEPT_FREE: usize = 8;

/// What each open connection is doing.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<HashMap<u64, Arc<Pulse>>>>);

impl Open {
    fn add(&self, number: u64, pulse: Arc<Pulse>) {
        self.all().insert(number, pulse);
    }

    fn remove(&self, number: u64) {
        self.all().remove(&number);
    }

    /// Lets go who has asked nothing for the longest time.
    fn make_room(&self) {
        let mut all = self.all();
        let idle = all
            .iter()
            .filter_map(|(number, pulse)| Some((pulse.idle_since()?, *number)));
        // Taken out, so that the next one who needs room finds another.
        let longest = idle.min().map(|(_, number)| number);
        if let Some(pulse) = longest.and_then(|number| all.remove(&number)) {
            pulse.let_go();
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Pulse>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a request's connection comes from, as the system says. What headers say is not asked.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// The head says where it comes from, as a whole request does.
fn from(peer: IpAddr, larger: Larger) -> Larger {
    Arc::new(move |mut head| {
        head.extensions.insert(Peer(peer));
        larger(head)
    })
}

pub(super) async fn serve<F, R>(
    listener: TcpListener,
    bounds: Bounds,
    larger: Option<Larger>,
    mut stopping: watch::Receiver<bool>,
    respond: F,
) where
    F: Fn(Request<Bytes>) -> R + Clone + Send + Sync + Unpin + 'static,
    R: Future<Output = Reply> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(bounds.connections));
    let turned_away = Tally::default();
    let for_connections = stopping.clone();
    let open = Open::default();
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            // Closed at once, unread: a gateway tries again.
            if let Some(times) = turned_away.count() {
                let connections = bounds.connections;
                tracing::warn!(
                    times,
                    connections,
                    "a connection was turned away: all are taken"
                );
            }
            continue;
        };
        if room.available_permits() < bounds.connections / KEPT_FREE {
            open.make_room();
        }
        number += 1;
        let pulse = Arc::new(Pulse::new());
        open.add(number, Arc::clone(&pulse));
        // Else the last bytes of an answer may wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let respond = respond.clone();
        let respond = move |mut request: Request<Bytes>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            respond(request)
        };
        let larger = larger.clone().map(|larger| from(peer.ip(), larger));
        let stopping = for_connections.clone();
        let driven = connection::drive(stream, bounds, larger, stopping, pulse, respond);
        let open = open.clone();
        tokio::spawn(async move {
            driven.await;
            open.remove(number);
            drop(place);
        });
    }
    drop(listener);
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FINISH_WITHIN, room.acquire_many(all)).await;
}
