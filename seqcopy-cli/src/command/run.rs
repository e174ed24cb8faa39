//! Runs the command that the command line names, and reports how it ended.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use super::arguments::{Arguments, Command};
use super::failure::Failure;
use super::printable::printable;
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
    let is_success = match command {
        Command::Show(options) => show::show(&options, out).map(|()| true),
        Command::Layout { path, json } => show::layout(&path, json, out).map(|()| true),
        Command::Watch(options) => watch::watch(&options, out).map(|()| true),
        Command::Locks { path, json } => locks::locks(&path, json, out),
        Command::Diff { a, b, key, json } => diff::diff(&a, &b, key.as_deref(), json, out).map(|differ| !differ),
        Command::Header { path, described, lang, name } => {
            header::header(path.as_deref(), described.as_deref(), lang, name.as_deref(), out).map(|()| true)
        }
    }?;
    Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
