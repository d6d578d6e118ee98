//! Reads a TOML table field by field, collects what is wrong instead of stopping at it, and
//! remembers what was asked for: what is left over at the end is an unknown field.
//!
//! It knows TOML and people's mistakes in it, not what any field means.

use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Findings, nearest, suggest};

pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A text with its place.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    pub(super) value: &'t str,
    pub(super) at: Range<usize>,
}

pub(super) struct Table<'t> {
    fields: &'t DeTable<'t>,
    /// As a person would name it, such as `[server]`; empty for the file itself.
    name: String,
    at: Range<usize>,
    asked: Vec<&'static str>,
    /// Needed fields that are not there, each with what to do.
    absent: Vec<(&'static str, String)>,
    rest: Rest,
}

#[derive(PartialEq, Eq)]
enum Rest {
    Unknown,
    Ignored,
    /// The table itself is not there, which is said where it should be.
    Absent,
}

impl<'t> Table<'t> {
    pub(super) fn new(fields: &'t DeTable<'t>, name: String, at: Range<usize>) -> Self {
        Self {
            fields,
            name,
            at,
            asked: Vec::new(),
            absent: Vec::new(),
            rest: Rest::Unknown,
        }
    }

    /// Stands for a table that was left out.
    pub(super) fn empty(name: String, at: Range<usize>) -> Self {
        static NOTHING: LazyLock<DeTable<'static>> = LazyLock::new(DeTable::new);
        let mut table = Self::new(&NOTHING, name, at);
        table.rest = Rest::Absent;
        table
    }

    pub(super) fn at(&self) -> &Range<usize> {
        &self.at
    }

    /// Where the field stands; where the table begins if it is not there.
    pub(super) fn at_field(&self, key: &str) -> Range<usize> {
        self.fields
            .get_key_value(key)
            .map_or_else(|| self.at.clone(), |(key, _)| key.span())
    }

    pub(super) fn value(&mut self, key: &'static str) -> Option<&'t Value<'t>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.fields.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// How many there are in a list.
    pub(super) fn length(&self, key: &str) -> usize {
        let value = self.fields.get(key);
        value
            .and_then(|value| value.get_ref().as_array())
            .map_or(0, |items| items.len())
    }

    /// A text, without a word about what is wrong with it.
    pub(super) fn peek(&self, key: &str) -> Option<&'t str> {
        self.fields.get(key)?.get_ref().as_str()
    }

    /// Every field as they stand in the file, for tables whose names the admin chooses.
    pub(super) fn entries(&self) -> Vec<(Text<'t>, &'t Value<'t>)> {
        let fields = self.fields.iter().map(|(key, value)| {
            let name = Text {
                value: key.get_ref().as_ref(),
                at: key.span(),
            };
            (name, value)
        });
        let mut entries: Vec<_> = fields.collect();
        entries.sort_by_key(|(name, _)| name.at.start);
        entries
    }

    /// A line of text. Line breaks and control characters would reach cards, mail and headers (g9).
    pub(super) fn text(&mut self, key: &'static str, found: &mut Findings) -> Option<Text<'t>> {
        let value = self.value(key)?;
        line_of_text(value, key, found)
    }

    pub(super) fn needed_text(
        &mut self,
        key: &'static str,
        example: &str,
        found: &mut Findings,
    ) -> Option<Text<'t>> {
        if !self.fields.contains_key(key) {
            self.missing(key, example);
        }
        self.text(key, found)
    }

    /// Notes that a needed field is not there; [`Table::finish`] says so.
    pub(super) fn missing(&mut self, key: &'static str, example: &str) {
        let remedy = format!("Add a line such as {key} = {example}.");
        self.absent.push((key, remedy));
    }

    pub(super) fn missing_section(&mut self, key: &'static str, example: &str) {
        let name = self.name_of(key);
        let remedy = format!("Add a section {name} with a line such as {example}.");
        self.absent.push((key, remedy));
    }

    pub(super) fn owned(&mut self, key: &'static str, found: &mut Findings) -> Option<String> {
        self.text(key, found).map(|text| text.value.to_owned())
    }

