//! The edge over real sockets: what gateways, browsers, slow clients and rude ones get from it.

mod site;

use std::time::Duration;

use callslip_store::MessageState;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use site::{Client, Site, bounds, get, post, states, text};

use super::Bounds;

const SOON: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn g08_an_answer_is_handed_over_once_its_last_byte_is_written() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let first = client.ask(&text("1", "Do you have a 3D printer?")).await;
    assert_eq!(first.status, 200);
    assert!(first.body.contains("has your question"), "{first:?}");
    // The same connection serves again, and the same text gets the same answer.
    let again = client.ask(&text("1", "Do you have a 3D printer?")).await;
    assert_eq!(again.body, first.body);
    let thread = site.thread().await;
    assert_eq!(thread.len(), 1);
    assert_eq!(states(&thread), [MessageState::Handed]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn g08_an_answer_that_is_not_taken_is_not_handed_over() {
    let bounds = Bounds {
        connections: 1,
        idle_within: SOON,
        ..bounds()
    };
    let site = Site::open(bounds).await;
    let mut client = site.connect().await;
    client
        .send(&text("long", "Do you have a 3D printer?"))
        .await;
    // It listens no longer than this, and is let go.
    client.0.read_u8().await.unwrap();
    site.room().await;
    assert_eq!(states(&site.thread().await), [MessageState::Offered]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_finishes_what_was_begun_and_takes_nothing_new() {
    let site = Site::open(bounds()).await;
    let (idle, unused) = (site.connect().await, site.connect().await);
    let mut idle = idle;
    assert_eq!(idle.ask(&get("/healthz", "")).await.status, 200);
    let hold = site.hold_next();
    let mut client = site.connect().await;
    client.send(&text("1", "Do you have a 3D printer?")).await;
    hold.wait();
    site.begin_stop();
    assert_eq!(idle.rest().await, "", "who asks nothing is let go");
    assert_eq!(unused.rest().await, "");
    hold.release();
    let answer = client.answer().await;
    assert!(answer.body.contains("has your question"), "{answer:?}");
    assert_eq!(client.rest().await, "");
    let address = site.web;
    let engine = site.stopped().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(states(&site::thread(&engine).await), [MessageState::Handed]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_is_refused_unread() {
    let site = Site::open(bounds()).await;
    let head = "POST /gateways/main/inbound HTTP/1.1\r\nHost: localhost\r\n";

    // By what it announces, before any of it has come.
    let mut client = site.connect().await;
    let announced = format!("{head}Content-Length: 65537\r\n\r\n");
    assert_eq!(client.ask(&announced).await.status, 413);

    // By what comes, when nothing was announced. It is told even while the client is still
    // sending, and what it sends then is not kept.
    let mut client = site.connect().await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let endless = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{}",
        chunk.repeat(1024)
    );
    let answer = client.ask(&endless).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("connection"), Some("close"));
    client.send(&chunk).await;
    client.send("0\r\n\r\n").await;
    client.0.shutdown().await.unwrap();
    assert_eq!(client.rest().await, "");

    // At the limit it is taken: the gateway says what it thinks of it.
    let mut client = site.connect().await;
    let largest = post("/gateways/main/inbound", &"x".repeat(64 * 1024));
    assert_eq!(client.ask(&largest).await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_over_the_limit_is_refused() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let long = format!("X-Long: {}\r\n", "x".repeat(20 * 1024));
    assert_eq!(client.ask(&get("/healthz", &long)).await.status, 431);
    let mut client = site.connect().await;
    let many = (0..100)
        .map(|count| format!("X-{count}: x\r\n"))
        .collect::<String>();
    assert_eq!(client.ask(&get("/healthz", &many)).await.status, 431);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_path_has_its_methods() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let unknown = client
        .ask(&post("/gateways/other/inbound", "1|Hello"))
        .await;
    assert_eq!(unknown.status, 404);
    for path in [
        "/",
        "/gateways/main",
        "/gateways/main/inbound/",
        "/phone",
        "/card/other.vcf",
    ] {
        assert_eq!(client.ask(&get(path, "")).await.status, 404, "{path}");
    }
    for path in ["/gateways/main/inbound", "/gateways/main/status"] {
        let put = post(path, "").replacen("POST", "PUT", 1);
        let refused = client.ask(&put).await;
        assert_eq!(refused.status, 405, "{path}");
        assert_eq!(refused.header("allow"), Some("GET, POST"));
    }
    for path in ["/healthz", "/readyz", "/card/bayside.vcf"] {
        let refused = client.ask(&post(path, "")).await;
        assert_eq!(refused.status, 405, "{path}");
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
        let taken = client.ask(&get(path, "")).await;
        assert_eq!(taken.status, 200, "{path}");
        assert_eq!(taken.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_card_is_there_for_phones_to_fetch() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let card = client.ask(&get("/card/bayside.vcf", "")).await;
    assert_eq!(
        card.header("content-type"),
        Some("text/vcard; charset=utf-8")
    );
    assert_eq!(card.header("cache-control"), Some("public, max-age=3600"));
    assert!(
        card.body.contains("FN:Bayside Public Library\r\n"),
        "{card:?}"
    );
    client
        .send("HEAD /card/bayside.vcf HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    let head = client.rest().await;
    assert!(
        head.contains(&format!("content-length: {}\r\n", card.body.len())),
        "{head}"
    );
    assert!(head.ends_with("\r\n\r\n"), "a head has no body: {head}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c05_ready_names_what_is_wrong_and_counts_what_was_let_pass() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    client.ask(&text("unsigned", "Hello?")).await;
    assert_eq!(
        client.ask(&post("/gateways/main/status", "x")).await.status,
        403
    );
    let ready = client.ask(&get("/readyz", "")).await;
    assert_eq!(ready.status, 200);
    let told: serde_json::Value = serde_json::from_str(&ready.body).unwrap();
    assert_eq!(told["ready"], true);
    assert_eq!(told["signatures_doubted"], 1);
    assert_eq!(told["webhooks_refused"], 1);
    // g06: whose wrong signatures pass, and until when.
    assert_eq!(
        told["signatures_observed"],
        serde_json::json!([{ "gateway": "main", "until": "2100-01-01T00:00:00Z" }])
    );
    assert_eq!(
        told["problems"][0],
        "libraries/maple.toml:3: an example of a problem"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_the_store_does_not_take_stays_with_the_gateway() {
    let bounds = Bounds {
        body_bytes: 1 << 20,
        ..bounds()
    };
    let site = Site::open(bounds).await;
    let mut client = site.connect().await;
    let busy = client.ask(&text("1", &"x".repeat(512 * 1024))).await;
    assert_eq!(busy.status, 503);
    assert_eq!(busy.header("retry-after"), Some("2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dawdles_is_let_go() {
    // Half a head.
    let site = Site::open(Bounds {
        head_within: SOON,
        ..bounds()
    })
    .await;
    let mut client = site.connect().await;
    assert_eq!(client.ask(&get("/healthz", "")).await.status, 200);
    client.send("GET /healthz HTTP/1.1\r\nHost:").await;
    assert_eq!(client.rest().await, "");

    // Half a body.
    let site = Site::open(Bounds {
        body_within: SOON,
        ..bounds()
    })
    .await;
    let mut client = site.connect().await;
    client.send("POST /gateways/main/inbound HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1|").await;
    assert_eq!(client.answer().await.status, 408);

    // Nothing: at first, and after an answer.
    let site = Site::open(Bounds {
        idle_within: SOON,
        ..bounds()
    })
    .await;
    assert_eq!(site.connect().await.rest().await, "");
    let mut client = site.connect().await;
    assert_eq!(client.ask(&get("/healthz", "")).await.status, 200);
    assert_eq!(client.rest().await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_may_take_longer_than_a_client_may_dawdle() {
    let site = Site::open(Bounds {
        idle_within: SOON,
        head_within: SOON,
        ..bounds()
    })
    .await;
    let hold = site.hold_next();
    let mut client = site.connect().await;
    client.send(&text("1", "Do you have a 3D printer?")).await;
    hold.wait();
    // Another connection is let go for idling meanwhile: so much time has passed.
    assert_eq!(site.connect().await.rest().await, "");
    hold.release();
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_connections_and_no_more() {
    let site = Site::open(Bounds {
        connections: 2,
        ..bounds()
    })
    .await;
    let mut first = site.connect().await;
    let mut second = site.connect().await;
    assert_eq!(first.ask(&get("/healthz", "")).await.status, 200);
    assert_eq!(second.ask(&get("/healthz", "")).await.status, 200);
    assert_eq!(site.connect().await.rest().await, "", "turned away");
    first
        .send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    assert!(first.rest().await.contains("alive"));
    site.room().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_the_phone_is_for_who_sits_at_this_machine() {
    let site = Site::open(bounds()).await;
    let mut client = Client::to(site.phone).await;
    assert_eq!(client.ask(&get("/phone", "")).await.status, 200);
    for forwarded in [
        "Forwarded: for=192.0.2.1",
        "X-Forwarded-For: 192.0.2.1",
        "X-Forwarded-Proto: https",
        "X-Real-IP: 192.0.2.1",
        "Via: 1.1 proxy",
    ] {
        let refused = client
            .ask(&get("/phone", &format!("{forwarded}\r\n")))
            .await;
        assert_eq!(refused.status, 403, "{forwarded}");
    }
    let elsewhere = "GET /phone HTTP/1.1\r\nHost: texts.example.org\r\n\r\n";
    assert_eq!(client.ask(elsewhere).await.status, 403);
    // And the world's address has no phone.
    let mut client = site.connect().await;
    assert_eq!(client.ask(&get("/phone/numbers", "")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_metrics_count_what_was_done_for_programs_on_this_machine() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let asked = client.ask(&text("1", "Do you have a 3D printer?")).await;
    assert_eq!(asked.status, 200);
    let refused = client
        .ask(&post("/gateways/main/inbound", "nonsense"))
        .await;
    assert_eq!(refused.status, 400);
    let mut client = Client::to(site.metrics).await;
    let page = client.ask(&get("/metrics", "")).await;
    assert_eq!(page.status, 200);
    for line in [
        "callslip_ready 1",
        "callslip_tickets_open 1",
        "callslip_turns_total{outcome=\"ticketed\"} 1",
        "callslip_turns_total{outcome=\"silent\"} 0",
        "callslip_webhooks_refused_total 1",
        "# TYPE callslip_turn_seconds histogram",
        "callslip_turn_seconds_bucket{le=\"+Inf\"} 1",
        "callslip_turn_seconds_count 1",
    ] {
        assert!(
            page.body.lines().any(|told| told == line),
            "{line}:\n{}",
            page.body
        );
    }
    // Invariant 11: nobody is in it.
    for hidden in ["5557654321", "5555550100", "printer", "bayside"] {
        assert!(!page.body.to_lowercase().contains(hidden), "{hidden}");
    }
    for forwarded in [
        "X-Forwarded-For: 192.0.2.1",
        "Forwarded: for=192.0.2.1",
        "Via: 1.1 proxy",
    ] {
        let refused = client
            .ask(&get("/metrics", &format!("{forwarded}\r\n")))
            .await;
        assert_eq!(refused.status, 403, "{forwarded}");
    }
    let elsewhere = "GET /metrics HTTP/1.1\r\nHost: texts.example.org\r\n\r\n";
    assert_eq!(client.ask(elsewhere).await.status, 403);
    assert_eq!(client.ask(&get("/", "")).await.status, 404);
    assert_eq!(client.ask(&post("/metrics", "")).await.status, 405);
    // Neither the world's address nor the phone's has them.
    assert_eq!(
        site.connect().await.ask(&get("/metrics", "")).await.status,
        404
    );
    let mut phone = Client::to(site.phone).await;
    assert_eq!(phone.ask(&get("/metrics", "")).await.status, 404);
}

/// Several requests in one packet are answered in order, one after another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_come_together_are_answered_in_order() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let last = get("/healthz", "Connection: close\r\n");
    let together = format!("{}{}{last}", get("/healthz", ""), get("/nothing", ""));
    client.send(&together).await;
    let all = client.rest().await;
    let statuses: Vec<&str> = all
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| &answer[..3])
        .collect();
    assert_eq!(statuses, ["200", "404", "200"], "{all}");
}

/// Who closes the line has gone, even if it is only one direction of it: no gateway does that. The
/// connection ends at once, and others are served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_closed_sockets_hold_no_place() {
    let site = Site::open(Bounds {
        connections: 1,
        ..bounds()
    })
    .await;
    for said in ["GET /healthz HTTP/1.1\r\nHost: loc", &get("/healthz", "")] {
        let mut client = site.connect().await;
        client.send(said).await;
        client.0.shutdown().await.unwrap();
        let _ = client.try_rest().await;
        site.room().await;
    }
    let answer = site.connect().await.ask(&get("/healthz", "")).await;
    assert_eq!(answer.status, 200);
}

/// Whoever opens connections and asks nothing takes nobody's place: the longest idle one goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_nothing_makes_room_for_who_asks() {
    let site = Site::open(Bounds {
        connections: 16,
        ..bounds()
    })
    .await;
    // One is being answered all the while.
    let hold = site.hold_next();
    let mut asks = site.connect().await;
    asks.send(&text("1", "Do you have a 3D printer?")).await;
    hold.wait();
    let mut idle = Vec::new();
    for _ in 0..100 {
        let mut client = site.connect().await;
        client.send("GET /healthz HTTP/1.1\r\n").await;
        idle.push(client);
        site.room().await;
    }
    hold.release();
    assert_eq!(asks.answer().await.status, 200);
    assert_eq!(
        site.connect().await.ask(&get("/healthz", "")).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a15_a_preview_does_not_use_mydatas_link_up_and_nobody_may_store_what_it_shows() {
    let site = Site::open(bounds()).await;
    let mut client = site.connect().await;
    let told = client.ask(&text("1", "MYDATA")).await;
    let at = told.body.find("/mine/").expect("a link");
    let path = told.body[at..at + "/mine/".len() + 32].to_owned();
    for _ in 0..2 {
        let seen = client.ask(&get(&path, "Accept-Language: fr\r\n")).await;
        assert_eq!(seen.status, 200);
        assert!(seen.body.contains("Afficher"), "{seen:?}");
        assert!(!seen.body.contains("MYDATA"), "{seen:?}");
    }
    let shown = client.ask(&post(&path, "")).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("&gt; MYDATA"), "{shown:?}");
    let kept = shown.header("cache-control").unwrap_or_default();
    assert!(kept.contains("no-store"), "{kept}");
    for again in [post(&path, ""), get(&path, "")] {
        let gone = client.ask(&again).await;
        assert_eq!(gone.status, 410);
        assert!(!gone.body.contains("&gt; MYDATA"), "{gone:?}");
    }
}
