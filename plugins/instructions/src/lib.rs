//! The first text to a library: how to use its number, its contact card, how to ask, how to leave.
//!
//! The host has registered the phone by the time this runs. Who texts again gets the short form;
//! on a shared number both say to begin with the library's word.
//!
//! A poster or an event is told by the word behind the keyword, such as `HOWTO FAIR`: it is counted
//! for the library and never kept with the patron (a20), and it may have a greeting of its own.

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
    /// Posters and events, by the word that stands there behind the keyword.
    places: Option<Vec<Place>>,
}

#[derive(Settings)]
struct Place {
    /// The word, such as FAIR on a poster that says HOWTO FAIR.
    #[setting(example = "FAIR", min_length = 1, max_length = 20)]
    word: String,
    /// Stands before all else for who comes from there.
    #[setting(example = "Good to meet you at the street fair!", max_length = 160)]
    greeting: Option<Localized>,
}

impl Instructions {
    /// The place whose word stands behind the keyword, alone.
    fn place(&self, text: &str) -> Option<&Place> {
        let word = text.trim().trim_end_matches(['.', '!']);
        let mut places = self.places.iter().flatten();
        places.find(|place| place.word.to_lowercase() == word.to_lowercase())
    }
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

    let place = settings.place(&talk.text());
    if let Some(place) = place {
        let key = format!("came/{}", place.word.to_lowercase());
        talk.storage().library().add(&key, 1).await?;
    }
    let greeting = place.and_then(|place| place.greeting.as_ref());
    let greeting = greeting.map_or(String::new(), |greeting| {
        greeting.for_language(language).to_owned() + " "
    });

    let memory = talk.storage().patron();
    if memory.get(TOLD).await?.is_some() {
        let mut short = greeting + &say.again(&library.name, &ask);
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
    let mut text = greeting
        + &match &settings.welcome {
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

#[cfg(test)]
mod tests {
    use callslip::test::Phone;

    use super::*;

    #[test]
    fn a20_where_they_come_from_is_counted_and_not_kept_with_them() {
        let mut phone = Phone::new::<instructions>()
            .keyword("HOWTO")
            .settings("places = [{ word = \"FAIR\" }]");
        let mut neighbor = phone.neighbor();
        phone.text("howto fair");
        neighbor.text("HOWTO Fair!");
        neighbor.text("HOWTO nowhere at all");
        assert_eq!(phone.stored_for_all("came/fair").as_deref(), Some("2"));
        assert_eq!(phone.stored("came/fair"), None);
        assert_eq!(phone.stored("told"), Some("yes"));
    }
}
