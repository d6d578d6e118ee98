//! last_good
