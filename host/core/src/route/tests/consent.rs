//! STOP, START and HELP for a number, a library and a list: what each stops, says, cancels, ends
//! and writes into the ledger.

use proptest::prelude::*;

use super::*;
use crate::consent::{Certainty, Part};
use crate::directory::List;
use crate::finish::{Means, finish};
use crate::ids::InboundId;
use crate::snapshot::{DecidedBy, Outcome, PartWrite, Stopped, TurnCommit, Via};

/// Bayside and Maple at one number, each with a list for teens.
pub(super) fn shared(jurisdiction: Jurisdiction, stop_words: StopWords) -> Directory {
    let mut directory = directory(&["HOURS", "STORY"], stop_words);
    let bayside = directory.libraries.values().next().unwrap();
    let list = |id: &str, name: &str| List {
        id: id.to_owned(),
        name: name.to_owned(),
        names: std::collections::BTreeMap::new(),
        description: String::new(),
        frequency: None,
    };
    let mut bayside = Library::clone(bayside);
    bayside.languages = vec!["en".to_owned(), "es".to_owned(), "fr".to_owned()];
    bayside.lists = vec![
        list("storytime", "Story time"),
        list("teens", "Teen nights"),
    ];
    let maple = Library {
        id: "maple".into(),
        name: "Maple Valley Library".to_owned(),
        short_name: "Maple".to_owned(),
        join: Phrase::new("MAPLE"),
        lists: vec![list("teens", "Teen events")],
        ..bayside.clone()
    };
    let number = directory.numbers.values_mut().next().unwrap();
    let number = Arc::make_mut(number);
    number.brand = "Bay Area Libraries".to_owned();
    number.jurisdiction = jurisdiction;
    number.libraries = vec![bayside.id.clone(), maple.id.clone()];
    number.names = crate::directory::names(&number.brand, [&bayside, &maple]);
    for library in [bayside, maple] {
        directory
            .libraries
            .insert(library.id.clone(), Arc::new(library));
    }
    directory
}

fn us() -> Directory {
    shared(Jurisdiction::Us, StopWords::Ours)
}

/// What the phone's next texts find.
struct Phone {
    directory: Directory,
    snapshot: Snapshot,
    texts: i64,
}

impl Phone {
    fn new(directory: Directory) -> Phone {
        Phone {
            directory,
            snapshot: snapshot(),
            texts: 0,
        }
    }

    /// A turn, committed; each is a minute after the one before.
    fn says(&mut self, body: &str) -> TurnCommit {
        self.texts += 1;
        let text = Text {
            id: InboundId(self.texts),
            ..text(body)
        };
        let now = NOW + Duration::from_secs(60 * self.texts.unsigned_abs());
        let world = World {
            directory: &self.directory,
            text: &text,
            snapshot: &self.snapshot,
            now,
        };
        let means = Means {
            useful: crate::outbox::Useful::default(),
            via: Via::Outbox,
            card: None,
            minted: crate::finish::Minted::default(),
        };
        let commit = finish(&world, route(&world), None, &means);
        self.snapshot.conversation = commit.conversation.clone();
        for PartWrite { part, stopped } in &commit.parts {
            self.snapshot.stopped.retain(|known| known.part != *part);
            if *stopped {
                self.snapshot.stopped.push(Stopped {
                    part: part.clone(),
                    by: text.id,
                });
            }
        }
        commit
    }
}

fn part(library: &str, list: Option<&str>) -> Part {
    Part {
        library: library.into(),
        list: list.map(str::to_owned),
    }
}

fn bodies(commit: &TurnCommit) -> Vec<&str> {
    commit
        .messages
        .iter()
        .map(|message| message.body.as_str())
        .collect()
}

fn reason(commit: &TurnCommit) -> (Outcome, &str) {
    (commit.verdict.outcome, commit.verdict.reason.as_str())
}

