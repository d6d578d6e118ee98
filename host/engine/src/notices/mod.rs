//! Tells staff and the machine's operator: looks through the desk's history for what is to be told,
//! puts that on disk, hands it to the ways out and notes what came of it. A turn waits for none of
//! it, and a crash between any two of these steps loses none.

mod alarms; // what is wrong with the machine
mod waiting; // who waits for too long

use std::sync::Arc;
use std::time::Duration;

use callslip_core::alert::{self, Alert, GIVEN_UP_AFTER, letter};
use callslip_core::at::At;
use callslip_core::config::Alarms;
use callslip_core::outbox::{Setback, Step, next};
use callslip_gateways::Notices;
pub use callslip_store::alerts::GivenUp;
use callslip_store::alerts::{Fate, KeepAlerts, Leased};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Engine;

pub(crate) use alarms::Watch;

const AT_ONCE: usize = 8;
/// Longer than any way out takes; what was given out before is then somebody's who died.
const LEASE: Duration = Duration::from_secs(180);
const EVENTS_AT_ONCE: usize = 500;
/// What comes by the hour or by the minute is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// However much happens at the desk, it is looked through this often at most.
const PACE: Duration = Duration::from_millis(250);

/// By which ways, and whom besides the libraries' own people.
pub struct Telling {
    pub ways: Notices,
    pub operator: Option<Alarms>,
    /// Where people reach the console, without a slash at its end.
    pub console: Option<String>,
}

impl Engine {
    /// From now on; nobody is told before this was said once.
    pub fn set_telling(&self, telling: Telling) {
        *crate::write(&self.shared.telling) = Some(Arc::new(telling));
    }

    /// Tells until `stop` says so; what is on its way then is finished.
    pub async fn tell(&self, mut stop: watch::Receiver<bool>) {
        let mut news = self.shared.desk.subscribe();
        let mut in_flight = JoinSet::new();
        while !*stop.borrow() {
            self.tell_what_is_due(&mut in_flight).await;
            tokio::select! {
                _ = in_flight.join_next(), if !in_flight.is_empty() => {}
                changed = news.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    tokio::time::sleep(PACE).await;
                }
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
        while in_flight.join_next().await.is_some() {}
    }

    /// Tells what is due now and waits until it is through: for clocks that are turned by hand.
    pub async fn tell_due(&self) {
        let mut in_flight = JoinSet::new();
        loop {
            self.tell_what_is_due(&mut in_flight).await;
            if in_flight.is_empty() {
                return;
            }
            while in_flight.join_next().await.is_some() {}
        }
    }

    async fn tell_what_is_due(&self, in_flight: &mut JoinSet<()>) {
        let Some(telling) = crate::read(&self.shared.telling).clone() else {
            return;
        };
        let now = self.now();
        self.walk(now).await;
        self.find_waiting(now).await;
        if let Some(operator) = &telling.operator {
            self.find_alarms(operator, now).await;
        }
        let room = AT_ONCE.saturating_sub(in_flight.len());
        if room == 0 {
            return;
        }
        let due = self
            .ask("giving notices out", |done| {
                let alerts = self.shared.store.alerts();
                alerts.lease_alerts(now, LEASE, room, done);
            })
            .await;
        for leased in due.unwrap_or_default() {
            let (engine, telling) = (self.clone(), Arc::clone(&telling));
            in_flight.spawn(async move { engine.tell_one(&telling, leased).await });
        }
    }

    /// What happened at the desk since the last look.
    async fn walk(&self, now: At) {
        loop {
            let happened = self
                .look("looking for what is to be told", |reader| {
                    reader.alerts().happened(EVENTS_AT_ONCE)
                })
                .await;
            let Some(happened) = happened.filter(|happened| happened.to > happened.from) else {
                return;
            };
            let running = self.running();
            let alerts = happened.events.iter().flat_map(|event| {
                let library = running.directory.library(&event.library);
                library.map_or_else(Vec::new, |library| alert::of_event(event, library))
            });
            let walked = Some((happened.from, happened.to));
            if self.keep(alerts.collect(), walked, now).await.is_none() {
                return;
            }
        }
    }

    /// None: the store did not take it; the next look finds it again.
    async fn keep(&self, alerts: Vec<Alert>, walked: Option<(i64, i64)>, now: At) -> Option<usize> {
        if alerts.is_empty() && walked.is_none() {
            return Some(0);
        }
        let keep = KeepAlerts {
            alerts,
            walked,
            now,
        };
        let kept = self.ask("keeping notices", |done| {
            self.shared.store.alerts().keep_alerts(keep, done);
        });
        kept.await?
    }

    async fn tell_one(&self, telling: &Telling, leased: Leased) {
        let fate = self.notice_fate(telling, &leased).await;
        let (id, attempt, now) = (leased.id, leased.attempt, self.now());
        if let Fate::Failed { reason } = &fate {
            let alert = &leased.alert;
            tracing::error!(
                notice = id,
                kind = ?alert.kind,
                way = ?alert.way,
                library = alert.library.as_ref().map(tracing::field::display),
                ticket = alert.ticket.map(|ticket| ticket.0),
                reason,
                "a notice was given up"
            );
        }
        self.ask("noting a notice", |done| {
            let alerts = self.shared.store.alerts();
            alerts.alert_ended(id, attempt, fate, now, done);
        })
        .await;
    }

    async fn notice_fate(&self, telling: &Telling, leased: &Leased) -> Fate {
        let (alert, now) = (&leased.alert, self.now());
        let running = self.running();
        let library = alert.library.as_ref();
        let library = library.and_then(|id| running.directory.library(id));
        let facts = match alert.ticket {
            None => None,
            Some(ticket) => {
                let found = self.look("looking up a notice", move |reader| {
                    reader.alerts().alert_facts(ticket)
                });
                match found.await {
                    None => {
                        return Fate::Again {
                            at: now + LOOK_EVERY,
                            reason: "the store could not be read".to_owned(),
                        };
                    }
                    Some(facts) => facts,
                }
            }
        };
        let of = match (alert.ticket, library, &facts) {
            (None, _, _) => None,
            (Some(ticket), Some(library), Some(facts)) if facts.still(alert.kind) => {
                Some((&**library, ticket, facts))
            }
            // Answered, deleted, or the library is gone.
            (Some(_), _, _) => return Fate::Dropped,
        };
        let console = telling.console.as_deref();
        let letter = letter(leased.id, alert.kind, of, &alert.about, console, now);
        let sent = telling.ways.send(
            leased.id,
            alert.way,
            &alert.to,
            alert.library.as_ref(),
            &letter,
            now,
        );
        let Err(error) = sent.await else {
            return Fate::Sent;
        };
        let now = self.now();
        let reason = error.to_string();
        let setback = match error.is_lasting() || now.since(leased.created) >= GIVEN_UP_AFTER {
            true => Setback::Permanent,
            false => Setback::Later,
        };
        match next(setback, leased.attempt, leased.id.unsigned_abs(), now) {
            Step::Again(at) => Fate::Again { at, reason },
            Step::Ask | Step::GiveUp => Fate::Failed { reason },
        }
    }

    /// What could not be told since then, the latest first.
    pub async fn notices_given_up(&self, since: At, max: usize) -> Vec<GivenUp> {
        let found = self.look("looking for notices that were given up", move |reader| {
            reader.alerts().given_up(since, max)
        });
        found.await.unwrap_or_default()
    }
}
