//! `[keyword.schedule]`: from which day until which one a keyword answers, and at which hours. The
//! days of the week are written as those of `[hours]` are.

use super::hours;
use super::problem::Findings;
use super::table::Table;
use crate::schedule::Schedule;

pub(super) fn read(keyword: &mut Table<'_>, found: &mut Findings) -> Option<Schedule> {
    let mut table = keyword.table("schedule", found)?;
    let from = hours::date(&mut table, "from", found);
    let until = hours::date(&mut table, "until", found);
    if let (Some((from, _)), Some((until, at))) = (&from, &until)
        && until < from
    {
        let what = format!("the schedule ends on {until} and begins on {from}");
        found.report(at, what, "Write the later day as \"until\".");
    }
    let mut days = table.entries();
    days.retain(|(name, _)| !["from", "until"].contains(&name.value));
    let week = (!days.is_empty()).then(|| hours::spans(&days, "[keyword.schedule]", found));
    table.ignore_rest();
    table.finish(found);
    Some(Schedule {
        from: from.map(|(date, _)| date.to_string()),
        until: until.map(|(date, _)| date.to_string()),
        week,
    })
}
