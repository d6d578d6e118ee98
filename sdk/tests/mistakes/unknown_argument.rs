//! The mistake is in the name of this file: unknown argument.

use callslip::prelude::*;

/// Says something to the attribute that it does not know.
#[callslip::flow(keyword = "HOURS")]
async fn hours(talk: Talk, _settings: ()) -> Outcome {
    talk.finish()
}

fn main() {}
