//! Tells a text that comes again from one that says the same.
//!
//! SMPP gives a text no id. What there is: its PDU, octet for octet, and whether the other side has
//! heard that we have it. It repeats a text only while it has not, so this is what is kept here and
//! on disk: what was taken, until it is certain that the acknowledgement arrived. Certain it is
//! when the other side has answered a request that we sent after it on the same connection.
//!
//! The id of a text is drawn, not made of its octets: those have a number in them, and whoever
//! has the store without its key could try all numbers until an id fits.
//!
//! The same octets are a repeat when an earlier text of theirs is still in doubt, and came by an
//! earlier connection, or was not answered yet, or so late that the other side may have given up
//! waiting. Then they get the earlier one's id, and the store knows the rest. Otherwise they are a
//! new text with an id of its own: two honest "1"s in a quiz are two, however quickly they follow.
//!
//! What this cannot tell: a patron who sends the very same again within minutes after a connection
//! broke between our acknowledgement and the next answer. That second one is taken for a repeat.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use callslip_core::at::At;

/// An answer that took longer may have come too late for the other side.
const PROMPT: Duration = Duration::from_secs(5);

/// So long after a new connection began, repeats of what an earlier one brought may come.
const REPEATS_WITHIN: Duration = Duration::from_secs(10 * 60);

/// With more in doubt than this, a connection that keeps breaking ends the doubt about old ones.
const ARRIVALS_MAX: usize = 10_000;

/// A PDU's octets, hashed.
pub(super) type Identity = [u8; 16];

pub(super) struct Arrivals {
    by_identity: HashMap<Identity, Vec<Arrival>>,
    identities: HashMap<String, Identity>,
    /// Begins the keys of this process, which no other has.
    prefix: u64,
    /// The connection that there is, and since when.
    connection: u64,
    bound: Option<At>,
    made: u64,
}

struct Arrival {
    /// Of its note on disk, and of the text unless that is in parts.
    key: String,
    connection: u64,
    state: State,
    /// A part whose text is not on disk: its note is all that there is of it.
    waits_for_others: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waits { since: At },
    Answered { promptly: bool },
    Confirmed,
}

pub(super) struct Claim {
    pub(super) key: String,
    pub(super) repeated: bool,
}

impl Default for Arrivals {
    fn default() -> Self {
        Arrivals {
            by_identity: HashMap::new(),
            identities: HashMap::new(),
            prefix: RandomState::new().build_hasher().finish(),
            connection: 0,
            bound: None,
            made: 0,
        }
    }
}

impl Arrivals {
    /// A connection has begun.
    pub(super) fn bound(&mut self, now: At) -> u64 {
        self.connection += 1;
        self.bound = Some(now);
        self.connection
    }

    /// From disk, at the start: nobody knows whether it was acknowledged.
    pub(super) fn load(&mut self, key: &str, identity: Identity, is_part: bool) {
        let state = State::Answered { promptly: false };
        self.insert(identity, key, 0, state, is_part);
    }

    fn insert(
        &mut self,
        identity: Identity,
        key: &str,
        connection: u64,
        state: State,
        waits_for_others: bool,
    ) {
        self.identities.insert(key.to_owned(), identity);
        let arrivals = self.by_identity.entry(identity).or_default();
        arrivals.push(Arrival {
            key: key.to_owned(),
            connection,
            state,
            waits_for_others,
        });
    }

    pub(super) fn claim(
        &mut self,
        identity: Identity,
        is_part: bool,
        connection: u64,
        now: At,
    ) -> Claim {
        let arrivals = self.by_identity.get_mut(&identity);
        let mut arrivals = arrivals.into_iter().flatten();
        let repeated = arrivals.find(|arrival| match arrival.state {
            State::Confirmed => false,
            State::Waits { .. } | State::Answered { promptly: false } => true,
            State::Answered { promptly: true } => arrival.connection != connection,
        });
        if let Some(arrival) = repeated {
            arrival.connection = connection;
            arrival.state = State::Waits { since: now };
            return Claim {
                key: arrival.key.clone(),
                repeated: true,
            };
        }
        self.made += 1;
        let key = format!("{:016x}-{:x}", self.prefix, self.made);
        let state = State::Waits { since: now };
        self.insert(identity, &key, connection, state, is_part);
        Claim {
            key,
            repeated: false,
        }
    }

