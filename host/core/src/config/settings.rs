//! A keyword's settings against the JSON Schema that its plugin carries, each mismatch with the
//! line of its field.

use std::ops::Range;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Number, Value as Json, json};
use toml::de::{DeTable, DeValue};

use super::problem::{Findings, listed, suggest};
use crate::flow::Plugin;

/// The settings as JSON text. `table` is None where the keyword has none; `at` is the keyword.
pub(super) fn read(
    table: Option<&DeTable<'_>>,
    at: &Range<usize>,
    plugin: &Plugin,
    found: &mut Findings,
) -> String {
    let settings = table.map_or_else(|| json!({}), table_to_json);
    let place = Place {
        table,
        at,
        flow: &plugin.manifest.name,
    };
    let schema = serde_json::from_str::<Json>(&plugin.manifest.settings_schema)
        .map_err(|error| error.to_string())
        .and_then(|schema| {
            let validator = jsonschema::validator_for(&schema);
            let validator = validator.map_err(|error| error.to_string())?;
            Ok((schema, validator))
        });
    match schema {
        Ok((schema, validator)) => {
            for error in validator.iter_errors(&settings) {
                place.report(&error, &schema, found);
            }
        }
        Err(error) => {
            let what = format!(
                "the flow \"{}\" has no usable settings schema: {error}",
                place.flow
            );
            found.report(
                at,
                what,
                "Build the plugin again, or install a version that has one.",
            );
        }
    }
    settings.to_string()
}

struct Place<'t> {
    table: Option<&'t DeTable<'t>>,
    at: &'t Range<usize>,
    flow: &'t str,
}

impl Place<'_> {
    fn report(&self, error: &ValidationError<'_>, schema: &Json, found: &mut Findings) {
        let path: Vec<String> = error
            .instance_path()
            .segments()
            .map(|segment| segment.to_string())
            .collect();
        let at = self.find(&path);
        let flow = self.flow;
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = properties(schema, &path);
                for name in unexpected {
                    let inner = [&path[..], std::slice::from_ref(name)].concat();
                    let name = shown(&inner);
                    let what = format!("the flow \"{flow}\" knows no setting \"{name}\"");
                    let last = inner.last().map_or("", String::as_str);
                    found.report(&self.find(&inner), what, suggest(last, &known));
                }
            }
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                let name = shown(&[&path[..], &[property.to_owned()]].concat());
                let what = format!("the flow \"{flow}\" needs the setting \"{name}\"");
                let remedy = format!("Add {property} = ... under [keyword.settings].");
                found.report(&at, what, remedy);
            }
            ValidationErrorKind::Type { kind } => {
                let (must, remedy) = wanted(kind);
                let name = shown(&path);
                let what = format!("the setting \"{name}\" of \"{flow}\" must be {must}");
                found.report(&at, what, remedy);
            }
            ValidationErrorKind::Enum { options } => {
                let options: Vec<&str> = match options.as_array() {
                    Some(options) => options.iter().filter_map(Json::as_str).collect(),
                    None => Vec::new(),
                };
                let name = shown(&path);
                let given = error.instance().to_string();
                let what = format!("the setting \"{name}\" of \"{flow}\" cannot be {given}");
                let remedy = format!("Write one of these: {}.", listed(&options));
                found.report(&at, what, remedy);
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                self.report_nearest(&path, context, schema, found);
            }
            ValidationErrorKind::Pattern { pattern } if braces(pattern).is_some() => {
                let name = shown(&path);
                let what =
                    format!("the setting \"{name}\" of \"{flow}\" has a wrong word between braces");
                let may = braces(pattern).unwrap_or_default();
                found.report(&at, what, format!("There may stand: {may}."));
            }
            _ => {
                let name = shown(&path);
                let what = format!("the setting \"{name}\" of \"{flow}\" does not fit: {error}");
                found.report(&at, what, "Write it as the flow describes it.");
            }
        }
    }

    /// Of several forms that a value may have, the one that has the right type is meant.
    fn report_nearest(
        &self,
        path: &[String],
        forms: &[Vec<ValidationError<'static>>],
        schema: &Json,
        found: &mut Findings,
    ) {
        let own_type = |error: &&ValidationError<'_>| {
            error.instance_path().segments().count() == path.len()
                && matches!(error.kind(), ValidationErrorKind::Type { .. })
        };
        let meant = forms
            .iter()
            .find(|errors| !errors.iter().any(|error| own_type(&error)));
        if let Some(errors) = meant {
            for error in errors {
                self.report(error, schema, found);
            }
            return;
        }
        let types = forms.iter().flatten().filter(own_type);
        let wanted: Vec<&str> = types
            .filter_map(|error| match error.kind() {
                ValidationErrorKind::Type { kind } => Some(wanted(kind).0),
                _ => None,
            })
            .collect();
        let (name, flow) = (shown(path), self.flow);
        let what = format!(
            "the setting \"{name}\" of \"{flow}\" must be {}",
            wanted.join(", or ")
        );
        found.report(&self.find(path), what, "Write it in one of these forms.");
    }

    /// Where the field stands in the file; for one that is not there, what should hold it.
    fn find(&self, path: &[String]) -> Range<usize> {
        let Some(mut table) = self.table else {
            return self.at.clone();
        };
        let mut at = self.at.clone();
        let mut list: &[toml::Spanned<DeValue<'_>>] = &[];
        for segment in path {
            let value = if list.is_empty() {
                let Some((key, value)) = table.get_key_value(segment.as_str()) else {
                    return at;
                };
                at = key.span();
                value
            } else {
                let Some(item) = segment.parse().ok().and_then(|at: usize| list.get(at)) else {
                    return at;
                };
                at = item.span();
                item
            };
            list = &[];
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                DeValue::Array(items) => list = items.as_ref(),
                _ => return at,
            }
        }
        at
    }
}

