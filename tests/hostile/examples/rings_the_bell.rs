//! Puts control characters among the words.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| Ok(say("Open\u{7} until\t8 pm\0\r\nand\u{1b}[31m tomorrow")));
