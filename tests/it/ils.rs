//! `renew` against library systems that speak their protocols and keep books: the real process, the
//! real component. The phones are simulated, since a real one that texts as fast as a test does is
//! taken for a machine (a6).

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::harness;
use crate::harness::koha::{Koha, TOKEN};
use crate::harness::server::{NUMBER, Site};
use crate::harness::shelf::{Behaviour, Shelf};
use crate::harness::sip2::{PASSWORD, Sip2, USER};

const MARIA: &str = "+15557654300";
/// The number that both systems have on file for the card 88889999.
const JO: &str = "+15557654321";

/// `callslip text --jsonl`, a line in and a line out.
struct House {
    child: Child,
    texts: ChildStdin,
    answers: BufReader<ChildStdout>,
    shelf: Shelf,
    _site: Site,
}

impl House {
    fn with(keyword: &str, shelf: Shelf) -> House {
        let site = Site::new("ils");
        let machine = site.read("callslip.toml");
        let network = "[network]\nallow-private = [\"127.0.0.1\"]\n";
        let (head, tail) = machine.split_once("[[gateway]]").expect("a gateway");
        site.write(
            "callslip.toml",
            &format!("{head}{network}[[gateway]]{tail}"),
        );
        site.write("koha-token", TOKEN);
        site.write("sip2-password", PASSWORD);
        let library = site.read("libraries/bayside.toml");
        // The example has a RENEW of its own, for a system that is not here.
        let (head, _) = library.split_once("[[keyword]]").expect("keywords");
        site.write("libraries/bayside.toml", &format!("{head}{keyword}"));
        let mut child = Command::new(harness::callslip())
            .args(["text", "--jsonl", "--store", ":memory:", "--config"])
            .arg(site.folder.join("callslip.toml"))
            .env("TWILIO_AUTH_TOKEN", "unused")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("callslip starts");
        House {
            texts: child.stdin.take().expect("piped"),
            answers: BufReader::new(child.stdout.take().expect("piped")),
            child,
            shelf,
            _site: site,
        }
    }

    fn koha() -> House {
        let koha = Koha::start();
        let keyword = format!(
            "[[keyword]]\nword = \"RENEW\"\nflow = \"renew\"\ngrants = [\"sealed\", \"attempts\", \"own-number\", \
             {{ fetch = [{{ host = \"{address}\", header = \"authorization\", secret = {{ file = \"{secret}\" }} }}] }}, \
             {{ sip2 = [] }}]\n[keyword.settings]\npickup = \"MAIN\"\n\
             [keyword.settings.koha]\naddress = \"http://{address}\"\n",
            address = koha.address,
            secret = "../koha-token",
        );
        House::with(&keyword, koha.shelf.clone())
    }

    fn sip2() -> House {
        let sip2 = Sip2::start();
        let keyword = format!(
            "[[keyword]]\nword = \"RENEW\"\nflow = \"renew\"\ngrants = [\"sealed\", \"attempts\", \"own-number\", \
             {{ sip2 = [{{ host = \"{address}\", user = \"{USER}\", password = {{ file = \"{secret}\" }} }}] }}, \
             {{ fetch = [] }}]\n[keyword.settings]\npickup = \"MAIN\"\n\
             [keyword.settings.sip2]\nserver = \"{address}\"\ninstitution = \"BPL\"\n",
            address = sip2.address,
            secret = "../sip2-password",
        );
        House::with(&keyword, sip2.shelf.clone())
    }

