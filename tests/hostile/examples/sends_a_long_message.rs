//! One message, one character too long.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| Ok(say("ñ".repeat(1_601))));
