//! The command line.

use std::time::Duration;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Publishes the processes of this machine, by their ids, in a map in shared memory, as fast as it can. Other processes
watch it: each view must be of one generation, with every sum right. Meanwhile the publisher is killed without
warning, and the next one takes over.

Usage: processes [options]

  --seconds N    duration of the run [5]
  --watchers N   number of watching processes [2]
  --help         show this text

Exit status: 0 if every view was right, 1 if one was not or no publisher could take over, 2 if an option is wrong.
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Run(Options),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) duration: Duration,
    pub(crate) watchers: u16,
}

/// Reads the arguments, the program's name first.
pub(crate) fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command, lexopt::Error> {
    let mut options = Options { duration: Duration::from_secs(5), watchers: 2 };
    let mut parser = lexopt::Parser::from_iter(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seconds") => {
                options.duration = Duration::from_secs(number(&mut parser, "--seconds", u16::MAX)?.into());
            }
            Long("watchers") => options.watchers = number(&mut parser, "--watchers", 256)?,
            Short('h') | Long("help") => return Ok(Command::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Run(options))
}

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
        let words = std::iter::once("processes").chain(arguments.split_whitespace());
        super::parse(words.map(Into::into)).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_what_is_given() {
        let options = Options { duration: Duration::from_secs(3), watchers: 4 };
        assert_eq!(parse("--seconds 3 --watchers=4"), Ok(Command::Run(options)));
        assert_eq!(parse(""), Ok(Command::Run(Options { duration: Duration::from_secs(5), watchers: 2 })));
        assert_eq!(parse("--seconds 3 --help"), Ok(Command::Help));
        for wrong in ["--seconds 0", "--seconds", "--watchers 1000", "--fast", "5"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
