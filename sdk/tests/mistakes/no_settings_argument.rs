//! The mistake is in the name of this file: no settings argument.

use callslip::prelude::*;

/// Has no place for its settings.
#[callslip::flow]
async fn hours(talk: Talk) -> Outcome {
    talk.finish()
}

fn main() {}
