//! Who may import whom. Each package says it in its own `[package.metadata.room]`; here that is
//! compared with what Cargo resolved.
//!
//! Dependencies of tests alone are free: a room may be tested with anything.

use std::collections::{BTreeSet, VecDeque};

use serde::Deserialize;

use super::Finding;
use super::source::Sources;
use crate::metadata::{Graph, Metadata, Package};

const TABLE: &str = "[package.metadata.room]";

/// In `may-import`: any room, for what looks at the house from outside.
const ANY: &str = "*";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Room {
    purpose: String,
    may_import: Vec<String>,
    /// Outside packages, whether named by the room itself or brought in by another one.
    must_not_know: Vec<String>,
}

pub(crate) fn check(metadata: &Metadata, sources: &Sources) -> Vec<Finding> {
    let graph = metadata.graph();
    let mut findings = Vec::new();
    for package in metadata.members() {
        let file = metadata.manifest(package);
        let mut found = |near: &str, what: String, cure: &str| {
            let line = sources.line_of(&file, near);
            findings.push(Finding {
                file: file.clone(),
                line,
                what,
                cure: cure.to_owned(),
            });
        };
        let room = match room_of(package) {
            Ok(room) => room,
            Err(what) => {
                found(TABLE, what, "give purpose, may-import and must-not-know");
                continue;
            }
        };
        if room.purpose.trim().is_empty() {
            found(
                TABLE,
                "the room has no purpose".to_owned(),
                "say it in a sentence",
            );
        }
        for name in unknown_rooms(metadata, &room) {
            found(
                "may-import",
                format!("there is no room `{name}`"),
                "correct or remove it",
            );
        }
        for name in shut_doors(metadata, &graph, package, &room) {
            found(
                &name,
                format!("{} may not import {name}", package.name),
                "do without it, or make the new edge part of the design: may-import here and \
                 the picture in ARCHITECTURE.md",
            );
        }
        for way in forbidden_knowledge(metadata, &graph, package, &room) {
            found(
                &way[0],
                format!("{} must not know {}", package.name, way.join(" -> ")),
                "leave it to the room whose matter it is",
            );
        }
    }
    findings
}

fn room_of(package: &Package) -> Result<Room, String> {
    match package.metadata.get("room") {
        None => Err(format!("no {TABLE}")),
        Some(table) => Room::deserialize(table).map_err(|error| format!("in {TABLE}: {error}")),
    }
}

fn unknown_rooms<'r>(metadata: &Metadata, room: &'r Room) -> Vec<&'r str> {
    let names = room
        .may_import
        .iter()
        .map(String::as_str)
        .filter(|name| *name != ANY);
    names
        .filter(|name| metadata.members().all(|member| member.name != *name))
        .collect()
}

/// Rooms that the package imports and may not.
fn shut_doors(
    metadata: &Metadata,
    graph: &Graph<'_>,
    package: &Package,
    room: &Room,
) -> Vec<String> {
    let is_open = |name: &str| {
        room.may_import
            .iter()
            .any(|open| open == name || open == ANY)
    };
    let dependencies = graph.dependencies(package).into_iter();
    let rooms = dependencies.filter(|dependency| metadata.is_member(dependency));
    rooms
        .map(|room| room.name.clone())
        .filter(|name| !is_open(name))
        .collect()
}

