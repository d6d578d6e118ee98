//! The mistake is in the name of this file: generic.

use callslip::prelude::*;

/// Leaves open what it is of.
#[callslip::flow]
async fn hours<T>(talk: Talk, _settings: ()) -> Outcome {
    talk.finish()
}

fn main() {}
