//! The first text to a library: how to use its number, its contact card, how to ask, how to leave.
//!
//! The host has registered the phone by the time this runs. Who texts again gets the short form;
//! on a shared number both say to begin with the library's word.

use callslip::prelude::*;

callslip::messages!();

/// What an admin sets.
#[derive(Settings)]
struct Instructions {
    /// The first line, instead of the usual welcome.
    #[setting(max_length = 160)]
    welcome: Option<Localized>,
    /// Further steps, such as keywords worth knowing; they stand behind how to ask a question.
    #[setting(example = ["Text HOURS for our opening hours."], max_length = 160)]
    steps: Option<Vec<Localized>>,
    /// Send the library's contact card.
    #[setting(default = true)]
    card: bool,
}

/// Where it is kept that this patron had the whole how-to.
const TOLD: &str = "told";

/// Welcomes a patron: how to use the number, the contact card, how to ask, how to leave.
#[callslip::flow]
async fn instructions(talk: Talk, settings: Instructions) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let library = talk.library();
    // A library without a card still has its how-to.
    let card = if settings.card {
        talk.contact_card().attach().await.ok()
    } else {
        None
    };
    let ask = match &library.join_word {
        Some(word) => say.ask_shared(word),
        None => say.ask(),
    };

    let memory = talk.storage().patron();
    if memory.get(TOLD).await?.is_some() {
        let mut short = say.again(&library.name, &ask);
        if let Some(link) = &card {
            short.push(' ');
            short.push_str(&say.card(link));
        }
        talk.say([&short, " ", &say.leave()].concat());
        return talk.finish();
    }
    memory.set(TOLD, "yes").await?;

    let mut steps = vec![ask];
    let further = settings.steps.iter().flatten();
    steps.extend(further.map(|step| step.for_language(language).to_owned()));
    steps.extend(card.map(|link| say.card(&link)));
    steps.push(say.leave());
    let mut text = match &settings.welcome {
        Some(welcome) => welcome.for_language(language).to_owned(),
        None => say.welcome(&library.name),
    };
    for (at, step) in steps.iter().enumerate() {
        text.push_str(&format!("\n{}. {step}", at + 1));
    }
    talk.say(text);
    talk.finish()
}

#[cfg(test)]
callslip::transcripts!(instructions);
