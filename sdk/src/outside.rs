//! What has an answer outside the house: why there is none, and how both are recorded.

use std::fmt::{self, Write};

use crate::journal::Recorded;
use crate::json::{Json, write_text};
use crate::outcome::{Refusal, Stop};

/// Why something outside gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Not granted, a limit was reached, or it cannot be asked in this way.
    Refused(Refusal),
    /// Nobody is there, or nothing came in time.
    Unreachable(String),
    /// The answer is longer than the host takes.
    TooLong,
    /// It is no answer of that kind.
    Unreadable(String),
    /// It was asked, and whether it was done is not known: look before asking again.
    Unclear,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Unreachable(why) => write!(f, "no answer: {why}"),
            Failure::TooLong => f.write_str("the answer is too long"),
            Failure::Unreadable(why) => write!(f, "the answer makes no sense: {why}"),
            Failure::Unclear => f.write_str("whether it was done is not known"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        match failure {
            Failure::Refused(refusal) => Stop::Refused(refusal),
            other => Stop::Failed(other.to_string()),
        }
    }
}

impl<T: Recorded> Recorded for Result<T, Failure> {
    fn write(&self, out: &mut String) {
        let (kind, why) = match self {
            Ok(value) => return value.write(out),
            Err(Failure::Refused(refusal)) => {
                return Err::<T, Refusal>(refusal.clone()).write(out);
            }
            Err(Failure::Unreachable(why)) => ("unreachable", why.as_str()),
            Err(Failure::TooLong) => ("too-long", ""),
            Err(Failure::Unreadable(why)) => ("unreadable", why.as_str()),
            Err(Failure::Unclear) => ("unclear", ""),
        };
        let _ = write!(out, "{{\"failed\":\"{kind}\",\"why\":");
        write_text(out, why);
        out.push('}');
    }

    fn read(got: &Json) -> Option<Result<T, Failure>> {
        let Some(kind) = got.get("failed") else {
            return Result::<T, Refusal>::read(got).map(|result| result.map_err(Failure::Refused));
        };
        let why = got.get("why")?.text()?.to_owned();
        Some(Err(match kind.text()? {
            "unreachable" => Failure::Unreachable(why),
            "too-long" => Failure::TooLong,
            "unreadable" => Failure::Unreadable(why),
            "unclear" => Failure::Unclear,
            _ => return None,
        }))
    }
}

#[cfg(target_arch = "wasm32")]
mod wire {
    use super::Failure;
    use crate::abi::callslip::plugin::outside;

    impl From<outside::Failure> for Failure {
        fn from(failure: outside::Failure) -> Failure {
            match failure {
                outside::Failure::Refused(refusal) => Failure::Refused(refusal.into()),
                outside::Failure::Unreachable(why) => Failure::Unreachable(why),
                outside::Failure::TooLong => Failure::TooLong,
                outside::Failure::Unreadable(why) => Failure::Unreadable(why),
                outside::Failure::Unclear => Failure::Unclear,
            }
        }
    }
}
