//! What a store does for gateways that keep a connection of their own: notes that outlive a crash.

use std::fmt;

use crate::port::{Done, StoreError};

pub trait Notes: Send + Sync {
    /// In place of one with the same key.
    fn keep_note(&self, note: GatewayNote, done: Done<()>);

    fn forget_notes(&self, gateway: String, keys: Vec<String>, done: Done<()>);
}

pub trait NotesReader: Send {
    /// A gateway's notes, in the order in which they were kept.
    fn notes(&self, gateway: &str) -> Result<Vec<GatewayNote>, StoreError>;
}

/// What a gateway must know again after a crash. Its `Debug` tells no body: a text may be in it.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayNote {
    pub gateway: String,
    pub key: String,
    pub body: Vec<u8>,
}

impl fmt::Debug for GatewayNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayNote")
            .field("gateway", &self.gateway)
            .field("key", &self.key)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
