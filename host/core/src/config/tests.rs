//! The reading of whole configurations, as `callslip check` and a start see it.

mod bad_files;
mod example;
mod gateways;
mod last_good;
mod mistakes;
mod network;
mod numbers;
mod own_gateways;
mod places;
mod right_files;
mod sentences;
mod smpp;
mod spending;
mod versions;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{File, Reading, read};
use crate::directory::Directory;
use crate::flow::{Manifest, Plugin};
use crate::grants::Capability;
use crate::ids::Digest;

const MACHINE: &str = r#"public-url = "https://texts.example.org"

[server]
listen = "127.0.0.1:8066"

[store]
sqlite = "../var/callslip.db"

[plugins]
folder = "plugins"

[[gateway]]
name = "main"
kind = "twilio"
account-sid = "AC00000000000000000000000000000000"
auth-token = { env = "TWILIO_AUTH_TOKEN" }

[[number]]
number = "66746"
gateway = "main"
brand = "Bay Area Libraries"
jurisdiction = "us"
help-contact = "texts.example.org/help"
front-desk = "bayside"

[[number]]
number = "+15555550100"
gateway = "main"
brand = "Bayside Public Library"
jurisdiction = "us"
help-contact = "texts.example.org/help"
"#;

const BAYSIDE: &str = r#"name = "Bayside Public Library"
time-zone = "America/New_York"
languages = ["en", "es"]
numbers = ["66746", "+15555550100"]
join = "BAYSIDE"

[hours]
mon-thu = ["10:00-20:00"]
sat = []

[[keyword]]
word = "HOURS"
aliases = ["OPEN", { word = "HORAS", language = "es" }]
flow = "hours"

[[keyword]]
word = "WIFI"
flow = "auto-reply"
[keyword.settings]
text = "BaysideGuest"

[[keyword]]
word = "STORY TIME"
flow = "signup"
grants = ["lists", { profile = ["name"] }]
[keyword.settings]
list = "stories"
"#;

const MAPLE: &str = r#"name = "Maple Valley Library"
time-zone = "America/Chicago"
languages = ["en"]
numbers = ["66746"]
join = "MAPLE"

[[keyword]]
word = "HOURS"
flow = "hours"
"#;

fn plugin(name: &str, needs: &[Capability], schema: &str) -> Arc<Plugin> {
    Arc::new(Plugin {
        manifest: Manifest {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            summary: String::new(),
            settings_schema: schema.to_owned(),
            reserved_answers: vec!["YES".to_owned(), "NO".to_owned()],
        },
        digest: Digest::from(name),
        needs: needs.to_vec(),
    })
}

/// Schemas of the form that the SDK writes.
fn plugins() -> BTreeMap<String, Arc<Plugin>> {
    let nothing = r#"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#;
    let text = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
        "properties":{
            "text":{"anyOf":[
                {"type":"string","pattern":"^([^{}]|\\{(library|number)\\})*$"},
                {"type":"object","minProperties":1,"additionalProperties":{
                    "type":"string","pattern":"^([^{}]|\\{(library|number)\\})*$"}}]},
            "times":{"type":"integer","minimum":1,"maximum":9},
            "mood":{"type":"string","enum":["plain","merry"]},
            "rows":{"type":"array","items":{"type":"object","properties":{
                "name":{"type":"string"}},"required":["name"],"additionalProperties":false}}},
        "required":["text"],"additionalProperties":false}"#;
    let list = r#"{"type":"object","properties":{"list":{"type":"string"}},
        "required":["list"],"additionalProperties":false}"#;
    let all = [
        plugin("hours", &[], nothing),
        plugin("auto-reply", &[], text),
        plugin("signup", &[Capability::Lists, Capability::Profile], list),
    ];
    all.into_iter()
        .map(|plugin| (plugin.manifest.name.clone(), plugin))
        .collect()
}

fn file(path: &str, text: &str) -> File {
    File {
        path: PathBuf::from(path),
        text: text.to_owned(),
    }
}

fn read_texts(machine: &str, bayside: &str, maple: &str, previous: Option<&Directory>) -> Reading {
    let files = [
        file("callslip.toml", machine),
        file("libraries/bayside.toml", bayside),
        file("libraries/maple.toml", maple),
    ];
    read(&files, &plugins(), previous)
}

fn lines(reading: &Reading) -> Vec<String> {
    reading.problems.iter().map(ToString::to_string).collect()
}

/// `text` with one passage changed; the passage must be there.
fn edit(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in\n{text}");
    text.replacen(from, to, 1)
}