#[test]
fn a7_stop_alone_stops_every_library_on_the_number_once() {
    let mut phone = Phone::new(us());
    let stop = phone.says("STOP");
    assert_eq!(stop.conversation.consent, Consent::Out);
    assert_eq!(
        (&stop.cancel_queued, &stop.parts[..]),
        (&CancelQueued::Number, &[][..])
    );
    let confirmation = "Bay Area Libraries: you are opted out of all libraries on this number and \
                        will get no more texts. Only HELP and START still answer.";
    assert_eq!(bodies(&stop), [confirmation]);
    assert!(stop.messages[0].despite_stop);
    let [fact] = &stop.consent[..] else {
        panic!("one line of the ledger");
    };
    assert_eq!((fact.before, fact.after), (Consent::Unknown, Consent::Out));
    assert_eq!(
        (fact.by, fact.certainty),
        (DecidedBy::Words, Certainty::Sure)
    );
    assert_eq!(
        (fact.words.as_str(), fact.gateway.as_str()),
        ("STOP", "main")
    );
    assert_eq!(fact.shown.as_deref(), Some(confirmation));

    for word in [
        "STOP",
        "unsubscribe",
        "please stop texting me",
        "STOP TEENS",
    ] {
        let again = phone.says(word);
        assert_eq!(reason(&again), (Outcome::Silent, "stop-again"), "{word}");
    }
    assert_eq!(reason(&phone.says("HOURS")), (Outcome::Silent, "opted-out"));
    assert_eq!(bodies(&phone.says("HELP")).len(), 1);
}

#[test]
fn b5_a_likely_stop_has_a_confirmation_of_its_own_and_its_line_says_so() {
    let mut phone = Phone::new(us());
    let stop = phone.says("please stop texting me");
    assert_eq!(stop.conversation.consent, Consent::Out);
    assert_eq!(stop.cancel_queued, CancelQueued::Number);
    let expected = "Bay Area Libraries: we stopped all libraries on this number. Reply START if \
                    you did not mean it. Only HELP and START still answer.";
    assert_eq!(bodies(&stop), [expected]);
    assert_eq!(stop.consent[0].certainty, Certainty::Likely);
    assert_eq!(stop.consent[0].shown.as_deref(), Some(expected));
    let start = phone.says("START");
    assert_eq!(start.conversation.consent, Consent::In);
}

#[test]
fn a7_stop_and_a_library_stops_it_alone_and_says_how_to_come_back() {
    for word in [
        "STOP BAYSIDE",
        "STOPBAYSIDE",
        "stop bayside library",
        "BAYSIDE STOP",
    ] {
        let mut phone = Phone::new(us());
        let stop = phone.says(word);
        let bayside = part("bayside", None);
        assert_eq!(stop.conversation.consent, Consent::Unknown, "{word}");
        assert_eq!(
            stop.cancel_queued,
            CancelQueued::Parts(vec![bayside.clone()])
        );
        assert_eq!(stop.consent[0].part, Some(bayside));
        let expected = "Bayside is stopped: no texts, no answers. START BAYSIDE brings it back. \
                        STOP ends all texts from this number.";
        assert_eq!(bodies(&stop), [expected], "{word}");
        assert_eq!(stop.verdict.library, Some("bayside".into()));
        assert!(stop.messages[0].despite_stop);
        assert_eq!(reason(&phone.says(word)), (Outcome::Silent, "stop-again"));
    }
    let mut phone = Phone::new(us());
    let likely = phone.says("please stop texting me from bayside");
    let expected = "We stopped Bayside. Reply START if you did not mean it. STOP ends all texts \
                    from this number.";
    assert_eq!(bodies(&likely), [expected]);
    assert_eq!(likely.consent[0].certainty, Certainty::Likely);
}

