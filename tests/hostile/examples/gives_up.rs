//! Ends with words of its own, with a line break that could pass for another line of a log.

#![cfg(target_arch = "wasm32")]

callslip_hostile::misdeed!(|_| Err("no branch is called\nERROR Elm Street".into()));
