//! A plugin's manifest where it travels: JSON in a custom section of the component, written when
//! the plugin is built, so that the host knows a plugin without running any of it.

use callslip_core::flow::Manifest;
use wasm_encoder::{ComponentSection, CustomSection};

/// The section's name.
pub const SECTION: &str = "callslip:manifest";

const NAME_BYTES_MAX: usize = 64;
const VERSION_BYTES_MAX: usize = 64;
const SUMMARY_CHARACTERS_MAX: usize = 500;
const SCHEMA_BYTES_MAX: usize = 128 * 1024;
const RESERVED_ANSWERS_MAX: usize = 64;
const ANSWER_CHARACTERS_MAX: usize = 160;

/// The component's bytes with the manifest behind them.
pub(crate) fn append(mut component: Vec<u8>, manifest: &Manifest) -> anyhow::Result<Vec<u8>> {
    CustomSection {
        name: SECTION.into(),
        data: serde_json::to_vec(manifest)?.into(),
    }
    .append_to_component(&mut component);
    Ok(component)
}

/// Reads the section, or says what is wrong with it.
pub(crate) fn parse(section: &[u8]) -> Result<Manifest, String> {
    let manifest = serde_json::from_slice(section).map_err(|error| error.to_string())?;
    check(&manifest)?;
    Ok(manifest)
}

/// What it says is shown on pages and matched against config, so it is held to a form.
pub(crate) fn check(manifest: &Manifest) -> Result<(), String> {
    let Manifest {
        name,
        version,
        summary,
        settings_schema,
        reserved_answers,
    } = manifest;
    let of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(of_a_name) {
        return Err(format!(
            "the name is 1 to {NAME_BYTES_MAX} of a-z, 0-9 and -, not {name:.100?}"
        ));
    }
    let of_a_version = |c: char| c.is_ascii_alphanumeric() || "-.+".contains(c);
    if !version.starts_with(|c: char| c.is_ascii_digit())
        || version.len() > VERSION_BYTES_MAX
        || !version.chars().all(of_a_version)
    {
        return Err(format!(
            "the version is one like 1.2.0, not {version:.100?}"
        ));
    }
    if summary.chars().count() > SUMMARY_CHARACTERS_MAX || summary.chars().any(char::is_control) {
        return Err(format!(
            "the summary is one line of {SUMMARY_CHARACTERS_MAX} characters at most"
        ));
    }
    if settings_schema.len() > SCHEMA_BYTES_MAX {
        return Err(format!(
            "the settings' schema has {SCHEMA_BYTES_MAX} bytes at most"
        ));
    }
    match serde_json::from_str(settings_schema) {
        Ok(serde_json::Value::Object(_)) => {}
        Ok(_) => return Err("the settings' schema is no JSON object".into()),
        Err(error) => return Err(format!("the settings' schema is no JSON: {error}")),
    }
    let bad = |answer: &String| {
        answer.trim().is_empty()
            || answer.chars().count() > ANSWER_CHARACTERS_MAX
            || answer.chars().any(char::is_control)
    };
    if reserved_answers.len() > RESERVED_ANSWERS_MAX || reserved_answers.iter().any(bad) {
        return Err(format!(
            "reserved answers are {RESERVED_ANSWERS_MAX} at most, each one line of 1 to \
             {ANSWER_CHARACTERS_MAX} characters"
        ));
    }
    Ok(())
}
