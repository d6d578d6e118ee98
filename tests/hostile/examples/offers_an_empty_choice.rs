//! A question that one answers with nothing.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::ask;

callslip_hostile::misdeed!(|_| Ok(ask(vec!["yes".into(), " ".into()], Vec::new())));
