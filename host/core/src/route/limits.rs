//! What the budgets hold back (g4): at a limit one sentence, then silence with the reason. A
//! ticket stays a ticket; STOP, HELP, START and urgent help stand outside, but for one answer an
//! hour to each.

use std::time::Duration;

use super::{Act, Goes, Plan, World, withheld};
use crate::budget;
use crate::directory::{Library, Number};
use crate::messages::{Messages, Name, Reworded};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// A phone is told of its own limit once, and again when it has been answered in between.
pub(crate) const TOLD: &str = "budget";
/// The one sentence to each phone costs too: beyond this part over the month's limit nobody is
/// told any more.
const OVER_MAX_PART: u64 = 10;

/// One answer an hour to each consent word: what it changes is changed all the same.
pub(super) fn once_an_hour(world: &World<'_>, mut plan: Plan) -> Plan {
    plan.unbudgeted = true;
    if plan.act == Act::Silent || super::time_stands_still(world) {
        return plan;
    }
    let library = plan.library.as_ref().map_or("", |library| &*library.0);
    let what = format!("{} {library}", plan.reason);
    let lately = plan.meter.said(&what);
    if lately.is_some_and(|at| world.now.since(at) < HOUR) {
        plan.act = Act::Silent;
    } else {
        plan.meter.say(&what, world.now);
    }
    plan
}

pub(super) fn hold(world: &World<'_>, number: &Number, plan: Plan) -> Plan {
    if plan.act == Act::Silent {
        return plan;
    }
    if let Some(country) = world.snapshot.phone.country
        && !number.answers_in.iter().any(|home| country.is(*home))
    {
        let cause = "It came from another country, where answers are dear. None was sent; \
                     reply-to in [[number]] names the countries that are answered.";
        return withheld(world, number, plan, "other-country", Goes::ToPerson(cause));
    }
    if plan.meter.is_over(&world.directory.rules, world.now) {
        let limit = Limit {
            reason: "budget-phone",
            name: Name::TooManyTexts,
            told: TOLD.to_owned(),
            affordable: true,
        };
        return over(world, number, plan, &limit);
    }
    let library = plan.library.as_ref().unwrap_or(&number.front_desk);
    let Some(library) = world.directory.library(library) else {
        return plan;
    };
    let (spent, limit) = (spent(world, library), library.budget.monthly_segments);
    match limit {
        Some(limit) if spent >= u64::from(limit) => {
            let limit = Limit {
                reason: "budget-month",
                name: Name::MonthSpent,
                told: format!("month {} {}", budget::month(world.now), library.id),
                affordable: spent < u64::from(limit) + u64::from(limit) / OVER_MAX_PART,
            };
            over(world, number, plan, &limit)
        }
        Some(_) | None => plan,
    }
}

pub(crate) fn spent(world: &World<'_>, library: &Library) -> u64 {
    let mut all = world.snapshot.spent.iter();
    all.find(|(known, _)| *known == library.id)
        .map_or(0, |(_, segments)| *segments)
}

/// A limit that is reached, and what is said of it.
struct Limit {
    reason: &'static str,
    name: Name,
    /// What the phone's meter remembers it by.
    told: String,
    affordable: bool,
}

/// One sentence, then silence with the reason.
fn over(world: &World<'_>, number: &Number, plan: Plan, limit: &Limit) -> Plan {
    let mut plan = withheld(world, number, plan, limit.reason, Goes::Nowhere);
    plan.unbudgeted = true;
    if plan.meter.said(&limit.told).is_some() || !limit.affordable {
        return plan;
    }
    plan.meter.say(&limit.told, world.now);
    let library = plan
        .library
        .as_ref()
        .and_then(|id| world.directory.library(id));
    let none = Reworded::new();
    let values = [
        ("library", library.map_or("", |library| &library.name)),
        ("contact", number.help_contact.as_str()),
    ];
    let languages = [
        plan.language.as_str(),
        library.map_or("en", |library| library.language()),
    ];
    let reworded = library.map_or(&none, |library| &library.reworded);
    let sentence = Messages::shipped().in_first_of(limit.name, &languages, reworded);
    plan.act = Act::Say {
        texts: vec![sentence.fill(&values)],
        plain: false,
    };
    plan
}

#[cfg(test)]
mod tests;