    /// Nothing of it was kept: when it comes again it is new.
    pub(super) fn refuse(&mut self, key: &str) {
        self.remove(key);
    }

    /// The text of a part is on disk. True: its note is not needed any more.
    pub(super) fn joined(&mut self, key: &str) -> bool {
        let Some(arrival) = self.find(key) else {
            return true;
        };
        arrival.waits_for_others = false;
        let settled = arrival.state == State::Confirmed;
        if settled {
            self.remove(key);
        }
        settled
    }

    pub(super) fn waits_for_others(&mut self, key: &str) -> bool {
        self.find(key)
            .is_some_and(|arrival| arrival.waits_for_others)
    }

    /// The acknowledgement is on its way.
    pub(super) fn answered(&mut self, key: &str, now: At) {
        if let Some(arrival) = self.find(key)
            && let State::Waits { since } = arrival.state
        {
            arrival.state = State::Answered {
                promptly: now.since(since) <= PROMPT,
            };
        }
    }

    /// The acknowledgement has arrived. True: its note is not needed any more.
    pub(super) fn confirmed(&mut self, key: &str) -> bool {
        let Some(arrival) = self.find(key) else {
            return true;
        };
        // A repeat of it that is under way has an acknowledgement of its own to come.
        if matches!(arrival.state, State::Waits { .. }) {
            return false;
        }
        arrival.state = State::Confirmed;
        let settled = !arrival.waits_for_others;
        if settled {
            self.remove(key);
        }
        settled
    }

    /// What an earlier connection brought and nobody has repeated: its notes go.
    pub(super) fn expire(&mut self, now: At) -> Vec<String> {
        let connection = self.connection;
        let bound = self.bound;
        let too_late = bound.is_some_and(|bound| now.since(bound) >= REPEATS_WITHIN);
        if !too_late && self.count() <= ARRIVALS_MAX {
            return Vec::new();
        }
        let mut expired: Vec<String> = Vec::new();
        self.by_identity.retain(|_, arrivals| {
            arrivals.retain(|arrival| {
                let keep = arrival.connection == connection || arrival.waits_for_others;
                if !keep {
                    expired.push(arrival.key.clone());
                }
                keep
            });
            !arrivals.is_empty()
        });
        for key in &expired {
            self.identities.remove(key);
        }
        expired
    }

    fn count(&self) -> usize {
        self.identities.len()
    }

    fn find(&mut self, key: &str) -> Option<&mut Arrival> {
        let arrivals = self.by_identity.get_mut(self.identities.get(key)?)?;
        arrivals.iter_mut().find(|arrival| arrival.key == key)
    }

    fn remove(&mut self, key: &str) {
        let Some(identity) = self.identities.remove(key) else {
            return;
        };
        if let Some(arrivals) = self.by_identity.get_mut(&identity) {
            arrivals.retain(|arrival| arrival.key != key);
            if arrivals.is_empty() {
                self.by_identity.remove(&identity);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_790_000_000_000);
    const ONE: Identity = [0x1A; 16];

    fn later(seconds: u64) -> At {
        NOW + Duration::from_secs(seconds)
    }

    /// A text that was taken, saved and acknowledged.
    fn taken(arrivals: &mut Arrivals, connection: u64, at: At) -> String {
        let claim = arrivals.claim(ONE, false, connection, at);
        assert!(!claim.repeated);
        arrivals.answered(&claim.key, at);
        claim.key
    }

    #[test]
    fn the_same_words_at_once_are_two_texts() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let first = taken(&mut arrivals, connection, NOW);
        let second = taken(&mut arrivals, connection, NOW);
        assert_ne!(first, second);
        assert!(arrivals.confirmed(&first));
        assert!(arrivals.confirmed(&second));
        assert_eq!(arrivals.count(), 0);
    }

    #[test]
    fn what_was_not_acknowledged_is_a_repeat_by_the_next_connection() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let first = taken(&mut arrivals, connection, NOW);
        let connection = arrivals.bound(later(2));
        let again = arrivals.claim(ONE, false, connection, later(3));
        assert!(again.repeated);
        assert_eq!(again.key, first);
        arrivals.answered(&first, later(3));
        // Each of them is repeated once: the next is the patron's own.
        assert!(!arrivals.claim(ONE, false, connection, later(4)).repeated);
    }

