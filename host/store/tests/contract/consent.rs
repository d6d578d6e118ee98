//! Consent at its three levels, its ledger, and what a STOP does to what waits.

use std::time::Duration;

use callslip_core::consent::{Certainty, Part};
use callslip_core::ids::{MessageId, TicketId};
use callslip_core::snapshot::{
    CancelQueued, Consent, ConsentFact, DecidedBy, PartWrite, Stopped, Text, TicketWrite,
    TurnCommit, Via,
};
use callslip_store::{Committed, MessageState, Noted};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, NUMBER, messages};
use super::delivery;

const PHONE: &str = "+15557654321";
const OTHER: &str = "+15550000001";

fn part(library: &str, list: Option<&str>) -> Part {
    Part {
        library: library.into(),
        list: list.map(str::to_owned),
    }
}

pub(super) fn said(part: Option<Part>, words: &str) -> ConsentFact {
    ConsentFact {
        part,
        before: Consent::In,
        after: Consent::Out,
        by: DecidedBy::Words,
        certainty: Certainty::Sure,
        words: words.to_owned(),
        shown: None,
        gateway: GATEWAY.to_owned(),
        keyword: None,
    }
}

pub(super) fn stop_part(bench: &Bench, text: &Text, part: &Part) -> TurnCommit {
    let mut turn = bench.turn(text);
    turn.parts = vec![PartWrite {
        part: part.clone(),
        stopped: true,
    }];
    turn.cancel_queued = CancelQueued::Parts(vec![part.clone()]);
    turn.consent = vec![said(Some(part.clone()), "STOP")];
    turn
}

/// A message of each: Bayside's own, to its list, and Maple's.
fn three_waiting(bench: &Bench, phone: &str) -> Text {
    let text = bench.text(phone, "HOURS");
    let mut turn = bench.turn(&text);
    turn.messages = messages(&text, &["bayside", "bayside teens", "maple"], Via::Outbox);
    turn.messages[1].list = Some("teens".to_owned());
    turn.messages[2].library = Some("maple".into());
    bench.saved(turn);
    text
}

pub(crate) fn a7_a_stopped_library_or_list_is_cancelled_and_not_sent<F: Fixture>() {
    use MessageState::{Cancelled, Queued};
    let cases = [
        (part("bayside", None), [Cancelled, Cancelled, Queued]),
        (part("bayside", Some("teens")), [Queued, Cancelled, Queued]),
        (part("maple", None), [Queued, Queued, Cancelled]),
        (part("maple", Some("teens")), [Queued, Queued, Queued]),
    ];
    for (part, states) in cases {
        let fixture = F::new();
        let bench = Bench::new(fixture.store());
        let text = three_waiting(&bench, PHONE);
        let others = three_waiting(&bench, OTHER);
        bench.saved(stop_part(&bench, &bench.text(PHONE, "STOP IT"), &part));
        assert_eq!(bench.states(&text), states, "{part:?}");
        assert_eq!(bench.states(&others), [Queued; 3]);

        // Nor does what comes later go out, whoever made it.
        let later = three_waiting(&bench, PHONE);
        for _ in 0..6 {
            for given in bench.lease(NOW) {
                bench.sent(given.message, &format!("SM{}", given.message));
            }
        }
        let stopped = |state: &MessageState| *state == Cancelled;
        let before: Vec<bool> = states.iter().map(stopped).collect();
        let after: Vec<bool> = bench.states(&later).iter().map(stopped).collect();
        assert_eq!(after, before, "{part:?}");
    }
}

/// In the order of the texts, even where no time goes by between them.
pub(crate) fn a7_what_is_stopped_is_read_back_in_order_and_brought_back<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let first = bench.text(PHONE, "STOP MAPLE");
    let (maple, teens) = (part("maple", None), part("bayside", Some("teens")));
    assert_eq!(bench.snapshot(&first).stopped, []);
    bench.saved(stop_part(&bench, &first, &maple));
    let second = bench.text(PHONE, "STOP TEENS");
    bench.saved(stop_part(&bench, &second, &teens));

    let snapshot = bench.snapshot(&first);
    let stopped = |part, text: &Text| Stopped { part, by: text.id };
    let expected = [
        stopped(maple.clone(), &first),
        stopped(teens.clone(), &second),
    ];
    assert_eq!(snapshot.stopped, expected);
    assert!(snapshot.is_stopped(&"maple".into()) && !snapshot.is_stopped(&"bayside".into()));
    let other = bench.text(OTHER, "HOURS");
    assert_eq!(bench.snapshot(&other).stopped, []);

    let text = bench.text(PHONE, "START MAPLE");
    let mut turn = bench.turn(&text);
    turn.parts = vec![PartWrite {
        part: maple,
        stopped: false,
    }];
    bench.saved(turn);
    assert_eq!(bench.snapshot(&text).stopped, [stopped(teens, &second)]);
}

