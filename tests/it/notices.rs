//! What staff and the machine's operator are told without looking, from a patron's text to a letter
//! in a mail server and a webhook in a receiver. Time is turned by hand; the servers are real.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::config::Alarms;
use callslip_core::desk::{Act, Actor, CloseReason, Right};
use callslip_core::network::Reach;
use callslip_engine::{Clock, Engine, Telling};
use callslip_gateways::{Doubt, Rejection};
use callslip_gateways::{
    HookTarget, MailTls, Mailer, Notices, Outward, Roots, Secret, SystemResolver,
};

use crate::harness::bench::{Bench, Setup};
use crate::harness::post::Post;

const PATRON: &str = "+15557654321";
const QUESTION: &str = "Do you lend ukuleles?";

const NOTICES: &str = "\n[notices]\nemail = [\"desk@test.example\"]\nwaiting-minutes = 30\n";
const WITH_TEXT: &str = "with-text = true\n";
const HOOK: &str =
    "[notices.webhook]\nurl = \"https://chat.example\"\nsecret = { env = \"HOOK\" }\n";

struct House {
    bench: Bench,
    hands: Arc<AtomicI64>,
}

fn house(library: &str) -> House {
    let hands = Arc::new(AtomicI64::new(1_900_000_000_000));
    let read = Arc::clone(&hands);
    let clock: Clock = Arc::new(move || At(read.load(Ordering::SeqCst)));
    let setup = Setup {
        clock,
        ..Setup::default()
    };
    House {
        bench: Bench::with(library, &[], setup),
        hands,
    }
}

impl House {
    fn turn(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).expect("a short time");
        self.hands.fetch_add(millis, Ordering::SeqCst);
    }

    async fn ask(&self, words: &str) -> callslip_core::ids::TicketId {
        let answer = self.bench.text(PATRON, words).await;
        answer.verdict.ticket.expect("a ticket")
    }
}

pub(crate) fn ways(mail: &Post, hook: Option<&Post>) -> Telling {
    let reach = Reach::new(vec!["127.0.0.0/8".parse().expect("a network")]);
    let roots = Roots::of_this_machine().expect("roots");
    let outward = Outward::new(Arc::new(SystemResolver), reach, roots).expect("a way out");
    let hooks = hook.map(|hook| {
        let target = HookTarget {
            url: format!("http://127.0.0.1:{}/", hook.port),
            secret: Secret::new("a secret"),
        };
        ("test".into(), target)
    });
    Telling {
        ways: Notices {
            outward,
            mailer: Some(Mailer {
                host: "127.0.0.1".to_owned(),
                port: mail.port,
                tls: MailTls::None,
                login: None,
                from: "callslip@test.example".to_owned(),
            }),
            hooks: HashMap::from_iter(hooks),
        },
        operator: Some(Alarms {
            email: vec!["op@test.example".to_owned()],
            silent_hours: 6,
        }),
        console: Some("https://desk.test.example".to_owned()),
    }
}

async fn told(engine: &Engine, mail: &Post) -> Vec<String> {
    engine.tell_due().await;
    mail.take()
}

fn one<'a>(letters: &'a [String], subject: &str) -> &'a str {
    let having = |letter: &&String| letter.contains(&format!("Subject: {subject}"));
    let found: Vec<&String> = letters.iter().filter(having).collect();
    assert_eq!(found.len(), 1, "{subject:?} in {letters:#?}");
    found[0]
}

#[tokio::test]
async fn a_question_is_told_once_and_without_the_patrons_words_or_number() {
    let (mail, hook) = (Post::mail(0), Post::hook(0));
    let house = house(&format!("{NOTICES}{HOOK}"));
    let engine = &house.bench.engine;
    engine.set_telling(ways(&mail, Some(&hook)));
    let ticket = house.ask(QUESTION).await;
    let letters = told(engine, &mail).await;
    let letter = one(&letters, "[Test Library] A new question waits");
    assert!(letter.contains("To: desk@test.example\r\n"), "{letter}");
    assert!(letter.contains(&format!("https://desk.test.example/tickets/{ticket}")));
    let posted = hook.take();
    assert_eq!(posted.len(), 1);
    for said in letters.iter().chain(&posted) {
        assert!(
            !said.contains("ukulele") && !said.contains("7654321"),
            "{said}"
        );
    }
    // The patron goes on: no second one.
    house.ask("hello?").await;
    assert_eq!(told(engine, &mail).await, [""; 0]);
}

#[tokio::test]
async fn with_its_leave_the_librarys_notices_have_the_words_and_never_the_number() {
    let mail = Post::mail(0);
    let house = house(&format!("{NOTICES}{WITH_TEXT}"));
    house.bench.engine.set_telling(ways(&mail, None));
    house.ask(QUESTION).await;
    let letters = told(&house.bench.engine, &mail).await;
    assert!(letters[0].contains(QUESTION) && !letters[0].contains("7654321"));
}

