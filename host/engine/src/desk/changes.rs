//! What open pages look at again.

use std::time::Duration;

use callslip_core::desk::{Actor, Right};
use callslip_store::desk::Changes;
use tokio::time::Instant;

use super::{Desk, DeskError};

/// What other processes and gateways bring is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const ROWS_MAX: usize = 500;

impl Desk {
    /// Where the feed stands now: what a page is drawn with.
    pub async fn latest(&self) -> Result<i64, DeskError> {
        let changes = self
            .read(|reader| reader.desk().changes_since(i64::MAX, &[], 0))
            .await?;
        Ok(changes.seq)
    }

    /// What changed after `seq` in the libraries that this person sees; waits for it, at most for
    /// `patience`. No rows: nothing happened there, go on from its `seq`.
    pub async fn changes(
        &self,
        actor: &Actor,
        seq: i64,
        patience: Duration,
    ) -> Result<Changes, DeskError> {
        let libraries = actor.libraries(Right::See);
        let until = Instant::now() + patience;
        let mut news = self.engine.shared.desk.subscribe();
        let mut seq = seq;
        loop {
            let of = libraries.clone();
            let changes = self
                .read(move |reader| reader.desk().changes_since(seq, &of, ROWS_MAX))
                .await?;
            if !changes.rows.is_empty() || changes.missed || Instant::now() >= until {
                return Ok(changes);
            }
            seq = changes.seq;
            tokio::select! {
                changed = news.changed() => changed.map_err(|_| callslip_store::StoreError::Closed)?,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}
