//! A keyword as the file would say it: what an admin pastes, what the console keeps of one that is
//! made there, and what an export writes. The same keyword gives the same bytes, and what it gives
//! is read back as the same keyword.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::hours::DAYS;
use crate::config::Secret;
use crate::directory::{FlowName, Keyword};
use crate::flow::Span;
use crate::grants::{Capability, Login, Place};
use crate::schedule::Schedule;
use crate::text::keyword::Rule;

#[derive(Serialize, Deserialize)]
struct File {
    keyword: [Written; 1],
}

/// In the order in which people write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub word: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<WrittenAlias>,
    /// None: as the first word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#match: Option<String>,
    pub flow: String,
    /// None: the one that was there first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<WrittenGrant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// What it answers while it is off or out of season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<String>,
    #[serde(default, skip_serializing_if = "is_no")]
    pub catch_all: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    pub hidden: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments_max: Option<u32>,
    /// `from`, `until`, and days with their hours.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub schedule: toml::Table,
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub settings: toml::Table,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WrittenAlias {
    Plain(String),
    Spoken { word: String, language: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WrittenGrant {
    Whole(String),
    Profile {
        profile: Vec<String>,
    },
    /// One capability and where it may go.
    Places(BTreeMap<String, Vec<WrittenPlace>>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WrittenPlace {
    Open(String),
    WithHeader {
        host: String,
        header: String,
        secret: WrittenSecret,
    },
    WithUser {
        host: String,
        user: String,
        password: WrittenSecret,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        location: Option<String>,
    },
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenSecret {
    Env(String),
    File(PathBuf),
}

impl WrittenPlace {
    fn of(place: &Place) -> WrittenPlace {
        let host = place.address.clone();
        let secret = |secret: &Secret| match secret {
            Secret::Env(name) => WrittenSecret::Env(name.clone()),
            Secret::File(path) => WrittenSecret::File(path.clone()),
        };
        match &place.login {
            None => WrittenPlace::Open(host),
            Some(Login::Header { name, secret: it }) => WrittenPlace::WithHeader {
                host,
                header: name.clone(),
                secret: secret(it),
            },
            Some(Login::User {
                name,
                password,
                location,
            }) => WrittenPlace::WithUser {
                host,
                user: name.clone(),
                password: secret(password),
                location: location.clone(),
            },
        }
    }

    pub fn host(&self) -> &str {
        match self {
            WrittenPlace::Open(host)
            | WrittenPlace::WithHeader { host, .. }
            | WrittenPlace::WithUser { host, .. } => host,
        }
    }
}

fn yes() -> bool {
    true
}

fn is_yes(switch: &bool) -> bool {
    *switch
}

fn is_no(switch: &bool) -> bool {
    !*switch
}

impl Written {
    /// Of a keyword as the files have it, whatever is switched off by hand.
    pub fn of(keyword: &Keyword) -> Written {
        let aliases = keyword.phrases.iter().skip(1);
        let aliases = aliases.map(|alias| match &alias.language {
            None => WrittenAlias::Plain(alias.text.clone()),
            Some(language) => WrittenAlias::Spoken {
                word: alias.text.clone(),
                language: language.clone(),
            },
        });
        let fields = &keyword.grants.profile_fields;
        let grants = keyword.grants.capabilities.iter().map(|capability| {
            if *capability == Capability::Profile && !fields.is_empty() {
                return WrittenGrant::Profile {
                    profile: fields.iter().cloned().collect(),
                };
            }
            let name = capability.name().to_owned();
            if capability.is_for_places() {
                let places = keyword.grants.places(*capability).iter();
                let places = places.map(WrittenPlace::of).collect();
                return WrittenGrant::Places(BTreeMap::from([(name, places)]));
            }
            WrittenGrant::Whole(name)
        });
        Written {
            id: Some(keyword.id.to_string()),
            word: keyword.word.clone(),
            aliases: aliases.collect(),
            r#match: (keyword.rule != Rule::FirstWord).then(|| keyword.rule.name().to_owned()),
            flow: keyword.flow.name.clone(),
            version: keyword.flow.version.clone(),
            grants: grants.collect(),
            storage: (keyword.storage != *keyword.id.0).then(|| keyword.storage.clone()),
            enabled: keyword.enabled,
            closing: keyword.closing.clone(),
            catch_all: keyword.catch_all,
            hidden: keyword.hidden,
            segments_max: keyword.segments_max,
            schedule: keyword.schedule.as_ref().map(schedule).unwrap_or_default(),
            settings: settings(&keyword.settings),
        }
    }

    /// What [`Written::toml`] has written; None: it is no keyword.
    pub fn read(toml: &str) -> Option<Written> {
        let file: File = toml::from_str(toml).ok()?;
        let [written] = file.keyword;
        Some(written)
    }

    pub fn flow_name(&self) -> FlowName {
        FlowName {
            name: self.flow.clone(),
            version: self.version.clone(),
        }
    }

    pub fn toml(&self) -> String {
        let file = File {
            keyword: [self.clone()],
        };
        // Strings, lists and tables of them: they always serialise.
        toml::to_string(&file).unwrap_or_default()
    }
}

/// Of a keyword as the files have it.
pub fn keyword_toml(keyword: &Keyword) -> String {
    Written::of(keyword).toml()
}

fn schedule(schedule: &Schedule) -> toml::Table {
    let mut table = toml::Table::new();
    for (name, day) in [("from", &schedule.from), ("until", &schedule.until)] {
        if let Some(day) = day {
            table.insert(name.to_owned(), day.as_str().into());
        }
    }
    if let Some(week) = &schedule.week {
        table.extend(days(week));
    }
    table
}

/// Days in a row with the same hours are one line, such as `mon-thu`; a closed day is none.
pub(super) fn days(week: &[Vec<Span>; 7]) -> toml::Table {
    let mut table = toml::Table::new();
    let mut first = 0;
    while first < week.len() {
        let row = week[first..].iter().take_while(|day| **day == week[first]);
        let last = first + row.count() - 1;
        if !week[first].is_empty() {
            let name = match first == last {
                true => DAYS[first].to_owned(),
                false => format!("{}-{}", DAYS[first], DAYS[last]),
            };
            table.insert(name, spans(&week[first]).into());
        }
        first = last + 1;
    }
    table
}

pub(super) fn spans(spans: &[Span]) -> Vec<toml::Value> {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let spans = spans.iter();
    spans
        .map(|span| format!("{}-{}", clock(span.opens), clock(span.closes)).into())
        .collect()
}

fn settings(json: &str) -> toml::Table {
    let settings = serde_json::from_str::<serde_json::Value>(json).ok();
    let settings =
        settings.and_then(|settings| toml::Table::try_from(without_nothing(settings)).ok());
    settings.unwrap_or_default()
}

/// TOML has no word for nothing: what is null in JSON is left out.
fn without_nothing(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nothing(value)))
            .collect(),
        Value::Array(items) => items
            .into_iter()
            .filter(|value| !value.is_null())
            .map(without_nothing)
            .collect(),
        plain => plain,
    }
}