/// `text.en`, `choices.2`; the whole is "settings".
fn shown(path: &[String]) -> String {
    if path.is_empty() {
        return "settings".to_owned();
    }
    path.join(".")
}

/// What the schema lets stand at this place, where it says so plainly.
fn properties<'s>(schema: &'s Json, path: &[String]) -> Vec<&'s str> {
    let mut here = schema;
    for segment in path {
        let inner = here
            .get("properties")
            .and_then(|properties| properties.get(segment))
            .or_else(|| here.get("items"))
            .or_else(|| here.get("additionalProperties"));
        match inner {
            Some(inner) => here = inner,
            None => return Vec::new(),
        }
    }
    let properties = here.get("properties").and_then(Json::as_object);
    properties.map_or(Vec::new(), |fields| {
        fields.keys().map(String::as_str).collect()
    })
}

/// The words that a text may have between braces, when that is what a pattern says.
fn braces(pattern: &str) -> Option<String> {
    let (_, words) = pattern.split_once(r"\{(")?;
    let (words, _) = words.split_once(r")\}")?;
    let words = words.split('|').map(|word| format!("{{{word}}}"));
    Some(words.collect::<Vec<_>>().join(", "))
}

/// What must stand there, and how it is written.
fn wanted(kind: &TypeKind) -> (&'static str, &'static str) {
    let TypeKind::Single(kind) = kind else {
        return ("of another type", "See what the flow takes there.");
    };
    match kind.as_str() {
        "string" => ("text", "Write it in quotes."),
        "integer" => (
            "a whole number",
            "Write it without quotes and without a point.",
        ),
        "number" => ("a number", "Write it without quotes."),
        "boolean" => ("true or false", "Write it without quotes."),
        "array" => ("a list", "Write it in [ ], even a single one."),
        "object" => (
            "a table",
            "Write it as { name = value }, or as a section of its own.",
        ),
        _ => ("left out", "Take the line away."),
    }
}

fn table_to_json(table: &DeTable<'_>) -> Json {
    let fields = table.iter().map(|(key, value)| {
        let name = key.get_ref().to_string();
        (name, to_json(value.get_ref()))
    });
    Json::Object(fields.collect::<Map<_, _>>())
}

/// What JSON cannot say (infinities, numbers beyond 64 bits) is null, which no schema takes for
/// a number.
pub(super) fn to_json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).map_or(Json::Null, Json::from)
        }
        DeValue::Float(digits) => digits
            .as_str()
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or(Json::Null, Json::Number),
        DeValue::Boolean(on) => Json::from(*on),
        DeValue::Datetime(date) => Json::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(table) => table_to_json(table),
    }
}
