//! What a flow may reach. A capability is one name in four places: `sdk/wit`, the SDK, the
//! runtime's host functions and here, with the sentence that an admin reads.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    Storage,
    Lists,
    Profile,
    ContactCard,
    Log,
}

impl Capability {
    pub const ALL: [Capability; 5] = [
        Capability::Storage,
        Capability::Lists,
        Capability::Profile,
        Capability::ContactCard,
        Capability::Log,
    ];

    /// The name in the config and of the WIT interface.
    pub fn name(self) -> &'static str {
        match self {
            Capability::Storage => "storage",
            Capability::Lists => "lists",
            Capability::Profile => "profile",
            Capability::ContactCard => "contact-card",
            Capability::Log => "log",
        }
    }

    pub fn from_name(name: &str) -> Option<Capability> {
        Self::ALL
            .into_iter()
            .find(|capability| capability.name() == name)
    }

    /// What an admin agrees to.
    pub fn sentence(self) -> &'static str {
        match self {
            Capability::Storage => "may remember things for this keyword",
            Capability::Lists => "may add patrons to the library's lists and take them off",
            Capability::Profile => "may read and change what patrons told about themselves",
            Capability::ContactCard => "may send the library's contact card",
            Capability::Log => "may write notes for its author",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one keyword's flow may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    pub capabilities: BTreeSet<Capability>,
    /// `{ profile = ["name"] }` narrows to these fields; `"profile"` alone is none of them.
    pub profile_fields: BTreeSet<String>,
}

impl Grants {
    pub fn allows(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}
