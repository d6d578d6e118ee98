//! What is reached and what is not, and how much of it is taken in (g5).

use std::sync::atomic::Ordering;
use std::time::Duration;

use callslip_gateways::{Asked, FetchError, FetchLimits, Fetched, NoWay, Outward, SystemResolver};
use http::{HeaderValue, Method, header};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::{Table, here, reach, roots};
use crate::server::{answer, take};

const LIMITS: FetchLimits = FetchLimits {
    total: Duration::from_secs(5),
    bytes_max: 1_000,
    redirects_max: 1,
};

fn get(url: &str) -> Asked {
    Asked {
        method: Method::GET,
        url: url.to_owned(),
        headers: vec![(
            header::AUTHORIZATION,
            HeaderValue::from_static("Bearer secret"),
        )],
        body: bytes::Bytes::new(),
    }
}

async fn fetch(outward: &Outward, url: &str) -> Result<Fetched, FetchError> {
    outward.fetch(get(url), LIMITS, |_| true).await
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn is_out_of_reach(result: &Result<Fetched, FetchError>) -> bool {
    matches!(result, Err(FetchError::NoWay(NoWay::OutOfReach { .. })))
}

#[tokio::test]
async fn g5_a_name_that_leads_inside_is_not_followed() {
    let names: &[(&str, &[&str])] = &[
        ("inside.example", &["10.0.0.7"]),
        ("metadata.example", &["169.254.169.254"]),
        ("mapped.example", &["::ffff:192.168.1.1"]),
        ("mixed.example", &["93.184.216.34", "10.0.0.7"]),
        ("here.example", &["127.0.0.1"]),
    ];
    let (listener, port) = listen().await;
    let strict = Outward::new(Table::of(names), reach(&[]), roots()).unwrap();
    for (name, _) in names {
        let result = fetch(&strict, &format!("http://{name}:{port}/")).await;
        assert!(is_out_of_reach(&result), "{name}");
    }
    // Nobody knocked.
    let knocked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(knocked.is_err());
}

#[tokio::test]
async fn g5_an_address_in_any_spelling_is_judged_by_what_it_leads_to() {
    let system = std::sync::Arc::new(SystemResolver);
    let outward = Outward::new(system, reach(&[]), roots()).unwrap();
    for host in [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "localhost",
        "0.0.0.0",
        "[64:ff9b::7f00:1]",
    ] {
        let result = fetch(&outward, &format!("http://{host}:9/")).await;
        let refused = match &result {
            Err(FetchError::NoWay(no_way)) => {
                matches!(no_way, NoWay::OutOfReach { .. } | NoWay::Unknown(_))
            }
            _ => false,
        };
        assert!(
            refused,
            "{host}: {:?}",
            result.map(|fetched| fetched.status)
        );
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_the_connection_goes_where_it_led() {
    let (listener, port) = listen().await;
    // Whoever answers names may answer otherwise a moment later.
    let table = Table::of(&[
        ("books.example", &["127.0.0.1"]),
        ("books.example", &["10.0.0.7"]),
    ]);
    let resolver: std::sync::Arc<dyn callslip_gateways::Resolver> = table.clone();
    let outward = Outward::new(resolver, reach(&["127.0.0.1/32"]), roots()).unwrap();
    let url = format!("http://books.example:{port}/new?day=1");
    let (fetched, request) =
        tokio::join!(fetch(&outward, &url), answer(&listener, "200 OK", "yes"));
    assert_eq!(&fetched.unwrap().body[..], b"yes");
    assert!(
        request.starts_with("GET /new?day=1 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains(&format!("host: books.example:{port}")),
        "{request}"
    );
    assert_eq!(table.asked.load(Ordering::SeqCst), 1);
    assert!(is_out_of_reach(&super::ways::fetch(&outward, &url).await));
}

#[tokio::test]
async fn g5_a_redirection_is_checked_like_the_first_and_takes_no_login_along() {
    let (listener, port) = listen().await;
    let outward = here(&[
        ("books.example", &["127.0.0.1"]),
        ("other.example", &["127.0.0.1"]),
    ]);
    let url = format!("http://books.example:{port}/");
    for inside in [
        "http://10.0.0.7/",
        "http://[fd00::7]/",
        "http://169.254.169.254/x",
    ] {
        let head = format!("302 Found\r\nlocation: {inside}");
        let (result, _) = tokio::join!(fetch(&outward, &url), answer(&listener, &head, ""));
        assert!(is_out_of_reach(&result), "{inside}");
    }
    let head = format!("307 Temporary Redirect\r\nlocation: http://other.example:{port}/there");
    let both = async {
        let first = answer(&listener, &head, "").await;
        (first, answer(&listener, "200 OK", "there").await)
    };
    let (fetched, (first, second)) = tokio::join!(fetch(&outward, &url), both);
    assert_eq!(&fetched.unwrap().body[..], b"there");
    assert!(first.contains("Bearer secret"));
    assert!(!second.contains("Bearer"), "{second}");
    // Further than is allowed, and where the asker does not want to go.
    let again = async {
        answer(&listener, &head, "").await;
        answer(&listener, &head, "").await;
    };
    let (result, ()) = tokio::join!(fetch(&outward, &url), again);
    assert!(matches!(result, Err(FetchError::Redirected)));
    let picky = outward.fetch(get(&url), LIMITS, |uri| uri.host() == Some("books.example"));
    let (result, _) = tokio::join!(picky, answer(&listener, &head, ""));
    assert!(matches!(result, Err(FetchError::Redirected)));
}

#[tokio::test]
async fn no_more_is_taken_in_than_is_allowed() {
    let (listener, port) = listen().await;
    let outward = here(&[("books.example", &["127.0.0.1"])]);
    let url = format!("http://books.example:{port}/");
    let long = "x".repeat(1_001);
    let (result, _) = tokio::join!(fetch(&outward, &url), answer(&listener, "200 OK", &long));
    assert!(matches!(result, Err(FetchError::TooLarge(1_000))));
    // It does not say how much comes.
    let drips = async {
        let (mut stream, _) = take(&listener).await;
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        // Until the other side hangs up.
        while stream.write_all(b"64\r\n").await.is_ok()
            && stream.write_all(&[b'x'; 100]).await.is_ok()
            && stream.write_all(b"\r\n").await.is_ok()
        {}
    };
    let (result, ()) = tokio::join!(fetch(&outward, &url), drips);
    assert!(matches!(result, Err(FetchError::TooLarge(1_000))));
    let silence = async {
        let (stream, _) = take(&listener).await;
        tokio::time::pause();
        stream
    };
    let (result, _held) = tokio::join!(fetch(&outward, &url), silence);
    let error = result.map(|fetched| fetched.status).unwrap_err();
    assert_eq!(error.to_string(), "no answer in time");
}

#[tokio::test]
async fn what_is_no_web_address_is_not_asked() {
    let outward = here(&[("books.example", &["127.0.0.1"])]);
    for url in [
        "ftp://books.example/",
        "file:///etc/passwd",
        "/etc/passwd",
        "http:///",
        "http://books.example@10.0.0.7/",
        "http://user:word@books.example/",
        "",
    ] {
        let result = fetch(&outward, url).await;
        assert!(matches!(result, Err(FetchError::Address(_))), "{url}");
    }
}

/// TLS is with whom the address names, by an authority of the machine's.
#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let Some(folder) = super::certificate("outward") else {
        return;
    };
    let (listener, port) = listen().await;
    let acceptor = super::mail::acceptor(&folder);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                    let _ = stream.write_all(answer).await;
                    let mut rest = Vec::new();
                    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await;
                }
            });
        }
    });
    let outward = here(&[
        ("mail.example", &["127.0.0.1"]),
        ("evil.example", &["127.0.0.1"]),
    ]);
    let good = fetch(&outward, &format!("https://mail.example:{port}/")).await;
    assert_eq!(&good.unwrap().body[..], b"ok");
    let bad = fetch(&outward, &format!("https://evil.example:{port}/")).await;
    assert!(matches!(bad, Err(FetchError::NoWay(NoWay::Connect { .. }))));
}
