//! Licences of everything that is compiled in, against the list in deny.toml.
//!
//! The file is cargo-deny's own, so that whoever has that tool may use it; only its `[licenses]`
//! is read here.

use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

use super::Finding;
use crate::metadata::{Metadata, Package};

const FILE: &str = "deny.toml";

#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Licenses,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// A licence that is fine for one package.
#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: Vec<String>,
}

pub(crate) fn check(metadata: &Metadata, deny: &str) -> Vec<Finding> {
    let licenses = match toml::from_str::<Deny>(deny) {
        Ok(deny) => deny.licenses,
        Err(error) => {
            return vec![finding(
                format!("the list of licences cannot be read: {}", error.message()),
                "give [licenses] with allow = [...]",
            )];
        }
    };
    let mut findings = Vec::new();
    let allowed = known(&licenses.allow, &mut findings);
    for package in &metadata.packages {
        let own = licenses
            .exceptions
            .iter()
            .filter(|e| e.package == package.name);
        let own: Vec<&String> = own.flat_map(|exception| &exception.allow).collect();
        let mut allowed = allowed.clone();
        allowed.extend(known(own, &mut findings));
        if let Err(what) = judge(package, &allowed) {
            findings.push(finding(
                what,
                "do without the package, or, if the licence suits an Apache-2.0 program, \
                 allow it there",
            ));
        }
    }
    findings
}

fn known<'a>(
    names: impl IntoIterator<Item = &'a String>,
    findings: &mut Vec<Finding>,
) -> Vec<Licensee> {
    let mut known = Vec::new();
    for name in names {
        match Licensee::parse(name) {
            Ok(licensee) => known.push(licensee),
            Err(_) => findings.push(finding(
                format!("`{name}` is no SPDX licence"),
                "write its identifier as spdx.org/licenses does",
            )),
        }
    }
    known
}

fn judge(package: &Package, allowed: &[Licensee]) -> Result<(), String> {
    let Package { name, version, .. } = package;
    let Some(licence) = &package.license else {
        return Err(format!("{name} {version} names no licence"));
    };
    let expression = Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| format!("{name} {version}: licence `{licence}`: {}", error.reason))?;
    if expression.evaluate(|term| allowed.iter().any(|one| one.satisfies(term))) {
        Ok(())
    } else {
        Err(format!(
            "{name} {version} has a licence that is not allowed, `{licence}`"
        ))
    }
}

fn finding(what: String, cure: &str) -> Finding {
    Finding {
        file: FILE.to_owned(),
        line: None,
        what,
        cure: cure.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DENY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
        [[licenses.exceptions]]
        crate = "roots"
        allow = ["CDLA-Permissive-2.0"]
    "#;

    fn found(name: &str, licence: Option<&str>, deny: &str) -> Vec<String> {
        let metadata: Metadata = serde_json::from_value(json!({
            "packages": [{
                "id": name, "name": name, "version": "1.2.3", "license": licence, "targets": [],
                "manifest_path": "/x/Cargo.toml",
            }],
            "workspace_members": [], "workspace_root": "/house", "target_directory": "/t",
            "resolve": { "nodes": [] },
        }))
        .unwrap();
        check(&metadata, deny)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn one_allowed_branch_is_enough_and_every_part_of_an_and_is_needed() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(found("a", Some(good), DENY), [""; 0], "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "MPL-2.0",
            "nonsense licence",
        ] {
            assert_eq!(found("a", Some(bad), DENY).len(), 1, "{bad}");
        }
        assert_eq!(found("a", None, DENY), ["a 1.2.3 names no licence"]);
    }

    #[test]
    fn an_exception_holds_for_its_package_alone() {
        assert!(found("roots", Some("CDLA-Permissive-2.0"), DENY).is_empty());
        assert_eq!(
            found("a", Some("CDLA-Permissive-2.0"), DENY),
            ["a 1.2.3 has a licence that is not allowed, `CDLA-Permissive-2.0`"]
        );
    }

    #[test]
    fn a_list_that_is_missing_or_misspelt_is_a_finding_and_not_a_permission() {
        assert_eq!(found("a", Some("MIT"), "").len(), 1);
        assert!(!found("a", Some("MIT"), "[licenses]\nallow = [\"MTI\"]").is_empty());
    }
}
