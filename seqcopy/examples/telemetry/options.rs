//! The command line.

use std::time::Duration;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Publishes counters of this machine through a sequence lock: one thread writes at full speed, others read at full
speed, and every value that they get must be one that was written, whole.

Usage: telemetry [options]

  --seconds N   how long it runs [10]
  --readers N   how many threads read [the number of CPUs less one, at least 1]
  --lock LOCK   what lies between: seqlock, latch2 or latch4 (a latch of so many cells) [seqlock]
  --no-check    read without looking at the version, to see how many values come out torn
  --help        show this text

Exit status: 0 if all values were consistent (or with --no-check), 1 if one was not, 2 if an option is wrong.
";

#[derive(Debug, PartialEq)]
pub(crate) enum Order {
    Help,
    Run(Options),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lock {
    OneCopy,
    Latch2,
    Latch4,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) lock: Lock,
    pub(crate) duration: Duration,
    pub(crate) readers: usize,
    pub(crate) check: bool,
}

/// Reads the arguments, the program's name first.
pub(crate) fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Order, lexopt::Error> {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options =
        Options { lock: Lock::OneCopy, duration: Duration::from_secs(10), readers: (cpus - 1).max(1), check: true };
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
                options.lock = match parser.value()?.string()?.as_str() {
                    "seqlock" => Lock::OneCopy,
                    "latch2" => Lock::Latch2,
                    "latch4" => Lock::Latch4,
                    other => return Err(format!("--lock takes seqlock, latch2 or latch4, not `{other}`").into()),
                };
            }
            Long("no-check") => options.check = false,
            Short('h') | Long("help") => return Ok(Order::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Order::Run(options))
}

fn number(parser: &mut lexopt::Parser, option: &str, most: u16) -> Result<u16, lexopt::Error> {
    let value = parser.value()?.string()?;
    match value.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("{option} takes a number from 1 to {most}, not `{value}`").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Order, String> {
        let words = std::iter::once("telemetry").chain(arguments.split_whitespace());
        super::parse(words.map(Into::into)).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_what_is_given() {
        let options = Options { lock: Lock::Latch4, duration: Duration::from_secs(3), readers: 2, check: false };
        assert_eq!(parse("--seconds 3 --readers=2 --no-check --lock latch4"), Ok(Order::Run(options)));
        assert_eq!(parse("--seconds 3 --help"), Ok(Order::Help));
    }

    #[test]
    fn has_defaults() {
        let Ok(Order::Run(options)) = parse("") else { panic!("no options are fine") };
        assert!(options.check && options.readers >= 1);
        assert_eq!(options.duration, Duration::from_secs(10));
    }

    #[test]
    fn refuses_in_one_line() {
        let refusals = [
            ("--seconds", "missing argument for option '--seconds'"),
            ("--seconds 0", "--seconds takes a number from 1 to 65535, not `0`"),
            ("--readers many", "--readers takes a number from 1 to 1024, not `many`"),
            ("--lock mutex", "--lock takes seqlock, latch2 or latch4, not `mutex`"),
            ("--reader 1", "invalid option '--reader'"),
            ("5", "unexpected argument \"5\""),
        ];
        for (arguments, message) in refusals {
            assert_eq!(parse(arguments).unwrap_err(), message);
        }
    }
}