/// The shortest way to each package that the room must not know, through outside packages only:
/// what another room knows is that room's matter.
fn forbidden_knowledge(
    metadata: &Metadata,
    graph: &Graph<'_>,
    package: &Package,
    room: &Room,
) -> Vec<Vec<String>> {
    let mut ways = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([(package, Vec::new())]);
    while let Some((package, way)) = waiting.pop_front() {
        for dependency in graph.dependencies(package) {
            if metadata.is_member(dependency) || !seen.insert(&dependency.id) {
                continue;
            }
            let mut way: Vec<String> = way.clone();
            way.push(dependency.name.clone());
            if room.must_not_know.contains(&dependency.name) {
                ways.push(way);
            } else {
                waiting.push_back((dependency, way));
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A house of two rooms, core and store, and the outside packages sql and driver (which needs
    /// sql). `edges` are (from, to, kind).
    fn house(core: Value, edges: &[(&str, &str, Option<&str>)]) -> Metadata {
        let package = |name: &str, metadata: Value| {
            json!({
                "id": name, "name": name, "version": "1.0.0", "license": "MIT", "targets": [],
                "manifest_path": format!("/house/{name}/Cargo.toml"), "metadata": metadata,
            })
        };
        let store =
            json!({ "room": { "purpose": "p", "may-import": ["core"], "must-not-know": [] } });
        let nodes: Vec<Value> = ["core", "store", "sql", "driver"]
            .iter()
            .map(|name| {
                let deps: Vec<Value> = edges
                    .iter()
                    .filter(|(from, ..)| from == name)
                    .map(|(_, to, kind)| json!({ "pkg": to, "dep_kinds": [{ "kind": kind }] }))
                    .collect();
                json!({ "id": name, "deps": deps })
            })
            .collect();
        serde_json::from_value(json!({
            "packages": [
                package("core", core), package("store", store),
                package("sql", Value::Null), package("driver", Value::Null),
            ],
            "workspace_members": ["core", "store"],
            "workspace_root": "/house",
            "target_directory": "/house/target",
            "resolve": { "nodes": nodes },
        }))
        .unwrap()
    }

    fn core() -> Value {
        json!({ "room": { "purpose": "p", "may-import": [], "must-not-know": ["sql"] } })
    }

    fn findings(core: Value, edges: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        let sources = Sources::of(&[("core/Cargo.toml", "[package]\n\nstore = 1\n")]);
        check(&house(core, edges), &sources)
            .into_iter()
            .map(|finding| {
                let line = finding.line.unwrap_or_default();
                format!("{}:{line}: {}", finding.file, finding.what)
            })
            .collect()
    }

    #[test]
    fn an_open_door_is_fine_and_a_shut_one_is_found() {
        assert!(findings(core(), &[("store", "core", None), ("store", "sql", None)]).is_empty());
        let shut = findings(core(), &[("core", "store", None)]);
        assert_eq!(shut, ["core/Cargo.toml:3: core may not import store"]);
        let build = findings(core(), &[("core", "store", Some("build"))]);
        assert_eq!(build.len(), 1);
    }

    #[test]
    fn tests_may_import_anything() {
        assert!(findings(core(), &[("core", "store", Some("dev"))]).is_empty());
        assert!(findings(core(), &[("core", "sql", Some("dev"))]).is_empty());
        let any = json!({ "room": { "purpose": "p", "may-import": ["*"], "must-not-know": [] } });
        assert!(findings(any, &[("core", "store", None)]).is_empty());
    }

    #[test]
    fn what_a_room_must_not_know_is_found_behind_an_outside_package_too() {
        let direct = findings(core(), &[("core", "sql", None)]);
        assert_eq!(direct, ["core/Cargo.toml:0: core must not know sql"]);
        let through = findings(core(), &[("core", "driver", None), ("driver", "sql", None)]);
        assert_eq!(
            through,
            ["core/Cargo.toml:0: core must not know driver -> sql"]
        );
    }

    #[test]
    fn a_package_without_a_room_or_with_a_misspelt_one_is_found() {
        assert_eq!(
            findings(Value::Null, &[]),
            ["core/Cargo.toml:0: no [package.metadata.room]"]
        );
        let misspelt =
            json!({ "room": { "purpose": "p", "may-imports": [], "must-not-know": [] } });
        assert!(findings(misspelt, &[])[0].contains("may-imports"));
        let gone =
            json!({ "room": { "purpose": "", "may-import": ["attic"], "must-not-know": [] } });
        assert_eq!(findings(gone, &[]).len(), 2);
    }
}
