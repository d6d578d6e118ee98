//! A carrier's HTTP server on this machine, for one request: it does as told, and the request is
//! kept to look at.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use callslip_gateways::{Gateway, SendError, Sent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::conformance::sending::message;

/// How a carrier's server treats the one message that it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Takes,
    /// It will never take it.
    Refuses,
    /// The phone has said STOP to the carrier itself.
    RefusesOptedOut,
    /// It cannot just now.
    Fails,
    /// For seven seconds, where it says how long.
    AsksForAPause,
    IsNotThere,
    SaysNothing,
    HangsUp,
    /// It took it, and nobody can read what it says.
    SpeaksNonsense,
}

/// What the gateway made of it, and what the server had read.
pub(crate) struct Outcome {
    pub(crate) result: Result<Sent, SendError>,
    pub(crate) request: String,
}

pub(crate) type Played = Pin<Box<dyn Future<Output = Outcome>>>;

/// An answer of the server: the first line with headers, and the body.
pub(crate) type Answer = (&'static str, &'static str);

/// Plays a server that speaks HTTP. `make` makes the gateway for its address; `answer` says what
/// is answered by a server that answers.
pub(crate) fn play(
    server: Server,
    make: impl FnOnce(String) -> Arc<dyn Gateway> + 'static,
    answer: impl FnOnce(Server) -> Option<Answer>,
) -> Option<Played> {
    let answer = match server {
        Server::IsNotThere | Server::SaysNothing | Server::HangsUp => None,
        other => Some(answer(other)?),
    };
    Some(Box::pin(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = make(listener.local_addr().unwrap().to_string());
        let sending = gateway.send(message());
        if server == Server::IsNotThere {
            drop(listener);
            let result = sending.await;
            let request = String::new();
            return Outcome { result, request };
        }
        let serving = async {
            let (mut stream, request) = take(&listener).await;
            match answer {
                Some((head, body)) => respond(&mut stream, head, body).await,
                None if server == Server::HangsUp => stream.shutdown().await.unwrap(),
                // From here on nobody has anything to do, and the clock jumps to the next deadline.
                None => tokio::time::pause(),
            }
            (stream, request)
        };
        let (result, (_held, request)) = tokio::join!(sending, serving);
        Outcome { result, request }
    }))
}

/// Reads one request whole.
pub(crate) async fn take(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let length = |head: &str| -> usize {
            let line = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: "));
            line.map_or(0, |length| length.trim().parse().unwrap())
        };
        let whole = text
            .split_once("\r\n\r\n")
            .is_some_and(|(head, body)| body.len() >= length(head));
        if whole || read == 0 {
            return (stream, String::from_utf8(request).unwrap());
        }
    }
}

/// Answers one request, and gives it.
pub(crate) async fn answer(listener: &TcpListener, head: &str, body: &str) -> String {
    let (mut stream, request) = take(listener).await;
    respond(&mut stream, head, body).await;
    request
}

async fn respond(stream: &mut TcpStream, head: &str, body: &str) {
    let length = body.len();
    let response =
        format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(response.as_bytes()).await.unwrap();
}
