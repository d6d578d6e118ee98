//! Where a flow may ask outside, as a file says it and as it is written back.

use super::*;
use crate::config::{Written, keyword_toml};
use crate::directory::Keyword;

/// Bayside's one keyword with a flow that needs to go out, and these grants.
fn granted(grants: &str) -> Reading {
    let bayside = edit(
        BAYSIDE,
        "flow = \"hours\"",
        &format!("flow = \"out\"\ngrants = {grants}"),
    );
    let mut plugins = plugins();
    let nothing = plugins["hours"].manifest.settings_schema.clone();
    let needs = [Capability::Fetch, Capability::Sip2];
    plugins.insert("out".to_owned(), plugin("out", &needs, &nothing));
    let files = [
        file("callslip.toml", MACHINE),
        file("libraries/bayside.toml", &bayside),
        file("libraries/maple.toml", MAPLE),
    ];
    crate::config::read(&files, &plugins, None)
}

fn keyword(reading: &Reading) -> &Keyword {
    &reading.directory.libraries[&"bayside".into()].keywords[0]
}

#[test]
fn c4_places_and_their_logins_are_read_and_written_back() {
    let grants = r#"[{ fetch = ["API.example.org", { host = "koha.lan:8080", header = "Authorization", secret = { env = "KOHA" } }] },
        { sip2 = [{ host = "ils.lan:6001", user = "callslip", password = { file = "ils.key" }, location = "desk" }] }]"#;
    let reading = granted(grants);
    assert_eq!(lines(&reading), [""; 0]);
    let known = keyword(&reading).grants.clone();
    let addresses = |capability| {
        let places = known.places(capability).iter();
        places
            .map(|place| place.address.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        addresses(Capability::Fetch),
        ["api.example.org", "koha.lan:8080"]
    );
    assert_eq!(addresses(Capability::Sip2), ["ils.lan:6001"]);
    // A secret's file is beside the library's; what is written back says it whole.
    let back = keyword_toml(keyword(&reading));
    assert!(back.contains("libraries/ils.key"), "{back}");
    let written = Written::read(&back).expect("it is read back");
    assert_eq!(written, Written::of(keyword(&reading)));
    assert_eq!(written.grants.len(), 2);
    assert!(back.contains("env = \"KOHA\""), "{back}");
}

#[test]
fn a_capability_for_places_may_have_none_of_them() {
    let reading = granted(r#"[{ fetch = [] }, { sip2 = ["ils.lan:6001"] }]"#);
    assert_eq!(lines(&reading), [""; 0]);
    assert!(keyword(&reading).grants.allows(Capability::Fetch));
    assert!(
        keyword(&reading)
            .grants
            .places(Capability::Fetch)
            .is_empty()
    );
}

#[test]
fn what_is_no_place_is_named_with_its_remedy() {
    for (grants, said) in [
        (
            "[\"fetch\", { sip2 = [\"ils.lan:6001\"] }]",
            "the grant \"fetch\" does not say where",
        ),
        (
            "[{ fetch = [\"https://api.example.org/x\"] }, { sip2 = [] }]",
            "\"https://api.example.org/x\" is not a place for \"fetch\"",
        ),
        (
            "[{ fetch = [] }, { sip2 = [\"ils.lan\"] }]",
            "\"ils.lan\" is not a place for \"sip2\"",
        ),
        (
            "[{ fetch = [{ host = \"a.example\", header = \"authorization\", secret = \"hunter2\" }] }, { sip2 = [] }]",
            "stands in the file itself",
        ),
        (
            "[{ fetch = [{ host = \"a.example\", secret = { env = \"A\" } }] }, { sip2 = [] }]",
            "\"header\" is missing",
        ),
        (
            "[{ fetch = [{ host = \"a.example\", user = \"x\" }] }, { sip2 = [] }]",
            "unknown field \"user\"",
        ),
        ("[{ sip2 = [] }]", "needs the grant \"fetch\""),
    ] {
        let said_all = lines(&granted(grants)).join("\n");
        assert!(said_all.contains(said), "{grants}\n{said_all}");
        assert!(!said_all.contains("hunter2"), "{said_all}");
    }
}
