//! PRIVACY, MYDATA and FORGET ME (a15): whatever stands in between, in three languages, with a code.

use std::time::Duration;

use crate::route::play::{Does, Play, library, says};
use crate::snapshot::{CancelQueued, Consent, HostAsks, PrivateWrite};

fn code(play: &Play) -> String {
    let asking = play.known.conversation.asking.as_ref();
    match asking.map(|asking| &asking.what) {
        Some(HostAsks::Code { code, .. }) => code.clone(),
        other => panic!("{other:?}"),
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a15_forget_me_asks_for_a_code_and_then_all_goes() {
    let mut play = Play::bayside(&[("HOURS", says(&["Open until 8."]))]);
    play.text("HOURS");
    let asked = play.wait(MINUTE).text("Forget me");
    assert_eq!(asked.reason, "forget-me");
    assert_eq!(asked.commit.private, None, "nothing is deleted yet");
    let code = code(&play);
    assert!(asked.replies[0].contains(&code), "{:?}", asked.replies);
    let done = play.wait(MINUTE).text(&code);
    assert_eq!(done.reason, "forgotten");
    assert_eq!(done.commit.private, Some(PrivateWrite::Forget));
    assert!(!done.commit.keep_text, "the code is no text to keep");
    assert_eq!(done.commit.patron, None);
    assert_eq!(done.commit.cancel_queued, CancelQueued::Number);
    assert_eq!(done.commit.conversation.consent, Consent::Out);
    assert_eq!(done.commit.conversation.library, None);
    assert!(
        done.commit
            .messages
            .iter()
            .all(|message| message.despite_stop)
    );
    assert_eq!(play.wait(MINUTE).text("HOURS").reason, "opted-out");
}

#[test]
fn g2_a_wrong_or_a_late_code_deletes_nothing() {
    let mut play = Play::bayside(&[]);
    play.text("FORGET ME");
    let right = code(&play);
    let wrong = if right == "1111" { "2222" } else { "1111" };
    for _ in 0..3 {
        let said = play.wait(MINUTE).text(wrong);
        assert_eq!(said.reason, "forget-me-wrong");
        assert_eq!(said.commit.private, None);
    }
    assert_ne!(
        play.wait(MINUTE).text(&right).reason,
        "forgotten",
        "after three"
    );

    let mut late = Play::bayside(&[]);
    late.text("FORGET ME");
    let right = code(&late);
    late.wait(MINUTE).text("hold on please");
    assert_eq!(code(&late), right, "it is awaited behind another text");
    late.wait(10 * MINUTE);
    assert_ne!(late.text(&right).reason, "forgotten");
}

#[test]
fn a15_the_words_are_known_in_three_languages_and_answered_in_them() {
    for (word, reason, told) in [
        ("PRIVACY", "privacy", "what is kept"),
        ("privacidad", "privacy", "lo que se guarda"),
        ("Vie privée", "privacy", "ce qui est gardé"),
        ("MYDATA", "my-data", "within 30 minutes"),
        ("mis datos", "my-data", "una sola vez"),
        ("MES DONNEES", "my-data", "une seule fois"),
        ("FORGETME", "forget-me", "reply"),
        ("Olvidar", "forget-me", "responda"),
        ("oubliez-moi", "forget-me", "répondez"),
    ] {
        let mut play = Play::bayside(&[]);
        let said = play.text(word);
        assert_eq!(said.reason, reason, "{word}");
        assert!(said.replies[0].contains(told), "{word}: {:?}", said.replies);
        assert!(!said.replies[0].contains('{'), "{:?}", said.replies);
    }
}

#[test]
fn a15_a_right_depends_on_no_library_no_stop_and_no_budget() {
    let mut off = library("Bayside", Vec::new());
    off.broken = true;
    off.outage = Some("Closed for repairs.".to_owned());
    off.budget.monthly_segments = Some(1);
    let mut play = Play::new(vec![off], &[]);
    play.known.spent = vec![("bayside".into(), 500)];
    let link = play.text("MYDATA");
    assert_eq!(link.reason, "my-data");
    let Some(PrivateWrite::Link { until, .. }) = link.commit.private else {
        panic!("{:?}", link.commit.private);
    };
    assert_eq!(until, play.now + 30 * MINUTE);
    assert!(link.replies[0].contains("/mine/"), "{:?}", link.replies);

    play.wait(MINUTE).text("STOP");
    let told = play.wait(MINUTE).text("PRIVACY");
    assert_eq!(told.reason, "privacy");
    assert!(
        told.replies[0].contains("/privacy/bayside"),
        "{:?}",
        told.replies
    );
    assert!(told.commit.messages[0].despite_stop);
    assert_eq!(
        told.commit.conversation.consent,
        Consent::Out,
        "and it stays"
    );
    let again = play.wait(MINUTE).text("PRIVACY");
    assert!(again.replies.is_empty(), "once an hour to who has stopped");
}

#[test]
fn a15_a_waiting_question_is_repeated_behind_the_answer() {
    let asks = Does::Asks {
        question: "Your name?".to_owned(),
        choices: Vec::new(),
    };
    let mut play = Play::bayside(&[("STORY", asks)]);
    play.text("STORY");
    let said = play.wait(MINUTE).text("PRIVACY");
    assert_eq!(said.reason, "privacy");
    assert!(
        said.replies.concat().contains("Your name?"),
        "{:?}",
        said.replies
    );
}

#[test]
fn g5_a_yes_to_an_invitation_joins_and_no_other_text_does() {
    let mut play = Play::bayside(&[]);
    play.library().lists = vec![crate::directory::List {
        id: "teens".to_owned(),
        name: "Teen nights".to_owned(),
        names: [("es".to_owned(), "Noches para jóvenes".to_owned())].into(),
        description: String::new(),
        frequency: Some(2),
    }];
    play.known.invited = vec![crate::consent::Part {
        library: "bayside".into(),
        list: Some("teens".to_owned()),
    }];
    assert_ne!(play.text("what is this").reason, "joined-list");
    let joined = play.wait(MINUTE).text("Yes");
    assert_eq!(joined.reason, "joined-list");
    assert!(
        joined.replies[0].contains("STOP TEENS"),
        "{:?}",
        joined.replies
    );
    let writes = joined.commit.storage.map(|storage| storage.writes);
    let join = crate::flow::Write::Join {
        list: "teens".to_owned(),
    };
    assert_eq!(writes, Some(vec![join]));
    let fact = &joined.commit.consent[0];
    assert_eq!(fact.after, Consent::In);
    assert!(
        fact.shown
            .as_ref()
            .is_some_and(|shown| shown.contains("Reply YES"))
    );
    play.wait(MINUTE).text("ESPAÑOL");
    let joined = play.wait(MINUTE).text("sí");
    assert!(
        joined.replies[0].contains("Noches para jóvenes"),
        "{:?}",
        joined.replies
    );
}