pub(crate) fn a7_a_turn_on_an_old_snapshot_stops_nothing<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let waiting = three_waiting(&bench, PHONE);
    let text = bench.text(PHONE, "STOP BAYSIDE");
    let mut late = stop_part(&bench, &text, &part("bayside", None));
    late.phone_version -= 1;
    assert_eq!(bench.commit(late), Committed::Conflict);
    assert_eq!(bench.snapshot(&text).stopped, []);
    assert_eq!(bench.reader().ledger(text.phone, 0, 9).unwrap(), []);
    assert_eq!(bench.states(&waiting), [MessageState::Queued; 3]);
}

pub(crate) fn a_gateways_own_block_is_an_opt_out_until_start<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["refused", "waits"]);
    let refused = bench.lease(NOW)[0].message;
    let running = bench.text(PHONE, "HOURS");
    let turn = bench.turn(&running);

    assert_eq!(bench.blocked_by_gateway(refused), Noted::Changed);
    assert_eq!(bench.blocked_by_gateway(refused), Noted::Unchanged);
    assert_eq!(bench.blocked_by_gateway(MessageId(987_654)), Noted::Unknown);
    assert_eq!(bench.snapshot(&text).conversation.consent, Consent::Out);
    assert_eq!(
        bench.states(&text),
        [MessageState::Failed, MessageState::Cancelled]
    );
    assert_eq!(
        bench.commit(turn),
        Committed::Conflict,
        "it knew of no block"
    );

    let ledger = bench.reader().ledger(text.phone, 0, 9).unwrap();
    let expected = ConsentFact::gateway_block(Consent::Unknown, GATEWAY.to_owned());
    assert_eq!(ledger.len(), 1);
    assert_eq!((&ledger[0].fact, ledger[0].text), (&expected, text.id));
    assert_eq!(expected.by, DecidedBy::GatewayBlock);

    let text = bench.text(PHONE, "START");
    let mut start = bench.turn(&text);
    start.conversation.consent = Consent::In;
    bench.saved(start);
    let text = bench.answered(PHONE, &["goes out again"]);
    assert_eq!(bench.snapshot(&text).conversation.consent, Consent::In);
}

pub(crate) fn the_ledger_says_what_was_shown_and_answered_in_order<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let joined = ConsentFact {
        before: Consent::Unknown,
        after: Consent::In,
        by: DecidedBy::Flow,
        shown: Some("Shall we sign you up? Reply YES or NO.".to_owned()),
        keyword: Some("TEENS".into()),
        ..said(Some(part("bayside", Some("teens"))), "Yes")
    };
    let likely = ConsentFact {
        certainty: Certainty::Likely,
        shown: Some("We stopped. Reply START if you did not mean it.".to_owned()),
        ..said(None, "please stop texting me")
    };
    let yes = bench.text(PHONE, "Yes");
    let mut turn = bench.turn(&yes);
    turn.consent = vec![joined.clone(), said(Some(part("maple", None)), "Yes")];
    bench.saved(turn);
    bench.saved(delivery::stop(&bench, &bench.text(OTHER, "STOP")));
    let stop = bench.text(PHONE, "please stop texting me");
    let mut turn = delivery::stop(&bench, &stop);
    turn.now = NOW + Duration::from_secs(60);
    turn.consent = vec![likely.clone()];
    bench.saved(turn);

    let ledger = |after, max| bench.reader().ledger(yes.phone, after, max).unwrap();
    let lines = ledger(0, 9);
    let facts: Vec<&ConsentFact> = lines.iter().map(|line| &line.fact).collect();
    assert_eq!(
        facts,
        [&joined, &said(Some(part("maple", None)), "Yes"), &likely]
    );
    assert_eq!((lines[0].text, lines[2].text), (yes.id, stop.id));
    assert_eq!(
        (lines[0].at, lines[2].at),
        (NOW, NOW + Duration::from_secs(60))
    );
    assert_eq!(lines[0].number, NUMBER);
    assert_eq!(ledger(0, 1), lines[..1]);
    assert_eq!(ledger(lines[0].id, 9), lines[1..]);
}

pub(crate) fn a8_an_urgent_ticket_stands_first<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let open = |from: &str, urgent| {
        let text = bench.text(from, "hello");
        let mut turn = bench.turn(&text);
        turn.ticket = Some(TicketWrite::Open {
            library: "bayside".into(),
            topic: None,
            summary: None,
            cause: None,
            promised: None,
            urgent,
        });
        bench.saved(turn);
        TicketId(text.id.0)
    };
    let (first, second) = (open(PHONE, false), open(OTHER, true));
    let queue = || {
        let tickets = bench.reader().tickets_open(&"bayside".into(), 9).unwrap();
        tickets
            .iter()
            .map(|ticket| (ticket.id, ticket.urgent))
            .collect::<Vec<_>>()
    };
    assert_eq!(queue(), [(second, true), (first, false)]);

    let join = |id, urgent| {
        let text = bench.text(PHONE, "and more");
        let mut turn = bench.turn(&text);
        let wake = true;
        turn.ticket = Some(TicketWrite::Join {
            id,
            wake,
            promised: None,
            urgent,
        });
        bench.saved(turn);
    };
    join(first, true);
    assert_eq!(queue(), [(first, true), (second, true)]);
    join(first, false);
    assert!(queue().contains(&(first, true)), "it stays urgent");
}
