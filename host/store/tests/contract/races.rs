//! Invariant 9 under whatever order staff, time and the worker come in: four people and two
//! tickets, each person with the fence that they were told last. A small model of who has what
//! says what must come of each step; the store is held to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::desk::{Act, Fence, Refused};
use callslip_core::ids::TicketId;
use callslip_store::Reader;
use callslip_store::desk::ReplyOutcome;

use super::Fixture;
use super::bench::{Bench, NOW};
use super::counter::{Say, close, held, staff};

const STEPS: u64 = 40;
const PEOPLE: [&str; 4] = ["ana", "ben", "cleo", "dan"];
const CLAIM_MS: i64 = 15 * 60 * 1_000;
const TAKE_BACK_MS: i64 = 5_000;

/// Chance that is the same each time: xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Who has a ticket, as the rules say it.
struct Model {
    holder: Option<(usize, i64, i64)>,
    fence: i64,
    closed: bool,
    /// What each person was told last.
    known: [i64; PEOPLE.len()],
    /// Accepted and not taken back, with when it is due.
    sent: BTreeMap<String, (usize, i64)>,
}

impl Model {
    fn live(&self, now: i64) -> Option<(usize, i64)> {
        let (who, fence, until) = self.holder?;
        (until > now).then_some((who, fence))
    }

    fn free_for(&self, who: usize, now: i64) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        match self.live(now) {
            Some((holder, _)) if holder != who => Err(held(PEOPLE[holder])),
            _ => Ok(()),
        }
    }

    fn give(&mut self, to: usize, now: i64) {
        self.fence += 1;
        self.holder = Some((to, self.fence, now + CLAIM_MS));
    }
}

pub(crate) fn invariant_9_holds_in_a_thousand_orders<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let reader = bench.reader();
    let mut given_out = BTreeSet::new();
    for seed in 1..=F::ORDERS {
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            play(&bench, &*reader, seed, &mut given_out);
        }));
        assert!(played.is_ok(), "seed {seed}");
    }
    let sent = given_out.len() as u64;
    assert!(sent > F::ORDERS, "{sent} were sent");
}

/// A run has a day of its own, so that no message of another is due in it.
fn play(bench: &Bench, reader: &dyn Reader, seed: u64, given_out: &mut BTreeSet<String>) {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut now = NOW + Duration::from_secs(24 * 3600 * seed);
    let mut tickets: Vec<(TicketId, Model)> = (0..2)
        .map(|n| {
            let phone = format!("+1555{:07}", seed * 2 + n);
            let (_, ticket) = bench.question(&phone, "Is the garden open?", now);
            let model = Model {
                holder: None,
                fence: 0,
                closed: false,
                known: [0; PEOPLE.len()],
                sent: BTreeMap::new(),
            };
            (ticket, model)
        })
        .collect();
    for step in 0..STEPS {
        let which = usize::from(chance.below(2) == 1);
        let who = chance.below(4) as usize;
        let (ticket, model) = &mut tickets[which];
        match chance.below(12) {
            0..=2 => claim(bench, *ticket, model, who, now),
            3 => touch(bench, *ticket, model, who, now),
            4 => hand_over(bench, *ticket, model, who, chance.below(4) as usize, now),
            5 => release(bench, *ticket, model, who, now),
            6..=8 => send(
                (bench, reader),
                *ticket,
                model,
                who,
                &format!("{seed}-{step}"),
                now,
            ),
            9 => shut(bench, *ticket, model, who, now),
            10 => take_back(bench, *ticket, model, who, now, given_out),
            _ => {
                let minutes = [0, 1, 7, 16][chance.below(4) as usize];
                now = now + Duration::from_secs(60 * minutes + chance.below(7));
                deliver(bench, now, given_out);
            }
        }
    }
    deliver(bench, now + Duration::from_secs(60), given_out);
    for (_, model) in &tickets {
        for send in model.sent.keys() {
            assert!(given_out.contains(send), "{send} was accepted and is lost");
        }
    }
}

fn claim(bench: &Bench, ticket: TicketId, model: &mut Model, who: usize, now: At) {
    let expected = model.free_for(who, now.0);
    let is = bench.act(&staff(PEOPLE[who]), ticket, Act::Claim, now);
    assert_eq!(is.as_ref().map(|_| ()), expected.as_ref().copied());
    let Ok(standing) = is else { return };
    match model.live(now.0) {
        Some((_, fence)) => {
            model.holder = Some((who, fence, now.0 + CLAIM_MS));
        }
        None => model.give(who, now.0),
    }
    assert_eq!(standing.fence, Fence(model.fence));
    model.known[who] = standing.fence.0;
}

fn may_send(model: &Model, who: usize, now: i64) -> Result<(), Refused> {
    if model.closed {
        return Err(Refused::Closed);
    }
    match model.live(now) {
        Some((holder, _)) if holder != who => Err(held(PEOPLE[holder])),
        Some((_, fence)) if fence != model.known[who] => Err(Refused::ClaimOver),
        Some(_) => Ok(()),
        None if model.holder.is_some() => Err(Refused::ClaimOver),
        None => Err(Refused::NotClaimed),
    }
}

