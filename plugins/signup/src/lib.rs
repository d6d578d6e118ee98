//! Signs a patron up for a list of the library: a name, a yes, and they are on it.
//!
//! Recurring texts need the patron's own yes, so that question is never skipped. A flow knows
//! lists by their id; what to call them when texting stands in the settings.

use callslip::prelude::*;

callslip::messages!();

/// Longer than any name that a list can use; what is longer is probably a question.
const NAME_CHARACTERS_MAX: usize = 60;

/// What an admin sets.
#[derive(Settings)]
struct Signup {
    /// The list's id in the library's file.
    #[setting(example = "teens", min_length = 1)]
    list: String,
    /// What to call the list when texting about it; its id, if nothing is set.
    #[setting(example = "teen events", max_length = 60)]
    about: Option<Localized>,
    /// How often the list writes. The patron reads it before saying yes.
    #[setting(example = "about 2 texts a month", max_length = 60)]
    frequency: Option<Localized>,
    /// Ask for a name that the library does not know yet.
    #[setting(default = true)]
    ask_name: bool,
    /// What the patron answers to be signed up: a yes, or a number that stands in the question, so
    /// that nobody can sign up someone else's phone.
    #[setting(default = "yes")]
    confirm: Confirm,
    /// What a new member reads, instead of the usual welcome.
    #[setting(max_length = 480)]
    welcome: Option<Localized>,
}

#[derive(Settings)]
enum Confirm {
    Yes,
    Code,
}

/// Signs patrons up for one of the library's lists.
#[callslip::flow(answers("YES", "NO"))]
async fn signup(talk: Talk, settings: Signup) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let about = match &settings.about {
        Some(about) => about.for_language(language),
        None => &settings.list,
    };

    if talk.lists().is_member(&settings.list).await? {
        talk.say(say.already(about));
        return talk.finish();
    }
    let mut name = None;
    let mut is_new = false;
    if settings.ask_name {
        name = talk.profile().get("name").await?;
        if name.is_none() {
            let given = talk.ask(say.ask_name(about)).text().await?;
            if given.ends_with('?') || given.chars().count() > NAME_CHARACTERS_MAX {
                talk.say(say.person());
                return talk.hand_off(
                    None,
                    "Wrote something else when asked for a name to sign up.",
                );
            }
            name = Some(given);
            is_new = true;
        }
    }
    let offer = match &settings.frequency {
        Some(frequency) => [about, ", ", frequency.for_language(language)].concat(),
        None => about.to_owned(),
    };
    let greeting = name
        .as_ref()
        .map_or(String::new(), |name| say.thanks(name) + " ");
    let question = greeting + &say.confirm(&offer);
    let agreed = match settings.confirm {
        Confirm::Yes => {
            let question = talk.ask(question + " " + &say.yes_or_no());
            question
                .again(say.confirm_again(&offer))
                .yes_or_no()
                .await?
        }
        Confirm::Code => talk.ask(question).confirm().await?,
    };
    if !agreed {
        talk.say(say.no(talk.keyword()));
        return talk.finish();
    }
    if let (Some(name), true) = (&name, is_new) {
        talk.profile().set("name", name).await?;
    }
    talk.lists().join(&settings.list).await?;
    match &settings.welcome {
        Some(welcome) => talk.say(welcome.for_language(language)),
        None => talk.say(say.welcome(about)),
    }
    talk.finish()
}

#[cfg(test)]
callslip::transcripts!(signup);
