//! Capability `reminders`: the flow runs again for this patron, at a moment that it chose.

use crate::journal::Recorded;
use crate::json::Json;
use crate::outcome::Refusal;
use crate::talk::Talk;
use crate::time::Timestamp;

/// Reminders of this patron at this keyword.
///
/// When the moment comes the flow begins anew, and [`Talk::due`] gives the payload. It may say one
/// message. The host waits for the library's hours and while a question is open; it drops the
/// reminder when the patron has said STOP, or when it would come too late to be of use.
///
/// A text asks for its answers, and for 30 days what belongs to them. A reminder that comes later
/// than that needs a yes: set it in the turn in which the patron chose one of the answers that a
/// question lists, as with [`yes_or_no`](crate::Ask::yes_or_no).
///
/// ```
/// use callslip::prelude::*;
/// use callslip::test::{Phone, days};
///
/// #[callslip::flow]
/// async fn story_time(talk: Talk, _settings: ()) -> Outcome {
///     if let Some(what) = talk.due() {
///         talk.say(format!("Tomorrow: {what}!"));
///         return talk.finish();
///     }
///     if talk.ask("Shall we remind you?").yes_or_no().await? {
///         let saturday = talk.local_now().date.plus_days(4);
///         let eve = LocalTime { date: saturday.plus_days(-1), minute: 10 * 60 };
///         let eve = talk.library().moment(eve);
///         talk.reminders().at(eve, "Story time").await?;
///         talk.say("We will.");
///     }
///     talk.finish()
/// }
///
/// # fn main() {
/// let mut phone = Phone::new::<story_time>().keyword("STORY").at("2031-05-06 10:00");
/// phone.text("story");
/// phone.text("yes");
/// phone.read();
/// phone.later(days(3));
/// phone.expect("Tomorrow: Story time!");
/// # }
/// ```
pub struct Reminders<'a> {
    talk: &'a Talk,
}

/// A reminder that was set. As a text it fits into storage: `id.to_string()`, and `parse()` back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReminderId(u64);

impl<'a> Reminders<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Reminders { talk }
    }

    /// Runs this flow again at that moment; of use until a day later. 20 wait for a patron at
    /// most, each within two years, with a payload of 1 KiB.
    pub async fn at(&self, when: Timestamp, payload: &str) -> Result<ReminderId, Refusal> {
        self.set(when, None, payload).await
    }

    /// The same, of use until that other moment: the beginning of what it is about.
    pub async fn between(
        &self,
        when: Timestamp,
        useful_until: Timestamp,
        payload: &str,
    ) -> Result<ReminderId, Refusal> {
        self.set(when, Some(useful_until), payload).await
    }

    /// Another moment; of use until a day after it. False when it does not wait any more.
    pub async fn reschedule(&self, id: ReminderId, when: Timestamp) -> Result<bool, Refusal> {
        let (name, at) = (id.to_string(), when.0.to_string());
        self.talk
            .call("reminders.reschedule", &[&name, &at], || {
                host::reschedule(id.0, when.0, None)
            })
            .await
    }

    /// False when it did not wait any more.
    pub async fn cancel(&self, id: ReminderId) -> Result<bool, Refusal> {
        self.talk
            .call("reminders.cancel", &[&id.to_string()], || {
                host::cancel(id.0)
            })
            .await
    }

    async fn set(
        &self,
        when: Timestamp,
        useful_until: Option<Timestamp>,
        payload: &str,
    ) -> Result<ReminderId, Refusal> {
        let until = useful_until.map_or(String::new(), |until| until.0.to_string());
        let request = [&when.0.to_string(), until.as_str(), payload];
        self.talk
            .call("reminders.at", &request, || {
                host::remind_at(when.0, useful_until.map(|until| until.0), payload).map(ReminderId)
            })
            .await
    }
}

impl std::fmt::Display for ReminderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for ReminderId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<ReminderId, Self::Err> {
        text.parse().map(ReminderId)
    }
}

impl Recorded for ReminderId {
    fn write(&self, out: &mut String) {
        // As a text: a number of JSON is not exact beyond 2^53.
        self.to_string().write(out);
    }

    fn read(got: &Json) -> Option<ReminderId> {
        got.text()?.parse().ok()
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::reminders as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::reminders;
    use crate::outcome::Refusal;

    pub(super) fn remind_at(
        when: u64,
        useful_until: Option<u64>,
        payload: &str,
    ) -> Result<u64, Refusal> {
        Ok(reminders::remind_at(when, useful_until, payload)?)
    }

    pub(super) fn reschedule(
        id: u64,
        when: u64,
        useful_until: Option<u64>,
    ) -> Result<bool, Refusal> {
        Ok(reminders::reschedule(id, when, useful_until)?)
    }

    pub(super) fn cancel(id: u64) -> Result<bool, Refusal> {
        Ok(reminders::cancel(id)?)
    }
}
