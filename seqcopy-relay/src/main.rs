//! The program `seqcopy-relay`.

use std::process::ExitCode;
use std::sync::Arc;

use seqcopy_relay::arguments::{self, Job, Network};
use seqcopy_relay::network::{self, Trouble};
use seqcopy_relay::publish::{LONGEST, publish};
use seqcopy_relay::status::Status;
use seqcopy_relay::subscribe::subscribe;

fn run(job: Job) -> Result<(), Trouble> {
    let status = Arc::new(Status::default());
    let open = |network: &Network, longest| {
        network::open(network.config.as_deref(), &network.listen, &network.connect, longest)
    };
    match job {
        Job::Publish { publish: arguments, network } => {
            status.show("publish", network.show());
            publish(&open(&network, LONGEST)?, &arguments.options(), &status)
        }
        Job::Subscribe { subscribe: arguments, network } => {
            status.show("subscribe", network.show());
            let (key, target) = arguments.target();
            subscribe(&open(&network, target.longest_sample())?, &key, target, &status)
        }
    }
}

fn main() -> ExitCode {
    let arguments = match arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match run(arguments.job) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seqcopy-relay: {error}");
            ExitCode::FAILURE
        }
    }
}
