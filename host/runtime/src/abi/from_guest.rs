//! What a flow gave back, in the host's types. Only moves and renames: `check.rs` says whether it
//! can be kept.

use callslip_core::flow::{
    Attachment, Entry, FlowMessage, FlowOutput, LogLevel, Manifest, Next, Question, Scope,
};

use super::interfaces::{log, storage, types as wit};

pub(crate) fn output(output: wit::Output) -> FlowOutput {
    FlowOutput {
        messages: output.messages.into_iter().map(message).collect(),
        next: next(output.next),
        append: output.append.into_iter().map(entry).collect(),
    }
}

pub(crate) fn manifest(manifest: wit::Manifest) -> Manifest {
    Manifest {
        name: manifest.name,
        version: manifest.version,
        summary: manifest.summary,
        settings_schema: manifest.settings_schema,
        reserved_answers: manifest.reserved_answers,
    }
}

fn message(message: wit::Message) -> FlowMessage {
    FlowMessage {
        text: message.text,
        media: (message.media.into_iter())
            .map(|media| Attachment {
                url: media.url,
                content_type: media.content_type,
                description: media.description,
            })
            .collect(),
    }
}

fn next(next: wit::Next) -> Next {
    match next {
        wit::Next::Finish => Next::Finish,
        wit::Next::Ask(question) => Next::Ask(Question {
            choices: question.choices,
            expires_after_seconds: question.expires_after_seconds,
            secret: question.secret,
        }),
        wit::Next::HandOff(hand_off) => Next::HandOff {
            topic: hand_off.topic,
            summary: hand_off.summary,
        },
        wit::Next::Decline => Next::Decline,
    }
}

fn entry(entry: wit::Entry) -> Entry {
    Entry {
        kind: entry.kind,
        asked: entry.asked,
        got: entry.got,
    }
}

impl From<storage::Scope> for Scope {
    fn from(scope: storage::Scope) -> Self {
        match scope {
            storage::Scope::Patron => Scope::Patron,
            storage::Scope::Library => Scope::Library,
        }
    }
}

impl From<log::Level> for LogLevel {
    fn from(level: log::Level) -> Self {
        match level {
            log::Level::Debug => LogLevel::Debug,
            log::Level::Info => LogLevel::Info,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Error => LogLevel::Error,
        }
    }
}
