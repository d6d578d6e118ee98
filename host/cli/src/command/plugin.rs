//! `callslip plugin`: what a plugin's author does, from an empty folder to a component.

mod new; // a crate to begin with

mod build; // a crate to a component
mod check; // what it asks for, and what it does where no transcript goes
mod crates; // what lies in a crate besides its code
mod run; // a conversation at the prompt while its code changes
mod test; // its transcripts, through the runtime

use crate::stopped::Stopped;

#[derive(clap::Subcommand)]
pub(crate) enum Plugin {
    /// Write a plugin crate to begin with
    New(new::New),
    /// Build plugin crates into components
    Build(build::Build),
    /// Text with a flow at the prompt; it is built anew when its files change
    Run(run::Run),
    /// Build plugin crates and play their transcripts through the runtime
    Test(test::Test),
    /// Say what a component or a crate is and asks for, and look for what goes wrong in it
    Check(check::Check),
}

impl Plugin {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        match self {
            Plugin::New(new) => new.run(),
            Plugin::Build(build) => build.run(),
            Plugin::Run(run) => run.run(),
            Plugin::Test(test) => test.run(),
            Plugin::Check(check) => check.run(),
        }
    }
}
