//! Fetches the pictures that patrons send, from where their gateway keeps them, draws them anew and
//! puts them away sealed (d4). One at a time: a picture may ask for a lot of memory.

use std::time::Duration;

use callslip_core::outbox::{Setback, Step, next};
use callslip_gateways::plain_picture;
use callslip_store::pictures::{PictureFate, Wanted};
use tokio::sync::watch;

use crate::Engine;

/// Fetched and drawn within that, or its holder has died.
const LEASE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A gateway that is away for longer has forgotten it.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

impl Engine {
    /// Fetches until `stop` says so.
    pub async fn fetch_pictures(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.fetch_pictures_due().await;
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Fetches what is due now.
    pub async fn fetch_pictures_due(&self) {
        if crate::read(&self.shared.telling).is_none() {
            return; // There is no way out.
        }
        loop {
            let now = self.now();
            let due = self.ask("giving pictures out", |done| {
                let pictures = self.shared.store.pictures();
                pictures.lease_pictures(now, LEASE, 1, done);
            });
            let due = due.await.unwrap_or_default();
            let Some(wanted) = due.into_iter().next() else {
                return;
            };
            let fate = self.picture_fate(&wanted).await;
            if let PictureFate::Refused { reason } = &fate {
                tracing::warn!(
                    text = wanted.text.0,
                    place = wanted.place,
                    reason,
                    "a picture is not shown"
                );
            }
            let now = self.now();
            self.ask("keeping a picture", |done| {
                let pictures = self.shared.store.pictures();
                pictures.picture_ended(wanted, fate, now, done);
            })
            .await;
            self.shared.desk_news();
        }
    }

    async fn picture_fate(&self, wanted: &Wanted) -> PictureFate {
        let telling = crate::read(&self.shared.telling).clone();
        let gateway = self.shared.gateway(&wanted.gateway);
        let (Some(telling), Some(gateway)) = (telling, gateway) else {
            let reason = "its gateway is not configured any more".to_owned();
            return PictureFate::Refused { reason };
        };
        let places = gateway.picture_places();
        let fetched = telling.ways.outward.picture(&places, &wanted.url).await;
        let error = match fetched {
            Ok(file) => {
                let drawn = tokio::task::spawn_blocking(move || plain_picture(&file)).await;
                return match drawn {
                    Ok(Ok(picture)) => PictureFate::Kept { jpeg: picture.jpeg },
                    Ok(Err(refused)) => PictureFate::Refused {
                        reason: refused.to_string(),
                    },
                    Err(_) => PictureFate::Refused {
                        reason: "it could not be read".to_owned(),
                    },
                };
            }
            Err(error) => error,
        };
        let (now, reason) = (self.now(), error.to_string());
        let setback = match error.is_lasting() || now.since(wanted.created) >= GIVEN_UP_AFTER {
            true => Setback::Permanent,
            false => Setback::Later,
        };
        match next(setback, wanted.attempt, wanted.text.0.unsigned_abs(), now) {
            Step::Again(at) => PictureFate::Again { at, reason },
            Step::Ask | Step::GiveUp => PictureFate::Refused { reason },
        }
    }
}
