//! What the command line cannot play: a person who is answering, poison texts, a keyword that
//! went away, a gateway that has answered a consent word itself. The rest are transcripts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::directory::{Alias, Hours, Jurisdiction, StopWords};
use crate::flow::{FlowHours, Manifest, Plugin, Question};
use crate::grants::Grants;
use crate::ids::{InboundId, PhoneId, TicketId};
use crate::inbound::{ConsentWord, Namespace};
use crate::snapshot::{Consent, Ticket};
use crate::text::keyword::{Phrase, Rule};

const NOW: At = At(1_900_000_000_000);
const NUMBER: &str = "+15555550100";

fn keyword(word: &str) -> Arc<Keyword> {
    Arc::new(Keyword {
        id: word.to_lowercase().as_str().into(),
        word: word.to_owned(),
        phrases: vec![Alias {
            text: word.to_owned(),
            phrase: Phrase::new(word).unwrap(),
            language: None,
        }],
        rule: Rule::FirstWord,
        enabled: true,
        catch_all: false,
        hidden: false,
        plugin: Arc::new(Plugin {
            manifest: Manifest {
                name: "hours".to_owned(),
                version: "1".to_owned(),
                summary: String::new(),
                settings_schema: "{}".to_owned(),
                reserved_answers: Vec::new(),
            },
            digest: "00".into(),
            needs: Vec::new(),
        }),
        grants: Grants::default(),
        settings: "{}".to_owned(),
        storage: word.to_lowercase(),
    })
}

fn directory(words: &[&str], stop_words: StopWords) -> Directory {
    let id = LibraryId::from("bayside");
    let library = Library {
        id: id.clone(),
        name: "Bayside Public Library".to_owned(),
        short_name: "Bayside".to_owned(),
        time_zone: "America/New_York".to_owned(),
        languages: vec!["en".to_owned()],
        numbers: vec![NUMBER.to_owned()],
        join: Phrase::new("BAYSIDE"),
        hours: Hours::default(),
        phone: None,
        website: None,
        address: None,
        email: None,
        lists: Vec::new(),
        keywords: words.iter().map(|word| keyword(word)).collect(),
        reworded: HashMap::new(),
        acknowledge: true,
        broken: false,
    };
    let number = Number {
        number: NUMBER.to_owned(),
        gateway: "main".to_owned(),
        brand: "Bayside Library".to_owned(),
        jurisdiction: Jurisdiction::Us,
        help_contact: "bayside.example/help".to_owned(),
        stop_words,
        front_desk: id.clone(),
        libraries: vec![id.clone()],
    };
    Directory {
        numbers: HashMap::from([(NUMBER.to_owned(), Arc::new(number))]),
        libraries: BTreeMap::from([(id, Arc::new(library))]),
    }
}

fn text(body: &str) -> Text {
    Text {
        id: InboundId(7),
        phone: PhoneId(1),
        number: NUMBER.to_owned(),
        gateway: "main".to_owned(),
        body: body.to_owned(),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: NOW,
        gateway_consent: None,
        sender: SenderKind::Phone,
        attempts: 0,
    }
}

fn snapshot() -> Snapshot {
    Snapshot {
        phone_version: 1,
        conversation: Conversation::default(),
        patrons: Vec::new(),
        sessions: Vec::new(),
        tickets: Vec::new(),
    }
}

fn session(choices: &[&str]) -> Session {
    Session {
        id: SessionId(3),
        library: "bayside".into(),
        keyword: "story".into(),
        number: NUMBER.to_owned(),
        digest: "00".into(),
        pinned: Pinned {
            keyword: "STORY".to_owned(),
            settings: "{}".to_owned(),
            seed: 0,
            patron: FlowPatron {
                id: "x".to_owned(),
                language: "en".to_owned(),
                first_contact: false,
            },
            library: FlowLibrary {
                name: String::new(),
                short_name: String::new(),
                time_zone: String::new(),
                offsets: Vec::new(),
                hours: FlowHours::default(),
                number: NUMBER.to_owned(),
                join_word: None,
                phone: None,
                website: None,
                address: None,
            },
        },
        journal: Vec::new(),
        question: Question {
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
            expires_after_seconds: None,
            secret: false,
        },
        asked_text: "Shall we?".to_owned(),
        asked: NOW - Duration::from_secs(60),
        expires: NOW + Duration::from_secs(60),
        state: SessionState::Open,
    }
}

fn ticket(answered: Option<At>) -> Ticket {
    Ticket {
        id: TicketId(2),
        library: "bayside".into(),
        topic: None,
        last_activity: NOW,
        answered,
    }
}

