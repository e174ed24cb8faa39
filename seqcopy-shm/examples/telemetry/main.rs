//! Publishes this machine's counters as fast as it can, in one process, and watches others get every value whole, also when
//! the one that writes is killed: `cargo run --release --example telemetry -- --seconds 5`, `--help` for the options.
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
use std::time::Duration;

use options::Order;
use payload::Telemetry;
use seqcopy::SeqCopy;

/// How often the counters are refreshed.
const REFRESH: Duration = Duration::from_millis(100);

/// Of so many values a reader takes the age of one, and shows its tally: the clock costs more than the read.
const SAMPLE: u64 = 64;

fn main() -> ExitCode {
    let order = match options::parse(std::env::args_os()) {
        Ok(order) => order,
        Err(error) => {
            eprintln!("telemetry: {error} (--help shows the options)");
            return ExitCode::from(2);
        }
    };
    match obey(&order) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Nobody reads the output any more: `| head` is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("telemetry: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does it; `false` if a value was wrong.
fn obey(order: &Order) -> io::Result<bool> {
    let mut out = io::stdout();
    match order {
        Order::Help => write!(out, "{}", options::HELP).map(|()| true),
        #[cfg(all(unix, target_pointer_width = "64", not(miri)))]
        Order::Peer(peer) => peer::run(peer),
        #[cfg(not(all(unix, target_pointer_width = "64", not(miri))))]
        Order::Peer(_) => Err(io::Error::other("there are no regions on this system: run it with --in-process")),
        Order::Run(options) => {
            // Locks and regions keep their payload at base 8, or the payload's own alignment, which is 8 here.
            writeln!(out, "{}", Telemetry::LAYOUT.display(8))?;
            #[cfg(all(unix, target_pointer_width = "64", not(miri)))]
            if !options.in_process {
                return processes::show(options, &mut out);
            }
            let tally = threads::show(options, &mut out)?;
            Ok(!options.check || tally.torn == 0)
        }
    }
}
