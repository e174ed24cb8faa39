//! One process publishes this machine's counters as fast as it can; others read them and check that no value is torn,
//! also when the writer is killed: `cargo run --release --example telemetry -- --seconds 5`, `--help` for the options.
//! `--in-process` does the same with threads.
#![allow(clippy::cast_precision_loss)] // counts are shown with three digits

mod board;
mod clock;
mod options;
mod payload;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod peer;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod processes;
mod source;
mod tally;
mod threads;

use std::io::{self, Write};
use std::process::ExitCode;

use options::Command;

fn main() -> ExitCode {
    let command = match options::parse(std::env::args_os()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("telemetry: {error} (--help shows the options)");
            return ExitCode::from(2);
        }
    };
    match run(&command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader of the output has gone: `| head` is not a failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("telemetry: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command; `false` if a value was wrong.
fn run(command: &Command) -> io::Result<bool> {
    let mut out = io::stdout();
    match command {
        Command::Help => write!(out, "{}", options::HELP).map(|()| true),
        #[cfg(all(unix, target_pointer_width = "64", not(miri)))]
        Command::Peer(peer) => peer::run(peer),
        #[cfg(not(all(unix, target_pointer_width = "64", not(miri))))]
        Command::Peer(_) => Err(io::Error::other("this system has no shared memory regions: run it with --in-process")),
        Command::Run(options) => {
            #[cfg(all(unix, target_pointer_width = "64", not(miri)))]
            if !options.in_process {
                return processes::show(options, &mut out);
            }
            threads::show(options, &mut out)
        }
    }
}
