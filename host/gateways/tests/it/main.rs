//! The room from outside: gateways as the edge and the worker use them.

#![expect(
    clippy::unwrap_used,
    reason = "in a test an unwrap is the check; helpers are not seen as tests"
)]

mod support;

mod signatures;
mod strangers;
mod webhooks;

mod properties;
mod rest;
mod simulator;
mod twiml;
