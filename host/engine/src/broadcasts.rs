//! Sends broadcasts: portion by portion, within the library's hours, never more in the outbox than
//! goes out soon, so that a pause acts at once. What patrons wait for overtakes all of it.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::broadcast::{Act, Refused, State};
use callslip_core::directory::Library;
use callslip_core::ids::{LibraryId, StaffId};
use callslip_core::quiet::{self, Release};
use callslip_store::StoreError;
use callslip_store::broadcasts::{
    AudienceOf, Broadcast, BroadcastAct, BroadcastStep, NewBroadcast, Progress, Stepped,
};
use tokio::sync::{oneshot, watch};

use crate::Engine;

/// Patrons looked at in one commit: a tenth of a second of the writer's time at most.
const CHUNK: usize = 2_000;
/// Messages of one broadcast in the outbox.
const WINDOW: usize = 400;
/// While something goes out.
const PACE: Duration = Duration::from_millis(250);
/// Nobody minds a broadcast that begins so much later.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// Steps of one broadcast before another's turn.
const STEPS: usize = 100;

impl Engine {
    /// Sends what is due until `stop` says so. Whatever dies in between, each person is sent it once.
    pub async fn broadcast(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let busy = self.broadcast_due().await;
            let wait = if busy { PACE } else { LOOK_EVERY };
            tokio::select! {
                () = self.shared.broadcasts.notified() => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// One round, as far as the outbox has room: whether anything is on its way.
    pub async fn broadcast_due(&self) -> bool {
        let now = self.now();
        let due = self.look("looking for broadcasts", move |reader| {
            reader.broadcasts().broadcasts_due(now)
        });
        let mut busy = false;
        for broadcast in due.await.unwrap_or_default() {
            busy |= self.push(&broadcast, now).await;
        }
        busy
    }

    async fn push(&self, broadcast: &Broadcast, now: At) -> bool {
        let running = self.running();
        let Some(library) = running.directory.library(&broadcast.library) else {
            return false;
        };
        let numbers = numbers(library);
        let first = numbers.first().and_then(|of| running.directory.number(of));
        let Some(first) = first else {
            return false;
        };
        let expires = broadcast.due + callslip_core::broadcast::USEFUL;
        let held = quiet::hold(first, library, now, expires, 0);
        if let Release::At(_) = held {
            return false;
        }
        let carried = numbers.iter().filter_map(|of| {
            let number = running.directory.number(of)?;
            Some((number.number.clone(), number.gateway.clone()))
        });
        let step = BroadcastStep {
            id: broadcast.id,
            numbers: carried.collect(),
            now,
            chunk: CHUNK,
            window: WINDOW,
            segments_max: library.budget.monthly_segments.map(u64::from),
        };
        for _ in 0..STEPS {
            let step = step.clone();
            let stepped = self.ask("sending a broadcast", |done| {
                self.shared.store.broadcasts().step_broadcast(step, done);
            });
            match stepped.await {
                Some(Stepped::More) => self.shared.outbox.notify_one(),
                Some(Stepped::Waits) => return true,
                Some(Stepped::Nothing) | None => return false,
            }
        }
        true
    }

    pub async fn broadcasts(
        &self,
        library: &LibraryId,
        max: usize,
    ) -> Result<Vec<Broadcast>, StoreError> {
        let library = library.clone();
        self.read(move |reader| reader.broadcasts().broadcasts(&library, max))
            .await
    }

    pub async fn broadcast_of(&self, id: i64) -> Result<Option<Broadcast>, StoreError> {
        self.read(move |reader| reader.broadcasts().broadcast(id))
            .await
    }

    pub async fn broadcast_progress(&self, id: i64) -> Result<Progress, StoreError> {
        self.read(move |reader| reader.broadcasts().broadcast_progress(id))
            .await
    }

    /// Why people were left out of it.
    pub async fn left_out(&self, id: i64) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(move |reader| reader.broadcasts().left_out(id))
            .await
    }

    /// Who would get it now, by language; and those of them whose phones are simulated.
    pub async fn audience(
        &self,
        library: &Library,
        of: &Broadcast,
    ) -> Result<[Vec<(Option<String>, u64)>; 2], StoreError> {
        let of = AudienceOf {
            library: of.library.clone(),
            list: of.list.clone(),
            audience: of.audience.clone(),
            numbers: numbers(library),
            now: self.now(),
        };
        self.read(move |reader| {
            let broadcasts = reader.broadcasts();
            Ok([broadcasts.audience(&of)?, broadcasts.simulated(&of)?])
        })
        .await
    }

    pub async fn add_broadcast(&self, new: NewBroadcast) -> Result<i64, StoreError> {
        let (tell, told) = oneshot::channel();
        let done = Box::new(move |result| {
            let _ = tell.send(result); // Who asked may have gone.
        });
        self.shared.store.broadcasts().add_broadcast(new, done);
        told.await.unwrap_or(Err(StoreError::Closed))
    }

    pub async fn act_on_broadcast(
        &self,
        (id, library): (i64, &Library),
        by: &StaffId,
        act: Act,
    ) -> Result<Result<State, Refused>, StoreError> {
        let act = BroadcastAct {
            id,
            library: library.id.clone(),
            by: by.clone(),
            act,
            second_person_above: library.second_person_above,
            numbers: numbers(library),
            now: self.now(),
        };
        let (tell, told) = oneshot::channel();
        let done = Box::new(move |result| {
            let _ = tell.send(result); // Who asked may have gone.
        });
        self.shared.store.broadcasts().act_on_broadcast(act, done);
        let acted = told.await.unwrap_or(Err(StoreError::Closed))?;
        self.shared.broadcasts.notify_one();
        Ok(acted)
    }
}

/// Those that patrons text to; the first speaks to whoever has texted none.
fn numbers(library: &Library) -> Vec<String> {
    library.numbers.clone()
}
