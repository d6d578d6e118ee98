//! `[reinvite]`: members of lists who have been silent for months are invited once to come back (b6).
//! Not in a library of the school preset, which texts nobody who did not ask (b4).

use toml::de::DeValue;

use super::problem::Findings;
use super::table::{Table, any_text};
use crate::directory::Reinvite;
use crate::due::WORDS_CHARACTERS_MAX;

const SECTION: &str = "reinvite";
const SCHOOL: &str = "school";

pub(super) fn read(
    file: &mut Table<'_>,
    languages: &[String],
    found: &mut Findings,
) -> Option<Reinvite> {
    let at = file.at_field(SECTION);
    let quiet = file.table("quiet", found);
    let is_school = quiet.is_some_and(|quiet| quiet.peek("preset") == Some(SCHOOL));
    let mut table = file.table(SECTION, found)?;
    if is_school {
        let what = "a library with the preset \"school\" invites nobody back";
        found.report(&at, what, "Take [reinvite] away.");
    }
    if !table.has("months") {
        table.missing("months", "6");
    }
    let months = table.count("months", 6, 1..=60, found);
    let texts = texts(&mut table, languages, found);
    table.finish(found);
    Some(Reinvite {
        months,
        texts: texts.unwrap_or_default(),
    })
}

fn texts(
    table: &mut Table<'_>,
    languages: &[String],
    found: &mut Findings,
) -> Option<Vec<(String, String)>> {
    if !table.has("text") {
        table.missing("text", "\"Still interested? Text MENU for what we offer.\"");
    }
    let at = table.at_field("text");
    let value = table.value("text")?;
    let mut texts: Vec<(String, String)> = Vec::new();
    match value.get_ref() {
        DeValue::Table(fields) => {
            for (language, value) in fields {
                if let Some(text) = any_text(value, "text", found) {
                    texts.push((language.get_ref().to_string(), text.value.to_owned()));
                }
            }
        }
        _ => {
            let text = any_text(value, "text", found)?;
            texts.extend(
                languages
                    .first()
                    .map(|own| (own.clone(), text.value.to_owned())),
            );
        }
    }
    for (language, text) in &texts {
        if text.trim().is_empty() || text.chars().count() > WORDS_CHARACTERS_MAX {
            let what =
                format!("\"text\" in \"{language}\" has 1 to {WORDS_CHARACTERS_MAX} characters");
            found.report(&at, what, "Say it in three texts' length at most.");
        }
    }
    for language in languages {
        if !texts.iter().any(|(known, _)| known == language) {
            let what = format!("the invitation has no words in \"{language}\"");
            let remedy = format!(
                "Write text = {{ {language} = \"...\" }} with each language of the library."
            );
            found.report(&at, what, remedy);
        }
    }
    Some(texts)
}
