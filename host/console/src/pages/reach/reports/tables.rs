//! Counts made into tables, in the order in which a board reads them. Pure.

use std::collections::BTreeMap;

use callslip_core::directory::Library;
use callslip_core::ids::KeywordId;
use callslip_store::tallies::{SPANS, TallyRow};

use super::Counted;
use crate::asked::escaped;
use crate::pages::keywords;
use crate::pages::reach::figures::Bar;
use crate::pages::reach::period::Period;

pub(super) enum Looks {
    Days,
    Bars,
}

/// What whoever looks may go on to.
#[derive(Clone, Copy)]
pub(super) struct May {
    pub(super) texts: bool,
    pub(super) keywords: bool,
    pub(super) lists: bool,
    pub(super) delivery: bool,
}

pub(super) struct Table {
    /// In addresses.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) columns: [&'static str; 2],
    pub(super) rows: Vec<Bar>,
    pub(super) note: Option<String>,
    pub(super) looks: Looks,
}

const UNMATCHED: [&str; 4] = ["unmatched", "near-miss", "ask", "correction"];

pub(super) fn tables(
    library: &Library,
    period: &Period,
    counted: &Counted,
    may: May,
) -> Vec<Table> {
    let table = |id, title, columns, rows| Table {
        id,
        title,
        columns,
        rows,
        note: None,
        looks: Looks::Bars,
    };
    let unmatched: Vec<&TallyRow> = counted
        .texts
        .iter()
        .filter(|row| UNMATCHED.contains(&part(row, 4)))
        .collect();
    let unmatched_href = may
        .texts
        .then(|| format!("/unmatched?library={}", escaped(&library.id.0)));
    let mut found = vec![
        Table {
            looks: Looks::Days,
            ..table(
                "days",
                "Texts by day",
                ["Day", "Texts"],
                by_day(period, counted.texts.iter(), None),
            )
        },
        table(
            "keywords",
            "Texts by keyword",
            ["Keyword", "Texts"],
            by_keyword(library, counted, may),
        ),
        table(
            "outcomes",
            "What texts came to",
            ["Outcome", "Texts"],
            sums(&counted.texts, 2, outcome),
        ),
        table("answered", "Answered by", ["By", "Texts"], {
            let answered = counted.texts.iter().filter(|row| !part(row, 3).is_empty());
            summed(answered, 3, by)
        }),
        Table {
            looks: Looks::Days,
            ..table(
                "unmatched",
                "Texts that no keyword knew",
                ["Day", "Texts"],
                by_day(period, unmatched.into_iter(), unmatched_href.as_ref()),
            )
        },
        table(
            "first-reply",
            "First reply by a person, in desk hours",
            ["Within", "Questions"],
            spans(&counted.first),
        ),
        table(
            "closed",
            "Questions closed, in desk hours since they came",
            ["Within", "Questions"],
            spans(&counted.closed),
        ),
        table(
            "lists",
            "Lists",
            ["List", "People"],
            lists(library, counted, may),
        ),
        table(
            "gateways",
            "Texts by gateway",
            ["Gateway", "Texts"],
            sums(&counted.texts, 1, str::to_owned),
        ),
        table(
            "delivery",
            "Messages",
            ["State", "Messages"],
            sums(&counted.messages, 1, state),
        ),
        table(
            "failures",
            "Why messages failed",
            ["Reason", "Messages"],
            failures(library, counted, may),
        ),
    ];
    found.push(Table {
        note: cost(library, &counted.segments),
        ..table(
            "segments",
            "What was sent, in segments",
            ["Gateway", "Segments"],
            sums(&counted.segments, 0, str::to_owned),
        )
    });
    found
}

fn part(row: &TallyRow, place: usize) -> &str {
    row.parts.get(place).map_or("", String::as_str)
}

fn by_day<'a>(
    period: &Period,
    rows: impl Iterator<Item = &'a TallyRow>,
    href: Option<&String>,
) -> Vec<Bar> {
    let mut days: BTreeMap<_, u64> = period.days().map(|day| (day, 0)).collect();
    for row in rows {
        if let Some(count) = days.get_mut(&period.day(row.at)) {
            *count += row.count;
        }
    }
    let named = days.into_iter().map(|(day, count)| Bar {
        href: href.cloned(),
        ..Bar::new(day.strftime("%-d %b %Y").to_string(), count)
    });
    named.collect()
}

