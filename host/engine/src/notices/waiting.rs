//! Who has waited for longer than their library wants.

use std::time::Duration;

use callslip_core::alert;
use callslip_core::at::At;

use crate::{Engine, lock};

const EVERY: Duration = Duration::from_secs(30);
/// The longest waiting of each library; the others come when these are told.
const AT_ONCE: usize = 100;

impl Engine {
    pub(super) async fn find_waiting(&self, now: At) {
        if !lock(&self.shared.watch).is_time_for_waiting(now, EVERY) {
            return;
        }
        let running = self.running();
        for library in running.directory.libraries.values() {
            let Some(notices) = &library.notices else {
                continue;
            };
            let patience = Duration::from_secs(60 * u64::from(notices.waiting_minutes));
            let (id, before) = (library.id.clone(), now - patience);
            let waiting = self.look("looking for who waits", move |reader| {
                reader.alerts().waiting(&id, before, AT_ONCE)
            });
            let waiting = waiting.await.unwrap_or_default();
            let alerts = waiting.iter();
            let alerts = alerts.flat_map(|one| alert::of_waiting(one, library, now));
            self.keep(alerts.collect(), None, now).await;
        }
    }
}
