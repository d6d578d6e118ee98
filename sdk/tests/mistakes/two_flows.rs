//! The mistake is in the name of this file: two flows.

use callslip::prelude::*;

/// The first.
#[callslip::flow]
async fn hours(talk: Talk, _settings: ()) -> Outcome {
    talk.finish()
}

/// The second, in the same crate.
#[callslip::flow]
async fn rooms(talk: Talk, _settings: ()) -> Outcome {
    talk.finish()
}

fn main() {}
