//! The shape of settings, and its JSON Schema written while the flow is compiled.
//!
//! A component carries the finished text and no generator. The derive makes the values here; a
//! flow's author meets them only when implementing [`Settings`](super::Settings) by hand.

/// The shape of a value.
#[derive(Clone, Copy, Debug)]
pub enum Schema {
    /// A text.
    Text,
    /// A text, or a table of texts by language.
    Localized,
    /// True or false.
    Bool,
    /// A whole number.
    Integer {
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// Any number.
    Number,
    /// A list of these.
    List(&'static Schema),
    /// A table of these by name.
    Map(&'static Schema),
    /// One of these words; as JSON strings.
    Choice(&'static [&'static str]),
    /// These fields and no other.
    Table(&'static [Field]),
}

/// A field of a table. All texts but the name are JSON already.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// As the admin writes it.
    pub name: &'static str,
    /// What it holds.
    pub schema: Schema,
    /// Whether it must be there.
    pub required: bool,
    /// A JSON string; empty for none.
    pub title: &'static str,
    /// A JSON string; empty for none.
    pub description: &'static str,
    /// A JSON value; empty for none.
    pub default: &'static str,
    /// A JSON value; empty for none.
    pub example: &'static str,
    /// What narrows the value.
    pub limits: Limits,
}

/// What narrows a text or a number; in a list or a map, each of its values.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Least number; a JSON number, empty for none.
    pub min: &'static str,
    /// Greatest number; a JSON number, empty for none.
    pub max: &'static str,
    /// Least characters; a JSON number, empty for none.
    pub min_length: &'static str,
    /// Most characters; a JSON number, empty for none.
    pub max_length: &'static str,
    /// What may stand between braces, when not anything may.
    pub variables: &'static [&'static str],
}

impl Limits {
    /// No limits.
    pub const NONE: Limits = Limits {
        min: "",
        max: "",
        min_length: "",
        max_length: "",
        variables: &[],
    };
}

/// Bytes of the schema's text.
#[doc(hidden)]
pub const fn length(schema: &Schema) -> usize {
    root(
        Writer {
            out: &mut [],
            at: 0,
        },
        schema,
    )
    .at
}

/// The schema's text. `N` is its [`length`].
#[doc(hidden)]
pub const fn text<const N: usize>(schema: &Schema) -> [u8; N] {
    let mut out = [0; N];
    root(
        Writer {
            out: &mut out,
            at: 0,
        },
        schema,
    );
    out
}

/// Counts, and writes as long as there is room.
struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
}

const fn root<'a>(w: Writer<'a>, schema: &Schema) -> Writer<'a> {
    let w = put(
        w,
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",",
    );
    put(members(w, schema, &Limits::NONE), "}")
}

const fn value<'a>(w: Writer<'a>, schema: &Schema, limits: &Limits) -> Writer<'a> {
    put(members(put(w, "{"), schema, limits), "}")
}

const fn members<'a>(w: Writer<'a>, schema: &Schema, limits: &Limits) -> Writer<'a> {
    match schema {
        Schema::Text => text_members(w, limits),
        Schema::Localized => {
            let w = text_members(put(w, "\"anyOf\":[{"), limits);
            let w = put(
                w,
                "},{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":{",
            );
            put(text_members(w, limits), "}}]")
        }
        Schema::Bool => put(w, "\"type\":\"boolean\""),
        Schema::Integer { min, max } => {
            let mut w = put(w, "\"type\":\"integer\"");
            if !limits.min.is_empty() {
                w = member(w, "minimum", limits.min);
            } else if *min != i64::MIN {
                w = number(put(w, ",\"minimum\":"), *min);
            }
            if !limits.max.is_empty() {
                w = member(w, "maximum", limits.max);
            } else if *max != i64::MAX {
                w = number(put(w, ",\"maximum\":"), *max);
            }
            w
        }
        Schema::Number => {
            let w = member(put(w, "\"type\":\"number\""), "minimum", limits.min);
            member(w, "maximum", limits.max)
        }
        Schema::List(items) => value(put(w, "\"type\":\"array\",\"items\":"), items, limits),
        Schema::Map(values) => value(
            put(w, "\"type\":\"object\",\"additionalProperties\":"),
            values,
            limits,
        ),
        Schema::Choice(words) => {
            let mut w = put(w, "\"type\":\"string\",\"enum\":[");
            let mut at = 0;
            while at < words.len() {
                w = put(w, if at == 0 { "" } else { "," });
                w = put(w, words[at]);
                at += 1;
            }
            put(w, "]")
        }
        Schema::Table(fields) => table(w, fields),
    }
}

const fn text_members<'a>(w: Writer<'a>, limits: &Limits) -> Writer<'a> {
    let w = member(
        put(w, "\"type\":\"string\""),
        "minLength",
        limits.min_length,
    );
    let mut w = member(w, "maxLength", limits.max_length);
    if !limits.variables.is_empty() {
        w = put(w, ",\"pattern\":\"^([^{}]|\\\\{(");
        let mut at = 0;
        while at < limits.variables.len() {
            w = put(w, if at == 0 { "" } else { "|" });
            w = put(w, limits.variables[at]);
            at += 1;
        }
        w = put(w, ")\\\\})*$\"");
    }
    w
}

const fn table<'a>(w: Writer<'a>, fields: &[Field]) -> Writer<'a> {
    let mut w = put(w, "\"type\":\"object\",\"properties\":{");
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        w = put(w, if at == 0 { "\"" } else { ",\"" });
        w = put(put(w, field.name), "\":{");
        w = members(w, &field.schema, &field.limits);
        w = member(w, "title", field.title);
        w = member(w, "description", field.description);
        w = member(w, "default", field.default);
        if !field.example.is_empty() {
            w = put(put(put(w, ",\"examples\":["), field.example), "]");
        }
        w = put(w, "}");
        at += 1;
    }
    w = put(w, "},\"required\":[");
    let mut first = true;
    at = 0;
    while at < fields.len() {
        if fields[at].required {
            w = put(w, if first { "\"" } else { ",\"" });
            w = put(put(w, fields[at].name), "\"");
            first = false;
        }
        at += 1;
    }
    put(w, "],\"additionalProperties\":false")
}

/// A member behind others, unless its value is empty.
const fn member<'a>(w: Writer<'a>, name: &str, value: &str) -> Writer<'a> {
    if value.is_empty() {
        return w;
    }
    put(put(put(put(w, ",\""), name), "\":"), value)
}

const fn number(mut w: Writer<'_>, value: i64) -> Writer<'_> {
    if value < 0 {
        w = put(w, "-");
    }
    let value = value.unsigned_abs();
    let mut unit = 1;
    while value / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        w = byte(w, b'0' + (value / unit % 10) as u8);
        unit /= 10;
    }
    w
}

const fn put<'a>(mut w: Writer<'a>, text: &str) -> Writer<'a> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        w = byte(w, bytes[at]);
        at += 1;
    }
    w
}

const fn byte(w: Writer<'_>, byte: u8) -> Writer<'_> {
    if w.at < w.out.len() {
        w.out[w.at] = byte;
    }
    Writer {
        out: w.out,
        at: w.at + 1,
    }
}
