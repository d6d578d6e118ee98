//! What a keyword grants its flow, as the file says it, and whether that is enough.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::DeValue;

use super::problem::{Findings, suggest};
use super::table::{Table, Value, line_of_text, wrong_type};
use crate::flow::Plugin;
use crate::grants::{Capability, Grants};

/// Longest name of a profile field.
const FIELD_NAME_MAX: usize = 64;

/// None where `grants` cannot be read at all.
pub(super) fn read(table: &mut Table<'_>, found: &mut Findings) -> Option<Grants> {
    let mut grants = Grants::default();
    if !table.has("grants") {
        return Some(grants);
    }
    for item in table.items("grants", found)? {
        match item.get_ref() {
            DeValue::Table(_) => narrowed(item, &mut grants, found),
            _ => {
                let Some(name) = line_of_text(item, "grants", found) else {
                    continue;
                };
                match Capability::from_name(name.value) {
                    Some(capability) => {
                        grants.capabilities.insert(capability);
                    }
                    None => unknown(name.value, &name.at, found),
                }
            }
        }
    }
    Some(grants)
}

/// `{ profile = ["name"] }`
fn narrowed(item: &Value<'_>, grants: &mut Grants, found: &mut Findings) {
    let DeValue::Table(fields) = item.get_ref() else {
        return;
    };
    for (name, value) in fields {
        let key = name.get_ref().as_ref();
        match Capability::from_name(key) {
            Some(Capability::Profile) => {
                grants.capabilities.insert(Capability::Profile);
                let Some(items) = super::table::items_of(value, "profile", found) else {
                    continue;
                };
                for item in items {
                    let Some(field) = line_of_text(item, "profile", found) else {
                        continue;
                    };
                    if field.value.len() > FIELD_NAME_MAX {
                        let what = "a profile field has a name of more than 64 letters";
                        found.report(&field.at, what, "Write the flow's own name for it.");
                    }
                    grants.profile_fields.insert(field.value.to_owned());
                }
            }
            Some(
                Capability::Storage | Capability::Lists | Capability::ContactCard | Capability::Log,
            ) => {
                let what = format!("the grant \"{key}\" cannot be narrowed");
                found.report(
                    &name.span(),
                    what,
                    format!("Write just \"{key}\" in the list."),
                );
            }
            None => unknown(key, &name.span(), found),
        }
    }
    if fields.is_empty() {
        wrong_type(
            item,
            "grants",
            "a list of grants",
            "Take the { } away.",
            found,
        );
    }
}

fn unknown(name: &str, at: &Range<usize>, found: &mut Findings) {
    let known = Capability::ALL.map(Capability::name);
    let what = format!("there is no grant \"{name}\"");
    found.report(at, what, suggest(name, &known));
}

/// What the flow needs and was not given.
pub(super) fn check(grants: &Grants, plugin: &Plugin, at: &Range<usize>, found: &mut Findings) {
    let flow = &plugin.manifest.name;
    for need in missing(grants, plugin) {
        let sentence = need.sentence();
        let what = format!("the flow \"{flow}\" needs the grant \"{need}\": it {sentence}");
        let enough = enough(grants, plugin);
        found.report(at, what, format!("To allow it, write grants = [{enough}]."));
    }
}

/// What is granted and what is needed, as it would stand in the file.
fn enough(grants: &Grants, plugin: &Plugin) -> String {
    let needs = plugin.needs.iter().copied();
    let all: BTreeSet<Capability> = grants.capabilities.iter().copied().chain(needs).collect();
    let written = all.iter().map(|capability| match capability {
        Capability::Profile if !grants.profile_fields.is_empty() => {
            format!(
                "{{ profile = {:?} }}",
                grants.profile_fields.iter().collect::<Vec<_>>()
            )
        }
        _ => format!("\"{capability}\""),
    });
    written.collect::<Vec<_>>().join(", ")
}

pub(super) fn missing(grants: &Grants, plugin: &Plugin) -> Vec<Capability> {
    let needs = plugin.needs.iter().copied();
    needs.filter(|need| !grants.allows(*need)).collect()
}
