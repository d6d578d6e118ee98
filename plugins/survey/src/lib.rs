//! Asks how it went: a number, and if the library likes a few words more, which a person reads.
//!
//! A library may have it started ten minutes after an answered question was closed; then it asks
//! each time. On a poster it asks everybody once.

use callslip::prelude::*;

callslip::messages!();

/// What an admin sets.
#[derive(Settings)]
struct Survey {
    /// The question that a number answers.
    #[setting(example = "How did we do?", min_length = 1, max_length = 160)]
    question: Localized,
    /// The best number; 1 is the worst.
    #[setting(default = 5, min = 2, max = 10)]
    best: u8,
    /// A question that is answered in words, or with SKIP. The words go to the queue.
    #[setting(example = "What could be better?", max_length = 160)]
    more: Option<Localized>,
    /// Each patron answers once.
    #[setting(default = true)]
    once: bool,
    /// What a patron reads in the end.
    #[setting(max_length = 320)]
    thanks: Option<Localized>,
}

/// Asks how it went, by a number and a few words.
#[callslip::flow(answers("SKIP"))]
async fn survey(talk: Talk, settings: Survey) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let mine = talk.storage().patron();
    let counted = talk.storage().library();

    if settings.once && mine.get("answered").await?.is_some() {
        talk.say(say.already());
        return talk.finish();
    }
    let best = i64::from(settings.best);
    let question = settings.question.for_language(language);
    let question = [question, " ", &say.scale(&best.to_string())].concat();
    let rating = talk.ask(question).number(1..=best).await?;
    mine.set("answered", &rating.to_string()).await?;
    counted.add(&format!("rating/{rating}"), 1).await?;

    if let Some(more) = &settings.more {
        let asked = [more.for_language(language), " ", &say.or_skip()].concat();
        let words = talk.ask(asked).text().await?;
        if !say.is_skip(&words) {
            talk.say(say.passed_on());
            return talk.hand_off(None, format!("Gave {rating} of {best}, and said more."));
        }
    }
    match &settings.thanks {
        Some(thanks) => talk.say(thanks.for_language(language)),
        None => talk.say(say.thanks()),
    }
    talk.finish()
}

impl Messages {
    fn is_skip(self, words: &str) -> bool {
        let words = words.trim().trim_end_matches(['.', '!']).to_lowercase();
        ["skip", "no", "omitir", "nothing", "nada"].contains(&words.as_str())
    }
}

#[cfg(test)]
callslip::transcripts!(survey);
