//! The three languages in which the SDK itself speaks and understands, and how they say times.
//!
//! A patron may have any language; one that is not here is answered in English.

use crate::library::Span;
use crate::time::{Date, LocalTime, Weekday};

/// A language that the SDK speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    English,
    Spanish,
    French,
}

impl Language {
    /// The language of a tag such as `es` or `es-MX`.
    pub fn of(tag: &str) -> Language {
        match primary(tag) {
            "es" => Language::Spanish,
            "fr" => Language::French,
            _ => Language::English,
        }
    }

    /// A time of day as people say it: `8 pm`, `8:30 pm`, `noon`; `20:00` in Spanish, `20 h` in
    /// French. 1440 is the midnight at which a day ends.
    pub fn time(self, minute: u16) -> String {
        let (hour, minutes) = (minute / 60, minute % 60);
        match self {
            Language::English => match (hour, minutes) {
                (0 | 24, 0) => "midnight".to_owned(),
                (12, 0) => "noon".to_owned(),
                _ => {
                    let half = if hour % 24 < 12 { "am" } else { "pm" };
                    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
                    if minutes == 0 {
                        format!("{hour} {half}")
                    } else {
                        format!("{hour}:{minutes:02} {half}")
                    }
                }
            },
            Language::Spanish => format!("{hour}:{minutes:02}"),
            Language::French if minutes == 0 => format!("{hour} h"),
            Language::French => format!("{hour} h {minutes:02}"),
        }
    }

    /// The name of a weekday, as it stands inside a sentence.
    pub fn weekday(self, weekday: Weekday) -> &'static str {
        self.weekdays()[weekday.index()]
    }

    /// A day in words: `Saturday, May 10`, `sábado 10 de mayo`, `samedi 10 mai`.
    pub fn date(self, date: Date) -> String {
        let weekday = self.weekday(date.weekday());
        let month = self.months()[usize::from(date.month()).clamp(1, 12) - 1];
        let day = date.day();
        match self {
            Language::English => format!("{weekday}, {month} {day}"),
            Language::Spanish => format!("{weekday} {day} de {month}"),
            Language::French if day == 1 => format!("{weekday} 1er {month}"),
            Language::French => format!("{weekday} {day} {month}"),
        }
    }

    /// The same with the article that a Spanish sentence needs: `las 20:00`, `la 1:00`.
    pub fn clock(self, minute: u16) -> String {
        let time = self.time(minute);
        match self {
            Language::Spanish if minute / 60 == 1 => ["la ", &time].concat(),
            Language::Spanish => ["las ", &time].concat(),
            Language::English | Language::French => time,
        }
    }

    /// A day seen from `today`: `today`, `tomorrow`, `on Saturday, May 10`.
    pub fn day(self, date: Date, today: Date) -> String {
        let near = match self {
            Language::English => ["today", "tomorrow", "on "],
            Language::Spanish => ["hoy", "mañana", "el "],
            Language::French => ["aujourd'hui", "demain", "le "],
        };
        match today.days_until(date) {
            0 => near[0].to_owned(),
            1 => near[1].to_owned(),
            _ => [near[2], &self.date(date)].concat(),
        }
    }

    /// A day and time seen from `today`: `tomorrow at 10 am`, `mañana a las 10:00`.
    pub fn day_and_time(self, moment: LocalTime, today: Date) -> String {
        let at = match self {
            Language::English if today.days_until(moment.date) > 1 => ", at ",
            Language::English => " at ",
            Language::Spanish => " a ",
            Language::French => " à ",
        };
        [
            &self.day(moment.date, today),
            at,
            &self.clock(moment.minute),
        ]
        .concat()
    }

    /// Opening hours of a day: `10 am to 2 pm and 4 pm to 8 pm`, or `closed`.
    pub fn spans(self, spans: &[Span]) -> String {
        let (to, and, closed) = match self {
            Language::English => (" to ", " and ", "closed"),
            Language::Spanish => (" a ", " y ", "cerrado"),
            Language::French => (" à ", " et ", "fermé"),
        };
        let mut out = String::new();
        for span in spans {
            if !out.is_empty() {
                out.push_str(and);
            }
            if self == Language::Spanish {
                out.push_str("de ");
            }
            out.push_str(&self.clock(span.opens));
            out.push_str(to);
            out.push_str(&self.clock(span.closes));
        }
        if out.is_empty() {
            closed.to_owned()
        } else {
            out
        }
    }

    pub(crate) fn weekdays(self) -> [&'static str; 7] {
        match self {
            Language::English => [
                "Monday",
                "Tuesday",
                "Wednesday",
                "Thursday",
                "Friday",
                "Saturday",
                "Sunday",
            ],
            Language::Spanish => [
                "lunes",
                "martes",
                "miércoles",
                "jueves",
                "viernes",
                "sábado",
                "domingo",
            ],
            Language::French => [
                "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
            ],
        }
    }

    #[rustfmt::skip]
    pub(crate) fn months(self) -> [&'static str; 12] {
        match self {
            Language::English => [
                "January", "February", "March", "April", "May", "June",
                "July", "August", "September", "October", "November", "December",
            ],
            Language::Spanish => [
                "enero", "febrero", "marzo", "abril", "mayo", "junio",
                "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
            ],
            Language::French => [
                "janvier", "février", "mars", "avril", "mai", "juin",
                "juillet", "août", "septembre", "octobre", "novembre", "décembre",
            ],
        }
    }
}

/// `es` of `es-MX`.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let check = |minute, en: &str, es: &str, fr: &str| {
            assert_eq!(Language::English.time(minute), en);
            assert_eq!(Language::Spanish.time(minute), es);
            assert_eq!(Language::French.time(minute), fr);
        };
        check(0, "midnight", "0:00", "0 h");
        check(30, "12:30 am", "0:30", "0 h 30");
        check(9 * 60, "9 am", "9:00", "9 h");
        check(12 * 60, "noon", "12:00", "12 h");
        check(12 * 60 + 5, "12:05 pm", "12:05", "12 h 05");
        check(20 * 60, "8 pm", "20:00", "20 h");
        check(1440, "midnight", "24:00", "24 h");
    }
}
