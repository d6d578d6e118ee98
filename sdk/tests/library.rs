//! The library's clock and door, over the years and over the days on which clocks change.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use callslip::test::{fixture, minutes};
use callslip::{Date, Door, Library, LocalTime, Timestamp};
use proptest::prelude::*;

fn clock(date: &str, hour: u16, minute: u16) -> LocalTime {
    LocalTime {
        date: Date::parse(date).unwrap(),
        minute: hour * 60 + minute,
    }
}

#[test]
fn local_time_follows_the_changes_of_the_clock() {
    let library = fixture::bayside();
    // 2031-03-09 07:00 UTC: 2 in the morning becomes 3.
    let change = Timestamp(1_930_806_000_000);
    let before = Timestamp(change.0 - 60_000);
    assert_eq!(library.local(before), clock("2031-03-09", 1, 59));
    assert_eq!(library.local(change), clock("2031-03-09", 3, 0));
    assert_eq!(library.moment(clock("2031-03-09", 3, 0)), change);
    // Skipped: taken as if the clock had not been put forward.
    assert_eq!(
        library.moment(clock("2031-03-09", 2, 30)),
        change.after(minutes(30))
    );
    // Twice: the first.
    let first = library.moment(clock("2031-11-02", 1, 30));
    assert_eq!(
        library.local(first.after(minutes(60))),
        clock("2031-11-02", 1, 30)
    );
}

#[test]
fn a_library_that_never_closes_says_so() {
    let mut library = fixture::bare();
    let whole_day = vec![callslip::Span {
        opens: 0,
        closes: 1440,
    }];
    library.hours.week = vec![whole_day; 7];
    assert_eq!(
        library.door(clock("2031-05-06", 3, 0)),
        Door::Open { until: None }
    );
    library.hours.week = vec![Vec::new(); 7];
    assert_eq!(
        library.door(clock("2031-05-06", 3, 0)),
        Door::Closed { until: None }
    );
}

fn any_library() -> impl Strategy<Value = Library> {
    prop_oneof![
        Just(fixture::bayside()),
        Just(fixture::hilltop()),
        Just(fixture::puerto())
    ]
}

proptest! {
    /// Years 2025 to 2035.
    #[test]
    fn a_moment_comes_back_from_its_clock(library in any_library(), minute in 28_927_000u64..34_700_000) {
        let moment = Timestamp(minute * 60_000);
        let local = library.local(moment);
        let back = library.moment(local);
        // In the hour that comes twice, the first one.
        prop_assert!(back == moment || back.after(minutes(60)) == moment);
        prop_assert_eq!(library.local(back), local);
    }

    /// What the door says of the future is what it says when that has come.
    #[test]
    fn the_door_keeps_its_word(library in any_library(), day in 0i32..900, minute in 0u16..1440) {
        let date = Date::parse("2030-06-01").unwrap().plus_days(day);
        let now = LocalTime { date, minute };
        let (open, until) = match library.door(now) {
            Door::Open { until } => (true, until),
            Door::Closed { until } => (false, until),
        };
        let until = until.unwrap();
        let later = |mut local: LocalTime| {
            if local.minute >= 1440 {
                local = LocalTime { date: local.date.plus_days(1), minute: 0 };
            }
            local
        };
        let mut clock = now;
        while clock < later(until) {
            let is_open = matches!(library.door(clock), Door::Open { .. });
            prop_assert_eq!(is_open, open, "at {:?} of {:?}", clock, until);
            clock = later(LocalTime { minute: clock.minute + 1, ..clock });
        }
        let then = matches!(library.door(later(until)), Door::Open { .. });
        prop_assert_eq!(then, !open);
    }
}
