//! What may be spent: answers an hour and a day for one phone, segments for one turn, segments a
//! month for one library (g4). It counts and compares; what is said at a limit is for routing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::flow::Attachment;
use crate::snapshot::SpendMark;
use crate::text::segments;

/// The machine's own bounds; the config may set others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub answers_an_hour: u32,
    pub answers_a_day: u32,
    /// A keyword may say more.
    pub segments_a_turn: u32,
    /// A phone silent for so many days has a new holder with its next text (a9).
    pub tenure_days: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            answers_an_hour: 30,
            answers_a_day: 100,
            segments_a_turn: 6,
            tenure_days: 90,
        }
    }
}

const SLOT: Duration = Duration::from_secs(10 * 60);
/// What has begun counts whole, so that no hour and no day ever has more than its number.
const HOUR_SLOTS: i64 = 6;
const DAY_SLOTS: i64 = 24 * 6;
/// Sentences of which a phone is told once in a while; far more than there are kinds.
const SAID_MAX: usize = 16;

/// What one phone was answered lately.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meter {
    /// Ten-minute spans since 1970 with their answers, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<(i64, u32)>,
    /// What is said only once in a while, and when it was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<(String, At)>,
}

impl Meter {
    pub fn is_over(&self, rules: &Rules, now: At) -> bool {
        self.since(now, HOUR_SLOTS) >= rules.answers_an_hour
            || self.since(now, DAY_SLOTS) >= rules.answers_a_day
    }

    pub fn count_answer(&mut self, now: At) {
        let this = slot(now);
        self.answers.retain(|(slot, _)| *slot >= this - DAY_SLOTS);
        match self.answers.last_mut() {
            // A clock that went back counts where it stood.
            Some((slot, answers)) if *slot >= this => *answers += 1,
            Some(_) | None => self.answers.push((this, 1)),
        }
    }

    pub fn said(&self, what: &str) -> Option<At> {
        let mut said = self.said.iter();
        said.find(|(known, _)| known == what).map(|(_, at)| *at)
    }

    pub fn say(&mut self, what: &str, now: At) {
        self.unsay(what);
        if self.said.len() >= SAID_MAX {
            self.said.remove(0);
        }
        self.said.push((what.to_owned(), now));
    }

    pub fn unsay(&mut self, what: &str) {
        self.said.retain(|(known, _)| known != what);
    }

    fn since(&self, now: At, slots: i64) -> u32 {
        let from = slot(now) - slots;
        let lately = self.answers.iter().filter(|(slot, _)| *slot >= from);
        lately.map(|(_, answers)| answers).sum()
    }
}

fn slot(at: At) -> i64 {
    at.0.div_euclid(SLOT.as_millis() as i64)
}

/// The month that spending is counted in, as 202606: by UTC, so that the store needs no zone.
pub fn month(at: At) -> i32 {
    let date = jiff::tz::Offset::UTC.to_datetime(at.timestamp()).date();
    i32::from(date.year()) * 100 + i32::from(date.month())
}

/// What the operator is told when a month's spend grows from `before` by `more`.
pub fn mark(before: u64, more: u64, limit: u32) -> Option<SpendMark> {
    let limit = u64::from(limit);
    let passes = |of: u64| before < of && before + more >= of;
    if passes(limit) {
        Some(SpendMark::Spent)
    } else if passes(limit - limit / 5) {
        Some(SpendMark::Warning)
    } else {
        None
    }
}

type Message = (String, Vec<Attachment>);

pub fn cost(text: &str) -> usize {
    segments::count(text).segments
}

/// Keeps a turn within its segments. Whole messages stay as long as they fit with `more` behind
/// them, which says how to get the rest; of a first one that is too long by itself, the sentences
/// that fit. The question that the turn ends with stays before all others: the patron's next text
/// answers it. Says whether anything went.
pub(crate) fn fit(
    mut messages: Vec<Message>,
    segments_max: usize,
    ends_with_question: bool,
    more: &str,
) -> (Vec<Message>, bool) {
    let all: usize = messages.iter().map(|(text, _)| cost(text)).sum();
    if all <= segments_max {
        return (messages, false);
    }
    let question = if ends_with_question {
        messages.pop()
    } else {
        None
    };
    let question = question.map(|(text, media)| (shortened(text, segments_max, more), media));
    let taken = question.as_ref().map_or(0, |(text, _)| cost(text));
    let mut kept = first_of(messages, segments_max.saturating_sub(taken), more);
    kept.extend(question);
    (kept, true)
}

fn first_of(mut messages: Vec<Message>, left: usize, more: &str) -> Vec<Message> {
    let costs: Vec<usize> = messages.iter().map(|(text, _)| cost(text)).collect();
    if costs.iter().sum::<usize>() <= left {
        return messages;
    }
    let fitting = (1..=messages.len()).rev().find(|count| {
        let (last, _) = &messages[count - 1];
        costs[..count - 1].iter().sum::<usize>() + cost(&joined(last, more)) <= left
    });
    messages.truncate(fitting.unwrap_or(1));
    if let Some((last, _)) = messages.last_mut() {
        *last = match fitting {
            Some(_) => joined(last, more),
            None => shortened(std::mem::take(last), left, more),
        };
    }
    messages.retain(|(text, _)| cost(text) <= left && !text.is_empty());
    messages
}

