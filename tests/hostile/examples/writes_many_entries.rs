//! A journal of very many very small entries.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{ask, entry};

callslip_hostile::misdeed!(|_| Ok(ask(Vec::new(), (0..257).map(|_| entry(1)).collect())));
