//! Why a web request from a gateway was refused: the status to answer, and words for the log.
//!
//! No variant carries what the request held, so that no number and no text reaches a log line or
//! an error page by this way (invariant 11).

use std::fmt;

use http::StatusCode;

/// One variant for each answer that a gateway can get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("signature refused: {0}")]
    BadSignature(Doubt),
    #[error("request cannot be read: {0}")]
    Unparsable(Flaw),
    /// Signed well, but by or for somebody else (g1).
    #[error("not this gateway's: {0}")]
    NotOurs(Stranger),
    #[error("request is larger than any text: check what calls this address")]
    TooLarge,
    #[error("content type is not the one this gateway sends")]
    WrongType,
    /// Acknowledged all the same: it would only be brought again.
    #[error("there are no words in it, only data")]
    NotAText,
    #[error("method is not the one this gateway uses: choose HTTP POST in its console")]
    WrongMethod,
    /// Of no use to us; the gateway need not repeat it.
    #[error("it tells of something that this address is not for; look at the addresses set there")]
    Unasked,
}

impl Rejection {
    pub fn status(self) -> StatusCode {
        match self {
            Rejection::BadSignature(_) | Rejection::NotOurs(_) => StatusCode::FORBIDDEN,
            Rejection::Unparsable(_) => StatusCode::BAD_REQUEST,
            Rejection::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Rejection::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Rejection::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Rejection::NotAText => StatusCode::OK,
            Rejection::Unasked => StatusCode::OK,
        }
    }

    /// A name for counting, such as `bad-signature`.
    pub fn label(self) -> &'static str {
        match self {
            Rejection::BadSignature(_) => "bad-signature",
            Rejection::Unparsable(_) => "unparsable",
            Rejection::NotOurs(_) => "not-ours",
            Rejection::TooLarge => "too-large",
            Rejection::WrongType => "wrong-type",
            Rejection::WrongMethod => "wrong-method",
            Rejection::NotAText => "not-a-text",
            Rejection::Unasked => "unasked",
        }
    }
}

/// What is wrong with a signature, and where an admin would look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    Missing,
    Repeated,
    UnknownAlgorithm,
    Mismatch,
    BodyHash,
    /// Signed too long ago, or in the future.
    Stale,
    /// A secret came, and it is another one.
    Secret,
    /// From elsewhere than the gateway calls from.
    Address,
    /// By a proxy, so that nobody knows from where.
    Forwarded,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doubt::Missing => "there is none; only the gateway itself may call this address",
            Doubt::Repeated => "there is more than one",
            Doubt::UnknownAlgorithm => "it is made with an algorithm that is not known here",
            Doubt::Mismatch => {
                "it does not fit; compare the token or key with the one in the gateway's console, \
                 and public-url with the address that is set there"
            }
            Doubt::BodyHash => "the body is not the one that was signed; does a proxy rewrite it?",
            Doubt::Stale => {
                "it was made too long ago, or in the future; is this machine's clock right?"
            }
            Doubt::Secret => {
                "the secret that came with it is another one; compare it with the one that the \
                 gateway was given"
            }
            Doubt::Address => {
                "it comes from an address that is not among this gateway's `addresses`"
            }
            Doubt::Forwarded => {
                "a proxy has passed it on, so `addresses` cannot tell who called; use a secret"
            }
        })
    }
}

/// What is wrong with a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    Escape,
    Utf8,
    Json,
    TooManyFields,
    Missing(&'static str),
    /// The field stands there twice with different values.
    Ambiguous(&'static str),
    Malformed(&'static str),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Escape => f.write_str("broken percent escape"),
            Flaw::Utf8 => f.write_str("not UTF-8"),
            Flaw::Json => f.write_str("not JSON, or not of this gateway's form"),
            Flaw::TooManyFields => f.write_str("too many fields"),
            Flaw::Missing(field) => write!(f, "{field} is missing"),
            Flaw::Ambiguous(field) => write!(f, "{field} is there twice with different values"),
            Flaw::Malformed(field) => write!(f, "{field} is malformed"),
        }
    }
}

impl From<Flaw> for Rejection {
    fn from(flaw: Flaw) -> Self {
        Rejection::Unparsable(flaw)
    }
}

/// Whose it is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    Account,
    Number,
    /// This gateway takes nothing from outside.
    Webhook,
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stranger::Account => "the account is another one than the configured one",
            Stranger::Number => "no [[number]] names this gateway for the number it is about",
            Stranger::Webhook => "it takes no webhooks",
        })
    }
}
