//! A request's or an answer's body, and what stands where in it.

use callslip_core::config::http::Shape;
use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::form::Form;
use crate::port::WebRequest;
use crate::rejection::{Flaw, Rejection};

pub(super) enum Body {
    Form(Form),
    Json(Value),
}

impl Body {
    /// The form of a GET stands in its address.
    pub(super) fn read(request: &WebRequest, shape: Shape) -> Result<Self, Rejection> {
        if request.method == Method::GET {
            return match shape {
                Shape::Form => Ok(Body::Form(Form::parse(request.query().as_bytes())?)),
                Shape::Json => Err(Rejection::WrongMethod),
            };
        }
        let wanted = match shape {
            Shape::Form => "form",
            Shape::Json => "json",
        };
        let kind = request.headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default();
        // `application/problem+json` and `text/json` are JSON too.
        if !essence.is_empty() && !essence.to_ascii_lowercase().contains(wanted) {
            return Err(Rejection::WrongType);
        }
        Ok(match shape {
            Shape::Form => Body::Form(Form::parse(&request.body)?),
            Shape::Json => Body::Json(json(&request.body)?),
        })
    }

    /// None: it is not there, is null or says nothing. `name` is ours, for what is said of it.
    pub(super) fn field(&self, place: &str, name: &'static str) -> Result<Option<String>, Flaw> {
        let value = match self {
            Body::Form(form) => {
                let mut values = form.fields().filter(|(field, _)| *field == place);
                let first = values.next().map(|(_, value)| value);
                if values.any(|(_, value)| Some(value) != first) {
                    return Err(Flaw::Ambiguous(name));
                }
                first.map(str::to_owned)
            }
            Body::Json(json) => match json.pointer(place) {
                None | Some(Value::Null) => None,
                Some(value) => Some(plain(value).ok_or(Flaw::Malformed(name))?),
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    pub(super) fn needed(&self, place: &str, name: &'static str) -> Result<String, Flaw> {
        self.field(place, name)?.ok_or(Flaw::Missing(name))
    }
}

fn json(body: &[u8]) -> Result<Value, Flaw> {
    // One that is no UTF-8 is no JSON either, and the more exact word helps.
    let text = std::str::from_utf8(body).map_err(|_| Flaw::Utf8)?;
    serde_json::from_str(text).map_err(|_| Flaw::Json)
}

/// Some write ids and numbers without quotes.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
