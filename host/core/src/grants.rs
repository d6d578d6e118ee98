//! What a flow may reach. A capability is one name in four places: `sdk/wit`, the SDK, the
//! runtime's host functions and here, with the sentence that an admin reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::Secret;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    Storage,
    Lists,
    Profile,
    ContactCard,
    Log,
    Fetch,
    Calendar,
    Sip2,
    Sealed,
    Attempts,
    OwnNumber,
    Reminders,
}

impl Capability {
    pub const ALL: [Capability; 12] = [
        Capability::Storage,
        Capability::Lists,
        Capability::Profile,
        Capability::ContactCard,
        Capability::Log,
        Capability::Fetch,
        Capability::Calendar,
        Capability::Sip2,
        Capability::Sealed,
        Capability::Attempts,
        Capability::OwnNumber,
        Capability::Reminders,
    ];

    /// Whether it is granted place by place.
    pub fn is_for_places(self) -> bool {
        matches!(
            self,
            Capability::Fetch | Capability::Calendar | Capability::Sip2
        )
    }

    /// The name in the config and of the WIT interface.
    pub fn name(self) -> &'static str {
        match self {
            Capability::Storage => "storage",
            Capability::Lists => "lists",
            Capability::Profile => "profile",
            Capability::ContactCard => "contact-card",
            Capability::Log => "log",
            Capability::Fetch => "fetch",
            Capability::Calendar => "calendar",
            Capability::Sip2 => "sip2",
            Capability::Sealed => "sealed",
            Capability::Attempts => "attempts",
            Capability::OwnNumber => "own-number",
            Capability::Reminders => "reminders",
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
            Capability::Fetch => "may send what patrons type to the web addresses named here",
            Capability::Calendar => "may read calendars at the web addresses named here",
            Capability::Sip2 => "may act for patrons in the library system named here",
            Capability::Sealed => "may keep secrets of patrons, such as a card's number, sealed",
            Capability::Attempts => "may have wrong tries counted, so that nobody guesses a secret",
            Capability::OwnNumber => "may ask whether a number is the patron's own",
            Capability::Reminders => {
                "may text a patron once more at a moment that it chose, outside quiet hours"
            }
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
    /// Where those that are for places may go.
    places: BTreeMap<Capability, Vec<Place>>,
}

/// Somewhere outside the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `api.example.org`, with its port where that is not the usual one; in lower case.
    pub address: String,
    pub login: Option<Login>,
}

/// What the host says there and the flow never sees (c4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// A header with a secret.
    Header { name: String, secret: Secret },
    /// A name and a password, by the place's own protocol.
    User {
        name: String,
        password: Secret,
        /// What SIP2 calls a location code.
        location: Option<String>,
    },
}

impl Place {
    pub fn open(address: &str) -> Place {
        Place {
            address: address.to_lowercase(),
            login: None,
        }
    }
}

impl Grants {
    pub fn allows(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
    /// These, with nothing narrowed yet.
    pub fn of(capabilities: impl IntoIterator<Item = Capability>) -> Grants {
        Grants {
            capabilities: capabilities.into_iter().collect(),
            ..Grants::default()
        }
    }

    pub fn places(&self, capability: Capability) -> &[Place] {
        self.places.get(&capability).map_or(&[], Vec::as_slice)
    }

    pub fn allow(&mut self, capability: Capability, place: Place) {
        self.places.entry(capability).or_default().push(place);
    }

    /// What both grant; of a place, as the other has it.
    #[must_use]
    pub fn narrowed_to(&self, other: &Grants) -> Grants {
        let capabilities = self.capabilities.intersection(&other.capabilities);
        let fields = self.profile_fields.intersection(&other.profile_fields);
        let known = |capability: Capability, place: &Place| {
            let mut own = self.places(capability).iter();
            own.any(|own| own.address == place.address)
        };
        let places = other.places.iter().map(|(capability, places)| {
            let both = places.iter().filter(|place| known(*capability, place));
            (*capability, both.cloned().collect())
        });
        Grants {
            capabilities: capabilities.copied().collect(),
            profile_fields: fields.cloned().collect(),
            places: places.collect(),
        }
    }
}
