//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Publishes counters of this machine through shared memory: one process writes at full speed, others read at full
speed, and no value that they read may be torn. Meanwhile the writer is killed without warning, and the next one
takes over.

Usage: telemetry [options]

  --seconds N   duration of the run [10]
  --readers N   number of reader processes (or threads) [the number of CPUs less one, at least 1]
  --lock LOCK   seqlock (a single buffer), latch2 or latch4 (a latch of 2 or 4 buffers)
                [latch2; seqlock with --in-process]
  --in-process  threads and a lock instead of processes and a region; no writer is killed
  --no-check    for half of the time skip the version check, to see how many values are torn; implies --in-process
  --help        show this text

Exit status: 0 if all values that were read with the version check were consistent, 1 if one was not or no writer
could take over, 2 if an option is wrong.
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Run(Options),
    /// How this program starts its own processes.
    Peer(Peer),
}

/// One of the processes.
#[derive(Debug, PartialEq)]
pub(crate) struct Peer {
    pub(crate) role: Role,
    /// The path of the region with the counters.
    pub(crate) path: PathBuf,
    pub(crate) lock: Lock,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role {
    /// Creates the region and writes.
    First,
    /// Takes the region over and writes.
    Next,
    /// Reads, and publishes its tally in a region of its own.
    Reader(u16),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lock {
    SingleBuffer,
    Latch2,
    Latch4,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) in_process: bool,
    pub(crate) lock: Option<Lock>,
    pub(crate) duration: Duration,
    pub(crate) readers: usize,
    pub(crate) check: bool,
}

/// Reads the arguments, the program's name first.
pub(crate) fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command, lexopt::Error> {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let readers = (cpus - 1).max(1);
    let mut options =
        Options { in_process: false, lock: None, duration: Duration::from_secs(10), readers, check: true };
    let (mut role, mut path) = (None, None);
    let mut parser = lexopt::Parser::from_iter(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seconds") => {
                options.duration = Duration::from_secs(number(&mut parser, "--seconds", u16::MAX)?.into());
            }
            Long("readers") => {
                options.readers = number(&mut parser, "--readers", 1024)?.into();
            }
            Long("lock") => {
                let name = parser.value()?.string()?;
                let lock = LOCKS.iter().find(|lock| lock.0 == name);
                let error = || format!("--lock must be seqlock, latch2 or latch4, not `{name}`");
                options.lock = Some(lock.ok_or_else(error)?.1);
            }
            Long("in-process") => options.in_process = true,
            Long("no-check") => (options.check, options.in_process) = (false, true),
            Long("first") => role = Some(Role::First),
            Long("next") => role = Some(Role::Next),
            Long("reader") => role = Some(Role::Reader(number(&mut parser, "--reader", 1024)?)),
            Long("region") => path = Some(PathBuf::from(parser.value()?)),
            Short('h') | Long("help") => return Ok(Command::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(match (role, path) {
        (Some(role), Some(path)) => Command::Peer(Peer { role, path, lock: options.lock.unwrap_or(Lock::Latch2) }),
        _ => Command::Run(options),
    })
}

/// The names of the locks.
pub(crate) const LOCKS: [(&str, Lock); 3] =
    [("seqlock", Lock::SingleBuffer), ("latch2", Lock::Latch2), ("latch4", Lock::Latch4)];

fn number(parser: &mut lexopt::Parser, option: &str, most: u16) -> Result<u16, lexopt::Error> {
    let value = parser.value()?.string()?;
    match value.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("{option} must be a number from 1 to {most}, not `{value}`").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Command, String> {
        let words = std::iter::once("telemetry").chain(arguments.split_whitespace());
        super::parse(words.map(Into::into)).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_what_is_given() {
        let duration = Duration::from_secs(3);
        let options = Options { in_process: true, lock: Some(Lock::Latch4), duration, readers: 2, check: false };
        assert_eq!(parse("--seconds 3 --readers=2 --no-check --lock latch4"), Ok(Command::Run(options)));
        assert_eq!(parse("--seconds 3 --help"), Ok(Command::Help));
        let peer = Peer { role: Role::Reader(3), path: "/x".into(), lock: Lock::SingleBuffer };
        assert_eq!(parse("--reader 3 --region /x --lock seqlock"), Ok(Command::Peer(peer)));
    }

    #[test]
    fn has_defaults() {
        let Ok(Command::Run(options)) = parse("") else { panic!("no options are fine") };
        assert!(options.check && options.readers >= 1 && !options.in_process);
        assert_eq!(options.duration, Duration::from_secs(10));
    }

    #[test]
    fn refuses_in_one_line() {
        let refusals = [
            ("--seconds", "missing argument for option '--seconds'"),
            ("--seconds 0", "--seconds must be a number from 1 to 65535, not `0`"),
            ("--readers many", "--readers must be a number from 1 to 1024, not `many`"),
            ("--lock mutex", "--lock must be seqlock, latch2 or latch4, not `mutex`"),
            ("--writers 1", "invalid option '--writers'"),
            ("5", "unexpected argument \"5\""),
        ];
        for (arguments, message) in refusals {
            assert_eq!(parse(arguments).unwrap_err(), message);
        }
    }
}
