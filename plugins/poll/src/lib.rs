//! A vote: each phone has one, and a vote that was cast is never lost, however many come at once.

use callslip::prelude::*;

callslip::messages!();

/// What an admin sets.
#[derive(Settings)]
struct Poll {
    /// What is voted on.
    #[setting(
        example = "Which film shall we show?",
        min_length = 1,
        max_length = 160
    )]
    question: Localized,
    /// What there is to choose from; two to nine.
    choices: Vec<Localized>,
    /// Tell how the votes stand after a vote.
    #[setting(default = true)]
    results: bool,
}

/// Takes one vote a phone and tells how the votes stand.
#[callslip::flow]
async fn poll(talk: Talk, settings: Poll) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let choices: Vec<&str> = settings
        .choices
        .iter()
        .take(9)
        .map(|choice| choice.for_language(language))
        .collect();
    if choices.len() < 2 {
        return talk.hand_off(None, "The poll has fewer than two choices to vote for.");
    }
    let mine = talk.storage().patron();
    if mine.get("voted").await?.is_some() {
        talk.say(say.already() + &standing(&talk, &settings, &choices).await?);
        return talk.finish();
    }
    let question = settings.question.for_language(language);
    let chosen = talk.ask(question).choice(&choices).await?;
    let place = choices.iter().position(|choice| *choice == chosen);
    let place = place.map_or(0, |place| place + 1).to_string();
    mine.set("voted", &place).await?;
    talk.storage()
        .library()
        .add(&format!("votes/{place}"), 1)
        .await?;
    talk.say(say.thanks(chosen) + &standing(&talk, &settings, &choices).await?);
    talk.finish()
}

/// How the votes stand, the choices in their order.
async fn standing(talk: &Talk, settings: &Poll, choices: &[&str]) -> Result<String, Stop> {
    if !settings.results {
        return Ok(String::new());
    }
    let counted = talk.storage().library().list("votes/").await?;
    let votes = |place: usize| {
        let key = format!("votes/{}", place + 1);
        let found = counted.iter().find(|(counted, _)| *counted == key);
        found.map_or("0", |(_, votes)| votes.as_str())
    };
    let lines = choices.iter().enumerate();
    Ok(lines
        .map(|(place, choice)| ["\n", choice, ": ", votes(place)].concat())
        .collect())
}

#[cfg(test)]
callslip::transcripts!(poll);
