//! The mistake is in the name of this file: settings first.

use callslip::prelude::*;

#[derive(Settings)]
struct Hours {
    greeting: String,
}

/// Takes its arguments the wrong way round.
#[callslip::flow]
async fn hours(settings: Hours, talk: Talk) -> Outcome {
    talk.say(settings.greeting);
    talk.finish()
}

fn main() {}