fn plan(directory: &Directory, text: &Text, snapshot: &Snapshot) -> Plan {
    route(&World {
        directory,
        text,
        snapshot,
        now: NOW,
    })
}

#[test]
fn a14_while_a_person_answers_only_the_bare_keyword_interrupts() {
    let directory = directory(&["OPEN"], StopWords::Ours);
    let mut known = snapshot();
    known.tickets = vec![ticket(Some(NOW - Duration::from_secs(600)))];
    let question = plan(&directory, &text("Open a new card how?"), &known);
    assert_eq!(question.reason, "ticket");
    assert_eq!(plan(&directory, &text("open!"), &known).reason, "keyword");

    known.tickets = vec![ticket(Some(NOW - Duration::from_secs(3 * 3600)))];
    assert_eq!(
        plan(&directory, &text("Open a new card how?"), &known).reason,
        "keyword"
    );
}

#[test]
fn a_text_on_which_the_host_died_goes_to_a_person() {
    let directory = directory(&["HOURS"], StopWords::Ours);
    let mut poison = text("HOURS");
    poison.attempts = ATTEMPTS_MAX - 1;
    assert_eq!(plan(&directory, &poison, &snapshot()).reason, "keyword");
    poison.attempts = ATTEMPTS_MAX;
    let gave_up = plan(&directory, &poison, &snapshot());
    assert_eq!(gave_up.reason, "gave-up");
    assert!(matches!(gave_up.ticket, Some(TicketWrite::Open { .. })));
}

#[test]
fn e1_a_keyword_that_went_away_ends_its_session_with_a_person() {
    let directory = directory(&["HOURS"], StopWords::Ours);
    let mut known = snapshot();
    known.sessions = vec![session(&[])];
    let withdrawn = plan(&directory, &text("Ana"), &known);
    assert_eq!(withdrawn.reason, "session-withdrawn");
    assert!(withdrawn.ticket.is_some());
    assert!(matches!(
        &withdrawn.sessions[..],
        [SessionWrite::End { .. }]
    ));
}

#[test]
fn a5_a_declared_answer_wins_over_a_keyword_and_stop_over_both() {
    let directory = directory(&["STORY", "YES"], StopWords::Ours);
    let mut known = snapshot();
    known.sessions = vec![session(&["YES", "NO"])];
    assert_eq!(plan(&directory, &text("yes!"), &known).reason, "answer");
    let stop = plan(&directory, &text("stop"), &known);
    assert_eq!(stop.reason, "stop");
    assert!(stop.cancel_queued);
    assert!(matches!(&stop.sessions[..], [SessionWrite::End { .. }]));
}

#[test]
fn invariant_5_the_gateways_confirmation_is_not_doubled() {
    for (stop_words, gateway_consent) in [
        (StopWords::Gateway, None),
        (StopWords::Ours, Some(ConsentWord::Stop)),
    ] {
        let directory = directory(&["HOURS"], stop_words);
        let mut stop = text("STOP");
        stop.gateway_consent = gateway_consent;
        let plan = plan(&directory, &stop, &snapshot());
        assert_eq!(plan.act, Act::Silent);
        assert_eq!(plan.conversation.consent, Consent::Out);
    }
}

#[test]
fn c5_a_library_with_an_error_in_its_file_gets_tickets() {
    let mut directory = directory(&["HOURS"], StopWords::Ours);
    let library = directory.libraries.values_mut().next().unwrap();
    Arc::make_mut(library).broken = true;
    let off = plan(&directory, &text("HOURS"), &snapshot());
    assert_eq!(off.reason, "library-off");
    assert!(off.ticket.is_some());
    assert_eq!(
        plan(&directory, &text("STOP"), &snapshot()).reason,
        "stop",
        "consent all the same"
    );
}

#[test]
fn a_machine_is_never_answered() {
    let directory = directory(&["HOURS"], StopWords::Ours);
    let mut machine = text("HOURS");
    machine.sender = SenderKind::ShortCode;
    let plan = plan(&directory, &machine, &snapshot());
    assert_eq!((plan.act, plan.reason), (Act::Silent, "machine-sender"));
}

#[test]
fn c6_a_keyword_that_is_off_says_so() {
    let mut directory = directory(&["HOURS"], StopWords::Ours);
    let library = Arc::make_mut(directory.libraries.values_mut().next().unwrap());
    Arc::make_mut(&mut library.keywords[0]).enabled = false;
    assert_eq!(
        plan(&directory, &text("HOURS"), &snapshot()).reason,
        "closed-keyword"
    );
}
