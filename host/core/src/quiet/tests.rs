//! Nothing unasked in quiet hours, whatever the clock is put to.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

const ZONES: [&str; 6] = [
    "America/New_York",
    "America/Chicago",
    "Europe/London",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
];
const NEVER: At = At(i64::MAX);

fn at(text: &str) -> At {
    At(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn us() -> &'static Rules {
    Rules::preset("us").unwrap()
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((0u16..1439, 1u16..700), 0..3).prop_map(|spans| {
        let spans = spans.into_iter().map(|(opens, long)| Span {
            opens,
            closes: (opens + long).min(MIDNIGHT),
        });
        let day = Span {
            opens: 0,
            closes: MIDNIGHT,
        };
        both(&spans.collect::<Vec<_>>(), &[day])
    })
}

#[test]
fn b4_an_hour_that_comes_twice_opens_twice() {
    let mut week: [Vec<Span>; 7] = Default::default();
    week[6].push(Span {
        opens: 61,
        closes: 20 * 60,
    });
    let rules = Rules { allowed: week };
    // In New York the clock goes from 1:59 back to 1:00 at 6:00 UTC; one minute later it is open
    // again for the rest of the day.
    let back = at("2026-11-01T06:00:00Z");
    let released = release(back, &zone("America/New_York"), &rules, NEVER, 7);
    let Release::At(moment) = released else {
        panic!("{released:?}");
    };
    assert!(moment >= at("2026-11-01T06:01:00Z") && moment < at("2026-11-02T00:00:00Z"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Any rules at any moment of three years, most of them near a change of the clock.
    #[test]
    fn b4_what_is_released_is_released_in_its_hours(
        week in prop::array::uniform7(spans()),
        change in 0usize..6,
        off in -90_000_000i64..90_000_000,
        name in 0usize..ZONES.len(),
        useful in 0i64..400_000_000,
        seed in any::<u64>(),
    ) {
        let rules = Rules { allowed: week };
        let zone = zone(ZONES[name]);
        let begin = at("2026-01-01T00:00:00Z");
        let near = zone.following(begin.timestamp()).nth(change);
        let near = near.map_or(begin, |change| At(change.timestamp().as_millisecond()));
        let now = At(near.0 + off);
        let expires = At(now.0 + useful);
        match release(now, &zone, &rules, expires, seed) {
            Release::Now => prop_assert!(rules.allow(now, &zone) && now < expires),
            Release::At(moment) => {
                prop_assert!(!rules.allow(now, &zone), "it might have gone at once");
                prop_assert!(rules.allow(moment, &zone), "{moment:?}");
                prop_assert!(moment > now && moment < expires);
            }
            Release::Expired => {
                // Nothing of use was left: no minute of the time that is allowed.
                let minutes = (now.0..expires.0).step_by(60_000).map(At);
                let missed = minutes.filter(|at| rules.allow(*at, &zone)).count();
                // An hour that comes twice is used once, and one that is skipped takes its
                // span's beginning along.
                prop_assert!(missed <= 120, "{missed} minutes were missed");
            }
        }
    }
}

#[test]
fn b4_eight_in_the_morning_is_the_librarys() {
    let (new_york, chicago) = (zone("America/New_York"), zone("America/Chicago"));
    // 2 am in New York, 1 am in Chicago, in summer.
    let night = at("2026-07-01T06:00:00Z");
    for (zone, eight) in [
        (&new_york, "2026-07-01T12:00:00Z"),
        (&chicago, "2026-07-01T13:00:00Z"),
    ] {
        let Release::At(moment) = release(night, zone, us(), NEVER, 7) else {
            panic!("it is held");
        };
        let late = moment.since(at(eight));
        assert!(moment >= at(eight) && late < SPREAD, "{moment:?}");
    }
    assert_eq!(
        release(at("2026-07-01T16:00:00Z"), &new_york, us(), NEVER, 7),
        Release::Now
    );
    // The clock goes forward in the night of March 8: eight comes an hour sooner.
    let Release::At(moment) = release(at("2026-03-08T03:00:00Z"), &new_york, us(), NEVER, 0) else {
        panic!("it is held");
    };
    assert!(moment >= at("2026-03-08T12:00:00Z") && moment < at("2026-03-08T12:30:00Z"));
}

#[test]
fn b4_thousands_do_not_go_in_one_second() {
    let zone = zone("America/New_York");
    let mut seconds = std::collections::BTreeMap::<i64, usize>::new();
    for seed in 0..18_000 {
        let Release::At(moment) = release(at("2026-07-01T06:00:00Z"), &zone, us(), NEVER, seed)
        else {
            panic!("it is held");
        };
        *seconds.entry(moment.0 / 1_000).or_default() += 1;
    }
    assert!(seconds.len() > 1_700, "{}", seconds.len());
    assert!(
        seconds.values().all(|count| *count < 35),
        "{:?}",
        seconds.values().max()
    );
}

#[test]
fn b4_what_is_of_no_use_any_more_is_not_sent() {
    let zone = zone("America/New_York");
    let night = at("2026-07-01T06:00:00Z");
    let eight = at("2026-07-01T12:00:00Z");
    assert_eq!(release(night, &zone, us(), eight, 1), Release::Expired);
    let soon = eight + Duration::from_secs(60);
    for seed in 0..50 {
        let Release::At(moment) = release(night, &zone, us(), soon, seed) else {
            panic!("it is held");
        };
        assert!(moment >= eight && moment < soon);
    }
    let day = at("2026-07-01T16:00:00Z");
    assert_eq!(release(day, &zone, us(), day, 1), Release::Expired);
    let nothing = Rules {
        allowed: Default::default(),
    };
    assert_eq!(release(day, &zone, &nothing, NEVER, 1), Release::Expired);
}

#[test]
fn b4_a_school_texts_neither_in_lessons_nor_in_the_evening() {
    let zone = zone("America/New_York");
    let school = Rules::preset("school").unwrap().and(us());
    for (when, allowed) in [
        // Wednesday.
        ("2026-09-16T07:30:00-04:00", false), // before eight the jurisdiction says no
        ("2026-09-16T10:00:00-04:00", false),
        ("2026-09-16T14:59:00-04:00", false),
        ("2026-09-16T15:00:00-04:00", true),
        ("2026-09-16T20:00:00-04:00", false),
        // Saturday.
        ("2026-09-19T10:00:00-04:00", true),
        ("2026-09-19T20:30:00-04:00", false),
    ] {
        assert_eq!(school.allow(at(when), &zone), allowed, "{when}");
    }
}

#[test]
fn b4_each_preset_can_be_read_and_texas_sleeps_on_sunday() {
    let presets = read().unwrap();
    assert!(presets.len() >= 12);
    for (name, rules) in &presets {
        for day in &rules.allowed {
            assert!(!day.is_empty(), "{name}");
        }
    }
    let texas = Rules::preset("us-tx").unwrap();
    let zone = zone("America/Chicago");
    assert!(!texas.allow(at("2026-09-20T11:00:00-05:00"), &zone));
    assert!(texas.allow(at("2026-09-21T11:00:00-05:00"), &zone));
}

#[test]
fn b4_a_library_holds_by_its_zone_its_jurisdiction_and_its_own_hours() {
    use crate::route::play::{NUMBER, directory, library};

    let mut bayside = library("Bayside", Vec::new());
    bayside.quiet = Rules::preset("school").unwrap().clone();
    let directory = directory(vec![bayside]);
    let number = directory.number(NUMBER).unwrap();
    let library = directory.library(&"bayside".into()).unwrap();
    let held = |when: &str| hold(number, library, at(when), NEVER, 3);
    assert_eq!(held("2026-09-16T15:30:00-04:00"), Release::Now);
    let Release::At(moment) = held("2026-09-16T11:00:00-04:00") else {
        panic!("it is held");
    };
    assert!(moment >= at("2026-09-16T15:00:00-04:00") && moment < at("2026-09-16T15:30:00-04:00"));
    // Before school there is an hour, but not by federal hours, which begin at eight.
    let Release::At(moment) = held("2026-09-16T06:00:00-04:00") else {
        panic!("it is held");
    };
    assert!(moment >= at("2026-09-16T15:00:00-04:00"), "{moment:?}");
}
