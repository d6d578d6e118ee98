//! A flow that fails again and again is switched off at its keyword, with a line in the log; staff
//! see it on their first page and switch it on again. What it said when it failed went to people
//! anyway, so that nobody loses more than a quick answer.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{Digest, KeywordId, LibraryId};
use callslip_core::messages::{Messages, Name};
use callslip_core::snapshot::TurnCommit;
use callslip_core::switches::Switched;
use callslip_store::staff::{Author, Note, StaffChange, StaffCommit, Switching};

use crate::{Shared, lock, write};

/// So many faults within so long.
const FAULTS: usize = 3;
const WITHIN: Duration = Duration::from_secs(10 * 60);

type Place = (LibraryId, KeywordId);
/// Another component at the same keyword begins anew.
type Run = (Place, Digest);

#[derive(Default)]
pub(crate) struct Quarantine(Mutex<HashMap<Run, VecDeque<At>>>);

impl Quarantine {
    /// True: that was one too many, and counting begins anew.
    fn count(&self, run: &Run, now: At) -> bool {
        let mut faults = lock(&self.0);
        let lately = faults.entry(run.clone()).or_default();
        lately.push_back(now);
        lately.retain(|at| now.since(*at) < WITHIN);
        let is_too_much = lately.len() >= FAULTS;
        if is_too_much {
            faults.remove(run);
        }
        is_too_much
    }
}

/// The keyword whose flow failed in this turn by its own fault.
pub(crate) fn place(commit: &TurnCommit) -> Option<Place> {
    let is_at_fault = commit.faults.iter().any(|fault| fault.is_the_flow_s);
    let verdict = &commit.verdict;
    is_at_fault.then_some((verdict.library.clone()?, verdict.keyword.clone()?))
}

/// After the commit that has the fault.
pub(crate) fn note(shared: &Arc<Shared>, place: Place) {
    let now = (shared.clock)();
    let running = shared.running();
    let library = running.directory.library(&place.0);
    let keyword = library.and_then(|library| Some((library, library.keyword(&place.1)?)));
    let Some((library, keyword)) = keyword.filter(|(_, keyword)| keyword.enabled) else {
        return;
    };
    let run = (place.clone(), keyword.plugin.digest.clone());
    let quarantine = shared.quarantine.as_ref();
    if !quarantine.is_some_and(|quarantine| quarantine.count(&run, now)) {
        return;
    }
    let values = [("keyword", keyword.word.as_str())];
    let sentence = Messages::shipped().in_first_of(
        Name::ClosedKeyword,
        &[library.language()],
        &library.reworded,
    );
    let told = sentence.fill(&values);
    let by = Author {
        staff: None,
        name: "the machine".to_owned(),
    };
    tracing::error!(
        library = %place.0,
        keyword = %place.1,
        "its flow failed {FAULTS} times within {} minutes: the keyword is switched off",
        WITHIN.as_secs() / 60
    );
    let commit = StaffCommit {
        now,
        by: by.clone(),
        change: StaffChange::Switch(Switching::KeywordOff {
            library: place.0.clone(),
            keyword: place.1.clone(),
            told: told.clone(),
        }),
        note: Some(Note {
            library: Some(place.0.clone()),
            what: "keyword-quarantined".to_owned(),
            about: keyword.word.clone(),
        }),
    };
    // From the next turn on, whether or not the store takes it for the next start.
    {
        let mut current = write(&shared.running);
        let mut switches = current.switches().clone();
        let switched = Switched {
            told,
            since: now,
            by: by.name,
        };
        switches.keywords_off.insert(place, switched);
        *current = Arc::new(current.switched(switches));
    }
    shared.store.staff().staff_commit(
        commit,
        Box::new(|saved| {
            if let Err(error) = saved {
                tracing::error!(%error, "that a keyword is switched off could not be saved");
            }
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_faults_within_ten_minutes_are_too_many() {
        let minutes = |count: i64| At(count * 60_000);
        let run = |keyword: &str, component: &str| {
            let place = (LibraryId::from("bayside"), KeywordId::from(keyword));
            (place, Digest::from(component))
        };
        let place = |keyword: &str| run(keyword, "00");
        let quarantine = Quarantine::default();
        assert!(!quarantine.count(&place("hours"), minutes(0)));
        assert!(!quarantine.count(&place("hours"), minutes(9)));
        assert!(!quarantine.count(&place("wifi"), minutes(9)));
        // The first is too long ago.
        assert!(!quarantine.count(&place("hours"), minutes(10)));
        assert!(!quarantine.count(&run("hours", "another"), minutes(11)));
        assert!(quarantine.count(&place("hours"), minutes(11)));
        assert!(!quarantine.count(&place("hours"), minutes(11)));
    }
}
