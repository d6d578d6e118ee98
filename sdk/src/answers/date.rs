//! Reads a day: `tomorrow`, `sábado`, `May 6`, `6 de mayo`, `5/6`, `2031-05-06`.

use super::words;
use crate::language::Language;
use crate::time::{Date, Weekday};

const LANGUAGES: [Language; 3] = [Language::English, Language::Spanish, Language::French];

/// The day that `text` means, seen from `today`. A weekday is the next one, today's own name is
/// today; a day without a year is the next such day. `5/6` is May 6 in English and 5 June in
/// Spanish and French.
pub fn date(text: &str, language: Language, today: Date) -> Option<Date> {
    let iso = text.split_whitespace().find_map(Date::parse);
    iso.or_else(|| slashed(text, language, today)).or_else(|| {
        let words = words(text);
        relative(&words, today)
            .or_else(|| day_of_month(&words, today))
            .or_else(|| weekday(&words).map(|weekday| next(weekday, today)))
    })
}

fn relative(words: &[String], today: Date) -> Option<Date> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["day", "after", "tomorrow"] | ["pasado", "manana"] => Some(today.plus_days(2)),
        _ => words.iter().find_map(|word| match *word {
            "today" | "tonight" | "hoy" | "aujourdhui" => Some(today),
            "tomorrow" | "tmrw" | "tomorow" | "manana" | "demain" => Some(today.plus_days(1)),
            _ => None,
        }),
    }
}

fn weekday(said: &[String]) -> Option<Weekday> {
    let mut found = said.iter().filter_map(|word| {
        LANGUAGES.into_iter().find_map(|language| {
            let names = language.weekdays();
            let at = names.iter().position(|name| named(word, name, 3))?;
            Some(Weekday::ALL[at])
        })
    });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

fn next(weekday: Weekday, today: Date) -> Date {
    let ahead = (weekday.index() + 7 - today.weekday().index()) % 7;
    today.plus_days(ahead as i32)
}

/// A day and a month's name, in either order, and maybe a year.
fn day_of_month(said: &[String], today: Date) -> Option<Date> {
    let month = said.iter().find_map(|word| {
        LANGUAGES.into_iter().find_map(|language| {
            language
                .months()
                .iter()
                .position(|name| named(word, name, 3))
        })
    })?;
    let mut day = None;
    let mut year = None;
    for word in said {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        match digits.parse::<i32>() {
            Ok(number @ 1..=31) if day.is_none() => day = Some(number as u8),
            Ok(number @ 1900..=2999) => year = Some(number),
            _ => {}
        }
    }
    dated(year, month as u8 + 1, day?, today)
}

fn slashed(text: &str, language: Language, today: Date) -> Option<Date> {
    let word = text.split_whitespace().find(|word| word.contains('/'))?;
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let mut parts = word.split('/').map(|part| part.parse::<i32>().ok());
    let (first, second) = (parts.next()??, parts.next()??);
    let year = match parts.next() {
        None => None,
        Some(year) => Some(year.map(|year| if year < 100 { 2000 + year } else { year })?),
    };
    let (month, day) = if language == Language::English {
        (first, second)
    } else {
        (second, first)
    };
    dated(
        year,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
        today,
    )
}

fn dated(year: Option<i32>, month: u8, day: u8, today: Date) -> Option<Date> {
    match year {
        Some(year) => Date::new(year, month, day),
        // Eight years ahead there is a 29 February, whatever the century.
        None => (today.year()..=today.year() + 8)
            .find_map(|year| Date::new(year, month, day).filter(|date| *date >= today)),
    }
}

/// The name, or at least its first `least` letters: `sat`, `sept`, `mié`.
fn named(word: &str, name: &str, least: usize) -> bool {
    let plain = words(name).concat();
    word.len() >= least && plain.starts_with(word) || word.strip_suffix('s') == Some(plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, language: Language, expect: &str) {
        let today = Date::parse("2031-05-06").unwrap(); // a Tuesday
        let found = date(text, language, today).map_or("none".to_owned(), |date| date.to_string());
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn days_are_understood_as_people_say_them() {
        use Language::{English, French, Spanish};
        check("tomorrow", English, "2031-05-07");
        check("Mañana!", Spanish, "2031-05-07");
        check("pasado mañana", Spanish, "2031-05-08");
        check("on Saturday please", English, "2031-05-10");
        check("sat", English, "2031-05-10");
        check("Tuesday", English, "2031-05-06");
        check("Sundays", English, "2031-05-11");
        check("el sábado", Spanish, "2031-05-10");
        check("vendredi", French, "2031-05-09");
        check("May 6", English, "2031-05-06");
        check("may 5th", English, "2032-05-05");
        check("Saturday, May 10", English, "2031-05-10");
        check("6 de junio", Spanish, "2031-06-06");
        check("1er août", French, "2031-08-01");
        check("Feb 29", English, "2032-02-29");
        check("12/24", English, "2031-12-24");
        check("24/12", Spanish, "2031-12-24");
        check("5/6/32", English, "2032-05-06");
        check("2031-07-04", English, "2031-07-04");
        check("saturday or sunday", English, "none");
        check("13/45", English, "none");
        check("whenever", English, "none");
        check("the 6th", English, "none");
        check("", English, "none");
    }

    proptest! {
        #[test]
        fn a_day_in_words_is_that_day(ahead in 0i32..360) {
            let today = Date::parse("2031-05-06").unwrap();
            let day = today.plus_days(ahead);
            for language in LANGUAGES {
                let said = language.date(day);
                prop_assert_eq!(date(&said, language, today), Some(day), "{}", said);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[0-9/ -]{0,20}") {
            let _ = date(&text, Language::English, Date::parse("2031-05-06").unwrap());
        }
    }
}
