//! An HTML form's body, read strictly: what cannot be decoded without guessing is refused.
//!
//! Keeps order and repeats, because a signature is made over all of it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::rejection::Flaw;

/// Twilio sends about twenty fields with a text and two more for each of ten media.
const FIELDS_MAX: usize = 200;

/// What a form leaves as it is (WHATWG URL standard, "application/x-www-form-urlencoded").
pub(crate) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

#[derive(Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
}

/// Names and values with their escapes undone, which need not be UTF-8.
pub(crate) type Bytes = Vec<(Vec<u8>, Vec<u8>)>;

pub(crate) fn split(body: &[u8]) -> Result<Bytes, Flaw> {
    let mut fields = Vec::new();
    for pair in body.split(|byte| *byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        if fields.len() == FIELDS_MAX {
            return Err(Flaw::TooManyFields);
        }
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[..0]),
        };
        fields.push((unescape(name)?, unescape(value)?));
    }
    Ok(fields)
}

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Flaw> {
        let text = |bytes| String::from_utf8(bytes).map_err(|_| Flaw::Utf8);
        let fields = split(body)?
            .into_iter()
            .map(|(name, value)| Ok((text(name)?, text(value)?)));
        Ok(Self {
            fields: fields.collect::<Result<_, Flaw>>()?,
        })
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The field's value; an error if it has two.
    pub(crate) fn one(&self, name: &'static str) -> Result<Option<&str>, Flaw> {
        let mut values = self.fields().filter(|(n, _)| *n == name).map(|(_, v)| v);
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(Flaw::Ambiguous(name));
        }
        Ok(first)
    }

    /// The field's value; an error if it is missing or empty.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Flaw> {
        match self.one(name)? {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(Flaw::Missing(name)),
        }
    }

    /// The first value of a field whose name is made up, such as `MediaUrl3`.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.fields().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

pub(crate) fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        body.extend(utf8_percent_encode(name, ESCAPED));
        body.push('=');
        body.extend(utf8_percent_encode(value, ESCAPED));
    }
    body
}

fn unescape(escaped: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex_digit).ok_or(Flaw::Escape)?;
                let low = rest.next().and_then(hex_digit).ok_or(Flaw::Escape)?;
                high << 4 | low
            }
            other => *other,
        });
    }
    Ok(bytes)
}

fn hex_digit(byte: &u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flaw(body: &[u8]) -> Option<Flaw> {
        Form::parse(body).err()
    }

    #[test]
    fn what_needs_guessing_is_refused() {
        assert_eq!(flaw(b"a=%4"), Some(Flaw::Escape));
        assert_eq!(flaw(b"a=%zz"), Some(Flaw::Escape));
        assert_eq!(flaw(b"a=%"), Some(Flaw::Escape));
        assert_eq!(flaw(b"a=%+1"), Some(Flaw::Escape));
        assert_eq!(flaw(b"a=%C3"), Some(Flaw::Utf8));
        assert_eq!(flaw(b"a=\xff"), Some(Flaw::Utf8));
        assert_eq!(flaw(&b"a&".repeat(200)), None);
        assert_eq!(flaw(&b"a&".repeat(201)), Some(Flaw::TooManyFields));
    }

    #[test]
    fn a_field_has_one_value_however_often_it_stands_there() {
        let form = Form::parse(b"same=1&same=1&two=1&two=2&empty=&bare").unwrap();
        assert_eq!(form.required("same"), Ok("1"));
        assert_eq!(form.one("two"), Err(Flaw::Ambiguous("two")));
        assert_eq!(form.one("empty"), Ok(Some("")));
        assert_eq!(form.one("bare"), Ok(Some("")));
        assert_eq!(form.required("empty"), Err(Flaw::Missing("empty")));
        assert_eq!(form.one("none"), Ok(None));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(fields in prop::collection::vec((".{1,9}", ".*"), 0..9)) {
            let pairs: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let form = Form::parse(encode(pairs.clone()).as_bytes()).unwrap();
            prop_assert_eq!(form.fields().collect::<Vec<_>>(), pairs);
        }
    }
}
