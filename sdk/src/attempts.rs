//! Capability `attempts`: tries at a secret, counted where no failed turn gives one back.

use crate::outside::Failure;
use crate::talk::Talk;

/// Tries at something secret. Five wrong ones a day of a subject, five a day of a phone and
/// twenty an hour of a library's keyword are the most.
pub struct Attempts<'a> {
    talk: &'a Talk,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Attempts { talk }
    }

    /// Counts a try before it is made. False: there were too many; do not even ask.
    pub async fn take(&self, subject: &str) -> Result<bool, Failure> {
        self.talk
            .call("attempts.take", &[subject], || host::take(subject))
            .await
    }

    /// It was right: what was counted for it is given back.
    pub async fn give_back(&self, subject: &str) -> Result<(), Failure> {
        self.talk
            .call("attempts.give-back", &[subject], || {
                host::give_back(subject)
            })
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::attempts as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::attempts;
    use crate::outside::Failure;

    pub(super) fn take(subject: &str) -> Result<bool, Failure> {
        Ok(attempts::take(subject)?)
    }

    pub(super) fn give_back(subject: &str) -> Result<(), Failure> {
        Ok(attempts::give_back(subject)?)
    }
}
