//! The mistake is in the name of this file: a setting of no kind.

use callslip::prelude::*;

#[derive(Settings)]
struct Hours {
    /// No form has a field for it.
    since: std::time::Instant,
}

/// Has a setting that cannot be written in a file.
#[callslip::flow]
async fn hours(talk: Talk, _settings: Hours) -> Outcome {
    talk.finish()
}

fn main() {}
