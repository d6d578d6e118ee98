//! Answers a keyword with a text that the admin wrote, in the patron's language.
//!
//! Braces hold what the library's file knows. A line with something that it does not know is
//! left out; when nothing remains the text goes back to the host, which finds a person.

use callslip::prelude::*;

/// What an admin sets.
#[derive(Settings)]
struct AutoReply {
    /// The answer. {library}, {short-name}, {phone}, {website}, {address}, {number}, {keyword} and
    /// {hours-today} are filled in; a line with one that the library does not have is left out.
    #[setting(
        example = "{library} is at {address}.",
        min_length = 1,
        max_length = 1200,
        variables(
            "library",
            "short-name",
            "phone",
            "website",
            "address",
            "number",
            "keyword",
            "hours-today"
        )
    )]
    text: Localized,
}

/// Answers with a text of the library's own.
#[callslip::flow]
async fn auto_reply(talk: Talk, settings: AutoReply) -> Outcome {
    let library = talk.library();
    let language = Language::of(settings.text.language_for(talk.language()));
    let text = settings.text.for_language(talk.language());
    let text = callslip::fill(text, |name| match name {
        "library" => Some(library.name.clone()),
        "short-name" => Some(library.short_name.clone()),
        "phone" => library.phone.clone(),
        "website" => library.website.clone(),
        "address" => library.address.clone(),
        "number" => Some(library.number.clone()),
        "keyword" => Some(talk.keyword().to_owned()),
        "hours-today" => {
            let (spans, _) = library.spans_on(talk.local_now().date);
            Some(language.spans(spans))
        }
        _ => None,
    });
    if text.is_empty() {
        return talk.decline();
    }
    talk.say(text);
    talk.finish()
}

#[cfg(test)]
callslip::transcripts!(auto_reply);

#[cfg(test)]
mod tests {
    use super::*;
    use callslip::test::Phone;

    #[test]
    #[should_panic(expected = "settings.text.es: {libary} is not a variable; there are {library}")]
    fn a_variable_that_does_not_exist_is_found_when_the_settings_are_checked() {
        let settings = "text = { en = 'At {library}', es = 'En {libary}' }";
        let _ = Phone::new::<auto_reply>().settings(settings);
    }
}
