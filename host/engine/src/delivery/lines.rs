//! What each number may send now, and by which gateway: its rate and its pauses, and whether the
//! gateway is up.

use std::collections::{BTreeMap, HashMap};

use callslip_core::at::At;
use callslip_core::directory::{Directory, Number};
use callslip_core::outbox::{Circuit, Pace};
use callslip_store::{Allowance, Handover};

#[derive(Default)]
pub(crate) struct Lines {
    paces: HashMap<String, Pace>,
    circuits: BTreeMap<String, Circuit>,
    refused: HashMap<String, (u64, At)>,
}

/// How a gateway does, for people.
#[derive(Clone, Debug)]
pub struct GatewayHealth {
    pub name: String,
    pub up: bool,
    pub last_ok: Option<At>,
    pub last_error: Option<(At, String)>,
    /// Webhooks in its name that were turned away since the start, and the last of them.
    pub refused: Option<(u64, At)>,
}

impl Lines {
    pub(crate) fn refuse(&mut self, gateway: &str, now: At) {
        let (times, last) = self.refused.entry(gateway.to_owned()).or_insert((0, now));
        *times += 1;
        *last = now;
    }

    /// What may go now, at most `room` in all as far as each number gets at least one.
    pub(crate) fn allowances(
        &mut self,
        directory: &Directory,
        room: usize,
        now: At,
    ) -> Vec<Allowance> {
        let share = (room / directory.numbers.len().max(1)).max(1).min(room);
        let mut allowances = Vec::new();
        for number in directory.numbers.values() {
            let gateway = self.carrier(number, now).to_owned();
            let up = self
                .circuit(&gateway)
                .map_or(usize::MAX, |it| it.allows(now));
            let pace = self.paces.entry(number.number.clone()).or_default();
            let max = pace.allows(number.rates, now).min(up).min(share);
            if max > 0 {
                allowances.push(Allowance {
                    number: number.number.clone(),
                    gateway,
                    max,
                    day_max: number.rates.per_day,
                });
            }
        }
        allowances
    }

    /// The number's own gateway, or its fallback while that one is down.
    fn carrier<'a>(&self, number: &'a Number, now: At) -> &'a str {
        let usable = |name: &str| {
            self.circuit(name)
                .is_none_or(|circuit| circuit.allows(now) > 0)
        };
        match &number.fallback {
            Some(fallback) if !usable(&number.gateway) && usable(fallback) => fallback,
            Some(_) | None => &number.gateway,
        }
    }

    fn circuit(&self, gateway: &str) -> Option<&Circuit> {
        self.circuits.get(gateway)
    }

    pub(crate) fn took(&mut self, given: &[Handover], now: At) {
        for handover in given {
            if let Some(pace) = self.paces.get_mut(&handover.number) {
                pace.took(1);
            }
            if let Some(circuit) = self.circuits.get_mut(&handover.gateway) {
                circuit.tried(now);
            }
        }
    }

    pub(crate) fn answered(&mut self, gateway: &str, now: At) {
        self.circuits
            .entry(gateway.to_owned())
            .or_default()
            .answered(now);
    }

    pub(crate) fn failed(&mut self, gateway: &str, error: String, now: At) {
        self.circuits
            .entry(gateway.to_owned())
            .or_default()
            .failed(now, error);
    }

    pub(crate) fn pause(&mut self, number: &str, until: At) {
        self.paces
            .entry(number.to_owned())
            .or_default()
            .pause(until);
    }

    /// Numbers that may send now, and when the first of the others may.
    pub(crate) fn ready(&mut self, directory: &Directory, now: At) -> (Vec<String>, Option<At>) {
        let (mut ready, mut next) = (Vec::new(), None::<At>);
        for number in directory.numbers.values() {
            let gateway = self.carrier(number, now);
            let circuit = self.circuit(gateway).cloned().unwrap_or_default();
            let pace = self.paces.entry(number.number.clone()).or_default();
            if circuit.allows(now) > 0 && pace.allows(number.rates, now) > 0 {
                ready.push(number.number.clone());
                continue;
            }
            let at = pace.next(number.rates, now).max(circuit.next(now));
            next = Some(next.map_or(at, |next| next.min(at)));
        }
        (ready, next)
    }

    pub(crate) fn health<'a>(
        &self,
        gateways: impl Iterator<Item = &'a String>,
    ) -> Vec<GatewayHealth> {
        let mut all: Vec<GatewayHealth> = gateways
            .map(|name| {
                let circuit = self.circuits.get(name).cloned().unwrap_or_default();
                GatewayHealth {
                    name: name.clone(),
                    up: circuit.is_up(),
                    last_ok: circuit.last_ok,
                    last_error: circuit.last_error,
                    refused: self.refused.get(name).copied(),
                }
            })
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }
}
