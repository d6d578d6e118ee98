//! `profile`: the patron's own answers, kept for this library and granted field by field.

use callslip_core::flow::{Read, Write};

use crate::abi::interfaces::profile::Host;
use crate::view::{Stop, Subject, View, invalid, limit, not_granted};

/// The one field that the host itself acts on.
const LANGUAGE: &str = "language";

/// A name, a home branch, a reading level: a line, not a document.
const VALUE_BYTES_MAX: usize = 1_024;

impl Host for View {
    fn get(&mut self, field: String) -> Result<Option<String>, Stop> {
        self.check_field(&field)?;
        if let Some(value) = self.fields.get(&field) {
            return Ok(Some(value.clone()));
        }
        self.read(
            Subject::Field(field.clone()),
            |data| data.profile(&field),
            |value| Read::Profile {
                field: field.clone(),
                value: value.clone(),
            },
        )
    }

    fn set(&mut self, field: String, value: String) -> Result<(), Stop> {
        self.check_field(&field)?;
        if value.len() > VALUE_BYTES_MAX {
            return Err(limit(format!(
                "a profile's field has {VALUE_BYTES_MAX} bytes at most"
            )));
        }
        if field == LANGUAGE && !self.ask(|data| data.languages().contains(&value))? {
            return Err(invalid("the library does not have this language".into()));
        }
        self.write(Write::Profile { field, value })
    }
}

impl View {
    fn check_field(&self, field: &str) -> Result<(), Stop> {
        self.check_name("profile field", field)?;
        if self.grants.profile_fields.contains(field) {
            return Ok(());
        }
        Err(not_granted(format!(
            "the profile field \"{field}\" is not granted; the keyword's grants would say \
             {{ profile = [\"{field}\"] }}"
        )))
    }
}
