//! One connection from its first byte to its last: requests read whole and answered in turn,
//! each step under a clock, until the client goes, dawdles, or the house stops.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use callslip_console::Room;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;

use super::Bounds;
use super::pulse::Pulse;
use super::reply::Reply;
use super::socket::{Socket, Taken};

/// A webhook has some twenty headers, a browser's request as many.
const HEADERS_MAX: usize = 64;
/// Names and values together, the request line too.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// A file by a slow line.
const FILE_WITHIN: Duration = Duration::from_secs(5 * 60);
/// A client that is still sending when it is refused: what it sends is thrown away so long and so
/// far, else its own system would throw our answer away.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What may be said of a request by its head alone, before its body is read: that this one may be
/// larger than others.
pub(super) type Larger = Arc<
    dyn Fn(http::request::Parts) -> Pin<Box<dyn Future<Output = Admitted> + Send>> + Send + Sync,
>;

/// The head again, with what was found.
pub(super) struct Admitted {
    pub(super) head: http::request::Parts,
    pub(super) room: Option<Room>,
}

pub(super) async fn drive<S, F, R>(
    stream: S,
    bounds: Bounds,
    larger: Option<Larger>,
    mut stopping: watch::Receiver<bool>,
    pulse: Arc<Pulse>,
    respond: F,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Fn(Request<Bytes>) -> R + Clone + Send + Sync + Unpin + 'static,
    R: Future<Output = Reply> + Send + 'static,
{
    let socket = TokioIo::new(Socket::new(stream, Arc::clone(&pulse)));
    let told = Arc::clone(&pulse);
    let service = service_fn(move |request| {
        let (pulse, respond) = (Arc::clone(&told), respond.clone());
        let larger = larger.clone();
        Box::pin(async move {
            Ok::<_, Infallible>(serve(request, bounds, larger, pulse, respond).await)
        })
    });
    let mut connection = http1::Builder::new()
        // The clock below tells a slow head from an idle connection; hyper's does not.
        .header_read_timeout(None)
        .max_headers(HEADERS_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(socket, service);
    let mut stop = pin!(stopping.wait_for(|stop| *stop));
    let mut clock = pin!(tokio::time::sleep(bounds.idle_within));
    let mut let_go = pin!(pulse.is_let_go());
    let mut stopped = false;
    let ended = poll_fn(|context| {
        if !stopped && stop.as_mut().poll(context).is_ready() {
            stopped = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        if let Poll::Ready(ended) = connection.poll_without_shutdown(context) {
            return Poll::Ready(ended.is_ok());
        }
        if let_go.as_mut().poll(context).is_ready() {
            return Poll::Ready(false);
        }
        if let Some(deadline) = pulse.deadline(&bounds) {
            if clock.deadline() != deadline {
                clock.as_mut().reset(deadline);
            }
            return clock.as_mut().poll(context).map(|()| false);
        }
        Poll::Pending
    })
    .await;
    if ended && pulse.has_unread() {
        linger(connection.into_parts().io.into_inner()).await;
    }
}

async fn serve<F, R>(
    request: Request<Incoming>,
    bounds: Bounds,
    larger: Option<Larger>,
    pulse: Arc<Pulse>,
    respond: F,
) -> Response<Taken>
where
    F: Fn(Request<Bytes>) -> R,
    R: Future<Output = Reply>,
{
    pulse.asked();
    let reply = match whole(request, bounds, larger).await {
        Ok(request) => respond(request).await,
        Err(refusal) => {
            pulse.left_unread();
            refusal.last()
        }
    };
    let Reply {
        response,
        when_written,
    } = reply.guarded();
    response.map(|body| Taken::new(body, when_written, pulse))
}

/// The request with its body, or why not.
async fn whole(
    request: Request<Incoming>,
    bounds: Bounds,
    larger: Option<Larger>,
) -> Result<Request<Bytes>, Reply> {
    let too_large = || Reply::plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n");
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let (mut parts, body) = request.into_parts();
    let (mut bytes_max, mut within) = (bounds.body_bytes, bounds.body_within);
    if announced.is_some_and(|length| length > bytes_max as u64) {
        let larger = larger.ok_or_else(too_large)?;
        let admitted = larger(parts).await;
        parts = admitted.head;
        let room = admitted.room.ok_or_else(too_large)?;
        if room.is_full {
            let busy = "another file is being taken; try again in a minute\n";
            return Err(Reply::plain(StatusCode::SERVICE_UNAVAILABLE, busy));
        }
        if announced.is_some_and(|length| length > room.bytes_max as u64) {
            return Err(too_large());
        }
        bytes_max = room.bytes_max;
        within = FILE_WITHIN;
        parts.extensions.insert(room);
    }
    let read = Limited::new(body, bytes_max).collect();
    match tokio::time::timeout(within, read).await {
        Ok(Ok(body)) => Ok(Request::from_parts(parts, body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Reply::plain(
            StatusCode::BAD_REQUEST,
            "the body cannot be read\n",
        )),
        Err(_) => Err(Reply::plain(
            StatusCode::REQUEST_TIMEOUT,
            "the body came too slowly\n",
        )),
    }
}

/// Says that nothing more comes from us and waits until the client has heard it.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(mut socket: Socket<S>) {
    let hear = async {
        socket.shutdown().await?;
        let mut thrown_away = [0; 8 * 1024];
        let mut left = LINGER_BYTES_MAX;
        while left > 0 {
            match socket.read(&mut thrown_away).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    // Either way the connection is closed now.
    let _ = tokio::time::timeout(LINGER, hear).await;
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    /// Whether an answer counts as handed over, to a client that does as told.
    async fn handed(client: impl AsyncFnOnce(tokio::io::DuplexStream, &Notify)) -> bool {
        let bounds = Bounds {
            body_bytes: 1024,
            head_within: LONG,
            body_within: LONG,
            idle_within: LONG,
            connections: 1,
            patience: LONG,
        };
        // Room for a request or an answer, not for an answer that nobody reads.
        let (theirs, ours) = tokio::io::duplex(64);
        let (handed, go) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let (tell, wait) = (Arc::clone(&handed), Arc::clone(&go));
        let respond = move |_| {
            let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
            async move {
                wait.notified().await;
                Reply::plain(StatusCode::OK, "an answer\n")
                    .then(move || tell.store(true, Ordering::SeqCst))
            }
        };
        let (_stop, stopping) = watch::channel(false);
        tokio::join!(
            drive(
                ours,
                bounds,
                None,
                stopping,
                Arc::new(Pulse::new()),
                respond
            ),
            client(theirs, &go)
        );
        handed.load(Ordering::SeqCst)
    }

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn g08_an_answer_that_was_read_is_handed_over() {
        let reads = handed(async |mut client, go| {
            client.write_all(REQUEST).await.unwrap();
            go.notify_one();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("an answer\n"), "{answer}");
        });
        assert!(reads.await);
    }

    #[tokio::test]
    async fn g08_who_hung_up_before_has_nothing() {
        let hangs_up = handed(async |mut client, go| {
            client.write_all(REQUEST).await.unwrap();
            drop(client);
            go.notify_one();
        });
        assert!(!hangs_up.await);
    }

    #[tokio::test]
    async fn g08_who_hung_up_in_the_middle_has_nothing() {
        let hangs_up = handed(async |mut client, go| {
            client.write_all(REQUEST).await.unwrap();
            go.notify_one();
            client.read_u8().await.unwrap();
        });
        assert!(!hangs_up.await);
    }
}
