//! Which poster a text came from: a mark that is printed behind the keyword and texted with it,
//! `HOURS B2`. It is visible, and counts for the poster; who brought it is known until the day ends
//! and no longer (a20).

use std::fmt;

use jiff::tz::TimeZone;

use crate::at::At;
use crate::ids::{KeywordId, LibraryId};
use crate::text::keyword::Tokens;

/// More posters than this of one keyword nobody looks after.
pub const MARKS_MAX: usize = 400;

/// A letter and up to three digits, `B2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(Box<str>);

/// A poster that was made, by its keyword and its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub library: LibraryId,
    pub keyword: KeywordId,
    pub mark: Mark,
    /// Where it hangs, in somebody's words.
    pub place: String,
    pub since: At,
}

/// A text that came from a poster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    pub library: LibraryId,
    pub keyword: KeywordId,
    pub mark: Mark,
    /// The funnel's day ends: from then on nobody knows who it was.
    pub until: At,
}

impl Mark {
    pub fn read(text: &str) -> Option<Mark> {
        let text = text.trim().to_ascii_uppercase();
        let digits = text.strip_prefix(|first: char| first.is_ascii_uppercase())?;
        let fits = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        (fits && !digits.starts_with('0')).then(|| Mark(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first that is free: A1 to A9, then B1.
    pub fn next(taken: &[Mark]) -> Option<Mark> {
        let all = (b'A'..=b'Z').flat_map(|letter| (1..=9).map(move |digit| (letter, digit)));
        all.map(|(letter, digit)| Mark(format!("{}{digit}", char::from(letter)).into()))
            .find(|mark| !taken.contains(mark))
    }

    /// How many words of a text it takes here: one, or two where it was dictated ("B 2").
    pub(crate) fn stands_in(&self, words: &[String]) -> Option<usize> {
        let own = self.0.to_ascii_lowercase();
        match words {
            [first, ..] if *first == own => Some(1),
            [first, second, ..] if format!("{first}{second}") == own => Some(2),
            _ => None,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When the day ends that this moment is in, where the library is.
pub fn day_ends(time_zone: &str, now: At) -> At {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let today = zone.to_datetime(now.timestamp()).date();
    let ends = today.tomorrow().ok().and_then(|tomorrow| {
        let midnight = tomorrow.to_datetime(jiff::civil::Time::midnight());
        zone.to_timestamp(midnight).ok()
    });
    // Only the calendar's very last day has none.
    ends.map_or(now, |ends| At(ends.as_millisecond()))
}

/// The text without the mark behind its first `words` words; None: it is not there.
pub(crate) fn without(mark: &Mark, words: usize, text: &Tokens) -> Option<Tokens> {
    let taken = mark.stands_in(text.words().get(words..)?)?;
    let keyword = text.part(0, words)?;
    let rest = text.rest_after(words + taken);
    Some(Tokens::of(format!("{} {rest}", keyword.text()).trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str) -> Mark {
        Mark::read(text).unwrap()
    }

    #[test]
    fn a_mark_is_a_letter_and_digits() {
        assert_eq!(mark(" b2 ").as_str(), "B2");
        assert_eq!(mark("Z999").as_str(), "Z999");
        for other in ["", "B", "2", "BB2", "B0", "B02", "B1234", "É2", "B2!", "to"] {
            assert_eq!(Mark::read(other), None, "{other}");
        }
        assert_eq!(Mark::next(&[]), Some(mark("A1")));
        assert_eq!(Mark::next(&[mark("A1"), mark("A3")]), Some(mark("A2")));
        let all: Vec<Mark> = (0..234).fold(Vec::new(), |mut all, _| {
            all.extend(Mark::next(&all));
            all
        });
        assert_eq!((all.len(), Mark::next(&all)), (234, None));
    }

    #[test]
    fn it_is_taken_from_behind_the_keyword_alone() {
        let left = |text: &str| {
            without(&mark("B2"), 1, &Tokens::of(text)).map(|tokens| tokens.text().to_owned())
        };
        assert_eq!(left("HOURS B2").as_deref(), Some("HOURS"));
        assert_eq!(left("hours, b2.").as_deref(), Some("hours"));
        assert_eq!(
            left("Hours b 2 tomorrow?").as_deref(),
            Some("Hours tomorrow?")
        );
        for other in ["HOURS", "HOURS B3", "HOURS main B2", "HOURS B22"] {
            assert_eq!(left(other), None, "{other}");
        }
    }

    #[test]
    fn the_day_is_the_library_s() {
        // 2031-05-06T14:00:00Z; midnight in New York is at 04:00Z.
        let noon = At(1_935_842_400_000);
        let hours = |zone| day_ends(zone, noon).since(noon).as_secs() / 3600;
        assert_eq!(hours("America/New_York"), 14);
        assert_eq!(hours("UTC"), 10);
    }
}
