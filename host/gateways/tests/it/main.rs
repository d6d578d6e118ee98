//! The room from outside: gateways as the edge and the worker use them.

#![expect(
    clippy::unwrap_used,
    reason = "in a test an unwrap is the check; helpers are not seen as tests"
)]

mod server;
mod support;

mod conformance;

mod signatures;
mod strangers;
mod webhooks;

mod outward;
mod smpp;

mod described;
mod kannel;
mod properties;
mod rest;
mod simulator;
mod telnyx;
mod twilio_api;
mod twiml;
mod vonage;
