//! Who is asking: tokens in cookies, passwords, a second step, and how often one may try.

mod cookie;
mod form; // proof that a form is ours
mod password;
mod second_step;
mod throttle;
mod token;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use callslip_core::at::At;

use crate::keep::Trouble;

pub(crate) use cookie::Cookies;
pub(crate) use form::{form_token, is_form_token};
pub(crate) use password::{Passwords, flaw};
pub(crate) use second_step::SecondStep;
pub(crate) use throttle::Wait;
pub(crate) use token::Token;

use throttle::{Key, Throttle};

/// What sign-in needs besides the store.
pub(crate) struct Auth {
    pub(crate) cookies: Cookies,
    pub(crate) passwords: Passwords,
    /// For what is proved to this process alone: it goes with it.
    own: Token,
    throttle: Mutex<Throttle>,
}

impl Auth {
    pub(crate) fn new(public_url: Option<&str>) -> Result<Auth, Trouble> {
        Ok(Auth {
            cookies: Cookies::new(public_url),
            passwords: Passwords::default(),
            own: Token::fresh()?,
            throttle: Mutex::default(),
        })
    }

    /// Counts a try to sign in before it is looked at; an error says how long to wait.
    pub(crate) fn try_in(&self, name: &str, from: IpAddr, now: At) -> Result<(), Wait> {
        let mut throttle = self.throttle();
        throttle.take(Key::address(from), now)?;
        throttle.take(Key::account(name), now)
    }

    /// The tries of this account are forgotten.
    pub(crate) fn is_in(&self, name: &str) {
        self.throttle().forget(Key::account(name));
    }

    /// That this visitor gave this account's password, until then: between the password and the
    /// code of a second step.
    pub(crate) fn half_in(&self, visitor: &Token, staff: &str, until: At) -> String {
        let said = self.half_said(visitor, staff, until);
        format!("{}.{said}", until.0)
    }

    pub(crate) fn is_half_in(&self, proof: &str, visitor: &Token, staff: &str, now: At) -> bool {
        let Some((until, said)) = proof.split_once('.') else {
            return false;
        };
        let Ok(until) = until.parse().map(At) else {
            return false;
        };
        now < until && token::same(said, &self.half_said(visitor, staff, until))
    }

    fn half_said(&self, visitor: &Token, staff: &str, until: At) -> String {
        let until = until.0.to_be_bytes();
        self.own.says(&[
            b"half in",
            visitor.told().as_bytes(),
            staff.as_bytes(),
            &until,
        ])
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_sign_in_is_one_visitor_s_for_one_account_and_a_while() {
        let auth = Auth::new(None).unwrap();
        let (visitor, other) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        let proof = auth.half_in(&visitor, "maria", At(1_000));
        assert!(auth.is_half_in(&proof, &visitor, "maria", At(999)));
        assert!(!auth.is_half_in(&proof, &visitor, "maria", At(1_000)));
        assert!(!auth.is_half_in(&proof, &other, "maria", At(999)));
        assert!(!auth.is_half_in(&proof, &visitor, "jo", At(999)));
        let longer = proof.replace("1000.", "9000.");
        assert!(!auth.is_half_in(&longer, &visitor, "maria", At(999)));
        let another_process = Auth::new(None).unwrap();
        assert!(!another_process.is_half_in(&proof, &visitor, "maria", At(999)));
        assert!(!auth.is_half_in("", &visitor, "maria", At(999)));
    }
}
