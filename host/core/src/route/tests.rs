//! What the command line cannot play: a person who is answering, poison texts, a keyword that
//! went away, a gateway that has answered a consent word itself. The rest are transcripts.

mod consent; // STOP, START and HELP at three levels
mod desk; // tickets, closed hours, mute
mod ledger; // what a flow's yes leaves
mod marks; // posters
mod private; // what is held, and its end
mod urgent; // words of danger

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::directory::{Alias, Hours, Jurisdiction, StopWords};
use crate::flow::{FlowHours, Manifest, Plugin, Question, Span};
use crate::grants::Grants;
use crate::ids::{InboundId, PhoneId, TicketId};
use crate::inbound::{ConsentWord, Namespace};
use crate::schedule::Schedule;
use crate::snapshot::{Consent, Ticket};
use crate::switches::{Closed, Removed, Switched, Switches};
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
        closing: None,
        catch_all: false,
        hidden: false,
        flow: crate::directory::FlowName::of_key("test"),
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
        segments_max: None,
        schedule: None,
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
        topics: Vec::new(),
        keywords: words.iter().map(|word| keyword(word)).collect(),
        reworded: HashMap::new(),
        acknowledge: true,
        plain_characters: false,
        broken: false,
        outage: None,
        gone: Vec::new(),
        marks: Vec::new(),
        budget: crate::directory::Budget::default(),
        quiet: crate::quiet::Rules::default(),
        notices: None,
        desk: crate::directory::DeskWords::default(),
        second_person_above: None,
        reinvite: None,
        terms: crate::retention::DEFAULT,
        school: false,
    };
    let number = Number {
        number: NUMBER.to_owned(),
        gateway: "main".to_owned(),
        brand: "Bayside Library".to_owned(),
        jurisdiction: Jurisdiction::Us,
        help_contact: "bayside.example/help".to_owned(),
        stop_words,
        fallback: None,
        rates: crate::outbox::Rates::default(),
        long: crate::directory::Long::One,
        front_desk: id.clone(),
        libraries: vec![id.clone()],
        names: crate::directory::names("Bayside Library", [&library]),
        answers_in: vec![crate::country::Country::US],
    };
    Directory {
        numbers: HashMap::from([(NUMBER.to_owned(), Arc::new(number))]),
        libraries: BTreeMap::from([(id, Arc::new(library))]),
        rules: crate::budget::Rules::default(),
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
        phone: crate::snapshot::Phone::default(),
        conversation: Conversation::default(),
        stopped: Vec::new(),
        invited: Vec::new(),
        patrons: Vec::new(),
        sessions: Vec::new(),
        tickets: Vec::new(),
        spent: Vec::new(),
        new_tenure: None,
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
        last_message: None,
        closed: None,
        held_until: None,
        promised: None,
        undone: false,
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
    assert_eq!(stop.cancel_queued, CancelQueued::Number);
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

#[test]
fn c6_a_keyword_that_was_switched_off_answers_with_its_own_sentence() {
    let filed = directory(&["HOURS", "WIFI"], StopWords::Ours);
    let switches = Switches {
        keywords_off: BTreeMap::from([(("bayside".into(), "hours".into()), told("Closed."))]),
        ..Switches::default()
    };
    let switched = switches.over(&filed);
    let off = plan(&switched, &text("HOURS"), &snapshot());
    assert_eq!((off.reason, off.ticket), ("closed-keyword", None));
    assert!(matches!(off.act, Act::Say { texts, .. } if texts == ["Closed."]));
    assert_eq!(
        plan(&switched, &text("WIFI"), &snapshot()).reason,
        "keyword"
    );
    assert_eq!(plan(&filed, &text("HOURS"), &snapshot()).reason, "keyword");
}

#[test]
fn c6_out_of_season_a_keyword_answers_with_its_own_sentence_and_stands_in_no_menu() {
    let mut directory = directory(&["HOURS", "SUMMER"], StopWords::Ours);
    let day = |offset: i64| {
        let at = NOW.timestamp() + jiff::SignedDuration::from_hours(24 * offset);
        Some(at.strftime("%Y-%m-%d").to_string())
    };
    let mut season = |from, until| {
        let library = Arc::make_mut(directory.libraries.values_mut().next().unwrap());
        let summer = Arc::make_mut(&mut library.keywords[1]);
        summer.closing = Some("The summer reading begins in June.".to_owned());
        summer.schedule = Some(Schedule {
            from,
            until,
            week: None,
        });
        directory.clone()
    };
    let closed = season(day(2), None);
    let off = plan(&closed, &text("SUMMER"), &snapshot());
    assert_eq!((off.reason, off.ticket), ("closed-keyword", None));
    assert!(
        matches!(off.act, Act::Say { texts, .. } if texts == ["The summer reading begins in June."])
    );
    let menu = plan(&closed, &text("MENU"), &snapshot());
    assert!(
        matches!(menu.act, Act::Say { texts, .. } if !texts.iter().any(|text| text.contains("SUMMER")))
    );
    assert_eq!(
        plan(&closed, &text("SUMER"), &snapshot()).reason,
        "unmatched",
        "nobody is led to it"
    );
    let open = season(day(-2), day(2));
    assert_eq!(plan(&open, &text("SUMMER"), &snapshot()).reason, "keyword");
}

#[test]
fn c6_a_removed_keyword_says_so_for_two_years_and_then_becomes_a_question() {
    let filed = directory(&["HOURS"], StopWords::Ours);
    let removed = |since| Switches {
        gone: vec![Removed {
            library: "bayside".into(),
            keyword: "parking".into(),
            words: vec!["PARKING".to_owned(), "PARK".to_owned()],
            rule: Rule::FirstWord,
            told: "Our car park is a garden now.".to_owned(),
            since,
        }],
        ..Switches::default()
    };
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    let lately = removed(NOW - year).over(&filed);
    let poster = format!("text PARKING to {NUMBER}");
    for body in ["PARKING", "park please", &poster] {
        let plan = plan(&lately, &text(body), &snapshot());
        assert_eq!(
            (plan.reason, plan.ticket),
            ("closed-keyword", None),
            "{body}"
        );
        assert!(
            matches!(plan.act, Act::Say { texts, .. } if texts == ["Our car park is a garden now."])
        );
    }
    let long_ago = removed(NOW - year * 2).over(&filed);
    let question = plan(&long_ago, &text("PARKING"), &snapshot());
    assert_eq!(question.reason, "unmatched");
    assert!(matches!(question.ticket, Some(TicketWrite::Open { .. })));
    // Its word belongs to whoever takes it next.
    let taken = removed(NOW - year).over(&directory(&["PARKING"], StopWords::Ours));
    assert_eq!(
        plan(&taken, &text("PARKING"), &snapshot()).reason,
        "keyword"
    );
}

#[test]
fn c7_in_an_outage_no_flow_runs_and_a_person_gets_the_text() {
    let filed = directory(&["HOURS", "WELCOME"], StopWords::Ours);
    let switches = Switches {
        outages: BTreeMap::from([("bayside".into(), told("Our systems are down."))]),
        ..Switches::default()
    };
    let switched = switches.over(&filed);
    for body in ["HOURS", "BAYSIDE", "Do you lend ukuleles?"] {
        let plan = plan(&switched, &text(body), &snapshot());
        assert_eq!(plan.reason, "outage", "{body}");
        assert!(
            matches!(plan.ticket, Some(TicketWrite::Open { .. })),
            "{body}"
        );
        assert!(matches!(plan.act, Act::Say { texts, .. } if texts == ["Our systems are down."]));
    }
    assert_eq!(plan(&switched, &text("STOP"), &snapshot()).reason, "stop");
    // Who has just been told is not told again.
    let mut waiting = snapshot();
    waiting.tickets.push(ticket(None));
    let again = plan(&switched, &text("And now?"), &waiting);
    assert_eq!((again.act, again.reason), (Act::Silent, "outage"));
    assert!(matches!(
        again.ticket,
        Some(TicketWrite::Join { wake: true, .. })
    ));
}

#[test]
fn c7_closed_today_is_what_flows_and_the_desk_read() {
    let mut filed = directory(&["HOURS"], StopWords::Ours);
    let library = Arc::make_mut(filed.libraries.values_mut().next().unwrap());
    library.hours.week = std::array::from_fn(|_| {
        vec![Span {
            opens: 0,
            closes: 24 * 60,
        }]
    });
    let id = library.id.clone();
    // 2030-03-17 in New York.
    let closed = Closed {
        date: "2030-03-17".to_owned(),
        because: "Snow".to_owned(),
        since: NOW,
        by: "Maria".to_owned(),
    };
    let switches = Switches {
        closed: BTreeMap::from([(id.clone(), closed)]),
        ..Switches::default()
    };
    let switched = switches.over(&filed);
    assert_eq!(crate::hours::reopens(&filed.libraries[&id], NOW), None);
    let library = &switched.libraries[&id];
    assert!(
        crate::hours::reopens(library, NOW).is_some(),
        "the desk is closed"
    );
    let told = crate::hours::flow_library(library, &switched.numbers[NUMBER], NOW);
    let day = told.hours.special_days.last().unwrap();
    assert_eq!((day.spans.len(), day.note.as_deref()), (0, Some("Snow")));
    let tomorrow = NOW + Duration::from_secs(24 * 60 * 60);
    assert_eq!(crate::hours::reopens(library, tomorrow), None);
}

fn told(words: &str) -> Switched {
    Switched {
        told: words.to_owned(),
        since: NOW,
        by: "Maria".to_owned(),
    }
}

#[test]
fn f1_a_keyword_that_reached_us_late_gets_the_apology_and_a_question_its_ticket() {
    let directory = directory(&["OPEN", "STORY"], StopWords::Ours);
    let late = |body: &str, minutes: u64| Text {
        received: NOW - Duration::from_secs(60 * minutes),
        ..text(body)
    };
    let in_time = plan(&directory, &late("OPEN", 15), &snapshot());
    assert!(matches!(in_time.act, Act::Run(_)));
    let apology = plan(&directory, &late("OPEN", 16), &snapshot());
    assert_eq!(apology.reason, "late");
    let Act::Say { texts, .. } = &apology.act else {
        panic!("{:?}", apology.act);
    };
    assert!(texts[0].contains("OPEN"), "{texts:?}");
    assert!(apology.ticket.is_none());
    let question = plan(&directory, &late("can I bring my dog?", 600), &snapshot());
    assert!(question.ticket.is_some());
    let stop = plan(&directory, &late("STOP", 600), &snapshot());
    assert_eq!(stop.conversation.consent, Consent::Out);
    let mut asked = snapshot();
    asked.conversation.library = Some("bayside".into());
    asked.sessions = vec![session(&[])];
    let answer = plan(&directory, &late("Ana", 16), &asked);
    assert!(matches!(answer.act, Act::Run(_)), "{:?}", answer.act);
}
