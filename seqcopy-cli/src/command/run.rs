//! Runs the command that the command line names, and reports how it ended.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use super::arguments::{Arguments, Command};
use super::failure::Failure;
use super::printable::printable;
use super::watched::Options;
use super::{diff, header, locks, show, watch};

pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let result = run(arguments.command, &mut out).and_then(|code| {
        out.flush()?;
        Ok(code)
    });
    match result {
        Ok(code) => code,
        Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(Failure::Message(line)) => {
            // What was printed before the error belongs above it. If either of these fails, there is nowhere to report it.
            let _ = out.flush();
            let _ = writeln!(io::stderr(), "seqcopy: {}", printable(&line));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, out: &mut impl Write) -> Result<ExitCode, Failure> {
    match command {
        Command::Show { path, field, key, json, elements } => {
            let part = show::Part { key: key.as_deref(), field: field.as_deref() };
            show::show(&path, part, json, elements, out)?;
        }
        Command::Layout { path, json } => show::layout(&path, json, out)?,
        Command::Watch { path, field, key, json, interval, count, elements } => {
            let interval = Duration::from_millis(interval);
            watch::watch(&path, &Options { field, key, json, interval, count, elements }, out)?;
        }
        Command::Locks { path, json } => {
            if !locks::locks(&path, json, out)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Diff { a, b, key, json } => {
            if diff::diff(&a, &b, key.as_deref(), json, out)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Header { path, lang, name } => header::header(&path, lang, name.as_deref(), out)?,
    }
    Ok(ExitCode::SUCCESS)
}
