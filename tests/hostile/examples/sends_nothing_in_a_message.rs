//! A message of blanks and of characters that no phone shows.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| Ok(say(" \u{7}\0\u{1b} \n")));
