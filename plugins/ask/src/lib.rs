//! Takes a question for a person: says who answers and when, asks what they will need to know, and
//! hands it to the topic's people.

use callslip::Door;
use callslip::prelude::*;

callslip::messages!();

/// More would tire whoever asks.
const CLARIFYING_MAX: usize = 3;

/// What an admin sets.
#[derive(Settings)]
struct AskUs {
    /// Who answers, as a patron reads it.
    #[setting(example = "The local history desk", max_length = 60)]
    who: Option<Localized>,
    /// The topic's id in the library's file: its people get the question.
    #[setting(example = "local-history")]
    topic: Option<String>,
    /// What the people will need to know, asked one by one; three at most.
    clarifying: Vec<Localized>,
}

/// Takes a question for the people who know.
#[callslip::flow]
async fn ask(talk: Talk, settings: AskUs) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let who = match &settings.who {
        Some(who) => who.for_language(language),
        None => &talk.library().short_name,
    };
    if talk.text().trim().is_empty() {
        talk.ask(say.question(who)).text().await?;
    }
    let mut told = 0;
    for clarifying in settings.clarifying.iter().take(CLARIFYING_MAX) {
        talk.ask(clarifying.for_language(language)).text().await?;
        told += 1;
    }
    talk.say(when(&talk, who, say));
    let summary = match told {
        0 => "A question for you.".to_owned(),
        told => format!("A question for you, with {told} answers to what you ask for."),
    };
    talk.hand_off(settings.topic.as_deref(), summary)
}

fn when(talk: &Talk, who: &str, say: Messages) -> String {
    let now = talk.local_now();
    match talk.library().door(now) {
        Door::Closed { until: Some(opens) } => {
            let language = Language::of(say.language());
            say.later(who, &language.day_and_time(opens, now.date))
        }
        Door::Open { .. } | Door::Closed { until: None } => say.soon(who),
    }
}

#[cfg(test)]
callslip::transcripts!(ask);
