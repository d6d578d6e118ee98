//! The store as pages use it: reads away from the threads that serve, writes that are waited for.

use std::sync::{Arc, Mutex, PoisonError};

use callslip_store::staff::{StaffCommit, StaffCommitted};
use callslip_store::{Done, StaffReader, StaffStore, StoreError};
use tokio::sync::oneshot;

/// Connections that wait for the next page; more are opened and closed under load.
const READERS_KEPT: usize = 4;

/// Why the console cannot go on just now. Not for patrons' eyes, nor for staff's.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the machine gives no randomness")]
    Randomness,
    #[error("a page did not come to its end")]
    Panicked,
}

pub(crate) struct Keep {
    staff: Arc<dyn StaffStore>,
    readers: Arc<Mutex<Vec<Box<dyn StaffReader>>>>,
}

impl Keep {
    pub(crate) fn new(staff: Arc<dyn StaffStore>) -> Keep {
        Keep {
            staff,
            readers: Arc::default(),
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn StaffReader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (staff, readers) = (Arc::clone(&self.staff), Arc::clone(&self.readers));
        let read = move || {
            let kept = lock(&readers).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => staff.staff_reader()?,
            };
            let found = ask(&*reader);
            let mut readers = lock(&readers);
            if readers.len() < READERS_KEPT {
                readers.push(reader);
            }
            found
        };
        let found = tokio::task::spawn_blocking(read).await;
        Ok(found.map_err(|_| Trouble::Panicked)??)
    }

    pub(crate) async fn commit(&self, commit: StaffCommit) -> Result<StaffCommitted, Trouble> {
        Ok(answered(|done| self.staff.staff_commit(commit, done)).await?)
    }
}

/// Waits for a write without holding a thread.
pub(crate) async fn answered<T: Send + 'static>(
    ask: impl FnOnce(Done<T>),
) -> Result<T, StoreError> {
    let (tell, told) = oneshot::channel();
    ask(Box::new(move |result| {
        // Whoever asked may have gone; the change is saved all the same.
        let _ = tell.send(result);
    }));
    told.await.unwrap_or(Err(StoreError::Closed))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
