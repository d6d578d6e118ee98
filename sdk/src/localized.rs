//! A text that an admin may give once for all, or once a language.

use crate::json::Json;
use crate::language::primary;
use crate::settings::schema::Schema;
use crate::settings::{Misfit, Settings};

/// A text of the settings, in one language or several: `"Welcome!"`, or
/// `{ en = "Welcome!", es = "¡Bienvenida!" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localized {
    /// By language tag; one text for all languages has the tag "".
    texts: Vec<(String, String)>,
}

impl Localized {
    /// The text for `language`: exactly it, else its primary language (`es` for `es-MX`), else
    /// English, else the first there is.
    pub fn for_language(&self, language: &str) -> &str {
        self.nearest(language).map_or("", |(_, text)| text)
    }

    /// The language of that text; `language` itself when there is one text for all.
    pub fn language_for<'a>(&'a self, language: &'a str) -> &'a str {
        let tag = self.nearest(language).map_or("", |(tag, _)| tag);
        if tag.is_empty() { language } else { tag }
    }

    fn nearest(&self, language: &str) -> Option<&(String, String)> {
        let of = |tag: &str| self.texts.iter().find(|(language, _)| language == tag);
        let found = [language, primary(language), "", "en"]
            .into_iter()
            .find_map(of);
        found.or(self.texts.first())
    }
}

impl From<&str> for Localized {
    fn from(text: &str) -> Localized {
        Localized {
            texts: vec![(String::new(), text.to_owned())],
        }
    }
}

impl Settings for Localized {
    const SCHEMA: Schema = Schema::Localized;

    fn read(value: &Json) -> Result<Localized, Misfit> {
        match value {
            Json::Text(text) => Ok(text.as_str().into()),
            Json::Table(members) => {
                let text = |(language, text): &(String, Json)| {
                    let text = String::read(text).map_err(|misfit| misfit.inside(language))?;
                    Ok((language.clone(), text))
                };
                Ok(Localized {
                    texts: members.iter().map(text).collect::<Result<_, _>>()?,
                })
            }
            _ => Err(Misfit::wanted("a text, or a table of texts by language")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_is_taken() {
        let text =
            Localized::read(&Json::parse(r#"{"en":"Hi","es":"Hola","pt-BR":"Oi"}"#).unwrap())
                .unwrap();
        for (language, expect) in [
            ("es", "Hola"),
            ("es-MX", "Hola"),
            ("pt-BR", "Oi"),
            ("fr", "Hi"),
            ("", "Hi"),
        ] {
            assert_eq!(text.for_language(language), expect, "{language}");
        }
        assert_eq!(text.language_for("fr"), "en");
        assert_eq!(Localized::from("Hey").for_language("fr"), "Hey");
        assert_eq!(Localized::from("Hey").language_for("fr"), "fr");
        let one = Localized::read(&Json::parse(r#"{"ht":"Bonjou"}"#).unwrap()).unwrap();
        assert_eq!(one.for_language("en"), "Bonjou");
    }
}
