//! Whole-system tests: the real binary, real components, a store on disk. One binary, a module a
//! subject.

mod harness;

mod command_line;
mod steps;
mod transcripts;
mod twilio;
