//! Asks on and on, with a journal that grows by sixteen full entries a turn.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{ask, entry};

callslip_hostile::misdeed!(|_| Ok(ask(Vec::new(), (0..17).map(|_| entry(4 * 1024)).collect())));
