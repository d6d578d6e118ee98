//! A process that dies at a chosen write: a store that stops taking, or stops answering.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callslip_core::at::At;
use callslip_core::ids::{Digest, MessageId, PhoneId};
use callslip_core::inbound::Inbound;
use callslip_core::snapshot::{Text, TurnCommit};
use callslip_store::alerts::AlertStore;
use callslip_store::broadcasts::BroadcastStore;
use callslip_store::desk::DeskStore;
use callslip_store::lists::ListStore;
use callslip_store::pictures::PictureStore;
use callslip_store::privacy::PrivacyStore;
use callslip_store::{
    Accepted, Committed, Done, GatewayNote, GiveUp, HandoverResult, Lease, Noted, Notes, Outbox,
    Reader, StatusNote, Store, StoreError, Sweep, SweepUnclear, Swept, TakeUnfinished, TestSent,
    TestText,
};
use tokio::sync::Notify;

/// How the process dies at its step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dies {
    /// The write does not happen.
    Before,
    /// It happens, and nobody hears of it.
    After,
}

/// A store that takes `writes` writes and dies at the next one.
pub(crate) struct Dying {
    inner: Arc<dyn Store>,
    asked: AtomicUsize,
    writes: usize,
    dies: Dies,
    /// Which of them count.
    counts: Counts,
    died: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// What a text's way through the house writes.
    Turns,
    /// That, and what the outbox worker writes.
    All,
}

impl Dying {
    pub(crate) fn new(inner: Arc<dyn Store>, writes: usize, dies: Dies, counts: Counts) -> Dying {
        Dying {
            inner,
            asked: AtomicUsize::new(0),
            writes,
            dies,
            counts,
            died: Notify::new(),
        }
    }

    /// Comes back once the process is dead: whatever was asked of it will never be answered.
    pub(crate) async fn dead(&self) {
        self.died.notified().await;
    }

    fn worker<T: Send + 'static>(&self, done: Done<T>, write: impl FnOnce(Done<T>)) {
        match self.counts {
            Counts::Turns => write(done),
            Counts::All => self.step(done, write),
        }
    }

    fn step<T: Send + 'static>(&self, done: Done<T>, write: impl FnOnce(Done<T>)) {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        if asked >= self.writes {
            self.died.notify_one();
        }
        match (asked.cmp(&self.writes), self.dies) {
            (std::cmp::Ordering::Less, _) => write(done),
            (std::cmp::Ordering::Equal, Dies::After) => {
                write(Box::new(move |_| std::mem::forget(done)));
            }
            // Dropping `done` would tell the asker that nothing was saved; a dead process is silent.
            (std::cmp::Ordering::Equal | std::cmp::Ordering::Greater, _) => std::mem::forget(done),
        }
    }
}

impl Store for Dying {
    fn desk(&self) -> &dyn DeskStore {
        self.inner.desk()
    }
    fn staff(&self) -> &dyn callslip_store::StaffStore {
        self.inner.staff()
    }
    fn alerts(&self) -> &dyn AlertStore {
        self.inner.alerts()
    }
    fn privacy(&self) -> &dyn PrivacyStore {
        self.inner.privacy()
    }

    fn lists(&self) -> &dyn ListStore {
        self.inner.lists()
    }

    fn broadcasts(&self) -> &dyn BroadcastStore {
        self.inner.broadcasts()
    }
    fn tallies(&self) -> &dyn callslip_store::tallies::TallyStore {
        self.inner.tallies()
    }

    fn outside(&self) -> &dyn callslip_store::outside::OutsideStore {
        self.inner.outside()
    }

    fn pictures(&self) -> &dyn PictureStore {
        self.inner.pictures()
    }
    fn due(&self) -> &dyn callslip_store::due::DueStore {
        self.inner.due()
    }
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }
    fn accept(&self, inbound: Inbound, done: Done<Accepted>) {
        self.step(done, |done| self.inner.accept(inbound, done));
    }
    fn commit(&self, turn: TurnCommit, done: Done<Committed>) {
        self.step(done, |done| self.inner.commit(turn, done));
    }
    fn unfinished(&self, take: TakeUnfinished, done: Done<Vec<Text>>) {
        self.inner.unfinished(take, done);
    }
    fn sweep(&self, sweep: Sweep, done: Done<Swept>) {
        self.inner.sweep(sweep, done);
    }
    fn suspend_lists(&self, phone: PhoneId, reason: String, now: At, done: Done<()>) {
        self.inner.suspend_lists(phone, reason, now, done);
    }
    fn put_component(&self, digest: Digest, name: String, bytes: Vec<u8>, done: Done<()>) {
        self.inner.put_component(digest, name, bytes, done);
    }
    fn set_compiled_hash(&self, digest: Digest, engine: String, hash: String, done: Done<()>) {
        self.inner.set_compiled_hash(digest, engine, hash, done);
    }
    fn observing_since(
        &self,
        gateways: Vec<String>,
        now: At,
        done: Done<std::collections::HashMap<String, At>>,
    ) {
        self.inner.observing_since(gateways, now, done);
    }
}

impl Notes for Dying {
    fn keep_note(&self, note: GatewayNote, done: Done<()>) {
        self.inner.keep_note(note, done);
    }
    fn forget_notes(&self, gateway: String, keys: Vec<String>, done: Done<()>) {
        self.inner.forget_notes(gateway, keys, done);
    }
}

impl Outbox for Dying {
    fn inline_handed(&self, messages: Vec<MessageId>, now: At, done: Done<()>) {
        self.step(done, |done| self.inner.inline_handed(messages, now, done));
    }
    fn lease(&self, lease: Lease, done: Done<Vec<callslip_store::Handover>>) {
        self.worker(done, |done| self.inner.lease(lease, done));
    }
    fn handed_over(
        &self,
        message: MessageId,
        attempt: u32,
        result: HandoverResult,
        now: At,
        done: Done<Noted>,
    ) {
        self.worker(done, |done| {
            self.inner.handed_over(message, attempt, result, now, done)
        });
    }
    fn status(&self, note: StatusNote, done: Done<Noted>) {
        self.worker(done, |done| self.inner.status(note, done));
    }
    fn sweep_unclear(&self, sweep: SweepUnclear, done: Done<Vec<callslip_store::Unclear>>) {
        self.worker(done, |done| self.inner.sweep_unclear(sweep, done));
    }
    fn give_up(&self, give_up: GiveUp, done: Done<Noted>) {
        self.worker(done, |done| self.inner.give_up(give_up, done));
    }
    fn send_again(&self, id: MessageId, now: At, until: At, done: Done<Option<MessageId>>) {
        self.worker(done, |done| self.inner.send_again(id, now, until, done));
    }
    fn test_text(&self, test: TestText, done: Done<TestSent>) {
        self.worker(done, |done| self.inner.test_text(test, done));
    }
    fn asked(&self, message: MessageId, next: Option<At>, done: Done<()>) {
        self.worker(done, |done| self.inner.asked(message, next, done));
    }
    fn redact_at(&self, gateway: String, provider_id: String, due: At, done: Done<()>) {
        self.worker(done, |done| {
            self.inner.redact_at(gateway, provider_id, due, done)
        });
    }
    fn redacted(&self, gateway: String, provider_id: String, next: Option<At>, done: Done<()>) {
        self.worker(done, |done| {
            self.inner.redacted(gateway, provider_id, next, done)
        });
    }
    fn caught_up(&self, gateway: String, until: At, done: Done<()>) {
        self.worker(done, |done| self.inner.caught_up(gateway, until, done));
    }
}
