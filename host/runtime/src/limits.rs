//! How much of everything one run of a flow may use. Reaching a bound is an error in plain words
//! (invariant 13), told to the flow where it can go on and to the ticket where it cannot.

/// The defaults are the design's; the machine's config may say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Computing, in ticks of about a millisecond.
    pub time_ms: u32,
    /// Linear memory. A flow in a pool's slot never gets more than the slot
    /// ([`Options::slot_memory_mib`](crate::Options)).
    pub memory_mib: u32,
    pub messages: usize,
    pub message_characters: usize,
    pub journal_bytes: usize,
    pub journal_entries: usize,
    pub entry_bytes: usize,
    /// Writes of all kinds.
    pub writes: usize,
    /// Different keys, lists and fields looked at: the commit compares each one's version.
    pub reads: usize,
    pub key_bytes: usize,
    pub value_bytes: usize,
    pub list_rows: usize,
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time_ms: 100,
            memory_mib: 16,
            messages: 10,
            message_characters: 1_600,
            journal_bytes: 64 * 1024,
            journal_entries: 256,
            entry_bytes: 4 * 1024,
            writes: 64,
            reads: 1_024,
            key_bytes: 128,
            value_bytes: 16 * 1024,
            list_rows: 200,
            log_bytes: 16 * 1024,
        }
    }
}

impl Limits {
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_mib as usize * 1024 * 1024
    }
}