/// The sentences of `text` that fit with `more` behind them, or at least its words. Nothing when
/// not even those do.
fn shortened(text: String, segments_max: usize, more: &str) -> String {
    if cost(&text) <= segments_max {
        return text;
    }
    let ends = |at: &usize| {
        let (before, after) = text.split_at(*at);
        before.ends_with(['.', '!', '?', '…', '。', '\n']) && after.starts_with(char::is_whitespace)
            || after.starts_with('\n')
    };
    let blanks: Vec<usize> = text
        .char_indices()
        .filter(|(_, character)| character.is_whitespace())
        .map(|(at, _)| at)
        .collect();
    let fits = |at: &usize| cost(&joined(text[..*at].trim_end(), more)) <= segments_max;
    // Costs grow with the text: the last place that fits is found by halves.
    let fitting = &blanks[..blanks.partition_point(fits)];
    let sentence = fitting.iter().rev().find(|at| ends(at)).copied();
    match sentence.or(fitting.last().copied()) {
        Some(at) if at > 0 => joined(text[..at].trim_end(), more),
        Some(_) | None if cost(more) <= segments_max => more.to_owned(),
        Some(_) | None => String::new(),
    }
}

fn joined(text: &str, more: &str) -> String {
    format!("{text}\n{more}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: At = At(1_900_000_000_000);
    const MORE: &str = "There is more. To get it from a person, text ASK.";

    fn minutes(minutes: i64) -> At {
        At(NOW.0 + minutes * 60_000)
    }

    proptest! {
        #[test]
        fn g4_no_hour_and_no_day_has_more_answers(texts in prop::collection::vec(0i64..20, 1..600)) {
            let rules = Rules::default();
            let mut meter = Meter::default();
            let (mut answered, mut now) = (Vec::new(), 0);
            for wait in texts {
                now += wait;
                if !meter.is_over(&rules, minutes(now)) {
                    meter.count_answer(minutes(now));
                    answered.push(now);
                }
            }
            for first in &answered {
                let within = |span: i64| {
                    answered.iter().filter(|at| (*first..first + span).contains(*at)).count()
                };
                prop_assert!(within(60) <= 30 && within(24 * 60) <= 100);
            }
        }

        #[test]
        fn g4_a_turn_keeps_to_its_segments(
            texts in prop::collection::vec("[a-z á.?\n]{0,400}", 1..8),
            segments_max in 1usize..12,
            question in any::<bool>(),
        ) {
            let messages: Vec<_> = texts.iter().map(|text| (text.clone(), Vec::new())).collect();
            let (fitted, cut) = fit(messages, segments_max, question, MORE);
            let all: usize = fitted.iter().map(|(text, _)| cost(text)).sum();
            prop_assert!(all <= segments_max, "{all} > {segments_max}");
            let same = fitted.iter().map(|(text, _)| text).eq(&texts);
            prop_assert_eq!(same, !cut);
            prop_assert!(!fitted.is_empty());
        }
    }

    #[test]
    fn g4_an_hour_later_a_phone_is_answered_again() {
        let (rules, mut meter) = (Rules::default(), Meter::default());
        for _ in 0..30 {
            assert!(!meter.is_over(&rules, NOW));
            meter.count_answer(NOW);
        }
        assert!(meter.is_over(&rules, NOW) && meter.is_over(&rules, minutes(59)));
        assert!(!meter.is_over(&rules, minutes(71)));
        let kept: Meter = serde_json::from_str(&serde_json::to_string(&meter).unwrap()).unwrap();
        assert_eq!(kept, meter);
    }

    fn fitted(texts: &[&str], segments_max: usize, question: bool) -> Vec<String> {
        let messages = texts
            .iter()
            .map(|text| ((*text).to_owned(), Vec::new()))
            .collect();
        let (fitted, _) = fit(messages, segments_max, question, MORE);
        fitted.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn g4_whole_messages_stay_and_say_that_there_is_more() {
        let page = "Open late on Friday. ".repeat(7);
        let short = "Open today until 8 pm.";
        assert_eq!(fitted(&[short, &page], 2, false), [short, &page]);
        assert_eq!(
            fitted(&[short, &page, &page], 2, false),
            [format!("{short}\n{MORE}")]
        );
        // A first one that is too long ends with a sentence.
        let [cut] = &fitted(&[&page.repeat(3)], 1, false)[..] else {
            panic!("one message");
        };
        assert_eq!(
            cut,
            &format!("{}\n{MORE}", "Open late on Friday. ".repeat(5).trim_end())
        );
        // The question stays.
        assert_eq!(
            fitted(&[short, &page, &page, "Which day?"], 2, true),
            [format!("{short}\n{MORE}"), "Which day?".to_owned()]
        );
        assert_eq!(fitted(&[&page, "Which day?"], 1, true), ["Which day?"]);
    }

    #[test]
    fn g4_a_month_is_marked_at_four_fifths_and_at_its_end() {
        assert_eq!(mark(0, 79, 100), None);
        assert_eq!(mark(79, 1, 100), Some(SpendMark::Warning));
        assert_eq!(mark(80, 19, 100), None);
        assert_eq!(mark(99, 5, 100), Some(SpendMark::Spent));
        assert_eq!(mark(104, 5, 100), None);
        assert_eq!(mark(10, 200, 100), Some(SpendMark::Spent));
        assert_eq!(mark(0, 1, 1), Some(SpendMark::Spent));
    }

    #[test]
    fn a_month_is_counted_by_utc() {
        // 2026-06-30T23:59:59.999Z and the next millisecond.
        let end = At(1_782_863_999_999);
        assert_eq!((month(end), month(At(end.0 + 1))), (202_606, 202_607));
    }
}
