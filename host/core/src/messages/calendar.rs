//! Says a day and a time of day as people of a language do: "tomorrow at 10 am".
//!
//! Knows no clock and no zone: the caller says which day it is from today.

use serde::Deserialize;

use crate::text::template::Template;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    Today,
    Tomorrow,
    /// One of the days after tomorrow, within a week; Monday is 0.
    Weekday(u8),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Calendar {
    today: String,
    tomorrow: String,
    days: [String; 7],
    #[serde(deserialize_with = "template")]
    day_and_time: Template,
    hours_a_day: u16,
    halves: [String; 2],
    #[serde(deserialize_with = "template")]
    on_the_hour: Template,
    #[serde(deserialize_with = "template")]
    off_the_hour: Template,
}

impl Calendar {
    pub(super) fn when(&self, day: Day, minutes: u16) -> String {
        let day = match day {
            Day::Today => &self.today,
            Day::Tomorrow => &self.tomorrow,
            Day::Weekday(day) => self.days.get(usize::from(day)).unwrap_or(&self.today),
        };
        self.day_and_time
            .fill(&[("day", day), ("time", &self.time(minutes))])
    }

    fn time(&self, minutes: u16) -> String {
        let (hour, minute) = (minutes / 60 % 24, minutes % 60);
        let half = &self.halves[usize::from(hour >= 12)];
        let hour = match self.hours_a_day {
            // Half past midnight is 12:30 am.
            12 if hour % 12 == 0 => 12,
            12 => hour % 12,
            _ => hour,
        };
        let form = if minute == 0 {
            &self.on_the_hour
        } else {
            &self.off_the_hour
        };
        form.fill(&[
            ("hour", &hour.to_string()),
            ("minute", &format!("{minute:02}")),
            ("half", half),
        ])
    }
}

fn template<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Template, D::Error> {
    let text = String::deserialize(from)?;
    Template::parse(&text).map_err(serde::de::Error::custom)
}