fn sums(rows: &[TallyRow], place: usize, name: impl Fn(&str) -> String) -> Vec<Bar> {
    summed(rows.iter(), place, name)
}

/// The most first.
fn summed<'a>(
    rows: impl Iterator<Item = &'a TallyRow>,
    place: usize,
    name: impl Fn(&str) -> String,
) -> Vec<Bar> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows {
        *sums.entry(part(row, place)).or_default() += row.count;
    }
    let bars = sums
        .into_iter()
        .map(|(key, count)| Bar::new(name(key), count));
    let mut bars: Vec<Bar> = bars.collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars
}

fn by_keyword(library: &Library, counted: &Counted, may: May) -> Vec<Bar> {
    let mut bars = sums(&counted.texts, 0, str::to_owned);
    for bar in &mut bars {
        let id = KeywordId::from(bar.name.as_str());
        if bar.name.is_empty() {
            "none".clone_into(&mut bar.name);
        } else if let Some(keyword) = library.keyword(&id) {
            bar.href = may.keywords.then(|| keywords::path(&library.id, &id));
            bar.name.clone_from(&keyword.word);
        }
    }
    bars
}

fn outcome(token: &str) -> String {
    match token {
        "answered" => "Answered",
        "ticketed" => "Went to a person",
        "silent" => "Needed no answer",
        other => other,
    }
    .to_owned()
}

fn by(token: &str) -> String {
    match token {
        "flow" => "A flow",
        "host" => "Callslip itself",
        "people" => "People",
        other => other,
    }
    .to_owned()
}

fn state(token: &str) -> String {
    match token {
        "out" => "Went out",
        "delivered" => "Reported as delivered",
        "failed" => "Failed",
        other => other,
    }
    .to_owned()
}

/// The quickest first, as they are; a span that nothing took shows as none.
fn spans(rows: &[TallyRow]) -> Vec<Bar> {
    if rows.is_empty() {
        return Vec::new();
    }
    let bars = SPANS.iter().map(|(_, token)| {
        let own = rows.iter().filter(|row| part(row, 0) == *token);
        let name = match *token {
            "15-min" => "15 minutes",
            "1-hour" => "an hour",
            "4-hours" => "4 hours",
            "24-hours" => "24 hours",
            _ => "longer",
        };
        Bar::new(name, own.map(|row| row.count).sum())
    });
    bars.collect()
}

fn lists(library: &Library, counted: &Counted, may: May) -> Vec<Bar> {
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in &counted.lists {
        *sums.entry((part(row, 0), part(row, 1))).or_default() += row.count;
    }
    let href = format!("/lists?library={}", escaped(&library.id.0));
    let bars = sums.into_iter().map(|((id, way), count)| {
        let known = library.lists.iter().find(|list| list.id == id);
        let name = known.map_or(id, |list| list.name.as_str());
        Bar {
            href: may.lists.then(|| href.clone()),
            ..Bar::new(format!("{name}: {way}"), count)
        }
    });
    bars.collect()
}

fn failures(library: &Library, counted: &Counted, may: May) -> Vec<Bar> {
    let failed = counted
        .messages
        .iter()
        .filter(|row| part(row, 1) == "failed");
    let mut bars = summed(failed, 2, |reason| match reason {
        "" => "no reason was given".to_owned(),
        reason => reason.to_owned(),
    });
    let href = format!("/messages?library={}", escaped(&library.id.0));
    for bar in &mut bars {
        bar.href = may.delivery.then(|| href.clone());
    }
    bars
}

/// At today's price: what it was then, nobody has written down.
fn cost(library: &Library, segments: &[TallyRow]) -> Option<String> {
    let price = u128::from(library.budget.segment_price?);
    let count: u64 = segments.iter().map(|row| row.count).sum();
    let cents = (u128::from(count) * price + 5_000) / 10_000;
    Some(format!(
        "{count} segments, {}.{:02} at the price that the library's file has now.",
        cents / 100,
        cents % 100
    ))
}