#[test]
fn a7_a_stopped_library_answers_help_and_start_only() {
    let mut phone = Phone::new(us());
    phone.says("STOP BAYSIDE");
    for text in ["BAYSIDE HOURS", "BAYSIDE", "bayside do you lend umbrellas?"] {
        let silent = phone.says(text);
        assert_eq!(reason(&silent), (Outcome::Silent, "opted-out"), "{text}");
        assert_eq!(silent.verdict.library, Some("bayside".into()));
        assert!(silent.ticket.is_none());
    }
    assert_eq!(bodies(&phone.says("BAYSIDE HELP")).len(), 1);
    // What names no library goes to the other one.
    let other = phone.says("do you lend umbrellas?");
    assert_eq!(other.verdict.library, Some("maple".into()));
    phone.says("STOP MAPLE");
    let nobody = phone.says("hello?");
    assert_eq!(reason(&nobody), (Outcome::Silent, "opted-out"));

    let start = phone.says("START BAYSIDE");
    let back = "Bayside is back, with answers and its lists. HELP for help, STOP BAYSIDE to end.";
    let left = "Still stopped: Maple. To bring one back, text START and its name.";
    assert_eq!(bodies(&start), [back, left]);
    assert_eq!(phone.says("hello?").verdict.library, Some("bayside".into()));
}

