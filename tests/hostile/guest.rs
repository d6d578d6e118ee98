//! What the guests share: the plugin world's bindings, a manifest, and [`misdeed!`].

#![allow(
    unsafe_code,
    unreachable_pub,
    reason = "wit-bindgen's bindings, generated from the WIT"
)]

wit_bindgen::generate!({
    path: "../../sdk/wit/0.1",
    world: "flow",
    pub_export_macro: true,
    default_bindings_module: "callslip_hostile::guest",
});

pub use callslip::plugin::types::{Attachment, Entry, Event, HandOff, Message, Next, Question};
pub use callslip::plugin::{
    attempts, calendar, contact_card, crash, fetch, lists, log, own_number, profile, reminders,
    sealed, sip2, storage,
};

pub fn manifest() -> Manifest {
    Manifest {
        name: "guest".into(),
        version: "0.1.0".into(),
        summary: "A guest of the tests.".into(),
        settings_schema: "{}".into(),
        reserved_answers: Vec::new(),
    }
}

/// An answer that is in order.
pub fn say(text: impl Into<String>) -> Output {
    Output {
        messages: vec![message(text)],
        next: Next::Finish,
        append: Vec::new(),
    }
}

pub fn message(text: impl Into<String>) -> Message {
    Message {
        text: text.into(),
        media: Vec::new(),
    }
}

pub fn ask(choices: Vec<String>, append: Vec<Entry>) -> Output {
    Output {
        messages: vec![message("Well?")],
        next: Next::Ask(Question {
            choices,
            expires_after_seconds: None,
            secret: false,
        }),
        append,
    }
}

pub fn entry(bytes: usize) -> Entry {
    Entry {
        kind: String::new(),
        asked: String::new(),
        got: "x".repeat(bytes),
    }
}

/// A whole guest: `misdeed!(|input| answer)`, and where `describe` misbehaves
/// `misdeed!(|input| answer, describe: manifest)`.
#[macro_export]
macro_rules! misdeed {
    (|$input:pat_param| $answer:expr) => {
        $crate::misdeed!(|$input| $answer, describe: $crate::guest::manifest());
    };
    (|$input:pat_param| $answer:expr, describe: $manifest:expr) => {
        struct Misdeed;

        impl $crate::guest::Guest for Misdeed {
            fn describe() -> $crate::guest::Manifest {
                $manifest
            }

            fn handle(
                $input: $crate::guest::Input,
            ) -> Result<$crate::guest::Output, String> {
                $answer
            }
        }

        $crate::guest::export!(Misdeed with_types_in $crate::guest);
    };
}
