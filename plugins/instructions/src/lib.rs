//! The instructions flow.
