//! The schema that a component carries, against a JSON Schema validator and the kit's own check.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "the fields are there for their shape")]

use std::collections::BTreeMap;

use callslip::Flow;
use callslip::json::Json;
use callslip::prelude::*;
use callslip::test::Phone;
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Settings)]
struct Everything {
    /// The list that the "patron" joins,
    /// on two lines.
    ///
    /// And a second paragraph.
    #[setting(example = "teens", min_length = 2, max_length = 5)]
    list: String,
    #[setting(default = true)]
    ask_name: bool,
    #[setting(min = 1, max = 500, default = 20)]
    seats: u32,
    #[setting(default = -3)]
    offset: i64,
    small: Option<i8>,
    share: Option<f64>,
    #[setting(variables("library", "hours-today"))]
    welcome: Option<Localized>,
    #[setting(default = ["a", "b"], max_length = 3)]
    words: Vec<String>,
    #[setting(default)]
    labels: BTreeMap<String, u8>,
    #[setting(default = "twice-a-week", title = "How often?")]
    rhythm: Rhythm,
    inner: Option<Inner>,
}

#[derive(Debug, PartialEq, Settings)]
enum Rhythm {
    Daily,
    TwiceAWeek,
}

#[derive(Settings)]
struct Inner {
    r#type: String,
}

#[callslip::flow(name = "everything")]
async fn everything(talk: Talk, settings: Everything) -> Outcome {
    talk.say(format!(
        "{} {} {} {} {:?} {:?}",
        settings.seats,
        settings.offset,
        settings.ask_name,
        settings.words.join("+"),
        settings.rhythm,
        settings.share,
    ));
    talk.finish()
}

fn schema() -> Value {
    serde_json::from_str(everything::MANIFEST.settings_schema).unwrap()
}

#[test]
fn the_schema_says_all_that_was_declared() {
    let expect = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "list": {
                "type": "string", "minLength": 2, "maxLength": 5, "title": "List",
                "description": "The list that the \"patron\" joins, on two lines.\nAnd a second paragraph.",
                "examples": ["teens"],
            },
            "ask-name": { "type": "boolean", "title": "Ask name", "default": true },
            "seats": {
                "type": "integer", "minimum": 1, "maximum": 500, "title": "Seats", "default": 20,
            },
            "offset": { "type": "integer", "title": "Offset", "default": -3 },
            "small": { "type": "integer", "minimum": -128, "maximum": 127, "title": "Small" },
            "share": { "type": "number", "title": "Share" },
            "welcome": {
                "anyOf": [
                    { "type": "string", "pattern": "^([^{}]|\\{(library|hours-today)\\})*$" },
                    {
                        "type": "object", "minProperties": 1,
                        "additionalProperties": {
                            "type": "string", "pattern": "^([^{}]|\\{(library|hours-today)\\})*$",
                        },
                    },
                ],
                "title": "Welcome",
            },
            "words": {
                "type": "array", "items": { "type": "string", "maxLength": 3 },
                "title": "Words", "default": ["a", "b"],
            },
            "labels": {
                "type": "object",
                "additionalProperties": { "type": "integer", "minimum": 0, "maximum": 255 },
                "title": "Labels",
            },
            "rhythm": {
                "type": "string", "enum": ["daily", "twice-a-week"],
                "title": "How often?", "default": "twice-a-week",
            },
            "inner": {
                "type": "object", "properties": { "type": { "type": "string", "title": "Type" } },
                "required": ["type"], "additionalProperties": false, "title": "Inner",
            },
        },
        "required": ["list"],
        "additionalProperties": false,
    });
    assert_eq!(schema(), expect);
    jsonschema::meta::validate(&expect).unwrap();
}

#[test]
fn the_manifest_says_who_it_is() {
    let manifest = everything::MANIFEST;
    assert_eq!(
        (manifest.name, manifest.version),
        ("everything", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(manifest.summary, env!("CARGO_PKG_DESCRIPTION"));
}

#[test]
fn what_is_not_set_has_its_default() {
    let mut phone = Phone::new::<everything>().settings("list = 'teens'\nshare = 0.5");
    phone.text("everything");
    phone.expect("20 -3 true a+b TwiceAWeek Some(0.5)");
}

#[test]
#[should_panic(expected = "settings.colour: there is no such setting
settings.seats: should be at most 500
settings.welcome.es: {hour} is not a variable; there are {library}, {hours-today}
settings.list: must be set")]
fn the_kit_names_all_that_an_admin_could_not_write() {
    let _ = Phone::new::<everything>()
        .settings("seats = 501\ncolour = 'red'\nwelcome = { es = '{hour}' }");
}

/// Values around the edges of every kind of field.
fn field() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z{}]{0,7}".prop_map(Value::from),
        Just(json!("{library}!")),
        Just(json!("daily")),
        any::<bool>().prop_map(Value::from),
        prop_oneof![
            Just(0),
            Just(1),
            Just(500),
            Just(501),
            Just(-129),
            Just(300)
        ]
        .prop_map(|n: i64| json!(n)),
        Just(json!(0.5)),
        Just(json!(["a", "toolong"])),
        Just(json!({ "en": "{library}" })),
        Just(json!({ "a": 255 })),
        Just(json!({ "type": "x" })),
        Just(json!({})),
        Just(Value::Null),
    ]
}

fn settings() -> impl Strategy<Value = Value> {
    let names = proptest::sample::select(vec![
        "list", "ask-name", "seats", "offset", "small", "share", "welcome", "words", "labels",
        "rhythm", "inner", "colour",
    ]);
    proptest::collection::btree_map(names, field(), 0..4).prop_map(|fields| {
        let mut all = json!({ "list": "teens" });
        for (name, value) in fields {
            all[name] = value;
        }
        all
    })
}

proptest! {
    /// The host checks with a validator, the kit with its own code, and the flow then reads: what
    /// the first takes the second takes too, and the third can read it.
    #[test]
    fn what_the_host_accepts_the_flow_can_read(value in settings()) {
        let valid = jsonschema::validator_for(&schema()).unwrap().is_valid(&value);
        let text = value.to_string();
        let kit = std::panic::catch_unwind(|| drop(Phone::new::<everything>().settings(&text)));
        prop_assert_eq!(valid, kit.is_ok(), "{}", text);
        if valid {
            prop_assert!(Everything::read(&Json::parse(&text).unwrap()).is_ok(), "{}", text);
        }
    }
}
