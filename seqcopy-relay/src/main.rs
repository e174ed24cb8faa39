//! The program `seqcopy-relay`.

use std::process::ExitCode;
use std::sync::Arc;

use seqcopy_relay::arguments::{self, Job, Network};
use seqcopy_relay::link::Link;
use seqcopy_relay::network::{self, Trouble};
use seqcopy_relay::publish::{LONGEST, publish};
use seqcopy_relay::status::{self, Status};
use seqcopy_relay::subscribe::subscribe;

fn run(job: Job) -> Result<(), Trouble> {
    let status = Arc::new(Status::default());
    let open = |name, network: &Network, longest| {
        status.show(name, network.show());
        let endpoints = network::endpoints(network.config.as_deref(), &network.connect);
        let link = Link::watch(name, &endpoints, network.show(), &status);
        let session = network::open(network.config.as_deref(), &network.listen, &network.connect, longest)?;
        link.opened(&session);
        Ok::<_, Trouble>(session)
    };
    match job {
        Job::Publish { publish: arguments, network } => {
            publish(&open("publish", &network, LONGEST)?, &arguments.options(), &status)
        }
        Job::Subscribe { subscribe: arguments, network } => {
            let (key, target) = arguments.target();
            subscribe(&open("subscribe", &network, target.longest_sample())?, &key, target, &status)
        }
    }
}

fn main() -> ExitCode {
    // What zenoh warns about, but not each attempt to connect, which `Link` reports. RUST_LOG sets other levels.
    zenoh::init_log_from_env_or("warn,zenoh::net::runtime::orchestrator=error");
    let arguments = match arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match run(arguments.job) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seqcopy-relay: {}", status::plain(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}
