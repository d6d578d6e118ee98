//! What an admin may set on a keyword: typed in the flow, a JSON Schema for everyone else.
//!
//! `#[derive(Settings)]` implements [`Settings`] for structs and for enums without fields. The
//! schema is text before the program runs; see `schema`. The host has checked the settings
//! against it before a flow sees them, so reading is brief about what does not fit.

pub mod schema;

use std::collections::BTreeMap;
use std::fmt;

use crate::json::Json;
use schema::Schema;

/// What can stand in a keyword's settings.
///
/// Derive it for a struct whose fields are `String`, [`Localized`](crate::Localized), `bool`,
/// whole numbers, `f64`, `Option`, `Vec`, `BTreeMap<String, _>` or types that derive it
/// themselves. In the config names are written with hyphens: `ask_name` is `ask-name`. A doc
/// comment is what the admin reads beside the field.
///
/// ```
/// # use callslip::prelude::*;
/// #[derive(Settings)]
/// struct Signup {
///     /// The list that the patron joins.
///     #[setting(example = "teens")]
///     list: String,
///     /// Ask for a name first.
///     #[setting(default = true)]
///     ask_name: bool,
///     /// Most people on the list.
///     #[setting(min = 1, max = 500)]
///     seats: Option<u32>,
/// }
/// ```
///
/// Written in `#[setting(..)]`: `default` (a value, or alone for the type's own), `example`,
/// `min`, `max`, `min_length`, `max_length`, `variables("library", ..)` for a text in which only
/// these may stand between braces, and `title`. A field that is not an `Option` and has no
/// default must be set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in settings",
    note = "use String, Localized, bool, a whole number, f64, Option, Vec, BTreeMap<String, _>, \
            or a struct or plain enum with #[derive(Settings)]"
)]
pub trait Settings: Sized {
    /// Its shape.
    const SCHEMA: Schema;

    /// Reads it.
    fn read(value: &Json) -> Result<Self, Misfit>;

    /// What it is when nothing was set; none when something must be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Settings that a flow cannot work with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where, outermost name first: `welcome.es`.
    pub place: String,
    /// What should stand there.
    pub wanted: &'static str,
}

impl Misfit {
    /// A value that should have been something else.
    pub fn wanted(wanted: &'static str) -> Misfit {
        Misfit {
            place: String::new(),
            wanted,
        }
    }

    /// The same, seen from what holds `name`.
    pub fn inside(mut self, name: &str) -> Misfit {
        if !self.place.is_empty() {
            self.place.insert(0, '.');
        }
        self.place.insert_str(0, name);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings: ")?;
        if !self.place.is_empty() {
            f.write_str(&self.place)?;
            f.write_str(" ")?;
        }
        f.write_str("should be ")?;
        f.write_str(self.wanted)
    }
}

impl std::error::Error for Misfit {}

/// Reads one field for the derive.
#[doc(hidden)]
pub fn field<T: Settings>(
    table: &Json,
    name: &'static str,
    default: Option<&'static str>,
) -> Result<T, Misfit> {
    let read = |value: &Json| T::read(value).map_err(|misfit| misfit.inside(name));
    match (table.get(name), default) {
        (Some(value), _) => read(value),
        (None, Some(default)) => read(&Json::parse(default).unwrap_or(Json::Null)),
        (None, None) => T::absent().ok_or_else(|| Misfit::wanted("set").inside(name)),
    }
}

impl Settings for String {
    const SCHEMA: Schema = Schema::Text;

    fn read(value: &Json) -> Result<Self, Misfit> {
        value
            .text()
            .map(str::to_owned)
            .ok_or_else(|| Misfit::wanted("a text"))
    }
}

impl Settings for bool {
    const SCHEMA: Schema = Schema::Bool;

    fn read(value: &Json) -> Result<Self, Misfit> {
        match value {
            Json::Bool(value) => Ok(*value),
            _ => Err(Misfit::wanted("true or false")),
        }
    }
}

macro_rules! whole_numbers {
    ($($type:ty)*) => {$(
        impl Settings for $type {
            const SCHEMA: Schema = Schema::Integer {
                // Beyond these a number in JSON or TOML is not exact anyway.
                min: if <$type>::MIN as i128 <= i64::MIN as i128 { i64::MIN } else { <$type>::MIN as i64 },
                max: if <$type>::MAX as i128 >= i64::MAX as i128 { i64::MAX } else { <$type>::MAX as i64 },
            };

            fn read(value: &Json) -> Result<Self, Misfit> {
                let number = value.integer().and_then(|number| number.try_into().ok());
                number.ok_or_else(|| Misfit::wanted("a whole number in range"))
            }
        }
    )*};
}

whole_numbers! { u8 u16 u32 u64 usize i8 i16 i32 i64 }

impl Settings for f64 {
    const SCHEMA: Schema = Schema::Number;

    fn read(value: &Json) -> Result<Self, Misfit> {
        match value {
            Json::Number(number) => number.parse().ok(),
            _ => None,
        }
        .ok_or_else(|| Misfit::wanted("a number"))
    }
}

impl<T: Settings> Settings for Option<T> {
    const SCHEMA: Schema = T::SCHEMA;

    fn read(value: &Json) -> Result<Self, Misfit> {
        T::read(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Settings> Settings for Vec<T> {
    const SCHEMA: Schema = Schema::List(&T::SCHEMA);

    fn read(value: &Json) -> Result<Self, Misfit> {
        value
            .items()
            .ok_or_else(|| Misfit::wanted("a list"))?
            .iter()
            .map(T::read)
            .collect()
    }
}

impl<T: Settings> Settings for BTreeMap<String, T> {
    const SCHEMA: Schema = Schema::Map(&T::SCHEMA);

    fn read(value: &Json) -> Result<Self, Misfit> {
        let Json::Table(members) = value else {
            return Err(Misfit::wanted("a table"));
        };
        let read = |(name, value): &(String, Json)| {
            let value = T::read(value).map_err(|misfit| misfit.inside(name))?;
            Ok((name.clone(), value))
        };
        members.iter().map(read).collect()
    }
}

/// A flow without settings.
impl Settings for () {
    const SCHEMA: Schema = Schema::Table(&[]);

    fn read(_: &Json) -> Result<Self, Misfit> {
        Ok(())
    }
}