#[tokio::test]
async fn who_waits_too_long_is_told_once_and_who_was_answered_is_not() {
    let mail = Post::mail(0);
    let house = house(NOTICES);
    let engine = &house.bench.engine;
    engine.set_telling(ways(&mail, None));
    house.ask(QUESTION).await;
    told(engine, &mail).await;
    house.turn(Duration::from_secs(29 * 60));
    assert_eq!(told(engine, &mail).await, [""; 0]);
    house.turn(Duration::from_secs(60));
    let letters = told(engine, &mail).await;
    one(&letters, "[Test Library] A question still waits");
    house.turn(Duration::from_secs(60 * 60));
    assert_eq!(told(engine, &mail).await, [""; 0]);
}

#[tokio::test]
async fn what_was_closed_before_its_notice_went_out_is_not_told() {
    let mail = Post::mail(0);
    let house = house(NOTICES);
    let engine = &house.bench.engine;
    engine.set_telling(ways(&mail, None));
    let ticket = house.ask(QUESTION).await;
    let ann = Actor::new("ann".into()).with("test".into(), Right::Answer);
    let desk = engine.desk();
    desk.act(&ann, ticket, Act::Claim).await.expect("claimed");
    let close = Act::Close {
        reason: CloseReason::NoAnswerNeeded,
        remark: None,
    };
    desk.act(&ann, ticket, close).await.expect("closed");
    assert_eq!(told(engine, &mail).await, [""; 0]);
}

#[tokio::test]
async fn a8_words_of_danger_are_told_at_once_outside_the_librarys_hours_too() {
    let mail = Post::mail(0);
    // It never opens on the days of this test.
    let hours = "\n[hours]\nwed = [\"10:00-11:00\"]\n";
    let house = house(&format!("{hours}{NOTICES}"));
    let engine = &house.bench.engine;
    engine.set_telling(ways(&mail, None));
    house.ask(QUESTION).await;
    assert_eq!(
        told(engine, &mail).await,
        [""; 0],
        "a question waits for Wednesday"
    );
    house.ask("I want to die").await;
    let letters = told(engine, &mail).await;
    one(&letters, "[Test Library] Urgent: somebody may be in danger");
    assert_eq!(letters.len(), 1);
    // 2030-03-20 is a Wednesday; its 10 in the morning is within three days.
    house.turn(Duration::from_secs(3 * 24 * 60 * 60));
    let letters = told(engine, &mail).await;
    one(&letters, "[Test Library] A new question waits");
}

#[tokio::test]
async fn a_notice_outlives_its_process_and_a_server_that_is_away() {
    let mail = Post::mail(2);
    let house = house(NOTICES);
    house.ask(QUESTION).await;
    // The process that took the text told nobody, and is gone.
    let store = Arc::clone(&house.bench.store);
    let next = house.bench.another(Arc::clone(&store));
    next.set_telling(ways(&mail, None));
    assert_eq!(told(&next, &mail).await, [""; 0], "put off");
    drop(next);
    house.turn(Duration::from_secs(60));
    let next = house.bench.another(Arc::clone(&store));
    next.set_telling(ways(&mail, None));
    assert_eq!(told(&next, &mail).await, [""; 0], "put off again");
    house.turn(Duration::from_secs(60));
    let letters = told(&next, &mail).await;
    one(&letters, "[Test Library] A new question waits");
    let another = house.bench.another(store);
    another.set_telling(ways(&mail, None));
    assert_eq!(told(&another, &mail).await, [""; 0], "once");
}

#[tokio::test]
async fn what_nobody_takes_is_given_up_after_a_day_and_shown() {
    let mail = Post::mail(usize::MAX);
    let house = house(NOTICES);
    let engine = &house.bench.engine;
    engine.set_telling(ways(&mail, None));
    house.ask(QUESTION).await;
    let given_up = || {
        let reader = house.bench.store.reader().expect("a reader");
        reader.alerts().given_up(At(0), 10).expect("read")
    };
    let mut tries = 0;
    while given_up().is_empty() {
        told(engine, &mail).await;
        house.turn(Duration::from_secs(20 * 60));
        tries += 1;
        assert!(tries < 100, "it is given up at last");
    }
    assert!(tries > 70, "only after a day: {tries}");
    assert!(given_up().iter().all(|one| one.reason.contains("451")));
}

const FORGED: Rejection = Rejection::BadSignature(Doubt::Mismatch);

#[tokio::test]
async fn f8_the_operator_hears_of_refused_signatures_once_a_day() {
    let mail = Post::mail(0);
    let house = house("");
    let engine = &house.bench.engine;
    engine.set_telling(ways(&mail, None));
    for _ in 0..4 {
        engine.webhook_refused("main", &FORGED);
    }
    for _ in 0..9 {
        engine.webhook_refused("main", &Rejection::Unasked);
    }
    assert_eq!(told(engine, &mail).await, [""; 0]);
    engine.webhook_refused("main", &FORGED);
    house.turn(Duration::from_secs(60));
    let letters = told(engine, &mail).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].contains("To: op@test.example"), "{}", letters[0]);
    for _ in 0..9 {
        engine.webhook_refused("main", &FORGED);
    }
    house.turn(Duration::from_secs(60));
    assert_eq!(told(engine, &mail).await, [""; 0]);
}
