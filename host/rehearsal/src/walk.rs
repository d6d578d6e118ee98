//! Conversations that nobody wrote: at each question an answer of those that it lists, or something
//! that people send by mistake. Whatever is sent, a flow answers; it does not fail.

use std::collections::BTreeMap;

use callslip::test::transcript::{Action, Transcript};
use callslip_runtime::Flow;

use crate::Allowed;
use crate::lots::Lots;
use crate::player::{Player, Stop};
use crate::remarks::Heard;

/// A check ends soon whatever the flow is: after so many turns, or so much computing.
const TURNS_MAX: usize = 2_000;
const MICROS_MAX: u64 = 5_000_000;
/// Of one conversation.
const ANSWERS_MAX: usize = 12;
const LANGUAGES: [&str; 3] = ["en", "es", "fr"];

#[rustfmt::skip]
const ANSWERS: &[&str] = &[
    "yes", "no", "sí", "oui", "Y", "maybe", "yes please!", "1", "2", "3", "12", "0.5", "-1", "007",
    "99999999999999999999", "one hundred and one", "Maria", "Ana María de la O'Higgins-Núñez", "a", "é",
    ".", "?!", "…", "  ", "\t", "👍", "👩‍👩‍👧‍👦", "\u{feff}", "\u{202e}abc", "e\u{301}\u{301}\u{301}", "ﬁ", "ß", "İ",
    "日本語", "שלום", "line one\nline two", "\"quoted\"", "{name}", "%s", "<b>", "\\", "'; --",
    "tomorrow", "Saturday", "February 30", "2031-02-29", "31/12", "13/13/2031", "noon", "25:61",
    "the day after the one before", "https://example.org/?q=1&r=2", "someone@example.org", "12345678901234",
];

/// As long as texts get.
const LONG: [(&str, usize); 3] = [("a", 1_600), ("né ", 500), ("🎉", 400)];

pub(crate) struct Walked {
    pub(crate) turns: usize,
    /// What failed, each once, with the shortest way there.
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn walk(
    flow: &Flow,
    transcripts: &[&Transcript],
    allowed: &Allowed,
    heard: &mut Heard,
) -> Walked {
    let mut lots = Lots::new(1);
    let mut walked = Walked {
        turns: 0,
        wrong: Vec::new(),
    };
    // By what failed where; what it said of it may quote the answer.
    let mut failed: BTreeMap<String, (Vec<String>, Stop)> = BTreeMap::new();
    let mut micros: u64 = 0;
    'all: loop {
        let before = walked.turns;
        for transcript in transcripts {
            for language in LANGUAGES {
                let Ok(player) = Player::new(flow, transcript, allowed) else {
                    continue;
                };
                let mut player = player.with_language(language).with_seed(lots.next());
                let (way, fault) = wander(&mut player, &mut lots);
                walked.turns += way.len();
                micros += player.turns().iter().map(|turn| turn.micros).sum::<u64>();
                heard.choices_of(&player);
                if let Some(stop) = fault {
                    let place = match &stop {
                        Stop::Flow(fault) => fault.for_log(),
                        stop => stop.to_string(),
                    };
                    let known = failed.get(&place);
                    if known.is_none_or(|(known, _)| way.len() < known.len()) {
                        failed.insert(place, (way, stop));
                    }
                }
                if walked.turns >= TURNS_MAX || micros >= MICROS_MAX {
                    break 'all;
                }
            }
        }
        if walked.turns == before {
            break;
        }
    }
    for (way, fault) in failed.into_values() {
        let way = way.join("\n  ");
        walked
            .wrong
            .push(format!("answers that nobody wrote: {fault}\n  {way}"));
    }
    walked
}

/// One conversation: what was sent, and what failed at the last of it.
fn wander(player: &mut Player<'_>, lots: &mut Lots) -> (Vec<String>, Option<Stop>) {
    let rest = match lots.one_in(3) {
        true => invented(lots),
        false => String::new(),
    };
    let mut way = vec![
        format!("> {} {}", player.keyword(), shown(&rest))
            .trim_end()
            .to_owned(),
    ];
    let mut came = player.begin(&rest);
    loop {
        match came {
            Ok(_) => {}
            // It would have been somebody else's to answer.
            Err(Stop::Script(_)) => {
                way.pop();
                return (way, None);
            }
            Err(stop) => return (way, Some(stop)),
        }
        let Some(question) = player.question() else {
            return (way, None);
        };
        if way.len() > ANSWERS_MAX {
            return (way, None);
        }
        if lots.one_in(15) {
            way.push("(nobody answers in time)".to_owned());
            came = player.time_out();
            continue;
        }
        let listed = lots.one_of(&question.choices).cloned();
        let answer = match listed {
            Some(listed) if !lots.one_in(3) => listed,
            _ => invented(lots),
        };
        way.push(format!("> {}", shown(&answer)));
        came = player.step(&Action::Text(answer)).map(|_| Vec::new());
    }
}

fn invented(lots: &mut Lots) -> String {
    if lots.one_in(12) {
        return lots
            .one_of(&LONG)
            .map_or_else(String::new, |(part, times)| part.repeat(*times));
    }
    lots.one_of(ANSWERS).copied().unwrap_or_default().to_owned()
}

/// So that one sees what it is: on one line, and no longer than that.
fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    if text.is_empty() {
        return String::new();
    }
    let begins: String = text.chars().take(CHARACTERS_MAX).collect();
    match begins.len() < text.len() {
        true => format!("{begins:?}... ({} characters)", text.chars().count()),
        false => format!("{begins:?}"),
    }
}
