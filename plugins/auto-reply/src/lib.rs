//! The auto-reply flow.
