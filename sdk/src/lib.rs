//! Write a flow for Callslip: a conversation by text, as straight-line async Rust.
//!
//! A patron texts a keyword to the library; the flow that the library bound to it answers. A flow
//! is an async function. It asks, and goes on when the answer is there, minutes or weeks later:
//!
//! ```
//! use callslip::prelude::*;
//!
//! #[derive(Settings)]
//! struct Signup {
//!     /// The list that the patron joins.
//!     list: String,
//! }
//!
//! /// Puts a patron on a list.
//! #[callslip::flow]
//! async fn signup(talk: Talk, settings: Signup) -> Outcome {
//!     let name = talk.ask("What name shall we put down?").text().await?;
//!     if talk.ask(format!("Add {name} to {}?", settings.list)).yes_or_no().await? {
//!         talk.lists().join(&settings.list).await?;
//!         talk.say(format!("Welcome, {name}."));
//!     } else {
//!         talk.say("You are not on the list.");
//!     }
//!     talk.finish()
//! }
//!
//! # fn main() {
//! use callslip::test::{Phone, hours};
//!
//! let mut phone = Phone::new::<signup>().keyword("TEENS").settings(r#"list = "teens""#);
//! phone.text("teens");
//! phone.expect("What name shall we put down?");
//! phone.text("Maria");
//! phone.expect("Add Maria to teens?");
//! phone.later(hours(20));
//! phone.text("yes please!");
//! phone.expect("Welcome, Maria.");
//! assert!(phone.on_list("teens"));
//! # }
//! ```
//!
//! Nothing waits in between: each text runs the function again from its first line, with a
//! journal of what it heard and did. [`Talk`] says what follows from that. What a flow calls
//! ([`Talk::lists`], [`Talk::storage`]) is what its component imports and what an admin must grant.
//!
//! [`mod@test`] plays conversations in a plain `cargo test`, from code or from transcripts. A crate
//! may `deny` unsafe code; it cannot `forbid` it, as the attribute allows it for the one module
//! that carries the function over the component's border.

#![warn(missing_docs)]

// So that what the macros write works in this crate's own tests too.
extern crate self as callslip;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod abi;
pub mod answers;
mod ask;
mod attempts;
mod calendar;
mod contact_card;
mod fetch;
mod journal;
pub mod json;
mod language;
mod library;
mod lists;
mod localized;
mod log;
mod outcome;
mod outside;
mod own_number;
mod profile;
mod reminders;
mod run;
mod sealed;
pub mod settings;
mod sip2;
mod storage;
mod talk;
mod template;
#[cfg(not(target_arch = "wasm32"))]
pub mod test;
mod time;
pub mod world;

pub use callslip_macros::{flow, messages};

pub use crate::ask::Ask;
pub use crate::attempts::Attempts;
pub use crate::calendar::{Calendar, Occurrence};
pub use crate::contact_card::ContactCard;
pub use crate::fetch::{Fetch, Method, Request, Response};
pub use crate::language::Language;
pub use crate::library::{Door, Library, OpeningHours, Span, SpecialDay, ZoneOffset};
pub use crate::lists::Lists;
pub use crate::localized::Localized;
pub use crate::log::{Level, Log};
pub use crate::outcome::{End, Outcome, Refusal, Stop};
pub use crate::outside::Failure;
pub use crate::own_number::OwnNumber;
pub use crate::profile::Profile;
pub use crate::reminders::{ReminderId, Reminders};
pub use crate::run::{Flow, handle};
pub use crate::sealed::Sealed;
pub use crate::sip2::Sip2;
pub use crate::storage::{Added, Scoped, Storage};
pub use crate::talk::Talk;
pub use crate::template::fill;
pub use crate::time::{Date, LocalTime, Timestamp, Weekday, days, hours, minutes};
pub use crate::world::{Attachment, Media, Patron};

/// What a flow's file begins with: `use callslip::prelude::*;`
pub mod prelude {
    pub use crate::outcome::{Outcome, Refusal, Stop};
    pub use crate::outside::Failure;
    pub use crate::settings::Settings;
    pub use crate::storage::Added;
    pub use crate::talk::Talk;
    pub use crate::{Language, LocalTime, Localized};
    pub use callslip_macros::Settings;
}

/// What the macros write calls of this.
#[doc(hidden)]
pub mod __private {
    pub use crate::settings::field;
    pub use crate::settings::schema::{length, text};

    /// A crate's name without the `flow-` that plugins' crates begin with.
    pub const fn flow_name(package: &'static str) -> &'static str {
        match package.as_bytes() {
            [b'f', b'l', b'o', b'w', b'-', ..] => package.split_at(5).1,
            _ => package,
        }
    }

    /// The first that says something.
    pub const fn first(one: &'static str, other: &'static str) -> &'static str {
        if one.is_empty() { other } else { one }
    }

    /// A schema's bytes as text.
    pub const fn utf8(bytes: &'static [u8]) -> &'static str {
        match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
