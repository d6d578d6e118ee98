//! Runs named steps in order, says how far it is and how long each took.
//!
//! Knows nothing of what a step does: it stops at the first that fails, unless told to go on.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::command::AfterFailure;

/// Something that has to succeed. `needs` is a step without which it makes no sense.
pub(crate) struct Step<'a> {
    pub name: &'static str,
    pub needs: Option<&'static str>,
    pub work: Box<dyn FnOnce() -> Result<()> + 'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Failed,
    /// Not begun: an earlier step failed.
    Skipped,
}

pub(crate) struct Done {
    pub name: &'static str,
    pub outcome: Outcome,
    pub took: Duration,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome {
            Outcome::Ok => write!(f, "ok       {} ({})", self.name, Took(self.took)),
            Outcome::Failed => write!(f, "FAILED   {} ({})", self.name, Took(self.took)),
            Outcome::Skipped => write!(f, "skipped  {}", self.name),
        }
    }
}

pub(crate) fn run(steps: Vec<Step<'_>>, after_failure: AfterFailure) -> Vec<Done> {
    let total = steps.len();
    let mut all: Vec<Done> = Vec::with_capacity(total);
    for (index, step) in steps.into_iter().enumerate() {
        let name = step.name;
        if must_skip(&all, step.needs, after_failure) {
            all.push(Done {
                name,
                outcome: Outcome::Skipped,
                took: Duration::ZERO,
            });
            continue;
        }
        eprintln!("\n==> {}/{total} {name}", index + 1);
        let begun = Instant::now();
        let result = (step.work)();
        let took = begun.elapsed();
        let outcome = match result {
            Ok(()) => {
                eprintln!("    {name}: ok, {}", Took(took));
                Outcome::Ok
            }
            Err(error) => {
                eprintln!("    {name}: FAILED after {}: {error:#}", Took(took));
                Outcome::Failed
            }
        };
        all.push(Done {
            name,
            outcome,
            took,
        });
    }
    all
}

fn must_skip(all: &[Done], needs: Option<&str>, after_failure: AfterFailure) -> bool {
    let mut missed = all.iter().filter(|done| done.outcome != Outcome::Ok);
    match after_failure {
        AfterFailure::Stop => missed.next().is_some(),
        AfterFailure::GoOn => missed.any(|done| needs == Some(done.name)),
    }
}

/// A time for people: `4 min 12 s`, `3.4 s`.
struct Took(Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        if seconds >= 60 {
            write!(f, "{} min {} s", seconds / 60, seconds % 60)
        } else {
            write!(f, "{:.1} s", self.0.as_secs_f64())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Runs a, b (fails), c (needs b), d; gives what was begun and how each ended.
    fn play(after_failure: AfterFailure) -> (Vec<&'static str>, Vec<Outcome>) {
        let begun = RefCell::new(Vec::new());
        let step = |name, needs, fails: bool| Step {
            name,
            needs,
            work: Box::new({
                let begun = &begun;
                move || {
                    begun.borrow_mut().push(name);
                    if fails {
                        Err(anyhow::anyhow!("broken"))
                    } else {
                        Ok(())
                    }
                }
            }),
        };
        let steps = vec![
            step("a", None, false),
            step("b", None, true),
            step("c", Some("b"), false),
            step("d", None, false),
        ];
        let done = run(steps, after_failure);
        (
            begun.into_inner(),
            done.iter().map(|done| done.outcome).collect(),
        )
    }

    #[test]
    fn the_first_failure_ends_it() {
        let (begun, outcomes) = play(AfterFailure::Stop);
        assert_eq!(begun, ["a", "b"]);
        assert_eq!(
            outcomes,
            [
                Outcome::Ok,
                Outcome::Failed,
                Outcome::Skipped,
                Outcome::Skipped
            ]
        );
    }

    #[test]
    fn going_on_leaves_out_only_what_needs_the_step_that_failed() {
        let (begun, outcomes) = play(AfterFailure::GoOn);
        assert_eq!(begun, ["a", "b", "d"]);
        assert_eq!(
            outcomes,
            [Outcome::Ok, Outcome::Failed, Outcome::Skipped, Outcome::Ok]
        );
    }

    #[test]
    fn times_are_for_people() {
        assert_eq!(Took(Duration::from_millis(3_440)).to_string(), "3.4 s");
        assert_eq!(Took(Duration::from_secs(252)).to_string(), "4 min 12 s");
    }
}
