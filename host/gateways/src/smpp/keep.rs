//! Keeps a connection: makes it, makes it again when it is lost, and puts messages through it.
//!
//! A message of several parts goes part by part, each after the answer to the one before. All
//! taken: it is sent. The first that is not decides for the whole message, which is tried again
//! from its first part if anything is: with the same reference in its header, so that a phone that
//! has parts of it already shows it once. If a part is refused for good after others were taken,
//! the message has failed; what a phone shows of those cannot be taken back.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use tokio::sync::watch;
use tokio::time::sleep;

use super::address::tail;
use super::codes;
use super::inbox::Inbox;
use super::link::{ANSWER_WITHIN, Fate};
use super::session::{self, End};
use super::submit::pdus;
use super::{Smpp, lock};
use crate::port::{Delivery, Door, Handover, Sent};
use crate::send_error::{Refusal, SendError, Trouble};

/// From the first to the last of the waits between two tries to connect, each twice the one before.
const AGAIN_FIRST: Duration = Duration::from_secs(1);
const AGAIN_LONGEST: Duration = Duration::from_secs(60);
/// A connection that lasted so long was a good one.
const LASTED: Duration = Duration::from_secs(30);

/// The longest that a message waits for its turn; who would wait longer comes again.
const TURN_WITHIN: Duration = Duration::from_secs(20);
/// No part leaves later than this after the message was given to us. The last one's waits for a
/// place and for an answer end before the worker takes us for dead.
const LAST_PART_WITHIN: Duration = Duration::from_secs(40);

const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Smpp {
    pub(super) async fn keep_connected(
        self: Arc<Self>,
        door: Arc<dyn Door>,
        mut stop: watch::Receiver<bool>,
    ) {
        let inbox = loop {
            match Inbox::open(Arc::clone(&self), Arc::clone(&door)).await {
                Ok(inbox) => break Arc::new(inbox),
                Err(error) => {
                    let gateway = self.options.name.as_str();
                    tracing::error!(gateway, %error, "what was kept of earlier texts cannot be read");
                }
            }
            if self.stops_within(AGAIN_LONGEST, &mut stop).await {
                return;
            }
        };
        let connecting = self.connect_again_and_again(&inbox, &door, stop);
        let tidying = async {
            loop {
                sleep(LOOK_EVERY).await;
                inbox.tidy().await;
            }
        };
        tokio::select! {
            () = connecting => {}
            () = tidying => {}
        }
    }

    async fn connect_again_and_again(
        self: &Arc<Self>,
        inbox: &Arc<Inbox>,
        door: &Arc<dyn Door>,
        mut stop: watch::Receiver<bool>,
    ) {
        let gateway = self.options.name.as_str();
        let place = self.options.dial.place();
        let mut tries = 0;
        while !*stop.borrow() {
            let began = door.now();
            let end = match self.options.dial.dial().await {
                Ok(pipe) => {
                    tracing::info!(gateway, place, "connected");
                    session::run(
                        Arc::clone(self),
                        Arc::clone(inbox),
                        Arc::clone(door),
                        pipe,
                        stop.clone(),
                    )
                    .await
                }
                Err(error) => {
                    tracing::warn!(gateway, place, %error, "no connection");
                    End::Lost("no connection")
                }
            };
            match end {
                End::Stopped => {
                    tracing::info!(gateway, place, "disconnected");
                    return;
                }
                End::Refused(status) => {
                    let code = u32::from(status);
                    let remedy = codes::bind_remedy(status);
                    tracing::error!(gateway, place, code, "the bind was refused: {remedy}");
                }
                End::Lost(why) => tracing::warn!(gateway, place, why, "the connection is lost"),
            }
            if door.now().since(began) >= LASTED {
                tries = 0;
            }
            tries += 1;
            let wait = again_in(tries, gateway, door.now());
            if self.stops_within(wait, &mut stop).await {
                return;
            }
        }
    }

    async fn stops_within(&self, wait: Duration, stop: &mut watch::Receiver<bool>) -> bool {
        tokio::select! {
            () = sleep(wait) => false,
            _ = stop.wait_for(|stop| *stop) => true,
        }
    }

    pub(super) async fn hand_over(&self, message: Handover) -> Result<Sent, SendError> {
        let Some(pdus) = pdus(&self.options, &message) else {
            return Err(SendError::Permanent {
                refusal: Refusal::Message,
                code: None,
            });
        };
        let Some(link) = lock(&self.link).clone() else {
            return Err(SendError::Later(Trouble::Connect));
        };
        let given = link.door.now();
        let (turn, apart) = {
            let mut pace = lock(&self.pace);
            (pace.book(pdus.len(), given, TURN_WITHIN), pace.apart())
        };
        let turn = turn.map_err(|wait| SendError::Throttled { wait })?;
        sleep(turn).await;
        let phone = tail(message.to.dial());
        let attempt = lock(&self.ids).begin(message.message, pdus.len(), phone);
        let mut last = String::new();
        for (index, pdu) in pdus.into_iter().enumerate() {
            if index > 0 {
                sleep(apart).await;
            }
            if link.door.now().since(given) > LAST_PART_WITHIN {
                return Err(SendError::Later(Trouble::TimedOut));
            }
            let error = match link.submit(pdu, attempt.clone()).await {
                Fate::Taken { id } => {
                    last = id;
                    continue;
                }
                Fate::Refused(status) => codes::failure(status),
                Fate::NotSent => SendError::Later(Trouble::Connect),
                Fate::NoPlace => SendError::Throttled {
                    wait: ANSWER_WITHIN,
                },
                Fate::Broken => SendError::Unclear(Trouble::Broken),
                Fate::TimedOut => SendError::Unclear(Trouble::TimedOut),
            };
            if let SendError::Throttled { wait } = error {
                lock(&self.pace).pause(wait, link.door.now());
            }
            // Of one that may have been taken a receipt may come.
            if !matches!(error, SendError::Unclear(_)) {
                lock(&self.ids).give_up(&attempt);
            }
            return Err(error);
        }
        if last.is_empty() {
            // It was taken all the same; nothing more will be heard of it.
            last = format!("none-{}", message.message);
        }
        Ok(Sent {
            provider_id: last,
            delivery: Delivery::Sent,
        })
    }
}

/// With up to half as much again, so that many that lost their connections together do not come
/// back together.
fn again_in(tries: u32, gateway: &str, now: At) -> Duration {
    let wait = AGAIN_FIRST
        .saturating_mul(1 << tries.saturating_sub(1).min(16))
        .min(AGAIN_LONGEST);
    let hash = BuildHasherDefault::<DefaultHasher>::default();
    let share = hash.hash_one((gateway, now.0, std::process::id())) % 512;
    wait + wait.saturating_mul(u32::try_from(share).unwrap_or(0)) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_to_connect_grow_apart_stay_bounded_and_differ() {
        let now = At(1_790_000_000_000);
        for (tries, least) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60)] {
            let wait = again_in(tries, "carrier", now);
            let least = Duration::from_secs(least);
            assert!((least..least * 3 / 2).contains(&wait), "{tries}: {wait:?}");
        }
        let waits: std::collections::HashSet<Duration> = (0..20)
            .map(|at| again_in(3, "carrier", At(now.0 + at)))
            .collect();
        assert!(waits.len() > 10);
    }
}
