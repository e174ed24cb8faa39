//! The program `seqcopy-relay`.

use std::process::ExitCode;
use std::sync::Arc;

use seqcopy_relay::arguments::{self, HELP, Job};
use seqcopy_relay::commands::{self, publish, subscribe};
use seqcopy_relay::network::{self, Trouble};
use seqcopy_relay::status::Status;

fn run() -> Result<(), Trouble> {
    let arguments = arguments::parse(std::env::args_os().skip(1))?;
    let status = Arc::new(Status::default());
    let open = |longest| network::open(arguments.config.as_deref(), &arguments.listen, &arguments.connect, longest);
    match arguments.job {
        Job::Help => print!("{HELP}"),
        Job::Publish(options) => {
            status.show("publish", arguments.show);
            publish(&open(commands::LONGEST)?, &options, &status)?;
        }
        Job::Subscribe { key, target } => {
            status.show("subscribe", arguments.show);
            subscribe(&open(target.longest_sample())?, &key, *target, &status)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seqcopy-relay: {error}");
            ExitCode::FAILURE
        }
    }
}
