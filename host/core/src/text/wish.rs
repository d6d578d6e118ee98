//! Says whether a patron asks for another channel than texts: "call me after five", "by e-mail
//! please". It is shown to staff beside the question and decides nothing by itself.
//!
//! The forms are data, `words/wishes.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::consent::without_symbols;
use super::forms::{Form, Forms, bare, spelled};
use super::keyword::Tokens;
use crate::desk::Channel;

const FILE: &str = include_str!("../../words/wishes.toml");
/// More than ten messages in one; it bounds the work that one text can cause.
const WORDS_MAX: usize = 300;

static WISHES: LazyLock<Option<Wishes>> = LazyLock::new(|| read().ok());

struct Wishes {
    channels: [(Channel, Forms<()>); 2],
    harmless: Forms<()>,
}

/// The channel that the text asks for, if it asks for one.
pub fn channel(text: &str) -> Option<Channel> {
    let mut words = without_symbols(&Tokens::of(text));
    words.truncate(WORDS_MAX);
    let words: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let wishes = WISHES.as_ref()?;
    let found = wishes.channels.iter().find(|(_, forms)| {
        (0..words.len()).any(|start| {
            let mut ends = forms.ends(&words, start).into_iter();
            ends.any(|end| !wishes.is_harmless(&words, start, end))
        })
    });
    found.map(|(channel, _)| *channel)
}

impl Wishes {
    /// Some of it is part of something that means another thing.
    fn is_harmless(&self, words: &[String], from: usize, to: usize) -> bool {
        (0..to).any(|start| {
            let mut ends = self.harmless.ends(words, start).into_iter();
            ends.any(|end| end > from)
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(rename = "source")]
    _source: String,
    call: Vec<String>,
    email: Vec<String>,
    harmless: Vec<String>,
    parts: BTreeMap<String, Vec<String>>,
}

fn read() -> Result<Wishes, String> {
    let file: File = toml::from_str(FILE).map_err(|error| error.to_string())?;
    let mut parts = BTreeMap::new();
    for (name, phrases) in &file.parts {
        parts.insert(name.as_str(), spelled(phrases)?);
    }
    let forms = |written: &[String]| {
        let parsed = written
            .iter()
            .map(|form| Ok((Form::parse(form, &parts)?, ())));
        let parsed: Result<Vec<(Form, ())>, String> = parsed.collect();
        Ok::<_, String>(Forms::new(parsed?))
    };
    Ok(Wishes {
        channels: [
            (Channel::Call, forms(&file.call)?),
            (Channel::Email, forms(&file.email)?),
        ],
        harmless: forms(&file.harmless)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_can_be_read() {
        assert!(read().is_ok(), "{:?}", read().err());
    }

    #[test]
    fn a_wish_for_a_call_or_an_e_mail_is_heard_in_three_languages() {
        for text in [
            "Could you please call me after 5?",
            "CALL ME BACK",
            "I'd rather talk to a person, give me a ring",
            "¿Me pueden llamar mañana?",
            "Llámeme por favor",
            "Pouvez-vous m'appeler ?",
            "rappelez-moi svp",
        ] {
            assert_eq!(channel(text), Some(Channel::Call), "{text}");
        }
        for text in [
            "please e-mail me the list",
            "my email is quiet.heron@example.org",
            "Mándeme un correo",
            "Envoyez-moi un courriel",
            "par courriel, merci",
        ] {
            assert_eq!(channel(text), Some(Channel::Email), "{text}");
        }
    }

    #[test]
    fn a_title_a_name_and_a_no_are_no_wish() {
        for text in [
            "do you have call me by your name",
            "is Call Me Maybe on a CD",
            "please don't call me",
            "you can call me Al",
            "where do I return a book",
            "what is the library's phone number",
            "do you offer email classes",
            "no me llamen",
            "ne m'appelez pas",
            "",
        ] {
            assert_eq!(channel(text), None, "{text}");
        }
    }
}
