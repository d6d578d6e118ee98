//! Accepts connections and reads requests, all of it bounded: connections, the size and time of a
//! head, the size and time of a body. A graceful stop takes nothing new and finishes the rest.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::{Body, Bounds, plain};

/// A webhook has some twenty headers; a browser's page as many.
const HEADERS_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 16 * 1024;
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
    F: Fn(Request<Bytes>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let connections = Arc::new(Semaphore::new(bounds.connections));
    let graceful = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_within)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        // Beyond the bound a connection is closed at once: a gateway tries again.
        let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let respond = respond.clone();
        let service = service_fn(move |request| {
            let respond = respond.clone();
            async move { Ok::<_, Infallible>(answer(request, bounds, respond).await) }
        });
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let _ = connection.await; // A client that misbehaves or hangs up is no event.
            drop(permit);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(FINISH_WITHIN, graceful.shutdown()).await;
}

async fn answer<F, R>(request: Request<Incoming>, bounds: Bounds, respond: F) -> Response<Body>
where
    F: Fn(Request<Bytes>) -> R,
    R: Future<Output = Response<Body>>,
{
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bounds.body_bytes) {
        return last(plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too large\n",
        ));
    }
    let (parts, body) = request.into_parts();
    let read = Limited::new(body, bounds.body_bytes).collect();
    let body = match tokio::time::timeout(bounds.body_within, read).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return last(plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is too large\n",
            ));
        }
        Ok(Err(_)) => return last(plain(StatusCode::BAD_REQUEST, "the body cannot be read\n")),
        Err(_) => {
            return last(plain(
                StatusCode::REQUEST_TIMEOUT,
                "the body came too slowly\n",
            ));
        }
    };
    let mut response = respond(Request::from_parts(parts, body)).await;
    let headers = response.headers_mut();
    let nosniff = header::HeaderValue::from_static("nosniff");
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(nosniff);
    response
}

/// What is left of the request's body is not read, so the connection cannot go on.
fn last(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    response
}
