//! Against a real SMSC, the npm package `smpp`, on this machine and by this machine's clock. Where
//! node or the package is not to be had, these say so and pass; the others here need neither.

use std::sync::Arc;
use std::time::{Duration, Instant};

use callslip_core::ids::MessageId;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Dial as _, Door, Gateway, Handover, Roots, SendError, Sent, Smpp, SmppOptions, Tcp,
    Trouble,
};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::process::Process;
use super::smsc::{House, OURS, PHONE, plain_options};

struct Real {
    smsc: Process,
    gateway: Arc<Smpp>,
    house: Arc<House>,
    stop: watch::Sender<bool>,
    kept: JoinHandle<()>,
}

impl Real {
    fn start(change: impl FnOnce(&mut SmppOptions)) -> Option<Real> {
        Some(Real::connect(Process::start()?, change))
    }

    fn connect(smsc: Process, change: impl FnOnce(&mut SmppOptions)) -> Real {
        let mut options = SmppOptions {
            dial: Arc::new(Tcp::plain(&format!("127.0.0.1:{}", smsc.port))),
            ..plain_options()
        };
        change(&mut options);
        let gateway = Arc::new(Smpp::new(options).unwrap());
        let house = House::new();
        let (stop, stopping) = watch::channel(false);
        let door: Arc<dyn Door> = house.clone();
        let connection = Arc::clone(&gateway).connect(door, stopping).unwrap();
        Real {
            smsc,
            gateway,
            house,
            stop,
            kept: tokio::spawn(connection),
        }
    }

    async fn bound(&mut self) {
        self.until("a bind", |real| real.gateway.is_bound()).await;
    }