    /// What comes back, as one.
    fn text(&mut self, from: &str, body: &str) -> String {
        let line = json!({"from": from, "to": NUMBER, "text": body});
        writeln!(self.texts, "{line}").expect("it reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        let answer: Value = serde_json::from_str(&answer).expect("a line of JSON");
        let replies = answer["replies"].as_array().expect("replies");
        let replies: Vec<&str> = replies.iter().filter_map(Value::as_str).collect();
        replies.join("\n")
    }

    #[track_caller]
    fn says(&mut self, from: &str, body: &str, words: &[&str]) -> String {
        let said = self.text(from, body);
        for words in words {
            assert!(
                said.contains(words),
                "{words:?} in the answer to {body:?}: {said}"
            );
        }
        said
    }

    fn comes_in(&mut self) {
        self.says(
            MARIA,
            "RENEW",
            &["What is the number on your library card?"],
        );
        self.says(MARIA, "23456789", &["PIN"]);
        let loans = ["1 Dune, due on Saturday, May 9", "2 Emma", "You owe"];
        self.says(MARIA, "1234", &loans);
    }

    /// The number that stands under a question.
    fn code(said: &str) -> String {
        let (_, code) = said.rsplit_once("the number ").expect("a code");
        code.chars().take_while(char::is_ascii_digit).collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Loans, a renewal, another that is refused, all, holds, placing one; and the books agree.
fn all_of_it(mut house: House, hold: &str) {
    house.comes_in();
    house.says(MARIA, "dune", &["Dune is renewed, due on Saturday, May 30"]);
    house.says(MARIA, "2", &["Emma could not be renewed"]);
    house.says(MARIA, "all", &["Dune", "Emma could not be renewed"]);
    assert_eq!(house.shelf.books().loans[0].due.to_string(), "2099-05-30");
    house.says(MARIA, "holds", &["Middlemarch, ready for you"]);
    let asked = house.says(MARIA, hold, &["Put Moby Dick on hold for you?"]);
    assert_eq!(house.shelf.books().holds.len(), 1, "g2: a code comes first");
    house.says(
        MARIA,
        &House::code(&asked),
        &["Moby Dick is on hold for you."],
    );
    assert_eq!(house.shelf.books().holds.len(), 2);
    house.says(MARIA, "done", &["All right."]);
    // The card is known from now on, and a code stands before what changes something.
    let pins = house.shelf.times("password/validation");
    house.says(MARIA, "RENEW", &["1 ", "Dune"]);
    assert_eq!(house.shelf.times("password/validation"), pins);
    house.says(MARIA, "emma", &["Renew Emma?", "reply with the number"]);
}

#[test]
fn renew_by_koha_from_a_card_to_a_hold() {
    all_of_it(House::koha(), "hold moby");
}

#[test]
fn renew_by_sip2_from_a_card_to_a_hold() {
    all_of_it(House::sip2(), "hold 955");
}

#[test]
fn g3_whose_number_is_on_file_texts_no_pin() {
    for mut house in [House::koha(), House::sip2()] {
        house.text(JO, "RENEW");
        let said = house.says(JO, "88889999", &["1 Persuasion"]);
        assert!(!said.contains("PIN"), "{said}");
        // A sender is a claim: nothing changes without the code.
        let asked = house.says(JO, "1", &["Renew Persuasion?"]);
        assert_eq!(house.shelf.books().loans[2].due.to_string(), "2099-05-14");
        house.says(
            JO,
            &House::code(&asked),
            &["Persuasion is renewed, due on Thursday, June 4"],
        );
        assert_eq!(house.shelf.books().loans[2].renewals_left, 1);
    }
}

#[test]
fn g3_unknown_card_and_wrong_pin_read_the_same_and_six_tries_are_five() {
    for mut house in [House::koha(), House::sip2()] {
        house.text(MARIA, "RENEW");
        house.text(MARIA, "23456789");
        let wrong = house.says(MARIA, "9999", &["Card and PIN do not belong together."]);
        house.text(MARIA, "77777777");
        assert_eq!(house.text(MARIA, "9999"), wrong);
        house.text(MARIA, "23456789");
        house.says(MARIA, "9998", &["A person will answer you here."]);
        // Other phones share what is left of the card's tries, which are counted before they are made.
        let mut told = Vec::new();
        for phone in 0..4 {
            let phone = format!("+1555765440{phone}");
            house.text(&phone, "RENEW");
            house.text(&phone, "23456789");
            told.push(house.text(&phone, "9997"));
        }
        let over = told.iter().filter(|told| told.contains("tried too often"));
        assert_eq!(over.count(), 1, "{told:?}");
    }
}

#[test]
fn e2_what_was_done_and_not_heard_is_looked_at_and_not_done_twice() {
    for mut house in [House::koha(), House::sip2()] {
        house.comes_in();
        house.shelf.behaves(Behaviour::DoesAndHangsUp);
        house.says(MARIA, "1", &["Dune is renewed, due on Saturday, May 30"]);
        let books = house.shelf.books();
        assert_eq!(
            (books.loans[0].renewals_left, books.loans[0].due.to_string()),
            (0, "2099-05-30".to_owned())
        );
    }
}

#[test]
fn a_system_that_is_down_or_lies_ends_with_a_person() {
    for behaviour in [Behaviour::HangsUp, Behaviour::Lies] {
        for mut house in [House::koha(), House::sip2()] {
            house.shelf.behaves(behaviour);
            house.text(MARIA, "RENEW");
            house.says(MARIA, "23456789", &["A person will answer you here."]);
        }
    }
}
