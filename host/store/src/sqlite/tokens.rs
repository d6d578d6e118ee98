//! How values of the domain stand in columns: enumerations as words, structures as JSON.

use callslip_core::alert::{Kind, Way};
use callslip_core::broadcast::State as BroadcastState;
use callslip_core::consent::Certainty;
use callslip_core::desk::{Channel, CloseReason, Place};
use callslip_core::due::Kind as DueKind;
use callslip_core::inbound::{ConsentWord, Namespace};
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{Consent, DecidedBy, Outcome, SenderKind, SessionState, Via};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use callslip_core::staff::Role;

use crate::MessageState;
use crate::desk::{Changed, What};
use crate::due::ReminderState;
use crate::pictures::PictureState;
use crate::tallies::Tally;

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
    Certainty { Sure = "sure", Likely = "likely" }
    DecidedBy {
        Words = "words", Gateway = "gateway", GatewayBlock = "gateway-block", Flow = "flow",
        Tenure = "tenure", Staff = "staff",
    }
    SenderKind {
        Phone = "phone", ShortCode = "short-code", Alphanumeric = "alphanumeric",
        Desk = "desk",
    }
    Outcome { Answered = "answered", Ticketed = "ticketed", Silent = "silent" }
    SessionState { Open = "open", Suspended = "suspended" }
    Role {
        Operator = "operator", Owner = "owner", Admin = "admin", Staff = "staff",
        Developer = "developer", ReadOnly = "read-only",
    }
    Place {
        Waiting = "waiting", Answered = "answered", Snoozed = "snoozed", Closed = "closed",
    }
    CloseReason {
        Answered = "answered", AnsweredElsewhere = "answered-elsewhere",
        NoAnswerNeeded = "no-answer-needed", NotForUs = "not-for-us", Abuse = "abuse",
        Other = "other",
    }
    What {
        Opened = "opened", Urgent = "urgent", Claimed = "claimed", HandedOver = "handed-over", Released = "released",
        Replied = "replied", TakenBack = "taken-back", NotDelivered = "not-delivered",
        Closed = "closed", Reopened = "reopened", Snoozed = "snoozed", Woke = "woke",
        TopicSet = "topic-set", Split = "split", Moved = "moved", Noted = "noted",
        Muted = "muted", Unmuted = "unmuted", Preferred = "preferred", Revealed = "revealed",
        AnswerWrong = "answer-wrong", KeywordStarted = "keyword-started",
        CannedChanged = "canned-changed", TopicPeopleSet = "topic-people-set",
        Stopped = "stopped", Started = "started", Undone = "undone",
        Agreed = "agreed",
        Invited = "invited",
        Parted = "parted",
        Surveyed = "surveyed",
        ReminderSet = "reminder-set", ReminderMoved = "reminder-moved",
        ReminderCancelled = "reminder-cancelled", ReminderDropped = "reminder-dropped",
    }
    Kind {
        New = "new", Waiting = "waiting", Urgent = "urgent", Undelivered = "undelivered",
        Alarm = "alarm",
    }
    PictureState {
        Waiting = "waiting", Leased = "leased", Kept = "kept", Refused = "refused",
    }
    Way { Email = "email", Webhook = "webhook" }
    Channel { Call = "call", Email = "email", Visit = "visit" }
    Changed {
        Opened = "opened", Text = "text", Ticket = "ticket", Delivery = "delivery",
        Presence = "presence", Settings = "settings",
    }
    Purpose {
        Consent = "consent", Urgent = "urgent", Answer = "answer", Apology = "apology", Person = "person",
        Unasked = "unasked",
    }
    BroadcastState {
        Draft = "draft", Approval = "approval", Scheduled = "scheduled", Sending = "sending",
        Paused = "paused", Done = "done", Cancelled = "cancelled",
    }
    DueKind {
        Reminder = "reminder", TimedOut = "timed-out", Words = "words", Invitation = "invitation",
    }
    ReminderState {
        Waiting = "waiting", Begun = "begun", Done = "done", Cancelled = "cancelled",
        Dropped = "dropped",
    }
    Tally {
        Text = "text", Message = "message", Segments = "segments", List = "list",
        Source = "source", First = "first", Closed = "closed",
    }
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
