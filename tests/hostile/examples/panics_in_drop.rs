//! Answers, and panics while it cleans up.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

struct Guard(u64);

impl Drop for Guard {
    fn drop(&mut self) {
        assert!(std::hint::black_box(self.0) == 0, "in drop");
    }
}

callslip_hostile::misdeed!(|input| {
    let _guard = Guard(input.now);
    Ok(say("Fine."))
});
