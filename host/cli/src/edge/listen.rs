//! Accepts connections, at most so many at once, and stops gracefully: nothing new is taken, what
//! was begun is finished.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::Bounds;
use super::connection;
use super::reply::Reply;
use super::tally::Tally;

/// Gateways wait 15 s at most; what takes longer to finish is nobody's any more.
const FINISH_WITHIN: Duration = Duration::from_secs(15);
/// After a failed accept, such as one with no file descriptor left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

pub(super) async fn serve<F, R>(
    listener: TcpListener,
    bounds: Bounds,
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
        let stream = match accepted {
            Ok((stream, _)) => stream,
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
        let driven = connection::drive(stream, bounds, for_connections.clone(), respond.clone());
        tokio::spawn(async move {
            driven.await;
            drop(place);
        });
    }
    drop(listener);
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FINISH_WITHIN, room.acquire_many(all)).await;
}
