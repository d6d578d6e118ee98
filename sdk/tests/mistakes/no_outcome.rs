//! The mistake is in the name of this file: no outcome.

use callslip::prelude::*;

/// Does not say how it ends.
#[callslip::flow]
async fn hours(talk: Talk, _settings: ()) {
    talk.say("Open.");
}

fn main() {}