    async fn until(&mut self, what: &str, mut done: impl FnMut(&Real) -> bool) {
        let began = Instant::now();
        while !done(self) {
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "{what} never happens"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn send(&self, id: i64, body: &str) -> JoinHandle<Result<Sent, SendError>> {
        let message = Handover {
            message: MessageId(id),
            from: OURS.to_owned(),
            to: PhoneNumber::new(PHONE),
            body: body.to_owned(),
            media: Vec::new(),
        };
        let gateway = Arc::clone(&self.gateway);
        tokio::spawn(async move { gateway.send(message).await })
    }

    fn text(&mut self, n: u64, text: &str, more: serde_json::Value) {
        let from = PHONE.trim_start_matches('+');
        let mut command = json!({"do": "deliver", "n": n, "from": from, "to": OURS, "text": text});
        for (name, value) in more.as_object().into_iter().flatten() {
            command[name] = value.clone();
        }
        self.smsc.tell(command);
    }

    fn delivered(&self) -> Vec<i64> {
        let reports = self.house.reports.lock().unwrap();
        let delivered = reports
            .iter()
            .filter(|report| report.delivery == Delivery::Delivered);
        delivered
            .filter_map(|report| report.message.map(|message| message.0))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_a_refused_bind_is_tried_again_and_a_stop_says_goodbye() {
    let Some(mut real) = Real::start(|options| options.system_id = "stranger".to_owned()) else {
        return;
    };
    for _ in 0..2 {
        assert_eq!(real.smsc.wait("bind")["ok"], false);
    }
    assert!(!real.gateway.is_bound());
    real.smsc.set(json!({ "systemId": "stranger" }));
    assert_eq!(real.smsc.wait("bind")["ok"], true);
    real.bound().await;
    real.stop.send(true).unwrap();
    real.smsc.wait("unbound");
    real.kept.await.unwrap();
}

/// A certificate for `localhost` that signs itself, in a folder of its own. None: this machine
/// has no openssl to make it.
fn certificate(name: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("callslip-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(&folder)
        .output();
    if made.is_ok_and(|made| made.status.success()) {
        return Some(folder);
    }
    eprintln!("skipped: no openssl on this machine");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn real_tls_is_spoken_with_whom_the_certificate_names_and_nobody_else() {
    let (Some(folder), Some(other)) = (certificate("tls"), certificate("other")) else {
        return;
    };
    let Some(smsc) = Process::start_with(Some(&folder)) else {
        return;
    };
    let port = smsc.port;
    let roots = |folder: &std::path::Path| {
        Roots::of_pem(&std::fs::read(folder.join("cert.pem")).unwrap()).unwrap()
    };
    for (host, roots) in [("localhost", roots(&other)), ("127.0.0.1", roots(&folder))] {
        let dial = Tcp::tls(&format!("{host}:{port}"), roots).unwrap();
        assert!(dial.dial().await.is_err(), "{host}");
    }
    let dial = Tcp::tls(&format!("localhost:{port}"), roots(&folder)).unwrap();
    let mut real = Real::connect(smsc, |options| options.dial = Arc::new(dial));
    real.bound().await;
    real.text(1, "HOURS", json!({}));
    assert_eq!(real.smsc.wait("acknowledged")["status"], 0);
    assert!(real.send(32, "Open until 8").await.unwrap().is_ok());
    assert_eq!(real.house.texts(), ["HOURS"]);
    for folder in [folder, other] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_texts_and_messages_of_all_kinds_arrive_whole() {
    let Some(mut real) = Real::start(|_| {}) else {
        return;
    };
    real.bound().await;
    let long = "Where is the book? ".repeat(20);
    let emoji = "¿Abren hoy? 👋🏽 ".repeat(20);
    real.text(1, "HOURS", json!({}));
    real.text(2, &long, json!({}));
    real.text(3, &emoji, json!({"coding": 8, "backwards": true}));
    real.text(4, "HOURS", json!({}));
    for n in 1..=4 {
        let acknowledged = real.smsc.wait("acknowledged");
        assert_eq!(
            (
                acknowledged["acknowledged"].as_u64(),
                acknowledged["status"].as_u64()
            ),
            (Some(n), Some(0))
        );
    }
    assert_eq!(real.house.different(), ["HOURS", &long, &emoji, "HOURS"]);
    for (n, body, coding) in [
        (32, "We are open until 8 pm.", 0),
        (64, long.as_str(), 0),
        (96, emoji.as_str(), 8),
        (128, "5 € [at the desk]", 0),
    ] {
        let sending = real.send(n, body);
        let submit = real.smsc.wait("submit");
        assert_eq!(submit["submit"], *body);
        assert_eq!(submit["coding"], coding);
        assert_eq!(submit["to"], PHONE.trim_start_matches('+'));
        assert!(sending.await.unwrap().is_ok());
    }
    real.until("a receipt", |real| real.delivered().len() == 4)
        .await;
    assert_eq!(real.delivered(), [32, 64, 96, 128]);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_receipts_are_known_however_they_write_the_id() {
    for (form, answer, receipt) in [
        ("words", "decimal", "decimal"),
        ("words", "hex", "decimal"),
        ("words", "decimal", "hex"),
        ("words", "hex", "upper"),
        ("words", "upper", "hex"),
        ("words", "padded", "decimal"),
        ("words", "hex", "padded-hex"),
        ("fields", "hex", "decimal"),
        ("fields", "decimal", "padded"),
    ] {
        let Some(mut real) = Real::start(|_| {}) else {
            return;
        };
        real.smsc
            .set(json!({"receiptForm": form, "answer": answer, "receipt": receipt}));
        real.bound().await;
        for message in [32, 64] {
            assert!(real.send(message, "hi").await.unwrap().is_ok());
        }
        real.until("a receipt", |real| real.delivered().len() == 2)
            .await;
        let mut delivered = real.delivered();
        delivered.sort_unstable();
        assert_eq!(delivered, [32, 64], "{form} {answer} {receipt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_an_smsc_that_takes_and_hangs_up_gets_it_once() {
    let Some(mut real) = Real::start(|_| {}) else {
        return;
    };
    real.bound().await;
    real.smsc.set(json!({ "hangUpAfter": 1 }));
    let end = real.send(32, "only once").await.unwrap();
    assert_eq!(end, Err(SendError::Unclear(Trouble::Broken)));
    assert_eq!(real.smsc.wait("submit")["submit"], "only once");
    real.smsc.wait("bind");
    real.bound().await;
    let heard = real.smsc.heard_within(Duration::from_secs(2));
    assert!(
        heard.iter().all(|event| event["submit"].is_null()),
        "{heard:?}"
    );
    assert!(real.send(64, "the next").await.unwrap().is_ok());
    assert_eq!(real.smsc.wait("submit")["submit"], "the next");
}

/// Each message until it is taken, as the delivery worker does.
async fn send_until_taken(gateway: Arc<Smpp>, id: i64, body: String) -> u32 {
    let mut unclear = 0;
    loop {
        let message = Handover {
            message: MessageId(id),
            from: OURS.to_owned(),
            to: PhoneNumber::new(PHONE),
            body: body.clone(),
            media: Vec::new(),
        };
        match gateway.send(message).await {
            Ok(_) => return unclear,
            Err(SendError::Unclear(_)) => unclear += 1,
            Err(SendError::Throttled { wait }) => tokio::time::sleep(wait).await,
            Err(SendError::Later(_)) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_two_hundred_each_way_through_all_that_can_happen_to_a_connection() {
    each_way(200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_smpp_two_thousand_each_way() {
    if std::env::var_os("CALLSLIP_SOAK").is_some() {
        each_way(2_000).await;
    }
}

async fn each_way(many: usize) {
    let Some(mut real) = Real::start(|_| {}) else {
        return;
    };
    real.smsc
        .set(json!({"throttleEvery": 97, "answer": "hex", "receipt": "padded"}));
    real.bound().await;
    let sending: Vec<_> = (0..many)
        .map(|n| {
            let gateway = Arc::clone(&real.gateway);
            let id = i64::try_from(n * 32).unwrap();
            tokio::spawn(send_until_taken(gateway, id, format!("message {n}")))
        })
        .collect();
    // The same words again and again, by the same phone: each is one.
    let repeated = many / 2;
    for n in 0..repeated {
        real.text(n as u64, &format!("text {}", n % 7), json!({}));
    }
    real.until("a text", |real| real.house.different().len() >= repeated)
        .await;
    // And each once through whatever happens to the connection.
    for n in repeated..many {
        real.text(n as u64, &format!("text {n}"), json!({}));
        if n == many * 3 / 4 {
            real.smsc.tell(json!({ "do": "hangUp" }));
        }
    }
    real.until("a text", |real| {
        real.house.different().len() >= many * 3 / 4
    })
    .await;
    real.smsc.restart();
    let mut unclear = 0;
    for one in sending {
        unclear += one.await.unwrap();
    }
    real.until("a text", |real| real.house.different().len() >= many)
        .await;
    real.until("a receipt", |real| {
        real.delivered().len() + unclear as usize >= many
    })
    .await;
    let texts = real.house.different();
    assert_eq!(texts.len(), many, "none lost, none doubled");
    for n in repeated..many {
        assert!(texts.contains(&format!("text {n}")), "text {n}");
    }
    let most = real.smsc.most_unanswered();
    assert!((2..=10).contains(&most), "{most} of a window of 10");
    real.stop.send(true).unwrap();
    real.smsc.wait("unbound");
    real.kept.await.unwrap();
    // Of the two broken connections a few may be in doubt still.
    assert!(real.house.note_count() <= 20, "{}", real.house.note_count());
}
