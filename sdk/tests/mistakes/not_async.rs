//! The mistake is in the name of this file: not async.

use callslip::prelude::*;

/// Forgets that a flow waits.
#[callslip::flow]
fn hours(talk: Talk, _settings: ()) -> Outcome {
    talk.finish()
}

fn main() {}
