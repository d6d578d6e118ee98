//! Turns of one phone run one after another in order of arrival; different phones never wait for
//! each other (invariant 4). Plain data: whoever holds the lock moves the jobs.

use std::collections::{HashMap, VecDeque};

use callslip_core::ids::PhoneId;

use crate::worker::Job;

#[derive(Default)]
pub(crate) struct Lanes {
    /// A phone with a turn under way, and what waits behind it.
    behind: HashMap<PhoneId, VecDeque<Job>>,
    under_way: usize,
}

impl Lanes {
    /// Gives the job back when it may run now.
    pub(crate) fn enter(&mut self, job: Job) -> Option<Job> {
        self.under_way += 1;
        match self.behind.entry(job.text.phone) {
            std::collections::hash_map::Entry::Occupied(mut lane) => {
                lane.get_mut().push_back(job);
                None
            }
            std::collections::hash_map::Entry::Vacant(lane) => {
                lane.insert(VecDeque::new());
                Some(job)
            }
        }
    }

    /// The phone's turn is over: gives the next one.
    pub(crate) fn leave(&mut self, phone: PhoneId) -> Option<Job> {
        self.under_way = self.under_way.saturating_sub(1);
        let lane = self.behind.get_mut(&phone)?;
        let next = lane.pop_front();
        if next.is_none() {
            self.behind.remove(&phone);
        }
        next
    }

    pub(crate) fn under_way(&self) -> usize {
        self.under_way
    }
}