#[test]
fn a7_a_stop_ends_the_sessions_of_what_it_stops() {
    let mut phone = Phone::new(us());
    let mut of_maple = session(&[]);
    of_maple.id = SessionId(4);
    of_maple.library = "maple".into();
    phone.snapshot.sessions = vec![session(&[]), of_maple];
    let ended = |commit: &TurnCommit| {
        let ids = commit.sessions.iter().map(SessionWrite::id);
        ids.map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!(ended(&phone.says("STOP TEENS")), [0; 0]);
    assert_eq!(ended(&phone.says("STOP MAPLE")), [4]);
    assert_eq!(ended(&phone.says("STOP")), [3, 4]);
}

#[test]
fn a7_stop_and_a_list_stops_the_list_in_each_library_that_has_it() {
    let mut phone = Phone::new(us());
    let stop = phone.says("STOP TEENS");
    let (bayside, maple) = (part("bayside", Some("teens")), part("maple", Some("teens")));
    assert_eq!(
        stop.cancel_queued,
        CancelQueued::Parts(vec![bayside, maple])
    );
    assert_eq!(stop.consent.len(), 2);
    let expected = "Bay Area Libraries: you are off Teen nights, Teen events. START TEENS brings \
                    it back. STOP ends all texts from this number.";
    assert_eq!(bodies(&stop), [expected]);
    // Answers go on.
    assert_eq!(reason(&phone.says("MAPLE umbrella?")).0, Outcome::Ticketed);

    let one = phone.says("take me off the story time list please");
    let expected = "Bayside: we stopped Story time. Reply START if you did not mean it. STOP ends \
                    all texts from this number.";
    assert_eq!(bodies(&one), [expected]);
    assert_eq!(
        one.consent[0].part,
        Some(part("bayside", Some("storytime")))
    );
}

#[test]
fn a7_start_brings_back_exactly_what_the_last_stop_took() {
    let mut phone = Phone::new(us());
    phone.says("STOP MAPLE");
    phone.says("STOP TEENS");
    phone.says("STOP");
    let start = phone.says("START");
    assert_eq!(start.conversation.consent, Consent::In);
    assert_eq!(start.parts, [], "the others were not the STOP's");
    let back = "Bay Area Libraries: all libraries here are back, with your lists. Msg&data rates \
                may apply. HELP for help, STOP to end.";
    let left = "Still stopped: Maple, Teen nights, Teen events. To bring one back, text START and \
                its name.";
    assert_eq!(bodies(&start), [back, left]);
    assert_eq!(
        (start.consent[0].before, start.consent[0].after),
        (Consent::Out, Consent::In)
    );

    // The one before: the list of both libraries.
    let start = phone.says("START");
    let back = |part| PartWrite {
        part,
        stopped: false,
    };
    let (bayside, maple) = (part("bayside", Some("teens")), part("maple", Some("teens")));
    assert_eq!(start.parts, [back(bayside), back(maple)]);
    assert!(
        bodies(&start)[0]
            .starts_with("Bay Area Libraries: you get Teen nights, Teen events again.")
    );

    let start = phone.says("START");
    assert_eq!(start.parts, [back(part("maple", None))]);
    assert_eq!(bodies(&start).len(), 1);
    assert!(phone.snapshot.stopped.is_empty());
    let start = phone.says("START");
    assert!(bodies(&start)[0].contains("you can text your questions here"));
}

#[test]
fn a7_start_and_a_list_that_is_not_stopped_is_for_its_keyword() {
    let mut phone = Phone::new(us());
    let routed = phone.says("BAYSIDE START STORYTIME");
    assert_ne!(routed.verdict.reason, "start");
    assert!(routed.consent.is_empty(), "g2: it gives the phone no list");
}

#[test]
fn invariant_5_of_a_gateway_s_own_words_ours_are_not_confirmed_and_all_others_are() {
    let mut phone = Phone::new(shared(Jurisdiction::Us, StopWords::Gateway));
    let stop = phone.says("STOP");
    assert_eq!(
        (bodies(&stop).len(), stop.conversation.consent),
        (0, Consent::Out)
    );
    assert_eq!(stop.consent[0].shown, None);
    assert_eq!(bodies(&phone.says("START")).len(), 0);
    assert_eq!(bodies(&phone.says("HELP")).len(), 0);
    // It does not know these.
    for text in ["STOP BAYSIDE", "ayuda"] {
        assert_eq!(bodies(&phone.says(text)).len(), 1, "{text}");
    }
    assert_eq!(bodies(&phone.says("please stop texting me")).len(), 1);
}

#[test]
fn invariant_5_what_the_gateway_read_is_for_the_whole_number() {
    let directory = us();
    let mut stop = text("STOP BAYSIDE");
    stop.gateway_consent = Some(ConsentWord::Stop);
    let plan = plan(&directory, &stop, &snapshot());
    assert_eq!(
        (&plan.act, plan.conversation.consent),
        (&Act::Silent, Consent::Out)
    );
    assert_eq!(plan.consent[0].by, DecidedBy::Gateway);
}

#[test]
fn a_phone_that_the_gateway_blocked_comes_back_by_start() {
    let mut phone = Phone::new(us());
    let fact = ConsentFact::gateway_block(Consent::In, "main".to_owned());
    phone.snapshot.conversation.consent = fact.after;
    assert_eq!(reason(&phone.says("HOURS")), (Outcome::Silent, "opted-out"));
    assert_eq!(phone.says("START").conversation.consent, Consent::In);
}

#[test]
fn b8_canada_answers_a_word_in_its_language_whatever_the_patrons() {
    let mut phone = Phone::new(shared(Jurisdiction::Ca, StopWords::Ours));
    phone.snapshot.conversation.language = Some("fr".to_owned());
    assert!(bodies(&phone.says("HELP"))[0].contains("STOP to end"));
    assert!(bodies(&phone.says("AIDE"))[0].contains("ARRET pour quitter"));
    assert!(bodies(&phone.says("STOP MAPLE"))[0].starts_with("Maple is stopped"));
    assert!(bodies(&phone.says("ARRET BAYSIDE"))[0].starts_with("Bayside : plus de messages"));
    assert!(bodies(&phone.says("please stop texting me"))[0].contains("we stopped"));
    // Elsewhere the patron's own language is kept for a word that all languages use.
    let mut phone = Phone::new(us());
    phone.snapshot.conversation.language = Some("fr".to_owned());
    assert!(bodies(&phone.says("STOP"))[0].contains("vous ne recevrez plus"));
}

#[test]
fn b8_canada_s_short_codes_say_that_no_keyword_is_spelled_so() {
    let says = |jurisdiction, number: &str| {
        let mut directory = shared(jurisdiction, StopWords::Ours);
        let mut known = Number::clone(directory.number(NUMBER).unwrap());
        number.clone_into(&mut known.number);
        directory.numbers.insert(number.to_owned(), Arc::new(known));
        let mut asked = text("BAYSIDE do you lend umbrellas?");
        number.clone_into(&mut asked.number);
        let plan = plan(&directory, &asked, &snapshot());
        assert!(plan.ticket.is_some(), "a person has it all the same");
        match plan.act {
            Act::Say { texts, .. } => texts.concat(),
            Act::Silent | Act::Run(_) => String::new(),
        }
    };
    let expected = "Bay Area Libraries: invalid keyword. A person will answer you here. Std msg \
                    rates may apply. HELP for help, STOP to end.";
    assert_eq!(says(Jurisdiction::Ca, "66746"), expected);
    assert!(!says(Jurisdiction::Ca, NUMBER).contains("invalid keyword"));
    assert!(!says(Jurisdiction::Us, "66746").contains("invalid keyword"));
}

#[test]
fn a16_help_answers_strangers_with_all_its_parts() {
    let mut phone = Phone::new(us());
    let help = phone.says("INFO");
    let expected = "Bay Area Libraries (Bayside). Help: bayside.example/help. Msg frequency \
                    varies. Msg&data rates may apply. STOP to end.";
    assert_eq!((bodies(&help), help.consent.len()), (vec![expected], 0));
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "STOP",
        "STOP",
        "START",
        "HELP",
        "YES",
        "STOP BAYSIDE",
        "STOPMAPLE",
        "STOP TEENS",
        "START BAYSIDE",
        "START TEENS",
        "STOP STORYTIME",
        "please stop texting me",
        "no more maple texts",
        "HOURS?",
        "BAYSIDE umbrella?",
        "MAPLE umbrella?",
        "thanks",
        "1",
        "i want to die",
        "MENU",
        "BAYSIDE MENU",
    ])
}

