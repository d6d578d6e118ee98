//! Passwords: hashed with Argon2id away from the threads that serve, a few at a time, since each
//! takes 19 MiB and some tens of milliseconds of computing.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use callslip_store::staff::PasswordHash;
use tokio::sync::Semaphore;

use crate::keep::Trouble;
use crate::refusal::Refusal;

/// What OWASP's password storage cheat sheet asks of Argon2id (2024): 19 MiB, two rounds, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;

/// At once; more would only take the processor from patrons.
const AT_ONCE: usize = 2;
/// That wait their turn: a few seconds of it. Beyond that, say "try again".
const WAITING_MAX: usize = 64;

const CHARACTERS_MIN: usize = 12;
/// Nobody types more, and a hash of more is work for nothing.
const CHARACTERS_MAX: usize = 200;
/// Long enough and yet the first that are tried.
const WORN: &[&str] = &[
    "passwordpassword",
    "123456789012",
    "1234567890123",
    "qwertyuiopasdf",
    "qwertyuiop123",
    "librarylibrary",
    "administrator",
    "callslipcallslip",
    "letmeinletmein",
    "iloveyouiloveyou",
    "correcthorsebatterystaple",
    "password12345",
    "password123456",
];

pub(crate) struct Passwords {
    places: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }
}

impl Passwords {
    pub(crate) async fn hash(&self, password: String) -> Result<PasswordHash, Refusal> {
        self.work(move || {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).map_err(|_| Trouble::Randomness)?;
            let hash = argon2()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(|_| Trouble::Panicked)?;
            Ok(PasswordHash(hash.to_string()))
        })
        .await
    }

    /// Takes as long when there is no such account: nobody learns by the clock who has one.
    pub(crate) async fn fits(
        &self,
        password: String,
        hash: Option<PasswordHash>,
    ) -> Result<bool, Refusal> {
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.map_or_else(|| NOBODY.to_owned(), |hash| hash.0);
            let Ok(parsed) = phc::PasswordHash::new(&hash) else {
                return Ok(false);
            };
            let fits = argon2().verify_password(password.as_bytes(), &parsed);
            Ok(fits.is_ok() && known)
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| Refusal::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        Ok(done.await.map_err(|_| Trouble::Panicked)??)
    }
}

/// The hash of a password that nobody has: 32 bytes of chance, thrown away.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5aGFzdGhpc29uZQ$\
                      6v9q0T3K2nVYcLw1mBf7sXhRzUe5aJgPdQkN4tO8iWc";

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, ROUNDS, LANES, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What is wrong with a new password, for who chose it.
pub(crate) fn flaw(password: &str, name: &str) -> Option<&'static str> {
    let folded = password.to_lowercase().replace(' ', "");
    let count = password.chars().count();
    if count < CHARACTERS_MIN {
        return Some("Use 12 characters or more. Four words in a row are easy to remember.");
    }
    if count > CHARACTERS_MAX {
        return Some("Use 200 characters at most.");
    }
    if !name.is_empty() && folded.contains(&name.to_lowercase()) && count < name.len() + 10 {
        return Some("Use one that does not hold your name.");
    }
    let first = folded.chars().next();
    let same = folded.chars().all(|letter| Some(letter) == first);
    if same || WORN.contains(&folded.as_str()) {
        return Some("Use another one: this is among the first that are tried.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash("four words in a row".to_owned())
            .await
            .unwrap();
        assert!(
            hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.0
        );
        let fits = async |password: &str, hash: Option<&PasswordHash>| {
            passwords
                .fits(password.to_owned(), hash.cloned())
                .await
                .unwrap()
        };
        assert!(fits("four words in a row", Some(&hash)).await);
        assert!(!fits("four words in a Row", Some(&hash)).await);
        assert!(!fits("four words in a row", None).await);
        let broken = PasswordHash("$argon2id$".to_owned());
        assert!(!fits("four words in a row", Some(&broken)).await);
        let again = passwords
            .hash("four words in a row".to_owned())
            .await
            .unwrap();
        assert_ne!(hash, again, "salted");
    }

    #[tokio::test]
    async fn who_has_no_account_is_as_much_work() {
        assert!(
            phc::PasswordHash::new(NOBODY).is_ok(),
            "else it is no work at all"
        );
    }

    #[test]
    fn what_is_easily_guessed_is_refused() {
        for (password, fine) in [
            ("elevenchars", false),
            ("twelve chars", true),
            ("aaaaaaaaaaaaaaaa", false),
            ("Password Password", false),
            ("maria maria 1", false),
            ("maria had a little lamb in 1830", true),
            ("ünïcödé häs füll rïghts", true),
        ] {
            assert_eq!(flaw(password, "maria").is_none(), fine, "{password}");
        }
        assert!(flaw(&"long ".repeat(50), "maria").is_some());
    }
}
