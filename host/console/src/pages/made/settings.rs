//! A plugin's settings: a field for each that its schema names, and what a form says as settings
//! again. What the schema says beyond the shapes known here is typed as TOML.

use callslip_core::directory::Library;
use callslip_core::flow::Plugin;
use serde_json::Value;

use crate::asked::Asked;
use crate::parts::Problems;

/// One setting, as the form shows it.
#[derive(Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) hint: String,
    pub(super) required: bool,
    pub(super) shape: Shape,
    /// Without a word of the form.
    pub(super) default: Option<Value>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    Line,
    /// The same in each language, or one for all.
    Spoken,
    Switch,
    Number,
    Choice(Vec<String>),
    /// As TOML.
    Other,
}

pub(super) fn of(plugin: &Plugin) -> Vec<Setting> {
    let schema: Value = serde_json::from_str(&plugin.manifest.settings_schema).unwrap_or_default();
    let required: Vec<&str> = schema["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let Some(properties) = schema["properties"].as_object() else {
        return Vec::new();
    };
    let mut settings: Vec<Setting> = properties
        .iter()
        .map(|(name, field)| Setting {
            name: name.clone(),
            title: field["title"].as_str().unwrap_or(name).to_owned(),
            hint: hint(field),
            required: required.contains(&name.as_str()),
            shape: shape(field),
            default: field.get("default").cloned(),
        })
        .collect();
    settings.sort_by_key(|setting| !setting.required);
    settings
}

fn hint(field: &Value) -> String {
    let told = field["description"].as_str().unwrap_or_default();
    match field["examples"][0].as_str() {
        Some(example) => format!("{told} Such as: {example}"),
        None => told.to_owned(),
    }
}

fn shape(field: &Value) -> Shape {
    if let Some(choices) = field["enum"].as_array() {
        return Shape::Choice(
            choices
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        );
    }
    match field["type"].as_str() {
        Some("string") => Shape::Line,
        Some("boolean") => Shape::Switch,
        Some("integer" | "number") => Shape::Number,
        _ if is_spoken(field) => Shape::Spoken,
        _ => Shape::Other,
    }
}

/// A string, or one for each language.
fn is_spoken(field: &Value) -> bool {
    let kinds = field["anyOf"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let of = |kind: &str| kinds.iter().any(|one| one["type"] == kind);
    kinds.len() == 2 && of("string") && of("object")
}

/// The settings that a form says.
pub(super) fn typed(
    asked: &Asked,
    library: &Library,
    plugin: &Plugin,
    problems: &mut Problems,
) -> toml::Table {
    let mut table = toml::Table::new();
    for setting in of(plugin) {
        let field = format!("set-{}", setting.name);
        let value = match &setting.shape {
            Shape::Line | Shape::Choice(_) => line(asked.field(&field)),
            Shape::Spoken => spoken(asked, library, &field),
            Shape::Switch => switch(asked.field(&field), setting.default.as_ref()),
            Shape::Number => number(asked.field(&field), &setting, problems),
            Shape::Other => other(asked.field(&field), &setting, problems),
        };
        if let Some(value) = value {
            table.insert(setting.name, value);
        }
    }
    table
}

fn line(typed: &str) -> Option<toml::Value> {
    (!typed.is_empty()).then(|| typed.into())
}

fn spoken(asked: &Asked, library: &Library, field: &str) -> Option<toml::Value> {
    let said: Vec<(&String, String)> = library
        .languages
        .iter()
        .map(|language| {
            (
                language,
                asked
                    .field(&format!("{field}-{language}"))
                    .replace("\r\n", "\n"),
            )
        })
        .filter(|(_, words)| !words.is_empty())
        .collect();
    match &said[..] {
        [] => None,
        [(language, words)] if language.as_str() == library.language() => {
            Some(words.as_str().into())
        }
        _ => {
            let table: toml::Table = said
                .into_iter()
                .map(|(language, words)| (language.clone(), words.into()))
                .collect();
            Some(table.into())
        }
    }
}

fn switch(typed: &str, default: Option<&Value>) -> Option<toml::Value> {
    let on = typed == "1";
    let is_default = default.and_then(Value::as_bool).unwrap_or(false) == on;
    (!is_default).then(|| on.into())
}

fn number(typed: &str, setting: &Setting, problems: &mut Problems) -> Option<toml::Value> {
    if typed.is_empty() {
        return None;
    }
    match (typed.parse::<i64>(), typed.parse::<f64>()) {
        (Ok(whole), _) => Some(whole.into()),
        (_, Ok(number)) => Some(number.into()),
        _ => {
            let what = format!("{}: write a number.", setting.title);
            problems.add(format!("set-{}", setting.name), what);
            None
        }
    }
}

fn other(typed: &str, setting: &Setting, problems: &mut Problems) -> Option<toml::Value> {
    if typed.is_empty() {
        return None;
    }
    match format!("value = {typed}").parse::<toml::Table>() {
        Ok(mut table) => table.remove("value"),
        Err(error) => {
            let what = format!("{}: this is not TOML: {}.", setting.title, error.message());
            problems.add(format!("set-{}", setting.name), what);
            None
        }
    }
}

/// What a field shows of settings that are there.
pub(super) fn shown(
    settings: &toml::Table,
    setting: &Setting,
    language: Option<&str>,
    own: &str,
) -> String {
    let Some(value) = settings.get(&setting.name) else {
        return String::new();
    };
    match (&setting.shape, value) {
        (Shape::Spoken, toml::Value::Table(said)) => {
            let said = language.and_then(|language| said.get(language));
            said.and_then(toml::Value::as_str)
                .unwrap_or_default()
                .to_owned()
        }
        (Shape::Spoken, toml::Value::String(words)) if language == Some(own) => words.clone(),
        (Shape::Spoken, _) => String::new(),
        (Shape::Other, value) => value.to_string(),
        (_, toml::Value::String(words)) => words.clone(),
        (_, value) => value.to_string(),
    }
}

/// Whether a switch stands on.
pub(super) fn is_on(settings: &toml::Table, setting: &Setting) -> bool {
    let default = setting
        .default
        .as_ref()
        .and_then(Value::as_bool)
        .unwrap_or(false);
    settings
        .get(&setting.name)
        .and_then(toml::Value::as_bool)
        .unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_of_a_schema_has_its_field() {
        let field = |json: &str| shape(&serde_json::from_str(json).unwrap());
        assert_eq!(field(r#"{"type":"string","minLength":1}"#), Shape::Line);
        assert_eq!(field(r#"{"type":"boolean"}"#), Shape::Switch);
        assert_eq!(field(r#"{"type":"integer"}"#), Shape::Number);
        assert_eq!(
            field(r#"{"type":"string","enum":["yes","code"]}"#),
            Shape::Choice(vec!["yes".to_owned(), "code".to_owned()])
        );
        let spoken = r#"{"anyOf":[{"type":"string"},{"type":"object","additionalProperties":{"type":"string"}}]}"#;
        assert_eq!(field(spoken), Shape::Spoken);
        assert_eq!(field(r#"{"type":"array"}"#), Shape::Other);
        assert_eq!(field("{}"), Shape::Other);
    }
}
