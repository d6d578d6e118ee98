//! Whole-system tests: the real binary, real components, a store on disk. One binary, a module a
//! subject.

mod harness;

mod browser;
mod command_line;
mod crash;
mod faults;
mod flows;
mod new_flow;
mod pinned;
mod private;
mod reload;
mod seats;
mod steps;
mod transcripts;
mod twilio;
