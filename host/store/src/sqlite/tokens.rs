//! How values of the domain stand in columns: enumerations as words, structures as JSON.

use callslip_core::inbound::{ConsentWord, Namespace};
use callslip_core::snapshot::{Consent, Outcome, SenderKind, SessionState, Via};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::MessageState;

pub(super) trait Token: Copy + 'static {
    fn token(self) -> &'static str;
    fn from_token(token: &str) -> Option<Self>;
}

macro_rules! tokens {
    ($($type:ident { $($variant:ident = $token:literal),* $(,)? })*) => {$(
        impl Token for $type {
            fn token(self) -> &'static str {
                match self { $($type::$variant => $token),* }
            }
            fn from_token(token: &str) -> Option<Self> {
                match token { $($token => Some($type::$variant),)* _ => None }
            }
        }
    )*};
}

tokens! {
    Namespace { Real = "real", Simulator = "simulator" }
    ConsentWord { Stop = "stop", Start = "start", Help = "help" }
    Consent { In = "in", Out = "out", Unknown = "unknown" }
    SenderKind { Phone = "phone", ShortCode = "short-code", Alphanumeric = "alphanumeric" }
    Outcome { Answered = "answered", Ticketed = "ticketed", Silent = "silent" }
    SessionState { Open = "open", Suspended = "suspended" }
    Via { Inline = "inline", Outbox = "outbox" }
    MessageState {
        Offered = "offered", Handed = "handed", Queued = "queued", Leased = "leased",
        Sent = "sent", Delivered = "delivered", Failed = "failed", Unclear = "unclear",
        Cancelled = "cancelled",
    }
}

/// One word in a column.
pub(super) struct Word<T>(pub(super) T);

impl<T: Token> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.token()))
    }
}

impl<T: Token> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        T::from_token(value.as_str()?)
            .map(Word)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// A structure in a text column.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(ToSqlOutput::from)
            .map_err(|cause| rusqlite::Error::ToSqlConversionFailure(cause.into()))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Json)
            .map_err(FromSqlError::other)
    }
}
