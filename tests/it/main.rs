//! Whole-system tests: the real binary, real components, a store on disk. One binary, a module a
//! subject.

mod harness;

mod broadcasts;
mod browser;
mod command_line;
mod console;
mod console_looks;
mod console_speed;
mod crash;
mod delivery;
mod export;
mod faults;
mod flows;
mod kannel;
mod new_flow;
mod notices;
mod pinned;
mod plugin_check;
mod plugins;
mod private;
mod reload;
mod replay;
mod seats;
mod smpp;
mod steps;
mod surveys;
mod training;
mod transcripts;
mod twilio;
mod votes;
mod walk;
mod why;
mod worlds;
