//! One journal entry, one byte too big.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{ask, entry};

callslip_hostile::misdeed!(|_| Ok(ask(Vec::new(), vec![entry(4 * 1024 + 1)])));
