//! Whether a busy number has fallen silent (f8): nothing came in the last hours, and on other days
//! texts came in the same ones. A number that is quiet at night is not silent then.

use std::time::Duration;

use crate::at::At;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DAYS: u32 = 7;
/// Of the same hours on other days, in the mean; fewer may stay away by chance.
const USUAL_MIN: usize = 5;

/// `arrivals`: the latest first, as far back as is known. Some: since when nothing came.
pub fn silent(arrivals: &[At], hours: u32, now: At) -> Option<At> {
    let last = *arrivals.first()?;
    let span = Duration::from_secs(3_600 * u64::from(hours));
    if last > now - span {
        return None;
    }
    let oldest = *arrivals.last()?;
    let mut usual = 0;
    let mut days = 0;
    for day in 1..=DAYS {
        let end = now - DAY * day;
        // A day that is not known whole says nothing.
        if oldest > end - span {
            break;
        }
        days += 1;
        let within = arrivals
            .iter()
            .filter(|at| **at > end - span && **at <= end);
        usual += within.count();
    }
    // Half a week, so that Sunday is not held against Monday alone.
    (days >= 3 && usual >= USUAL_MIN * days).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_935_842_400_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// So many texts in each of the day's hours from ten to six before `now`, for so many days.
    fn arrivals(days: u32, an_hour: u32, since: Duration) -> Vec<At> {
        let mut all: Vec<At> = Vec::new();
        for day in 0..days {
            for hour in 0..8 {
                for n in 0..an_hour {
                    all.push(NOW - DAY * day - HOUR * hour - HOUR / an_hour * n);
                }
            }
        }
        all.retain(|at| *at <= NOW - since);
        all.sort();
        all.reverse();
        all
    }

    #[test]
    fn f8_a_busy_number_that_falls_silent_is_told_of() {
        let busy = arrivals(8, 3, HOUR * 4);
        assert_eq!(silent(&busy, 4, NOW), Some(busy[0]));
        assert_eq!(silent(&busy, 6, NOW), None, "not for so long yet");
    }

    #[test]
    fn a_number_that_is_seldom_texted_is_not() {
        assert_eq!(silent(&[], 4, NOW), None);
        let mut seldom = arrivals(8, 1, HOUR * 4);
        seldom.retain(|at| at.0 / 3_600_000 % 8 == 0);
        assert_eq!(silent(&seldom, 4, NOW), None);
        assert_eq!(
            silent(&arrivals(2, 5, HOUR * 4), 4, NOW),
            None,
            "two days tell nothing"
        );
    }

    #[test]
    fn night_is_not_silence() {
        // Eight hours later nobody texts on any day.
        let night = NOW + HOUR * 8;
        assert_eq!(silent(&arrivals(8, 5, Duration::ZERO), 6, night), None);
    }
}
