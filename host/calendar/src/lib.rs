//! Reads feeds of events, iCalendar, RSS or Atom, and gives those of a span of time. Pure: bytes in,
//! values out. The rules for what comes again are here and nowhere else; in a component they would
//! cost two megabytes.

mod icalendar; // RFC 5545
mod plain; // descriptions without their marks
pub mod recurrence; // when something comes again
mod syndicated; // RSS, Atom, JSON Feed

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::outside::{EVENTS_MAX, Occurrence};

/// What a feed holds of the past.
const KEPT_BACK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// What it holds of the time to come: whoever asks for more is told what there is.
const KEPT_AHEAD: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Of a whole feed.
const OCCURRENCES_MAX: usize = 50_000;
const TITLE_CHARACTERS: usize = 200;
const DESCRIPTION_CHARACTERS: usize = 500;
const TOPICS_MAX: usize = 16;

/// A feed that was read: what takes place in the year to come.
#[derive(Debug)]
pub struct Feed {
    /// By their beginning.
    occurrences: Vec<Occurrence>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is no calendar and no feed")]
    OtherKind,
    #[error("\"{0}\" is no time zone")]
    Zone(String),
}

/// Reads a feed. `zone` is the library's, for times that name none; `now` says which year is to come.
pub fn read(bytes: &[u8], zone: &str, now: At) -> Result<Feed, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let window = Window {
        after: now - KEPT_BACK,
        before: now + KEPT_AHEAD,
    };
    let start = bytes.trim_ascii_start();
    let is_calendar = start
        .get(..15)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCALENDAR"));
    let mut occurrences = match is_calendar {
        true => icalendar::read(&String::from_utf8_lossy(start), zone, window)?,
        false => syndicated::read(bytes, window)?,
    };
    occurrences.sort_by(|a, b| (a.starts, &a.title, &a.id).cmp(&(b.starts, &b.title, &b.id)));
    occurrences.truncate(OCCURRENCES_MAX);
    Ok(Feed { occurrences })
}

impl Feed {
    /// Those that end after `after` and begin before `before`, by their beginning.
    pub fn occurrences(&self, after: At, before: At) -> Vec<Occurrence> {
        let window = Window { after, before };
        let within = self.occurrences.iter();
        let within = within.filter(|one| window.has(one.starts, one.ends));
        within.take(EVENTS_MAX).cloned().collect()
    }
}

#[derive(Clone, Copy)]
struct Window {
    after: At,
    before: At,
}

impl Window {
    /// What has no length is over when it begins, and is shown until then.
    fn has(self, starts: At, ends: At) -> bool {
        ends.max(starts + Duration::from_millis(1)) > self.after && starts < self.before
    }
}
