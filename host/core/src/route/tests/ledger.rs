//! What a patron agrees to in a flow: a line of the ledger, with the question and the answer.

use super::*;
use crate::consent::{Certainty, Part};
use crate::finish::{Means, Ran, finish};
use crate::flow::{Effects, Fault, FlowOutput, Next, Read, Write};
use crate::snapshot::{DecidedBy, PartWrite, Stopped, TurnCommit, Via};

fn teens() -> Part {
    Part {
        library: "bayside".into(),
        list: Some("teens".to_owned()),
    }
}

/// The patron answers the waiting question, and the flow does this.
fn answered(known: &Snapshot, writes: Vec<Write>, reads: Vec<Read>, fault: bool) -> TurnCommit {
    let directory = directory(&["STORY"], StopWords::Ours);
    let text = text("Yes");
    let world = World {
        directory: &directory,
        text: &text,
        snapshot: known,
        now: NOW,
    };
    let output = FlowOutput {
        messages: Vec::new(),
        next: Next::Finish,
        append: Vec::new(),
    };
    let ran = Ran {
        pinned: session(&[]).pinned,
        result: if fault {
            Err(Fault::Time(100))
        } else {
            Ok(output)
        },
        effects: Effects {
            reads,
            writes,
            ..Effects::default()
        },
    };
    let means = Means {
        useful: crate::outbox::Useful::default(),
        via: Via::Outbox,
        card: None,
        minted: crate::finish::Minted::default(),
    };
    finish(&world, route(&world), Some(ran), &means)
}

fn asked(secret: bool) -> Snapshot {
    let mut known = snapshot();
    let mut asking = session(&["YES", "NO"]);
    asking.question.secret = secret;
    asking.asked_text = "Shall we sign you up? Reply YES or NO.".to_owned();
    known.sessions = vec![asking];
    known
}

fn join() -> Vec<Write> {
    vec![Write::Join {
        list: "teens".to_owned(),
    }]
}

fn leave() -> Vec<Write> {
    vec![Write::Leave {
        list: "teens".to_owned(),
    }]
}

#[test]
fn b6_a_yes_to_a_list_is_written_down_with_what_was_shown() {
    let joined = answered(&asked(false), join(), Vec::new(), false);
    let expected = ConsentFact {
        part: Some(teens()),
        before: Consent::Unknown,
        after: Consent::In,
        by: DecidedBy::Flow,
        certainty: Certainty::Sure,
        words: "Yes".to_owned(),
        shown: Some("Shall we sign you up? Reply YES or NO.".to_owned()),
        gateway: "main".to_owned(),
        keyword: Some("story".into()),
    };
    assert_eq!(joined.consent, [expected]);
    assert!(joined.parts.is_empty());

    let was_member = vec![Read::Member {
        list: "teens".to_owned(),
        member: true,
    }];
    let left = answered(&asked(false), leave(), was_member, false);
    assert_eq!(
        (left.consent[0].before, left.consent[0].after),
        (Consent::In, Consent::Out)
    );

    let secret = answered(&asked(true), join(), Vec::new(), false);
    assert_eq!(secret.consent[0].words, "(not kept)", "e4");
    let failed = answered(&asked(false), join(), Vec::new(), true);
    assert_eq!(failed.consent, [], "invariant 3: nothing of it stays");
}

#[test]
fn a7_who_joins_a_list_anew_is_no_longer_held_to_the_stop_of_it() {
    let mut known = asked(false);
    known.stopped = vec![Stopped {
        part: teens(),
        by: InboundId(1),
    }];
    let joined = answered(&known, join(), Vec::new(), false);
    let back = PartWrite {
        part: teens(),
        stopped: false,
    };
    assert_eq!(joined.parts, [back]);
    assert_eq!(joined.consent[0].before, Consent::Out);
    assert!(
        answered(&known, leave(), Vec::new(), false)
            .parts
            .is_empty()
    );
}
