//! Staff write first only to a patron who said yes to that, in words that are kept.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::consent::Why;
use callslip_core::desk::{Act, Refused};
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::snapshot::{Consent, DecidedBy};
use callslip_store::desk::{Deed, PatronAct, ReplyOutcome};

use super::Fixture;
use super::bench::{Bench, NOW, wait};
use super::counter::{OTHER, PHONE, Say, close, minutes, staff};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn say(
    bench: &Bench,
    ticket: TicketId,
    send: &str,
    words: &str,
    now: At,
) -> Result<ReplyOutcome, Refused> {
    let fence = bench.claim(&staff("ana"), ticket, now);
    bench.say(&Say {
        who: &staff("ana"),
        ticket,
        fence,
        send,
        words,
        seen: None,
        close: None,
        now,
    })
}

fn agreed(bench: &Bench, ticket: TicketId, text: InboundId, now: At) -> Result<(), Refused> {
    let act = PatronAct {
        actor: staff("ana"),
        ticket,
        deed: Deed::Agreed { text },
        now,
    };
    wait(|done| bench.store.desk().patron_act(act, done)).unwrap()
}

pub(crate) fn staff_write_first_only_to_who_said_yes_to_that<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, ticket) = bench.question(PHONE, "Is the new atlas there?", NOW);
    let (_, other) = bench.question(OTHER, "And mine?", NOW);
    // Nobody has asked, and what opened the ticket is no answer to anything.
    assert!(matches!(
        agreed(&bench, ticket, text.id, NOW),
        Err(Refused::Invalid(_))
    ));
    let asked = "Not yet. May we text you when it is?";
    say(&bench, ticket, "one", asked, minutes(1)).unwrap();
    let yes = bench.joins(PHONE, "yes please", ticket, minutes(2));
    // Another ticket's text, and nobody's.
    assert_eq!(
        agreed(&bench, other, yes.id, minutes(3)),
        Err(Refused::NotFound)
    );
    assert_eq!(
        agreed(&bench, ticket, InboundId(9_999), minutes(3)),
        Err(Refused::NotFound)
    );
    agreed(&bench, ticket, yes.id, minutes(3)).unwrap();
    let view = bench.view(&staff("ana"), ticket, minutes(4));
    let kept = view.agreed.unwrap();
    assert_eq!(
        (kept.asked.as_str(), kept.words.as_str()),
        (asked, "yes please")
    );
    let ledger = bench.reader().ledger(text.phone, 0, 10).unwrap();
    let line = ledger.last().unwrap();
    assert_eq!((line.text, line.fact.by), (yes.id, DecidedBy::Staff));
    assert_eq!(
        (line.fact.words.as_str(), line.fact.shown.as_deref()),
        ("yes please", Some(asked))
    );

    // Two months later, when a text alone consents to nothing any more.
    for ticket in [ticket, other] {
        bench
            .act(&staff("ana"), ticket, Act::Claim, minutes(5))
            .unwrap();
        bench
            .act(&staff("ana"), ticket, close(), minutes(5))
            .unwrap();
    }
    let later = NOW + DAY * 60;
    for ticket in [ticket, other] {
        bench
            .act(&staff("ana"), ticket, Act::Reopen, later)
            .unwrap();
    }
    let unasked = say(&bench, other, "two", "Your book is here.", later);
    assert_eq!(unasked, Err(Refused::from(Why::TooLongAgo)));
    let sent = say(&bench, ticket, "three", "The atlas is here.", later);
    assert!(matches!(sent, Ok(ReplyOutcome::Queued(_))), "{sent:?}");
    let late = say(&bench, ticket, "four", "And now?", later + DAY * 366);
    assert_eq!(late, Err(Refused::from(Why::TooLongAgo)));
}

pub(crate) fn invariant_5_a_stop_ends_what_was_agreed<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the new atlas there?", NOW);
    say(&bench, ticket, "one", "May we text you?", minutes(1)).unwrap();
    let yes = bench.joins(PHONE, "ok", ticket, minutes(2));
    agreed(&bench, ticket, yes.id, minutes(3)).unwrap();
    let stop = bench.joins(PHONE, "STOP", ticket, minutes(4));
    assert!(matches!(
        agreed(&bench, ticket, stop.id, minutes(5)),
        Err(Refused::Invalid(_))
    ));
    let text = bench.text_at(PHONE, "STOP", minutes(5));
    let mut turn = bench.turn(&text);
    turn.conversation.consent = Consent::Out;
    bench.saved(turn);
    let sent = say(&bench, ticket, "two", "The atlas is here.", minutes(6));
    assert_eq!(sent, Err(Refused::from(Why::NumberStopped)));
}
