//! What a keyword grants its flow, as the file says it, and whether that is enough.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use toml::de::DeValue;

use super::gateway::secret;
use super::problem::{Findings, suggest};
use super::table::{Table, Text, Value, items_of, line_of_text, wrong_type};
use crate::flow::Plugin;
use crate::grants::{Capability, Grants, Login, Place};

/// Longest name of a profile field.
const FIELD_NAME_MAX: usize = 64;
/// Of one capability.
const PLACES_MAX: usize = 16;

/// None where `grants` cannot be read at all.
/// `home`: what a secret's file is relative to.
pub(super) fn read(table: &mut Table<'_>, home: &Path, found: &mut Findings) -> Option<Grants> {
    let mut grants = Grants::default();
    if !table.has("grants") {
        return Some(grants);
    }
    for item in table.items("grants", found)? {
        match item.get_ref() {
            DeValue::Table(_) => narrowed(item, &mut grants, home, found),
            _ => {
                let Some(name) = line_of_text(item, "grants", found) else {
                    continue;
                };
                match Capability::from_name(name.value) {
                    Some(capability) if capability.is_for_places() => {
                        let what = format!("the grant \"{capability}\" does not say where");
                        let form = example(capability);
                        found.report(&name.at, what, format!("Write it as in {form}."));
                    }
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

/// `{ profile = ["name"] }`, `{ fetch = ["api.example.org"] }`
fn narrowed(item: &Value<'_>, grants: &mut Grants, home: &Path, found: &mut Findings) {
    let DeValue::Table(fields) = item.get_ref() else {
        return;
    };
    for (name, value) in fields {
        let key = name.get_ref().as_ref();
        match Capability::from_name(key) {
            Some(Capability::Profile) => {
                grants.capabilities.insert(Capability::Profile);
                let Some(items) = items_of(value, "profile", found) else {
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
            Some(capability) if capability.is_for_places() => {
                grants.capabilities.insert(capability);
                let items = items_of(value, key, found).unwrap_or_default();
                for item in items.iter().take(PLACES_MAX) {
                    if let Some(place) = place(item, capability, home, found) {
                        grants.allow(capability, place);
                    }
                }
                // None at all: for a flow that could ask in two ways and is set to the other.
                if items.len() > PLACES_MAX {
                    let what = format!("\"{key}\" names {} places", items.len());
                    found.report(&value.span(), what, format!("Name {PLACES_MAX} at most."));
                }
            }
            Some(_) => {
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

/// As it would stand in the file.
fn example(capability: Capability) -> &'static str {
    match capability {
        Capability::Calendar => "{ calendar = [\"events.example.org\"] }",
        Capability::Sip2 => "{ sip2 = [\"ils.example.org:6001\"] }",
        _ => "{ fetch = [\"api.example.org\"] }",
    }
}

/// `"api.example.org"`, or `{ host = "api.example.org", header = "authorization", secret = … }`, or
/// `{ host = "ils.example.org:6001", user = "callslip", password = … }`.
fn place(
    item: &Value<'_>,
    capability: Capability,
    home: &Path,
    found: &mut Findings,
) -> Option<Place> {
    let DeValue::Table(fields) = item.get_ref() else {
        let text = line_of_text(item, capability.name(), found)?;
        return address(&text, capability, found).map(|address| Place::open(&address));
    };
    let name = format!("{{ {capability} = [{{ … }}] }}");
    let mut table = Table::new(fields, name, item.span());
    let host = table.needed_text("host", "\"api.example.org\"", found);
    let login = match capability {
        Capability::Sip2 => user(&mut table, home, found),
        _ => header(&mut table, home, found),
    };
    table.finish(found);
    Some(Place {
        address: address(&host?, capability, found)?,
        login,
    })
}

fn header(table: &mut Table<'_>, home: &Path, found: &mut Findings) -> Option<Login> {
    let name = table.text("header", found);
    if name.is_none() && !table.has("secret") {
        return None;
    }
    let secret = secret(table, "secret", "CATALOG_TOKEN", home, found);
    let Some(name) = name else {
        table.missing("header", "\"authorization\"");
        return None;
    };
    let token = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.value.is_empty() || !name.value.chars().all(token) {
        let what = format!("\"{}\" is not the name of a header", name.value);
        found.report(&name.at, what, "Write it as in \"authorization\".");
        return None;
    }
    Some(Login::Header {
        name: name.value.to_lowercase(),
        secret: secret?,
    })
}

fn user(table: &mut Table<'_>, home: &Path, found: &mut Findings) -> Option<Login> {
    let name = table.owned("user", found);
    let location = table.owned("location", found);
    if name.is_none() && !table.has("password") {
        return None;
    }
    let password = secret(table, "password", "SIP2_PASSWORD", home, found);
    if name.is_none() {
        table.missing("user", "\"callslip\"");
    }
    Some(Login::User {
        name: name?,
        password: password?,
        location,
    })
}

/// A host, or a host and a port, as the flow will name it.
fn address(text: &Text<'_>, capability: Capability, found: &mut Findings) -> Option<String> {
    let value = text.value.to_lowercase();
    let (host, port) = match value.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (value.as_str(), None),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:_[]".contains(letter);
    let named = !host.is_empty() && host.len() <= 253 && host.chars().all(plain);
    let port_fits = match port {
        Some(port) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => capability != Capability::Sip2,
    };
    if named && port_fits {
        return Some(value);
    }
    let what = format!("\"{}\" is not a place for \"{capability}\"", text.value);
    let remedy = match capability {
        Capability::Sip2 => "Name a host and its port, such as \"ils.example.org:6001\".",
        _ => "Name a host without https:// and without a path, such as \"api.example.org\".",
    };
    found.report(&text.at, what, remedy);
    None
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
        _ if capability.is_for_places() && grants.places(*capability).is_empty() => {
            example(*capability).to_owned()
        }
        _ if capability.is_for_places() => {
            let places = grants.places(*capability).iter();
            let places: Vec<&str> = places.map(|place| place.address.as_str()).collect();
            format!("{{ {capability} = {places:?} }}")
        }
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
