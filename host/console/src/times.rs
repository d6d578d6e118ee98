//! Moments as people read them, in a library's own zone.

use callslip_core::at::At;
use callslip_core::directory::Library;
use jiff::tz::TimeZone;
use maud::{Markup, html};

pub(crate) fn zone(library: &Library) -> TimeZone {
    TimeZone::get(&library.time_zone).unwrap_or(TimeZone::UTC)
}

/// `14:05`, `yesterday 14:05`, `5 May 14:05` or `5 May 2031 14:05`.
pub(crate) fn moment(at: At, zone: &TimeZone, now: At) -> Markup {
    let local = zone.to_datetime(at.timestamp());
    let today = zone.to_datetime(now.timestamp()).date();
    let days = today
        .since(local.date())
        .map_or(i32::MAX, |span| span.get_days());
    let told = match days {
        0 => local.strftime("%H:%M"),
        1 => local.strftime("yesterday %H:%M"),
        _ if local.year() == today.year() => local.strftime("%-d %b %H:%M"),
        _ => local.strftime("%-d %b %Y %H:%M"),
    };
    html! {
        time datetime=(at.timestamp().to_string()) title=(local.strftime("%A %-d %B %Y, %H:%M").to_string()) {
            (told.to_string())
        }
    }
}

/// A moment to come: `14:05`, `tomorrow 9:00`, `Thu 8 May 9:00`.
pub(crate) fn ahead(at: At, zone: &TimeZone, now: At) -> Markup {
    let local = zone.to_datetime(at.timestamp());
    let today = zone.to_datetime(now.timestamp()).date();
    let days = local
        .date()
        .since(today)
        .map_or(i32::MAX, |span| span.get_days());
    let told = match days {
        0 => local.strftime("%H:%M"),
        1 => local.strftime("tomorrow %H:%M"),
        _ => local.strftime("%a %-d %b %H:%M"),
    };
    html! {
        time datetime=(at.timestamp().to_string()) title=(local.strftime("%A %-d %B %Y, %H:%M").to_string()) {
            (told.to_string())
        }
    }
}

/// As a field for date and time has it.
pub(crate) fn form(at: At, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at.timestamp());
    local.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// What such a field holds, in the library's zone. None: it is no moment.
pub(crate) fn read(field: &str, zone: &TimeZone) -> Option<At> {
    let local = jiff::civil::DateTime::strptime("%Y-%m-%dT%H:%M", field).ok()?;
    let moment = zone.to_timestamp(local).ok()?;
    Some(At(moment.as_millisecond()))
}

/// How long: `a moment`, `7 min`, `3 h`, `5 days`, each also with "for", "in" or "ago".
pub(crate) fn waited(since: At, now: At) -> String {
    let minutes = now.since(since).as_secs() / 60;
    match minutes {
        0 => "a moment".to_owned(),
        1..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

/// A wait, as a person who waits reads it.
pub(crate) fn wait(wait: std::time::Duration) -> String {
    match wait.as_secs() {
        0..=1 => "a second".to_owned(),
        seconds @ 2..60 => format!("{seconds} seconds"),
        60..120 => "a minute".to_owned(),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// Today in the library's zone, as `2031-05-06`.
pub(crate) fn today(library: &Library, now: At) -> String {
    zone(library)
        .to_datetime(now.timestamp())
        .date()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2031-05-06T14:05:00Z, a Tuesday.
    const NOW: At = At(1_935_842_700_000);

    fn back(minutes: i64) -> At {
        At(NOW.0 - minutes * 60_000)
    }

    #[test]
    fn a_moment_is_told_as_shortly_as_it_can_be() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for (minutes, told) in [
            (0, ">10:05<"),
            (60, ">09:05<"),
            (11 * 60, ">yesterday 23:05<"),
            (3 * 24 * 60, ">3 May 10:05<"),
            (400 * 24 * 60, ">1 Apr 2030 10:05<"),
        ] {
            let markup = moment(back(minutes), &zone, NOW).into_string();
            assert!(markup.contains(told), "{told} in {markup}");
        }
    }

    #[test]
    fn a_field_is_read_by_the_librarys_clock() {
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(form(NOW, &zone), "2031-05-06T10:05");
        assert_eq!(read("2031-05-06T10:05", &zone), Some(NOW));
        for nonsense in ["", "10:05", "2031-05-06", "2031-13-06T10:05", "x"] {
            assert_eq!(read(nonsense, &zone), None, "{nonsense}");
        }
        for (minutes, told) in [
            (60, ">11:05<"),
            (24 * 60, ">tomorrow 10:05<"),
            (3 * 24 * 60, ">Fri 9 May 10:05<"),
        ] {
            let markup = ahead(back(-minutes), &zone, NOW).into_string();
            assert!(markup.contains(told), "{told} in {markup}");
        }
    }

    /// An hour that the clock skips is the one after it; of one that it shows twice it is the first.
    #[test]
    fn a_moment_in_the_hour_in_which_clocks_change_is_one_moment() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let utc = |field| read(field, &zone).unwrap().timestamp().to_string();
        assert_eq!(utc("2031-03-09T02:30"), "2031-03-09T07:30:00Z");
        assert_eq!(utc("2031-03-09T03:30"), "2031-03-09T07:30:00Z");
        assert_eq!(utc("2031-11-02T01:30"), "2031-11-02T05:30:00Z");
        assert_eq!(utc("2031-11-02T02:30"), "2031-11-02T07:30:00Z");
    }

    #[test]
    fn a_wait_is_told_in_one_unit() {
        for (minutes, told) in [
            (0, "a moment"),
            (7, "7 min"),
            (60, "1 h"),
            (47 * 60, "47 h"),
            (48 * 60, "2 days"),
        ] {
            assert_eq!(waited(back(minutes), NOW), told);
        }
        for (seconds, told) in [
            (1, "a second"),
            (31, "31 seconds"),
            (60, "a minute"),
            (121, "3 minutes"),
        ] {
            assert_eq!(wait(std::time::Duration::from_secs(seconds)), told);
        }
    }
}
