//! The SDK's libraries for tests in the host's types. Field by field: the two sides share the
//! plugin world and no code, so that neither can change it alone.

use callslip::Library;
use callslip_core::at::At;
use callslip_core::flow::{FlowHours, FlowLibrary, Span, SpecialDay, ZoneOffset};

pub(crate) fn pinned(library: &Library) -> FlowLibrary {
    FlowLibrary {
        name: library.name.clone(),
        short_name: library.short_name.clone(),
        time_zone: library.time_zone.clone(),
        offsets: library.offsets.iter().map(offset).collect(),
        hours: FlowHours {
            week: library.hours.week.iter().map(|day| spans(day)).collect(),
            special_days: library.hours.special_days.iter().map(special).collect(),
        },
        number: library.number.clone(),
        join_word: library.join_word.clone(),
        phone: library.phone.clone(),
        website: library.website.clone(),
        address: library.address.clone(),
    }
}

pub(crate) fn at(moment: callslip::Timestamp) -> At {
    At(i64::try_from(moment.0).unwrap_or(i64::MAX))
}

fn offset(offset: &callslip::ZoneOffset) -> ZoneOffset {
    ZoneOffset {
        since: at(offset.since),
        seconds: offset.seconds,
        abbreviation: offset.abbreviation.clone(),
    }
}

fn special(day: &callslip::SpecialDay) -> SpecialDay {
    SpecialDay {
        date: day.date.clone(),
        spans: spans(&day.spans),
        note: day.note.clone(),
    }
}

fn spans(spans: &[callslip::Span]) -> Vec<Span> {
    let span = |span: &callslip::Span| Span {
        opens: span.opens,
        closes: span.closes,
    };
    spans.iter().map(span).collect()
}
