//! A turn's input in the plugin world's types. Copies: the guest gets its own of everything, and
//! what is copied is small beside the call.

use callslip_core::at::At;
use callslip_core::flow::{Entry, Event, FlowHours, FlowInput, FlowLibrary, Span};

use super::interfaces::types as wit;

pub(crate) fn input(input: &FlowInput) -> wit::Input {
    let pinned = &input.pinned;
    wit::Input {
        event: event(&input.event),
        keyword: pinned.keyword.clone(),
        media: (input.media.iter())
            .map(|media| wit::Media {
                url: media.url.clone(),
                content_type: media.content_type.clone(),
            })
            .collect(),
        patron: wit::Patron {
            id: pinned.patron.id.clone(),
            language: pinned.patron.language.clone(),
            first_contact: pinned.patron.first_contact,
        },
        library: library(&pinned.library),
        settings: pinned.settings.clone(),
        now: timestamp(input.now),
        seed: pinned.seed,
        journal: input.journal.iter().map(entry).collect(),
    }
}

fn event(event: &Event) -> wit::Event {
    match event {
        Event::Started(text) => wit::Event::Started(text.clone()),
        Event::Answered(text) => wit::Event::Answered(text.clone()),
        Event::TimedOut => wit::Event::TimedOut,
        Event::Due(payload) => wit::Event::Due(payload.clone()),
    }
}

fn library(library: &FlowLibrary) -> wit::Library {
    wit::Library {
        name: library.name.clone(),
        short_name: library.short_name.clone(),
        time_zone: library.time_zone.clone(),
        offsets: (library.offsets.iter())
            .map(|offset| wit::ZoneOffset {
                since: timestamp(offset.since),
                seconds: offset.seconds,
                abbreviation: offset.abbreviation.clone(),
            })
            .collect(),
        hours: hours(&library.hours),
        number: library.number.clone(),
        join_word: library.join_word.clone(),
        phone: library.phone.clone(),
        website: library.website.clone(),
        address: library.address.clone(),
    }
}

fn hours(hours: &FlowHours) -> wit::OpeningHours {
    wit::OpeningHours {
        week: hours.week.iter().map(|day| spans(day)).collect(),
        special_days: (hours.special_days.iter())
            .map(|day| wit::SpecialDay {
                date: day.date.clone(),
                spans: spans(&day.spans),
                note: day.note.clone(),
            })
            .collect(),
    }
}

fn spans(spans: &[Span]) -> Vec<wit::Span> {
    (spans.iter())
        .map(|span| wit::Span {
            opens: span.opens,
            closes: span.closes,
        })
        .collect()
}

fn entry(entry: &Entry) -> wit::Entry {
    wit::Entry {
        kind: entry.kind.clone(),
        asked: entry.asked.clone(),
        got: entry.got.clone(),
    }
}

/// The world counts from 1970; nothing that a flow is told lies before.
fn timestamp(at: At) -> u64 {
    u64::try_from(at.0).unwrap_or(0)
}
