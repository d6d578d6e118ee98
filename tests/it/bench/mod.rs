//! Speed, measured from outside: the real program under load from this one, on the same machine.
//! Each test is a row or a few of the table that `cargo xtask bench` shows; else it returns at once.

mod answers; // texts answered a second, and what that depends on
mod kannel; // the same beside Kannel
mod load; // gateways, as many as it takes
mod phones; // a school class signs up
mod process; // what a process takes: memory, time, start

#[path = "../../bench/rows.rs"]
mod rows;

use std::time::Duration;

use rows::is_asked;

/// How long one thing is measured.
fn window() -> Duration {
    match std::env::var_os("CALLSLIP_BENCH_QUICK") {
        Some(_) => Duration::from_secs(2),
        None => Duration::from_secs(10),
    }
}

fn is_quick() -> bool {
    std::env::var_os("CALLSLIP_BENCH_QUICK").is_some()
}

fn is_large() -> bool {
    std::env::var_os("CALLSLIP_BENCH_LARGE").is_some()
}

fn millis(of: Duration) -> f64 {
    of.as_secs_f64() * 1_000.0
}

/// The one below which so many hundredths are.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get(last * percent / 100)
        .copied()
        .unwrap_or_default()
}
