//! Every bound of the store (invariant 13), with where it comes from.

use std::time::Duration;

/// Jobs that may wait for the writer. At 8,000 turns a second this is a quarter of a second;
/// beyond it the edge answers 503 and the gateway keeps the text for us.
pub const WRITER_QUEUE_MAX: usize = 4_096;

/// New texts are refused earlier, so that the turns of accepted ones always find room.
pub const WRITER_QUEUE_MAX_FOR_TEXTS: usize = 3_072;

/// Jobs in one transaction: enough to share one sync, few enough to keep the wait short.
pub const BATCH_MAX: usize = 256;

/// The longest text of any gateway is a tenth of this.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
pub const MEDIA_MAX: usize = 32;
pub const PROVIDER_ID_BYTES_MAX: usize = 512;

/// Nobody plans by the exact length of a longer queue.
pub const QUEUE_COUNTED_MAX: u64 = 1_000;

/// A part of a text, as JSON; gateways bound how many they keep.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;

/// Drawn anew at 1,600 dots; the noisiest has a megabyte.
pub const PICTURE_BYTES_MAX: usize = 4 * 1024 * 1024;

pub const MESSAGE_BYTES_MAX: usize = 32 * 1024;

/// A journal of 64 KiB with its record, as JSON.
pub const SESSION_BYTES_MAX: usize = 256 * 1024;
pub const COMPONENT_BYTES_MAX: usize = 64 * 1024 * 1024;

pub const KEY_BYTES_MAX: usize = 128;
pub const VALUE_BYTES_MAX: usize = 16 * 1024;
pub const NAMESPACE_KEYS_MAX: u64 = 10_000;
pub const NAMESPACE_BYTES_MAX: u64 = 4 * 1024 * 1024;
pub const LIST_ROWS_MAX: usize = 200;
pub const PROFILE_FIELDS_MAX: usize = 64;

/// What one snapshot loads at most; a phone in honest use stays far below.
pub const SNAPSHOT_ROWS_MAX: i64 = 256;

/// Rows that one read or sweep returns at most, whatever is asked.
pub const ROWS_MAX: usize = 1_000;

/// An internal note of a page.
pub const STAFF_NOTE_BYTES_MAX: usize = 16 * 1024;

/// How long a repeat is recognised (WALKTHROUGHS g7): a recorded text has no date that its
/// signature covers, so its id must be known beyond the text's own term.
pub const SEEN_FOR: Duration = Duration::from_secs(400 * 24 * 60 * 60);
