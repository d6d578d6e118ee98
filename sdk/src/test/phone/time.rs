//! Time goes by: what comes due on the way runs in its order, as the host has it.

use std::time::Duration;

use super::Phone;
use crate::test::reminders::Reminder;
use crate::time::Timestamp;
use crate::world::Event;

impl Phone {
    /// A question whose time is over is told to its flow; a reminder waits while one is open.
    pub(crate) fn pass(&mut self, time: Duration) -> Result<(), String> {
        let until = self.clock.after(time);
        loop {
            let ends = self.session.as_ref().map(|session| session.ends());
            let event = match ends {
                Some(ends) if ends <= until => {
                    self.clock = ends;
                    Event::TimedOut
                }
                Some(_) => break,
                None => match self.next_due(until) {
                    Some(due) => {
                        self.clock = self.clock.max(Timestamp(due.at));
                        Event::Due(due.payload)
                    }
                    None => break,
                },
            };
            self.turn(event, Vec::new())?;
        }
        self.clock = until;
        Ok(())
    }

    /// The first that is due by then, and still of use; it waits no more.
    fn next_due(&mut self, until: Timestamp) -> Option<Reminder> {
        let now = self.clock.0;
        let waiting = &mut self.world.reminders;
        waiting.retain(|due| due.at > until.0 || due.useful_until > now);
        let due = waiting.iter().enumerate();
        let due = due.filter(|(_, due)| due.at <= until.0);
        let (place, _) = due.min_by_key(|(_, due)| (due.at, due.id))?;
        Some(waiting.remove(place))
    }
}
