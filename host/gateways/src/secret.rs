//! A token that signs or opens something. It prints as nothing, so that no log keeps it.

use std::fmt;

#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    pub fn new(secret: &str) -> Self {
        Self(secret.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
