//! The mistake is in the name of this file: settings without derive.

use callslip::prelude::*;

struct Hours {
    greeting: String,
}

/// Takes settings that no admin can be asked for.
#[callslip::flow]
async fn hours(talk: Talk, settings: Hours) -> Outcome {
    talk.say(settings.greeting);
    talk.finish()
}

fn main() {}
