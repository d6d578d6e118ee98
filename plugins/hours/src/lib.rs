//! The hours flow.
