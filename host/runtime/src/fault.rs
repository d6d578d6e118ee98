//! Why a run left nothing, from what wasmtime or the flow itself said, in the plain words that a
//! ticket shows.

use callslip_core::flow::Fault;
use wasmtime::Trap;

use crate::engine::STACK_BYTES;
use crate::limits::Limits;
use crate::view::Crash;

/// What the SDK's replay puts before the step and the two sides of a divergence.
const DIVERGED: &str = "diverged: ";

/// The author's own words go to a log line and a ticket, not to a patron.
const WORDS_CHARACTERS_MAX: usize = 500;

/// `denied`: the run had asked for more memory than there is. Most programs end at once then, and
/// how they do it says less than why.
/// `crash`: what it reported of a panic; the trap that follows is a panic's only.
pub(crate) fn of(
    error: &wasmtime::Error,
    denied: bool,
    crash: Option<Crash>,
    limits: &Limits,
) -> Fault {
    match (error.downcast_ref::<Trap>(), crash) {
        (Some(Trap::Interrupt), _) => Fault::Time(limits.time_ms),
        _ if denied => Fault::Memory(limits.memory_mib),
        (Some(Trap::UnreachableCodeReached), Some(Crash { message, place })) => {
            Fault::Panic { message, place }
        }
        (Some(trap), _) => Fault::Trap(cause(*trap)),
        (None, _) => other(error),
    }
}

/// What a flow said that it cannot go on for.
pub(crate) fn gave_up(words: String) -> Fault {
    match words.strip_prefix(DIVERGED) {
        Some(words) => Fault::Diverged(tidy(words)),
        None => Fault::Failed(tidy(&words)),
    }
}

fn cause(trap: Trap) -> String {
    match trap {
        Trap::UnreachableCodeReached => "it panicked".into(),
        Trap::StackOverflow => format!(
            "its calls nested too deep for {} KiB of stack",
            STACK_BYTES / 1024
        ),
        Trap::MemoryOutOfBounds => "it reached outside its memory".into(),
        Trap::IntegerDivisionByZero => "it divided by zero".into(),
        Trap::IntegerOverflow => "a number grew too large".into(),
        Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
            "it called a function that does not exist".into()
        }
        trap => {
            let text = trap.to_string();
            text.strip_prefix("wasm trap: ").unwrap_or(&text).into()
        }
    }
}

fn other(error: &wasmtime::Error) -> Fault {
    let cause = error.root_cause().to_string();
    // The only name that wasmtime gives this error is its text.
    if cause.contains("fuel allocated for hostcalls") {
        return Fault::Limit("it handed over more than the host takes in one call".into());
    }
    Fault::Trap(tidy(&cause))
}

pub(crate) fn tidy(words: &str) -> String {
    (words.chars())
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(WORDS_CHARACTERS_MAX)
        .collect()
}
