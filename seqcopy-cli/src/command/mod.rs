//! The command `seqcopy`, on systems that have regions. `tests/tests/documents/arrows/order.rs` has the order in which these modules use each other.

mod arguments;
mod columns;
mod diff;
mod field;
mod header;
mod key;
mod limits;
mod locks;
mod region;
mod schemas;
mod show;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod to_json;
mod watch;

use std::io;
use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use columns::printable;
use region::Failure;

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
