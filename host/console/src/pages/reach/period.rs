//! Which days a report is of, in the library's own zone: a month, or the last so many days.

use callslip_core::at::At;
use callslip_core::directory::Library;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::times;
use crate::visit::Visit;

pub(crate) struct Period {
    pub(crate) zone: TimeZone,
    pub(crate) first: Date,
    /// In it.
    pub(crate) last: Date,
    /// As the address has it: `2031-05`, `30`.
    pub(crate) asked: String,
    /// `May 2031`, `the last 30 days`.
    pub(crate) told: String,
}

/// Of each the name in the address.
pub(crate) const LAST_DAYS: [i32; 4] = [1, 7, 30, 365];
const USUAL: i32 = 30;

impl Period {
    pub(crate) fn of(visit: &Visit, library: &Library) -> Period {
        let asked = visit.asked.query("period").unwrap_or_default();
        Period::read(asked, library, visit.now)
    }

    pub(crate) fn read(asked: &str, library: &Library, now: At) -> Period {
        let zone = times::zone(library);
        let today = zone.to_datetime(now.timestamp()).date();
        let month = Date::strptime("%Y-%m-%d", format!("{asked}-01")).ok();
        if let Some(first) = month.filter(|_| asked.len() == 7) {
            return Period {
                zone,
                first,
                last: first.last_of_month(),
                asked: asked.to_owned(),
                told: first.strftime("%B %Y").to_string(),
            };
        }
        let days = asked.parse().ok();
        let days: i32 = days
            .filter(|days| LAST_DAYS.contains(days))
            .unwrap_or(USUAL);
        let back = jiff::Span::new().days(i64::from(days) - 1);
        Period {
            zone,
            first: today.checked_sub(back).unwrap_or(today),
            last: today,
            asked: days.to_string(),
            told: told(days),
        }
    }

    /// From the first day's beginning to the last one's end.
    pub(crate) fn between(&self) -> (At, At) {
        let begins = |date: Date| {
            let midnight = date.to_datetime(jiff::civil::Time::midnight());
            let at = self.zone.to_timestamp(midnight);
            at.map_or(At(0), |at| At(at.as_millisecond()))
        };
        (
            begins(self.first),
            begins(self.last.tomorrow().unwrap_or(self.last)),
        )
    }

    pub(crate) fn day(&self, at: At) -> Date {
        self.zone.to_datetime(at.timestamp()).date()
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let (first, last) = (self.first, self.last);
        let days = first.series(jiff::Span::new().days(1));
        days.take_while(move |date| *date <= last).take(400)
    }
}

pub(crate) fn told(days: i32) -> String {
    match days {
        1 => "today".to_owned(),
        days => format!("the last {days} days"),
    }
}
