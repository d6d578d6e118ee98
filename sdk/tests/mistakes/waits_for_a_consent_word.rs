//! The mistake is in the name of this file: waits for a consent word.

use callslip::prelude::*;

/// Waits for a word that never arrives.
#[callslip::flow(answers("KEEP", "CANCEL"))]
async fn hours(talk: Talk, _settings: ()) -> Outcome {
    talk.finish()
}

fn main() {}
