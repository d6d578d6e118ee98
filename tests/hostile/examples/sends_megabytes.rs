//! One message of eight megabytes: it fits the guest's memory and must not be copied out of it.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| Ok(say("x".repeat(8 << 20))));