fn touch(bench: &Bench, ticket: TicketId, model: &mut Model, who: usize, now: At) {
    let expected = may_send(model, who, now.0);
    let fence = Fence(model.known[who]);
    let is = bench.act(&staff(PEOPLE[who]), ticket, Act::Touch { fence }, now);
    assert_eq!(is.map(|_| ()), expected);
    if let (Ok(()), Some(holder)) = (expected, &mut model.holder) {
        holder.2 = now.0 + CLAIM_MS;
    }
}

fn hand_over(bench: &Bench, ticket: TicketId, model: &mut Model, who: usize, to: usize, now: At) {
    let expected = model.free_for(who, now.0);
    let act = Act::HandOver {
        to: Box::new(staff(PEOPLE[to])),
    };
    let is = bench.act(&staff(PEOPLE[who]), ticket, act, now);
    assert_eq!(is.as_ref().map(|_| ()), expected.as_ref().copied());
    if let Ok(standing) = is {
        model.give(to, now.0);
        assert_eq!(standing.fence, Fence(model.fence));
        // Whoever gets it reads the fence from the page half of the time.
        if model.fence % 2 == 0 {
            model.known[to] = model.fence;
        }
    }
}

fn release(bench: &Bench, ticket: TicketId, model: &mut Model, who: usize, now: At) {
    let expected = model.free_for(who, now.0);
    let is = bench.act(&staff(PEOPLE[who]), ticket, Act::Release, now);
    assert_eq!(is.map(|_| ()), expected);
    if expected.is_ok() {
        model.holder = None;
    }
}

fn send(
    (bench, reader): (&Bench, &dyn Reader),
    ticket: TicketId,
    model: &mut Model,
    who: usize,
    send: &str,
    now: At,
) {
    let expected = may_send(model, who, now.0);
    let say = Say {
        who: &staff(PEOPLE[who]),
        ticket,
        fence: Fence(model.known[who]),
        send,
        words: send,
        seen: None,
        close: None,
        now,
    };
    let is = bench.say_on(reader, &say);
    assert_eq!(
        is.as_ref().map(|_| ()),
        expected.as_ref().copied(),
        "{send}"
    );
    let Ok(outcome) = is else { return };
    assert!(matches!(outcome, ReplyOutcome::Queued(_)), "{outcome:?}");
    let twice = bench.say_on(reader, &say);
    assert!(matches!(twice, Ok(ReplyOutcome::Already(_))), "{twice:?}");
    model
        .sent
        .insert(send.to_owned(), (who, now.0 + TAKE_BACK_MS));
    if let Some(holder) = &mut model.holder {
        holder.2 = now.0 + CLAIM_MS;
    }
}

fn shut(bench: &Bench, ticket: TicketId, model: &mut Model, who: usize, now: At) {
    if model.closed {
        let is = bench.act(&staff(PEOPLE[who]), ticket, Act::Reopen, now);
        assert!(is.is_ok(), "{is:?}");
        model.closed = false;
        return;
    }
    let expected = model.free_for(who, now.0);
    let is = bench.act(&staff(PEOPLE[who]), ticket, close(), now);
    assert_eq!(is.map(|_| ()), expected);
    if expected.is_ok() {
        model.closed = true;
        // Kept for whoever texts within a day, and over.
        model.holder = Some((who, model.fence, now.0));
    }
}

fn take_back(
    bench: &Bench,
    ticket: TicketId,
    model: &mut Model,
    who: usize,
    now: At,
    given_out: &BTreeSet<String>,
) {
    let theirs = model.sent.iter().rev().find(|(_, (by, _))| *by == who);
    let Some((send, _)) = theirs.map(|(send, sent)| (send.clone(), *sent)) else {
        return;
    };
    let is = bench.take_back(&staff(PEOPLE[who]), ticket, &send, now);
    if given_out.contains(&send) {
        assert_eq!(is, Err(Refused::TooLate));
        return;
    }
    let standing = is.unwrap();
    model.sent.remove(&send);
    assert_eq!(
        standing.fence,
        Fence(model.fence),
        "taking back claims nothing"
    );
    // Whoever had it last goes on with it.
    if let (Some(holder), false) = (&mut model.holder, model.closed)
        && holder.0 == who
    {
        holder.2 = now.0 + CLAIM_MS;
    }
}

/// Each message is given out once, and only if it was accepted and not taken back.
fn deliver(bench: &Bench, now: At, given_out: &mut BTreeSet<String>) {
    loop {
        let handed = bench.lease(now);
        if handed.is_empty() {
            return;
        }
        for message in handed {
            assert!(given_out.insert(message.body.clone()), "{}", message.body);
            bench.sent(message.message, &message.body);
        }
    }
}
