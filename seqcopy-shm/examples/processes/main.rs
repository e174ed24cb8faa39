//! This machine's processes by their ids, as a map between processes: one process publishes it as fast as it can,
//! others watch it, and check that every view is of one generation, also when the publisher is killed: `cargo run
//! --release --example processes`, `--help` for the options.

#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod children;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod options;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod payload;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod publish;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod run;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod screen;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod source;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod stop;
#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
mod watch;

use std::process::ExitCode;

#[cfg(all(unix, target_pointer_width = "64", not(miri)))]
fn main() -> ExitCode {
    use std::io;

    let result = match children::role() {
        Some(role) => role.run().map(|()| true),
        None => match options::parse(std::env::args_os()) {
            Ok(options::Command::Help) => {
                io::Write::write_all(&mut io::stdout(), options::HELP.as_bytes()).map(|()| true)
            }
            Ok(options::Command::Run(options)) => run::show(&options, &mut io::stdout()),
            Err(error) => {
                eprintln!("processes: {error} (--help shows the options)");
                return ExitCode::from(2);
            }
        },
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader of the output has gone: `| head` is not a failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("processes: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(all(unix, target_pointer_width = "64", not(miri))))]
fn main() -> ExitCode {
    eprintln!("processes: this system has no shared memory regions");
    ExitCode::FAILURE
}
