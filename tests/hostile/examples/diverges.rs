//! Says what the SDK says when a replay takes another path.

#![cfg(target_arch = "wasm32")]

callslip_hostile::misdeed!(|_| Err("diverged: step 2 asked for a name, now for a date".into()));