    #[test]
    fn what_was_acknowledged_for_certain_is_not() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let first = taken(&mut arrivals, connection, NOW);
        assert!(arrivals.confirmed(&first));
        let connection = arrivals.bound(later(2));
        assert!(!arrivals.claim(ONE, false, connection, later(3)).repeated);
    }

    #[test]
    fn a_text_that_waits_or_was_answered_late_may_come_again_by_the_same_connection() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let first = arrivals.claim(ONE, false, connection, NOW);
        let again = arrivals.claim(ONE, false, connection, later(4));
        assert_eq!(again.key, first.key);
        arrivals.answered(&first.key, later(20));
        assert!(arrivals.claim(ONE, false, connection, later(21)).repeated);
    }

    #[test]
    fn a_start_knows_what_was_in_doubt() {
        let mut before = Arrivals::default();
        let connection = before.bound(NOW);
        let first = taken(&mut before, connection, NOW);
        let mut arrivals = Arrivals::default();
        arrivals.load(&first, ONE, false);
        let connection = arrivals.bound(later(60));
        let again = arrivals.claim(ONE, false, connection, later(61));
        assert!(again.repeated);
        assert_eq!(again.key, first);
        assert!(
            !arrivals
                .claim([2; 16], false, connection, later(61))
                .repeated
        );
    }

    #[test]
    fn doubt_ends_ten_minutes_after_the_next_connection() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let first = taken(&mut arrivals, connection, NOW);
        assert!(
            arrivals.expire(later(3_600)).is_empty(),
            "there was no other"
        );
        arrivals.bound(later(7_200));
        assert!(arrivals.expire(later(7_200 + 599)).is_empty());
        assert_eq!(arrivals.expire(later(7_200 + 600)), [first]);
        assert_eq!(arrivals.count(), 0);
    }

    #[test]
    fn invariant_13_what_is_in_doubt_has_an_end() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        for text in 0..=ARRIVALS_MAX {
            let mut identity = [0; 16];
            identity[..8].copy_from_slice(&text.to_be_bytes());
            let key = arrivals.claim(identity, false, connection, NOW).key;
            arrivals.answered(&key, NOW);
        }
        assert!(arrivals.expire(later(1)).is_empty(), "of this connection");
        arrivals.bound(later(2));
        assert_eq!(arrivals.expire(later(3)).len(), ARRIVALS_MAX + 1);
    }

    #[test]
    fn a_part_is_kept_until_its_text_is_on_disk() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let part = arrivals.claim(ONE, true, connection, NOW);
        arrivals.answered(&part.key, NOW);
        assert!(!arrivals.confirmed(&part.key), "the text is not there yet");
        arrivals.bound(later(1));
        assert!(arrivals.expire(later(3_600)).is_empty());
        assert!(arrivals.joined(&part.key));
        assert_eq!(arrivals.count(), 0);
    }

    #[test]
    fn what_was_refused_is_new_when_it_comes_again() {
        let mut arrivals = Arrivals::default();
        let connection = arrivals.bound(NOW);
        let first = arrivals.claim(ONE, false, connection, NOW);
        arrivals.refuse(&first.key);
        let again = arrivals.claim(ONE, false, connection, later(1));
        assert!(!again.repeated);
        assert_ne!(again.key, first.key);
    }

    #[test]
    fn invariant_11_a_key_tells_nothing_of_what_it_is_for() {
        let key = |identity| {
            let mut arrivals = Arrivals {
                prefix: 7,
                ..Arrivals::default()
            };
            arrivals.claim(identity, false, 1, NOW).key
        };
        assert_eq!(key(ONE), key([2; 16]));
        assert_ne!(Arrivals::default().prefix, Arrivals::default().prefix);
    }
}
