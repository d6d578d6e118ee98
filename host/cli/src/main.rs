//! The `callslip` binary: reads the command line and runs the command. Exit codes: 0 fine, 1 the
//! thing asked for failed, 2 wrong usage or configuration.

mod audit; // who was shown what
mod carriers; // the gateways of the file, with their secrets
mod clock;
mod command;
mod connections; // that gateways keep themselves
mod console; // the console, with what it tells of the machine
mod edge;
mod files; // the configuration's files
mod house; // configuration, store, runtime and engine, put together
mod key; // the machine's key
mod plugins; // the plugin folder
mod stopped;
mod telling;
mod training;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Answers patrons' texts for libraries.
///
/// A patron texts a keyword to the library's number; a plugin answers; what no keyword answers
/// goes to a person.
#[derive(Parser)]
#[command(
    name = "callslip",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Take texts from the gateways and answer them
    Serve(command::serve::Serve),
    /// Play one text, or one JSON line each, from a simulated phone
    Text(command::text::Text),
    /// Text back and forth at a prompt, from a simulated phone
    Chat(command::chat::Chat),
    /// Read the configuration and say all that is wrong with it
    Check(command::check::Check),
    /// Say what a text costs: encoding, segments, and the characters that force it
    Segments(command::segments::Segments),
    /// Say what a library keeps of its patrons and who receives what, as patrons read it
    Privacy(command::privacy::Privacy),
    /// Make a keyword's poster, table card, bookmark or slide as PDF or PNG
    Poster(command::poster::Poster),
    /// Help somebody who cannot sign in to the console
    #[command(subcommand)]
    Staff(command::staff::Staff),
    /// Say what became of a message or a text, and why
    Why(command::why::Why),
    /// Messages that did not get through: list them, send one again
    #[command(subcommand)]
    Outbox(command::outbox::Outbox),
    /// Step through a conversation that waits; say whether it would go on with another build
    Replay(command::replay::Replay),
    /// Print all that is held of one patron, and note that it was asked for
    Export(command::export::Export),
    /// Copy the store as it is now, beside a service that runs
    Backup(command::backup::Backup),
    /// Look for what an operator should see to: a store that is not whole, copies that are too old
    Doctor(command::doctor::Doctor),
    /// Make plugins: new, build, test, check
    #[command(subcommand)]
    Plugin(command::plugin::Plugin),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let done = match arguments.command {
        Command::Serve(serve) => serve.run(),
        Command::Text(text) => text.run(),
        Command::Chat(chat) => chat.run(),
        Command::Check(check) => check.run(),
        Command::Segments(segments) => segments.run(),
        Command::Privacy(privacy) => privacy.run(),
        Command::Poster(poster) => poster.run(),
        Command::Staff(staff) => staff.run(),
        Command::Why(why) => why.run(),
        Command::Outbox(outbox) => outbox.run(),
        Command::Replay(replay) => replay.run(),
        Command::Export(export) => export.run(),
        Command::Backup(backup) => backup.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Plugin(plugin) => plugin.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(stopped) => stopped.report(),
    }
}
