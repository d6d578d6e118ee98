//! How often one may try to sign in: some tries are free, then each doubles the wait. By account,
//! so that one password is not guessed from many places, and by address, so that many passwords
//! are not guessed from one. Kept in memory and bounded; a try counts before it is looked at.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use callslip_core::at::At;
use sha2::{Digest as _, Sha256};

/// A person who mistypes has these.
const FREE_OF_ACCOUNT: u32 = 5;
/// A library's whole staff may be behind one address.
const FREE_OF_ADDRESS: u32 = 30;
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
/// Without a try for so long, everything is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// Accounts and addresses that are remembered; some 64 bytes each.
const KEPT_MAX: usize = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Of what was typed, whether there is such an account or not.
    Account([u8; 16]),
    /// An IPv6 customer has 64 bits of addresses.
    Address([u8; 8]),
}

impl Key {
    pub(super) fn account(name: &str) -> Key {
        let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Key::Account(key)
    }

    pub(super) fn address(from: IpAddr) -> Key {
        let mut key = [0; 8];
        match from.to_canonical() {
            IpAddr::V4(address) => key[4..].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => key.copy_from_slice(&address.octets()[..8]),
        }
        Key::Address(key)
    }

    fn free(self) -> u32 {
        match self {
            Key::Account(_) => FREE_OF_ACCOUNT,
            Key::Address(_) => FREE_OF_ADDRESS,
        }
    }
}

/// Not before then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) Duration);

#[derive(Default)]
pub(super) struct Throttle(HashMap<Key, Tries>);

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: At,
    not_before: At,
}

impl Throttle {
    pub(super) fn take(&mut self, key: Key, now: At) -> Result<(), Wait> {
        self.make_room(now);
        let full = self.0.len() >= KEPT_MAX && !self.0.contains_key(&key);
        if full {
            return Err(Wait(WAIT_MAX));
        }
        let tries = self.0.entry(key).or_insert(Tries {
            count: 0,
            last: now,
            not_before: now,
        });
        if now.since(tries.last) >= FORGOTTEN_AFTER {
            tries.count = 0;
        }
        if now < tries.not_before {
            return Err(Wait(tries.not_before.since(now)));
        }
        tries.count += 1;
        tries.last = now;
        tries.not_before = now + wait_after(tries.count, key.free());
        Ok(())
    }

    pub(super) fn forget(&mut self, key: Key) {
        self.0.remove(&key);
    }

    /// Only when it is needed: then what is forgotten anyway goes.
    fn make_room(&mut self, now: At) {
        if self.0.len() >= KEPT_MAX {
            self.0
                .retain(|_, tries| now.since(tries.last) < FORGOTTEN_AFTER);
        }
    }
}

fn wait_after(count: u32, free: u32) -> Duration {
    match count.checked_sub(free) {
        None => Duration::ZERO,
        Some(over) => WAIT_MAX.min(Duration::from_secs(1 << over.min(16))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_900_000_000_000);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn five_tries_are_free_and_then_each_doubles_the_wait() {
        let mut throttle = Throttle::default();
        let key = Key::account("maria");
        let mut now = NOW;
        for _ in 0..5 {
            assert_eq!(throttle.take(key, now), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(throttle.take(key, now), Err(Wait(seconds(wait))));
            now = now + seconds(wait);
            assert_eq!(throttle.take(key, now), Ok(()), "after {wait} s");
        }
        assert_eq!(throttle.take(Key::account("jo"), now), Ok(()));
        throttle.forget(key);
        assert_eq!(throttle.take(key, now), Ok(()));
    }

    #[test]
    fn after_an_hour_all_is_forgotten() {
        let mut throttle = Throttle::default();
        let key = Key::account("maria");
        for _ in 0..5 {
            throttle.take(key, NOW).unwrap();
        }
        let later = NOW + FORGOTTEN_AFTER;
        for _ in 0..5 {
            assert_eq!(throttle.take(key, later), Ok(()));
        }
        assert!(throttle.take(key, later).is_err());
    }

    #[test]
    fn an_address_is_its_network() {
        let address = |text: &str| Key::address(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut throttle = Throttle::default();
        for index in 0..KEPT_MAX {
            throttle
                .take(Key::account(&index.to_string()), NOW)
                .unwrap();
        }
        assert!(throttle.take(Key::account("one more"), NOW).is_err());
        assert!(throttle.take(Key::account("7"), NOW).is_ok());
        let later = NOW + FORGOTTEN_AFTER;
        assert!(throttle.take(Key::account("one more"), later).is_ok());
        assert_eq!(throttle.0.len(), 1);
    }
}