proptest! {
    /// Whatever is said in whatever order: what is stopped says nothing but what answers STOP,
    /// START and HELP, each change is in the ledger, and START ends where nothing is stopped.
    #[test]
    fn invariant_5_no_walk_lets_what_is_stopped_speak(
        words in prop::collection::vec(word(), 1..40),
    ) {
        let mut phone = Phone::new(us());
        let mut level = Consent::Unknown;
        for word in words {
            let before = phone.snapshot.stopped.clone();
            let commit = phone.says(word);
            let answers = ["stop", "start", "help"].contains(&commit.verdict.reason.as_str());
            for message in &commit.messages {
                let library = message.library.as_ref();
                let stopped = library.is_some_and(|library| phone.snapshot.is_stopped(library));
                let silenced = commit.conversation.consent == Consent::Out || stopped;
                prop_assert!(!silenced || (answers && message.despite_stop), "{word}: {message:?}");
            }
            prop_assert_eq!(commit.messages.iter().any(|message| message.despite_stop), answers);
            // The ledger and the state say the same.
            for fact in commit.consent.iter().filter(|fact| fact.part.is_none()) {
                prop_assert_eq!(fact.before, level);
                level = fact.after;
            }
            prop_assert_eq!(commit.conversation.consent, level, "{}", word);
            let facts = commit.consent.iter().filter_map(|fact| fact.part.clone());
            let writes: Vec<Part> = commit.parts.iter().map(|write| write.part.clone()).collect();
            prop_assert_eq!(facts.collect::<Vec<_>>(), writes);
            // A STOP takes only, a START gives only.
            let stops = commit.verdict.reason.starts_with("stop");
            prop_assert!(commit.parts.iter().all(|write| write.stopped == stops));
            let was_stopped = |part: &Part| before.iter().any(|known| known.part == *part);
            prop_assert!(commit.parts.iter().all(|write| was_stopped(&write.part) != stops));
        }
        for _ in 0..before_all_is_back(&phone) {
            phone.says("START");
        }
        prop_assert!(phone.snapshot.stopped.is_empty());
        prop_assert_ne!(phone.snapshot.conversation.consent, Consent::Out);
    }
}

/// One START for the number, and one for each STOP of a part.
fn before_all_is_back(phone: &Phone) -> usize {
    1 + phone.snapshot.stopped.len()
}
