//! Plays conversations with a flow in a plain `cargo test`, without a host and without Wasm.
//!
//! [`Phone`] is for tests in code, [`transcript`] for plain-text files beside them; both run each
//! turn as the host does, from the journal and from the first line, twice, and fail when the two
//! runs differ. All panics here are failed tests.

mod check;
pub mod fixture;
mod phone;
mod play;
pub mod recording;
pub(crate) mod reminders;
pub mod transcript;
pub(crate) mod world;

use std::cell::RefCell;
use std::collections::HashMap;

pub use self::phone::Phone;
pub use self::play::{play, play_folder};
pub use self::recording::Recording;
pub use crate::time::{days, hours, minutes};

/// Makes a test that plays every transcript of the crate, `tests/*.txt`:
/// `callslip::transcripts!(hours);`
///
/// `UPDATE=1 cargo test` writes what the flow now answers into the files; read the difference.
#[macro_export]
macro_rules! transcripts {
    ($flow:ty) => {
        #[test]
        fn transcripts() {
            $crate::test::play_folder::<$flow>(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
        }
    };
}

thread_local! {
    /// What stands behind the fingerprints of this test, so that a divergence can be read.
    static REQUESTS: RefCell<HashMap<String, String>> = RefCell::default();
}

pub(crate) fn remember(fingerprint: &str, kind: &str, request: &[&str]) {
    let shown = match kind {
        "ask" => format!("{:?}", request.first().copied().unwrap_or_default()),
        _ => request
            .iter()
            .map(|part| format!("{part:?}"))
            .collect::<Vec<_>>()
            .join(" "),
    };
    REQUESTS.with_borrow_mut(|requests| requests.insert(fingerprint.to_owned(), shown));
}

pub(crate) fn recollect(fingerprint: &str) -> Option<String> {
    REQUESTS.with_borrow(|requests| requests.get(fingerprint).cloned())
}
