//! What a patron agreed to in a flow's conversation: a list joined or left is a line of the ledger,
//! with the question that was shown and the answer to it.

use super::Turn;
use crate::consent::{Certainty, Part};
use crate::flow::{Effects, Read, Write};
use crate::route::Run;
use crate::snapshot::{Consent, ConsentFact, DecidedBy, PartWrite};

/// In place of an answer that is kept nowhere else either (e4).
const NOT_KEPT: &str = "(not kept)";

impl Turn<'_> {
    pub(super) fn agreed(&mut self, run: &Run, effects: &Effects) {
        let Some(library) = self.plan.library.clone() else {
            return;
        };
        for write in &effects.writes {
            let (list, after) = match write {
                Write::Join { list } => (list, Consent::In),
                Write::Leave { list } => (list, Consent::Out),
                Write::Set { .. } | Write::Delete { .. } | Write::Profile { .. } => continue,
            };
            let part = Part {
                library: library.clone(),
                list: Some(list.clone()),
            };
            let stopped = self.world.snapshot.stopped.iter();
            let was_stopped = stopped.into_iter().any(|stopped| stopped.part == part);
            let before = match (was_stopped, was_member(effects, list)) {
                (true, _) => Consent::Out,
                (false, Some(true)) => Consent::In,
                (false, Some(false) | None) => Consent::Unknown,
            };
            // Who joins a list anew is no longer held to an earlier STOP of it.
            if was_stopped && after == Consent::In {
                self.plan.parts.push(PartWrite {
                    part: part.clone(),
                    stopped: false,
                });
            }
            let shown = run
                .session
                .as_ref()
                .map(|session| session.asked_text.clone());
            let fact = ConsentFact {
                part: Some(part),
                before,
                after,
                by: DecidedBy::Flow,
                certainty: Certainty::Sure,
                words: if self.keep_text {
                    self.world.text.body.clone()
                } else {
                    NOT_KEPT.to_owned()
                },
                shown,
                gateway: self.world.text.gateway.clone(),
                keyword: Some(run.keyword.clone()),
            };
            self.plan.consent.push(fact);
        }
    }
}

/// As far as the flow looked.
fn was_member(effects: &Effects, list: &str) -> Option<bool> {
    effects.reads.iter().find_map(|read| match read {
        Read::Member { list: of, member } if of == list => Some(*member),
        Read::Member { .. } | Read::Key { .. } | Read::Scope { .. } | Read::Profile { .. } => None,
    })
}
