//! Gateways of each kind: what their fields come to, and what is said of wrong ones.

use std::path::Path;

use super::super::{GatewayKind, Secret, SignatureMethod, Telnyx, Vonage};
use super::*;
use crate::directory::StopWords;

pub(super) const TWILIO: &str = r#"kind = "twilio"
account-sid = "AC00000000000000000000000000000000"
auth-token = { env = "TWILIO_AUTH_TOKEN" }
"#;

const TELNYX: &str = r#"kind = "telnyx"
api-key = { file = "telnyx-key" }
public-key = "7Sg5aK8iC9l++iWe0y2QnIdFEwJBXesZ6nnKZx5F1/8="
messaging-profile = "40017a00-1b2c-4d3e-8f90-e639f9d2c7c8"
"#;

const VONAGE: &str = r#"kind = "vonage"
api-key = "1a8794f7"
api-secret = { env = "VONAGE_API_SECRET" }
signature-secret = { file = "signature" }
"#;

/// The machine with another gateway in the place of Twilio's.
pub(super) fn with(gateway: &str) -> Reading {
    read_texts(&edit(MACHINE, TWILIO, gateway), BAYSIDE, MAPLE, None)
}

#[test]
fn a_telnyx_gateway() {
    let machine = with(TELNYX).machine.unwrap();
    let telnyx = Telnyx {
        api_key: Secret::File(Path::new("telnyx-key").into()),
        public_key: "7Sg5aK8iC9l++iWe0y2QnIdFEwJBXesZ6nnKZx5F1/8=".to_owned(),
        messaging_profile: Some("40017a00-1b2c-4d3e-8f90-e639f9d2c7c8".to_owned()),
        api_base: None,
    };
    assert_eq!(machine.gateways[0].kind, GatewayKind::Telnyx(telnyx));
    // Telnyx blocks a phone that texted STOP, and says so to it.
    assert_eq!(machine.numbers[0].stop_words, StopWords::Gateway);
}

#[test]
fn wrong_fields_of_a_telnyx_gateway() {
    for (from, to, expected) in [
        (
            "public-key = \"7Sg5aK8iC9l++iWe0y2QnIdFEwJBXesZ6nnKZx5F1/8=\"\n",
            "",
            "callslip.toml:12: \"public-key\" is missing in [[gateway]]. Add a line such as \
             public-key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\".",
        ),
        (
            "7Sg5aK8iC9l++iWe0y2QnIdFEwJBXesZ6nnKZx5F1/8=",
            "7Sg5aK8iC9l++iWe0y2QnIdFEwJBXesZ6nnKZx5F1=",
            "callslip.toml:16: \"public-key\" does not look like one of Telnyx's. Copy the public \
             key from Telnyx's portal, under API keys: 44 letters, digits and signs that end in =.",
        ),
        (
            "40017a00-1b2c-4d3e-8f90-e639f9d2c7c8",
            "My App",
            "callslip.toml:17: \"messaging-profile\" does not look like one of Telnyx's. Copy the \
             profile's ID from Telnyx's portal, such as 40017a00-1b2c-4d3e-8f90-e639f9d2c7c8.",
        ),
        (
            "api-key = { file = \"telnyx-key\" }\n",
            "",
            "callslip.toml:12: \"api-key\" is missing in [[gateway]]. Add a line such as \
             api-key = { env = \"TELNYX_API_KEY\" }.",
        ),
    ] {
        let reading = with(&edit(TELNYX, from, to));
        assert_eq!(lines(&reading), [expected]);
        assert!(reading.machine.is_none());
    }
}

#[test]
fn a_vonage_gateway() {
    let vonage = |text: &str| match with(text).machine.unwrap().gateways[0].kind.clone() {
        GatewayKind::Vonage(vonage) => vonage,
        other => panic!("{other:?}"),
    };
    let expected = Vonage {
        api_key: "1a8794f7".to_owned(),
        api_secret: Secret::Env("VONAGE_API_SECRET".to_owned()),
        signature_secret: Secret::File(Path::new("signature").into()),
        signature_method: None,
        api_base: None,
    };
    assert_eq!(vonage(VONAGE), expected);
    let older = format!("{VONAGE}signature-method = \"md5hash\"\n");
    let expected = Vonage {
        signature_method: Some(SignatureMethod::Md5Hash),
        ..expected
    };
    assert_eq!(vonage(&older), expected);
}

#[test]
fn wrong_fields_of_a_vonage_gateway() {
    for (from, to, expected) in [
        (
            "\"1a8794f7\"",
            "\"1a 87\"",
            "callslip.toml:15: \"api-key\" does not look like one of Vonage's. Copy it from \
             Vonage's dashboard, under API settings: letters and digits.",
        ),
        (
            "signature-secret = { file = \"signature\" }\n",
            "signature-secret = { file = \"signature\" }\nsignature-method = \"sha265\"\n",
            "callslip.toml:18: \"signature-method\" cannot be \"sha265\". Did you mean \"sha256\"?",
        ),
        (
            "api-secret = { env = \"VONAGE_API_SECRET\" }",
            "api-secret = \"s3cr3t\"",
            "callslip.toml:16: \"api-secret\" stands in the file itself, where everybody who reads \
             it has it. Write api-secret = { env = \"VONAGE_API_SECRET\" } or { file = \
             \"api-secret\" }, and change it, since it is no secret any more.",
        ),
    ] {
        let reading = with(&edit(VONAGE, from, to));
        assert_eq!(lines(&reading), [expected]);
        assert!(reading.machine.is_none());
    }
}
