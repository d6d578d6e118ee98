//! Whole-system tests: the real binary, real components, a store on disk. One binary, a module a
//! subject.

mod harness;

mod bench;
mod broadcasts;
mod browser;
mod command_line;
mod console;
mod console_looks;
mod console_speed;
mod conversations;
mod crash;
mod delivery;
mod due;
mod export;
mod faults;
mod flows;
mod ils;
mod journals;
mod kannel;
mod misdeeds;
mod new_flow;
mod notices;
mod outages;
mod outside; // what flows ask, and what reaches the others
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
