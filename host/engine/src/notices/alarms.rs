//! What the machine's operator is told (f8): a busy number is silent, a gateway is down, requests
//! come with wrong signatures, a library's month is nearly spent. Each once for as long as it
//! lasts, a day at most.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use callslip_core::alert::{alarm, silent};
use callslip_core::at::At;
use callslip_core::budget;
use callslip_core::config::Alarms;
use callslip_core::inbound::Namespace;

use crate::{Engine, lock};

const EVERY: Duration = Duration::from_secs(60);
/// It reads some ten thousand rows.
const SILENCE_EVERY: Duration = Duration::from_secs(10 * 60);
const ARRIVALS: usize = 10_000;
/// So many wrong signatures within an hour are no accident, and may be a changed token.
const REFUSED_MANY: usize = 5;
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What is remembered from one look to the next.
#[derive(Default)]
pub(crate) struct Watch {
    refused: HashMap<String, VecDeque<At>>,
    looked: Option<At>,
    looked_for_silence: Option<At>,
    looked_for_waiting: Option<At>,
}

impl Watch {
    pub(crate) fn refused(&mut self, gateway: &str, now: At) {
        let times = self.refused.entry(gateway.to_owned()).or_default();
        times.push_back(now);
        if times.len() > REFUSED_MANY {
            times.pop_front();
        }
    }

    pub(super) fn is_time_for_waiting(&mut self, now: At, every: Duration) -> bool {
        is_time(&mut self.looked_for_waiting, now, every)
    }

    fn refused_much(&self, now: At) -> Vec<String> {
        let many = self.refused.iter().filter(|(_, times)| {
            let first = times.front();
            let lately = first.is_some_and(|first| now.since(*first) < HOUR);
            times.len() >= REFUSED_MANY && lately
        });
        many.map(|(gateway, _)| gateway.clone()).collect()
    }
}

fn is_time(looked: &mut Option<At>, now: At, every: Duration) -> bool {
    let due = looked.is_none_or(|looked| now.since(looked) >= every || now < looked);
    if due {
        *looked = Some(now);
    }
    due
}

impl Engine {
    pub(super) async fn find_alarms(&self, operator: &Alarms, now: At) {
        if !is_time(&mut lock(&self.shared.watch).looked, now, EVERY) {
            return;
        }
        let day = now.0.div_euclid(DAY);
        let mut alerts = Vec::new();
        let mut tell = |key: String, about: String| {
            alerts.extend(alarm(&operator.email, &key, &about, now));
        };
        for gateway in lock(&self.shared.watch).refused_much(now) {
            let about = format!(
                "The gateway \"{gateway}\" refused requests for their signatures: \
                 {REFUSED_MANY} or more within an hour. Either somebody tries to speak for it, or \
                 its token or the public address is not the same here as there."
            );
            tell(format!("refused {gateway} {day}"), about);
        }
        for health in self.gateways_health().into_iter().filter(|one| !one.up) {
            let name = &health.name;
            let error = health.last_error.map_or(String::new(), |(_, error)| error);
            let about = format!(
                "The gateway \"{name}\" is down: {error}. Messages wait, and go out when it is back."
            );
            tell(format!("down {name} {day}"), about);
        }
        self.nearly_spent(now, &mut tell).await;
        self.fallen_silent(operator, now, &mut tell).await;
        self.keep(alerts, None, now).await;
    }

    async fn nearly_spent(&self, now: At, tell: &mut impl FnMut(String, String)) {
        let directory = &self.running().directory;
        if !directory.has_budgets() {
            return;
        }
        let spent = self.look("looking at what was spent", move |reader| {
            reader.spent(now, Namespace::Real)
        });
        let month = budget::month(now);
        for (id, segments) in spent.await.unwrap_or_default() {
            let library = directory.library(&id);
            let Some((library, budget)) =
                library.and_then(|it| Some((it, u64::from(it.budget.monthly_segments?))))
            else {
                continue;
            };
            let name = &library.name;
            if segments >= budget {
                let about = format!(
                    "{name} has spent its month: {segments} of {budget} segments. Until the month \
                     ends its texts become tickets without an answer; [budget] in its file says more."
                );
                tell(format!("spent {id} {month}"), about);
            } else if segments * 5 >= budget * 4 {
                let about = format!(
                    "{name} has spent four fifths of its month: {segments} of {budget} segments."
                );
                tell(format!("four fifths {id} {month}"), about);
            }
        }
    }

    async fn fallen_silent(
        &self,
        operator: &Alarms,
        now: At,
        tell: &mut impl FnMut(String, String),
    ) {
        let watch = &self.shared.watch;
        if !is_time(&mut lock(watch).looked_for_silence, now, SILENCE_EVERY) {
            return;
        }
        let arrivals = self.look("looking for silent numbers", |reader| {
            reader.alerts().arrivals(ARRIVALS)
        });
        let mut numbers: HashMap<String, Vec<At>> = HashMap::new();
        for (number, at) in arrivals.await.unwrap_or_default() {
            numbers.entry(number).or_default().push(at);
        }
        let hours = operator.silent_hours;
        for (number, arrivals) in numbers {
            if let Some(last) = silent(&arrivals, hours, now) {
                let about = format!(
                    "Nothing has come to {number} for {hours} hours, where texts usually come at \
                     this time. Text it, and look at its gateway's own pages and at the webhook \
                     address there."
                );
                tell(format!("silent {number} {}", last.0), about);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_935_842_400_000);

    #[test]
    fn a_few_wrong_signatures_are_an_accident() {
        let mut watch = Watch::default();
        for n in 0..4 {
            watch.refused("main", NOW + HOUR / 10 * n);
        }
        assert!(watch.refused_much(NOW + HOUR / 2).is_empty());
        watch.refused("main", NOW + HOUR / 2);
        assert_eq!(watch.refused_much(NOW + HOUR / 2), ["main"]);
        assert!(
            watch.refused_much(NOW + HOUR * 2).is_empty(),
            "they are old"
        );
    }

    #[test]
    fn wrong_signatures_far_apart_are_not_many() {
        let mut watch = Watch::default();
        for n in 0..40 {
            watch.refused("main", NOW + HOUR * n);
            assert!(watch.refused_much(NOW + HOUR * n).is_empty());
        }
    }

    #[test]
    fn each_kind_is_looked_for_in_its_own_time() {
        let mut looked = None;
        assert!(is_time(&mut looked, NOW, EVERY));
        assert!(!is_time(&mut looked, NOW + EVERY / 2, EVERY));
        assert!(is_time(&mut looked, NOW + EVERY, EVERY));
        // A clock that was set back holds nothing up.
        assert!(is_time(&mut looked, NOW - HOUR, EVERY));
    }
}
