//! The runtime from outside: real components, built from `tests/hostile`, through `load` and `run`.

mod world; // a library in memory, and a turn in it

mod speed; // Flow::run against wasmtime by hand, when asked for

mod cache; // compiled code that is trusted and that is not
mod grants; // nothing ungranted
mod hostile; // one misdeed a test
mod loading; // what is a plugin and what is not
mod manners; // the other host functions, and what remains of a run
mod outside; // what has its answer elsewhere
mod raw; // what no compiler would make
mod reminders; // at a moment that a flow chose
mod storage; // a flow reads what it wrote
