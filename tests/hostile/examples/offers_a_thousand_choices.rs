//! A question with more choices than anyone reads.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::ask;

callslip_hostile::misdeed!(|_| Ok(ask((0..1_000).map(|n| n.to_string()).collect(), Vec::new())));
