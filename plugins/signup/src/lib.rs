//! The signup flow.
