//! What gateways say of messages that went out, by whatever way they say it.

use callslip_gateways::{Delivery, StatusReport};
use callslip_store::{Noted, PhoneFault, StatusKey, StatusNote, StoreError};
use tokio::sync::oneshot;

use crate::Engine;

impl Engine {
    /// Notes a gateway's report. An error: it was not noted, and the gateway should say it again.
    pub async fn report(&self, gateway: &str, report: StatusReport) -> Result<Noted, StoreError> {
        let key = match report.message {
            Some(id) => StatusKey::Ours {
                id,
                provider_id: Some(report.provider_id),
            },
            None => StatusKey::Theirs(report.provider_id),
        };
        self.note_report(gateway, key, report.delivery, report.opted_out)
            .await
    }

    pub(crate) async fn note_report(
        &self,
        gateway: &str,
        key: StatusKey,
        delivery: Delivery,
        opted_out: bool,
    ) -> Result<Noted, StoreError> {
        let copies = self
            .gateway(gateway)
            .is_some_and(|gateway| gateway.keeps_copies());
        let phone = match &delivery {
            _ if opted_out => Some(PhoneFault::OptedOut),
            Delivery::Failed {
                permanent: true, ..
            } => Some(PhoneFault::Gone),
            Delivery::Failed { .. } | Delivery::Queued | Delivery::Sent | Delivery::Delivered => {
                None
            }
        };
        let note = StatusNote {
            gateway: gateway.to_owned(),
            key,
            delivery: match delivery {
                Delivery::Queued => callslip_store::Delivery::Queued,
                Delivery::Sent => callslip_store::Delivery::Sent,
                Delivery::Delivered => callslip_store::Delivery::Delivered,
                Delivery::Failed { code, .. } => callslip_store::Delivery::Failed {
                    code: code.map_or_else(
                        || "the gateway gave no reason".to_owned(),
                        |code| format!("the gateway's code {code}"),
                    ),
                },
            },
            phone,
            redact: copies && self.shared.delivery.redact,
            at: self.now(),
        };
        let (done, noted) = oneshot::channel();
        self.store().status(
            note,
            Box::new(move |result| {
                let _ = done.send(result); // The gateway may have hung up.
            }),
        );
        noted.await.unwrap_or(Err(StoreError::Closed))
    }
}
