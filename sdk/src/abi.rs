//! The bindings to the plugin world, and nothing else that is unsafe or generated.
//!
//! Exists in components alone. An interface that no code of a flow calls leaves no trace in the
//! finished component, so nothing here may call the host on its own, but for the word of a panic, which asks for
//! nothing.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    reason = "what wit-bindgen generates passes memory over the component's border"
)]

use crate::library::{Library, OpeningHours, Span, SpecialDay, ZoneOffset};
use crate::outcome::Refusal;
use crate::run::Flow;
use crate::time::Timestamp;
use crate::world;

wit_bindgen::generate!({
    path: "wit/0.1",
    world: "flow",
    pub_export_macro: true,
    default_bindings_module: "callslip::abi",
    runtime_path: "wit_bindgen::rt",
});

use self::callslip::plugin::types;

pub fn describe<F: Flow>() -> Manifest {
    report_panics();
    let manifest = F::MANIFEST;
    let answers = manifest.reserved_answers.iter();
    Manifest {
        name: manifest.name.to_owned(),
        version: manifest.version.to_owned(),
        summary: manifest.summary.to_owned(),
        settings_schema: manifest.settings_schema.to_owned(),
        reserved_answers: answers.map(|&answer| answer.to_owned()).collect(),
    }
}

pub fn handle<F: Flow>(input: Input) -> Result<Output, String> {
    report_panics();
    crate::run::handle::<F>(taken(input)).map(given)
}

/// A panic ends the instance, and the trap that it ends with says nothing: so it is told before.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or_default();
        let place = panic.location().map_or_else(String::new, |place| {
            format!("{}:{}", place.file(), place.line())
        });
        self::callslip::plugin::crash::report(message, &place);
    }));
}

fn taken(input: Input) -> world::Input {
    let media = input.media.into_iter();
    let journal = input.journal.into_iter();
    world::Input {
        event: match input.event {
            types::Event::Started(text) => world::Event::Started(text),
            types::Event::Answered(text) => world::Event::Answered(text),
            types::Event::TimedOut => world::Event::TimedOut,
            types::Event::Due(payload) => world::Event::Due(payload),
        },
        keyword: input.keyword,
        media: media
            .map(|media| world::Media {
                url: media.url,
                content_type: media.content_type,
            })
            .collect(),
        patron: world::Patron {
            id: input.patron.id,
            language: input.patron.language,
            first_contact: input.patron.first_contact,
        },
        library: library(input.library),
        settings: input.settings,
        now: Timestamp(input.now),
        seed: input.seed,
        journal: journal
            .map(|entry| world::Entry {
                kind: entry.kind,
                asked: entry.asked,
                got: entry.got,
            })
            .collect(),
    }
}

fn library(library: types::Library) -> Library {
    let offsets = library.offsets.into_iter();
    let special_days = library.hours.special_days.into_iter();
    Library {
        name: library.name,
        short_name: library.short_name,
        time_zone: library.time_zone,
        offsets: offsets
            .map(|offset| ZoneOffset {
                since: Timestamp(offset.since),
                seconds: offset.seconds,
                abbreviation: offset.abbreviation,
            })
            .collect(),
        hours: OpeningHours {
            week: library.hours.week.into_iter().map(spans).collect(),
            special_days: special_days
                .map(|day| SpecialDay {
                    date: day.date,
                    spans: spans(day.spans),
                    note: day.note,
                })
                .collect(),
        },
        number: library.number,
        join_word: library.join_word,
        phone: library.phone,
        website: library.website,
        address: library.address,
    }
}

fn spans(spans: Vec<types::Span>) -> Vec<Span> {
    spans
        .into_iter()
        .map(|span| Span {
            opens: span.opens,
            closes: span.closes,
        })
        .collect()
}

fn given(output: world::Output) -> Output {
    let messages = output.messages.into_iter();
    let append = output.append.into_iter();
    Output {
        messages: messages.map(message).collect(),
        next: match output.next {
            world::Next::Finish => types::Next::Finish,
            world::Next::Ask(question) => types::Next::Ask(types::Question {
                choices: question.choices,
                expires_after_seconds: question.expires_after_seconds,
                secret: question.secret,
            }),
            world::Next::HandOff { topic, summary } => {
                types::Next::HandOff(types::HandOff { topic, summary })
            }
            world::Next::Decline => types::Next::Decline,
        },
        append: append
            .map(|entry| types::Entry {
                kind: entry.kind,
                asked: entry.asked,
                got: entry.got,
            })
            .collect(),
    }
}

fn message(message: world::Message) -> types::Message {
    let media = message.media.into_iter();
    types::Message {
        text: message.text,
        media: media
            .map(|media| types::Attachment {
                url: media.url,
                content_type: media.content_type,
                description: media.description,
            })
            .collect(),
    }
}

impl From<types::Refusal> for Refusal {
    fn from(refusal: types::Refusal) -> Refusal {
        match refusal {
            types::Refusal::NotGranted(why) => Refusal::NotGranted(why),
            types::Refusal::Unknown(why) => Refusal::Unknown(why),
            types::Refusal::Limit(why) => Refusal::Limit(why),
            types::Refusal::Invalid(why) => Refusal::Invalid(why),
        }
    }
}
