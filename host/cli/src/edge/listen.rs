//! Accepts connections, at most so many at once, and stops gracefully: nothing new is taken, what
//! was begun is finished.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::Bounds;
use super::connection::{self, Larger};
use super::reply::Reply;
use super::tally::Tally;

/// Gateways wait 15 s at most; what takes longer to finish is nobody's any more.
const FINISH_WITHIN: Duration = Duration::from_secs(15);
/// After a failed accept, such as one with no file descriptor left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

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
        // Else the last bytes of an answer may wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let respond = respond.clone();
        let respond = move |mut request: Request<Bytes>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            respond(request)
        };
        let larger = larger.clone().map(|larger| from(peer.ip(), larger));
        let driven = connection::drive(stream, bounds, larger, for_connections.clone(), respond);
        tokio::spawn(async move {
            driven.await;
            drop(place);
        });
    }
    drop(listener);
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FINISH_WITHIN, room.acquire_many(all)).await;
}
