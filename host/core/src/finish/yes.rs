//! What a patron agreed to in a flow's conversation: a list joined or left is a line of the ledger,
//! with the question that was shown and the answer to it.

use super::Turn;
use crate::consent::{Certainty, Part};
use crate::flow::{Effects, Read, Write};
use crate::ids::LibraryId;
use crate::route::{Run, lists};
use crate::snapshot::{CancelQueued, Consent, ConsentFact, DecidedBy, PartWrite};

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
            if after == Consent::Out {
                // What waits for the list's members is not for this one any more.
                self.cancel_list(library.clone(), list.clone());
            }
        }
        self.welcome(effects);
    }

    fn cancel_list(&mut self, library: LibraryId, list: String) {
        let part = Part {
            library,
            list: Some(list),
        };
        match &mut self.plan.cancel_queued {
            CancelQueued::Parts(parts) => parts.push(part),
            CancelQueued::Number => {}
            nothing @ CancelQueued::Nothing => *nothing = CancelQueued::Parts(vec![part]),
        }
    }

    /// Whatever the flow says to a new member, what carriers ask for is said: whose list it is, how
    /// often it texts, what that may cost, HELP and STOP.
    fn welcome(&mut self, effects: &Effects) {
        let directory = self.world.directory;
        let Some(number) = directory.number(&self.world.text.number) else {
            return;
        };
        let library = self.plan.library.as_ref();
        let Some(library) = library.and_then(|id| directory.library(id)) else {
            return;
        };
        for list in &library.lists {
            let joins = effects.writes.iter().rev().find_map(|write| match write {
                Write::Join { list: of } if *of == list.id => Some(true),
                Write::Leave { list: of } if *of == list.id => Some(false),
                _ => None,
            });
            if joins != Some(true) || was_member(effects, &list.id) == Some(true) {
                continue;
            }
            let language = &self.plan.language;
            let told = lists::welcome(number, library, list, language);
            match self.messages.last_mut() {
                Some((text, _)) => *text = format!("{text}\n{told}"),
                None => self.messages.push((told, Vec::new())),
            }
            // It holds all that the signature says.
            self.plan.conversation.signed = true;
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
