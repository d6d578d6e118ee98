//! What a flow may look at, asked of whoever runs the turn. The runtime does not know where the
//! answers come from; it lays the run's own writes over them (`view.rs`).

use callslip_core::due::{ReminderId, Waiting};
use callslip_core::flow::Scope;
use callslip_core::outside::{Answer, Ask};

/// The snapshot of one turn, narrowed to one keyword, one patron and one library. Every answer of
/// one run comes from the same moment. An error is the host's own failure: the run ends, and
/// [`Flow::run`](crate::Flow::run) gives it back.
pub trait Data {
    /// The value and its version, which is above 0: 0 stands for nothing there.
    fn get(&mut self, scope: Scope, key: &str) -> anyhow::Result<Option<(String, i64)>>;

    /// At most `max` pairs whose key begins with `prefix`, by key, and the version of the scope.
    fn list(
        &mut self,
        scope: Scope,
        prefix: &str,
        max: usize,
    ) -> anyhow::Result<(Vec<(String, String)>, i64)>;

    /// Whether the patron is on it; none: this library has no such list.
    fn is_member(&mut self, list: &str) -> anyhow::Result<Option<bool>>;

    fn profile(&mut self, field: &str) -> anyhow::Result<Option<String>>;

    /// What the profile field `language` may be set to.
    fn languages(&self) -> &[String];

    /// The short link to the library's contact card; none: it has no card.
    fn card_link(&self) -> Option<String>;

    /// The answer to what is asked outside the house, if it is known; `before` of the same were
    /// asked in this run already. None: it has to be asked.
    fn outside(&mut self, ask: &Ask, before: usize) -> Option<Answer>;

    /// Seals a secret of the patron's for this key. None: nothing can be sealed here.
    fn seal(&self, key: &str, value: &str) -> Option<String>;

    /// None: it does not open.
    fn unseal(&self, key: &str, sealed: &str) -> Option<String>;

    /// Whether a number, however it is written, is the patron's own.
    fn is_own_number(&mut self, number: &str) -> anyhow::Result<bool>;
    /// Of the patron at this keyword, those that wait.
    fn reminders(&mut self) -> anyhow::Result<Vec<Waiting>>;

    /// What the `ordinal`th reminder is called that this turn sets; the same when it runs again.
    fn reminder_id(&self, ordinal: u64) -> ReminderId;
}

/// What a flow looks at where there is nothing: no patron, no library, nobody to ask.
pub struct Nothing;

impl Data for Nothing {
    fn get(&mut self, _: Scope, _: &str) -> anyhow::Result<Option<(String, i64)>> {
        Ok(None)
    }

    fn list(
        &mut self,
        _: Scope,
        _: &str,
        _: usize,
    ) -> anyhow::Result<(Vec<(String, String)>, i64)> {
        Ok((Vec::new(), 0))
    }

    fn is_member(&mut self, _: &str) -> anyhow::Result<Option<bool>> {
        Ok(Some(false))
    }

    fn profile(&mut self, _: &str) -> anyhow::Result<Option<String>> {
        Ok(None)
    }

    fn languages(&self) -> &[String] {
        &[]
    }

    fn card_link(&self) -> Option<String> {
        None
    }

    fn outside(&mut self, _: &Ask, _: usize) -> Option<Answer> {
        None
    }

    fn seal(&self, _: &str, value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    fn unseal(&self, _: &str, _: &str) -> Option<String> {
        None
    }

    fn is_own_number(&mut self, _: &str) -> anyhow::Result<bool> {
        Ok(false)
    }

    fn reminders(&mut self) -> anyhow::Result<Vec<Waiting>> {
        Ok(Vec::new())
    }

    fn reminder_id(&self, ordinal: u64) -> ReminderId {
        ReminderId(ordinal)
    }
}

// A wasmtime store owns its data for ever, while a snapshot is lent for one run. Host functions
// run on the thread that called the guest, so the loan is kept by that thread.
scoped_tls_hkt::scoped_thread_local!(static mut LENT: for<'a> &'a mut (dyn Data + 'a));

/// Runs `body`, during which [`with`] reaches `data` on this thread.
pub(crate) fn lend<R>(data: &mut dyn Data, body: impl FnOnce() -> R) -> R {
    LENT.set(data, body)
}

/// None outside of a turn: `describe` has nothing to look at.
pub(crate) fn with<R>(ask: impl FnOnce(&mut dyn Data) -> R) -> Option<R> {
    LENT.is_set().then(|| LENT.with(|data| ask(data)))
}
