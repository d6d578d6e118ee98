//! The entries of a journal: what stands in them, and how steps are told apart.
//!
//! Knows texts and values, not the order in which they must come; that is the turn's.

use std::fmt::Write;

use crate::json::{Json, write_text};
use crate::outcome::Refusal;
use crate::time::Timestamp;
use crate::world::Media;

/// The host's limit on one field of an entry.
pub(super) const ENTRY_BYTES_MAX: usize = 4096;
/// What of a text is kept for a flow; longer ones, which carriers do not carry, are cut, so that
/// their entry always fits.
const TEXT_BYTES_MAX: usize = 3500;

/// What came in last: the text that began the conversation, or the newest answer.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) media: Vec<Media>,
}

/// A step's result that can be recorded.
pub(crate) trait Recorded: Sized {
    fn write(&self, out: &mut String);
    fn read(got: &Json) -> Option<Self>;
}

impl Heard {
    pub(super) fn fitting(text: String, at: Timestamp, mut media: Vec<Media>) -> Heard {
        let mut text = text;
        let mut bytes = 0;
        let end = text.char_indices().find_map(|(at, character)| {
            bytes += if character < ' ' {
                6
            } else {
                character.len_utf8() + 1
            };
            (bytes > TEXT_BYTES_MAX).then_some(at)
        });
        if let Some(end) = end {
            text.truncate(end);
        }
        loop {
            let heard = Heard {
                text: text.clone(),
                at,
                media,
            };
            let mut got = String::new();
            heard.write(&mut got);
            if got.len() <= ENTRY_BYTES_MAX || heard.media.is_empty() {
                return heard;
            }
            media = heard.media;
            media.pop();
        }
    }
}

impl Recorded for Heard {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "{{\"at\":{},\"text\":", self.at.0);
        write_text(out, &self.text);
        for (at, media) in self.media.iter().enumerate() {
            out.push_str(if at == 0 { ",\"media\":[" } else { "," });
            out.push('[');
            write_text(out, &media.url);
            out.push(',');
            write_text(out, &media.content_type);
            out.push(']');
        }
        out.push_str(if self.media.is_empty() { "}" } else { "]}" });
    }

    fn read(got: &Json) -> Option<Heard> {
        let media = got
            .get("media")
            .and_then(Json::items)
            .unwrap_or_default()
            .iter();
        let media = media.map(|pair| {
            let [url, content_type] = pair.items()? else {
                return None;
            };
            let (url, content_type) = (url.text()?.to_owned(), content_type.text()?.to_owned());
            Some(Media { url, content_type })
        });
        Some(Heard {
            text: got.get("text")?.text()?.to_owned(),
            at: Timestamp(u64::try_from(got.get("at")?.integer()?).ok()?),
            media: media.collect::<Option<_>>()?,
        })
    }
}

impl Recorded for () {
    fn write(&self, out: &mut String) {
        out.push_str("null");
    }

    fn read(got: &Json) -> Option<()> {
        matches!(got, Json::Null).then_some(())
    }
}

impl Recorded for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }

    fn read(got: &Json) -> Option<bool> {
        match got {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl Recorded for String {
    fn write(&self, out: &mut String) {
        write_text(out, self);
    }

    fn read(got: &Json) -> Option<String> {
        got.text().map(str::to_owned)
    }
}

impl Recorded for Option<String> {
    fn write(&self, out: &mut String) {
        match self {
            Some(text) => write_text(out, text),
            None => out.push_str("null"),
        }
    }

    fn read(got: &Json) -> Option<Option<String>> {
        match got {
            Json::Null => Some(None),
            other => other.text().map(|text| Some(text.to_owned())),
        }
    }
}

impl<T: Recorded> Recorded for Result<T, Refusal> {
    fn write(&self, out: &mut String) {
        let (kind, why) = match self {
            Ok(value) => return value.write(out),
            Err(Refusal::NotGranted(why)) => ("not-granted", why),
            Err(Refusal::Unknown(why)) => ("unknown", why),
            Err(Refusal::Limit(why)) => ("limit", why),
            Err(Refusal::Invalid(why)) => ("invalid", why),
        };
        let _ = write!(out, "{{\"refused\":\"{kind}\",\"why\":");
        write_text(out, why);
        out.push('}');
    }

    fn read(got: &Json) -> Option<Result<T, Refusal>> {
        let Some(kind) = got.get("refused") else {
            return T::read(got).map(Ok);
        };
        let why = got.get("why")?.text()?.to_owned();
        Some(Err(match kind.text()? {
            "not-granted" => Refusal::NotGranted(why),
            "unknown" => Refusal::Unknown(why),
            "limit" => Refusal::Limit(why),
            "invalid" => Refusal::Invalid(why),
            _ => return None,
        }))
    }
}

/// FNV-1a over what was asked for. It finds a flow that went astray, not a forger: the journal
/// is sealed by the host. The request itself may hold the patron's words and is not kept.
pub(crate) fn fingerprint(kind: &str, request: &[&str]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in request {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let mut out = String::with_capacity(16);
    for shift in (0..64).step_by(4).rev() {
        out.push(char::from_digit((hash >> shift) as u32 & 15, 16).unwrap_or('0'));
    }
    #[cfg(not(target_arch = "wasm32"))]
    crate::test::remember(&out, kind, request);
    let _ = kind;
    out
}

/// A step for the author: its kind and fingerprint, and natively, in tests, the request itself.
pub(super) fn describe(out: &mut String, kind: &str, asked: &str) {
    out.push_str(kind);
    #[cfg(not(target_arch = "wasm32"))]
    if let Some(request) = crate::test::recollect(asked) {
        let _ = write!(out, " {request}");
        return;
    }
    if !asked.is_empty() {
        out.push(' ');
        out.push_str(asked);
    }
}