    pub(super) fn switch(
        &mut self,
        key: &'static str,
        default: bool,
        found: &mut Findings,
    ) -> bool {
        match self.value(key).map(|value| (value, value.get_ref())) {
            None => default,
            Some((_, DeValue::Boolean(on))) => *on,
            Some((value, _)) => {
                wrong_type(
                    value,
                    key,
                    "true or false",
                    "Write it without quotes.",
                    found,
                );
                default
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn count(
        &mut self,
        key: &'static str,
        default: u32,
        bounds: RangeInclusive<u32>,
        found: &mut Findings,
    ) -> u32 {
        let Some(value) = self.value(key) else {
            return default;
        };
        let DeValue::Integer(digits) = value.get_ref() else {
            wrong_type(
                value,
                key,
                "a whole number",
                "Write it without quotes.",
                found,
            );
            return default;
        };
        match u32::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(count) if bounds.contains(&count) => count,
            _ => {
                let what = format!("\"{key}\" is {digits}");
                let (from, to) = bounds.into_inner();
                let remedy = format!("Write a number from {from} to {to}.");
                found.report(&value.span(), what, remedy);
                default
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Clone>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        found: &mut Findings,
    ) -> Option<T> {
        let text = self.text(key, found)?;
        let chosen = choices.iter().find(|(name, _)| *name == text.value);
        if chosen.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let what = format!("\"{key}\" cannot be \"{}\"", text.value);
            found.report(&text.at, what, suggest(text.value, &names));
        }
        chosen.map(|(_, value)| value.clone())
    }

    pub(super) fn items(
        &mut self,
        key: &'static str,
        found: &mut Findings,
    ) -> Option<&'t [Value<'t>]> {
        let value = self.value(key)?;
        items_of(value, key, found)
    }

    pub(super) fn table(&mut self, key: &'static str, found: &mut Findings) -> Option<Table<'t>> {
        let name = self.name_of(key);
        let at = self.at_field(key);
        let value = self.value(key)?;
        let DeValue::Table(fields) = value.get_ref() else {
            let remedy = format!("Write its fields under a line {name}.");
            wrong_type(value, key, "a table", &remedy, found);
            return None;
        };
        Some(Table::new(fields, name, at))
    }

    /// A table whose fields are read elsewhere.
    pub(super) fn fields_of(
        &mut self,
        key: &'static str,
        found: &mut Findings,
    ) -> Option<&'t DeTable<'t>> {
        self.table(key, found).map(|table| table.fields)
    }

    /// `[[key]]`, once for each.
    pub(super) fn tables(&mut self, key: &'static str, found: &mut Findings) -> Vec<Table<'t>> {
        let name = format!("[{}]", self.name_of(key));
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let remedy = format!("Begin each one with a line {name}.");
        let DeValue::Array(items) = value.get_ref() else {
            wrong_type(value, key, "a list of tables", &remedy, found);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(fields) => {
                    tables.push(Table::new(fields, name.clone(), item.span()));
                }
                _ => wrong_type(item, key, "a list of tables", &remedy, found),
            }
        }
        tables
    }

    /// What this table may hold depends on a field that is wrong: unknown fields are not looked for.
    pub(super) fn ignore_rest(&mut self) {
        self.rest = Rest::Ignored;
    }

    /// Reports every field that nobody asked for and every one that is needed and not there; of a
    /// misspelt one only the first. Gives the fields that misspelt ones seem to mean.
    pub(super) fn finish(self, found: &mut Findings) -> Vec<&'static str> {
        let place = self.place();
        let mut meant = Vec::new();
        let left = self
            .fields
            .keys()
            .filter(|key| !self.asked.contains(&key.get_ref().as_ref()));
        for key in left.filter(|_| self.rest == Rest::Unknown) {
            let name = key.get_ref().as_ref();
            let what = format!("unknown field \"{name}\"{place}");
            found.report(&key.span(), what, suggest(name, &self.asked));
            meant.extend(nearest(name, self.asked.iter().copied()));
        }
        for (key, remedy) in self.absent {
            if !meant.contains(&key) && self.rest != Rest::Absent {
                let what = format!("\"{key}\" is missing{place}");
                found.report(&self.at, what, remedy);
            }
        }
        meant
    }

    fn place(&self) -> String {
        match self.name.as_str() {
            "" => String::new(),
            name => format!(" in {name}"),
        }
    }

    fn name_of(&self, key: &str) -> String {
        match self.name.trim_matches(['[', ']']) {
            "" => format!("[{key}]"),
            outer => format!("[{outer}.{key}]"),
        }
    }
}

pub(super) fn items_of<'t>(
    value: &'t Value<'t>,
    key: &str,
    found: &mut Findings,
) -> Option<&'t [Value<'t>]> {
    if let DeValue::Array(items) = value.get_ref() {
        return Some(items.as_ref());
    }
    wrong_type(
        value,
        key,
        "a list",
        "Write it in [ ], even a single one.",
        found,
    );
    None
}

pub(super) fn line_of_text<'t>(
    value: &'t Value<'t>,
    key: &str,
    found: &mut Findings,
) -> Option<Text<'t>> {
    let text = any_text(value, key, found)?;
    if text.value.chars().any(char::is_control) {
        let what = format!("\"{key}\" has a line break or a control character in it");
        found.report(&text.at, what, "Write it in one line.");
        return None;
    }
    Some(text)
}

/// A text that may have several lines.
pub(super) fn any_text<'t>(
    value: &'t Value<'t>,
    key: &str,
    found: &mut Findings,
) -> Option<Text<'t>> {
    let DeValue::String(text) = value.get_ref() else {
        wrong_type(value, key, "text", "Write it in quotes.", found);
        return None;
    };
    if text.trim().is_empty() {
        let what = format!("\"{key}\" is empty");
        found.report(&value.span(), what, "Fill it in, or take the line away.");
        return None;
    }
    Some(Text {
        value: text.as_ref(),
        at: value.span(),
    })
}

pub(super) fn wrong_type(
    value: &Value<'_>,
    key: &str,
    expected: &str,
    remedy: &str,
    found: &mut Findings,
) {
    let is = type_name(value.get_ref());
    let what = format!("\"{key}\" is {is}, but must be {expected}");
    found.report(&value.span(), what, remedy);
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
