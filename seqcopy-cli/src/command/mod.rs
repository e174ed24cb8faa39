//! The command `seqcopy`, on systems that have regions. `tests/tests/documents/arrows/order.rs` has the order in which
//! these modules use each other.

mod arguments;
mod columns;
mod csv;
mod diff;
mod field;
mod follow;
mod from_json;
mod header;
mod hz;
mod key;
mod limits;
mod lines;
mod list;
#[cfg(unix)]
mod locks;
mod output;
mod plot;
mod record;
mod recorded;
mod region;
mod replay;
mod schemas;
mod show;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod to_json;
mod view;
mod watch;

use std::ffi::OsString;
use std::io;
use std::io::Write;
use std::path::PathBuf;

use arguments::{Arguments, Command};
use clap::Parser;
use columns::printable;
use region::Failure;

pub(crate) use header::{read, write};
pub(crate) use view::view;

pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let result = match (arguments.get(1), Arguments::try_parse_from(&arguments)) {
        (Some(word), _) if word == list::WORD => list::complete(&arguments[2..], &mut out).map(|()| true),
        (_, Ok(arguments)) => one(arguments.command, &mut out),
        (_, Err(error)) => {
            // If this fails, there is nowhere to report it.
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let result = result.and_then(|is_success| {
        out.flush()?;
        Ok(is_success)
    });
    match result {
        Ok(is_success) => u8::from(!is_success),
        Err(Failure::OutputClosed) => 0,
        Err(Failure::Message(line)) => {
            // What was printed before the error belongs above it. If either of these fails, there is nowhere to report
            // it.
            let _ = out.flush();
            let _ = writeln!(io::stderr(), "seqcopy: {}", printable(&line));
            1
        }
    }
}

/// Runs one command. Returns whether it succeeded, and for `diff` whether there are no differences.
fn one(command: Command, out: &mut impl Write) -> Result<bool, Failure> {
    match command {
        Command::Show(options) => show::show(&options, out).map(|()| true),
        Command::Layout { path, json } => show::layout(&path, json, out).map(|()| true),
        Command::Watch(options) => watch::watch(&options, out).map(|()| true),
        Command::List(options) => list::list(&options, out).map(|()| true),
        Command::Hz(options) => hz::hz(&options, out).map(|()| true),
        Command::Plot(options) => plot::plot(&options, out).map(|()| true),
        Command::Record(options) => record::record(&options, out).map(|()| true),
        Command::Replay(options) => replay::replay(&options, out),
        #[cfg(unix)]
        Command::Locks { path, json } => locks::locks(&path, json, out),
        #[cfg(windows)]
        Command::Locks { path, .. } => Err(Failure::at(&path, "this system does not say which processes hold a lock")),
        Command::Diff { a, b, key, json } => diff::diff(&a, &b, key.as_deref(), json, out).map(|differ| !differ),
        Command::Header { path, described, lang, name } => {
            header::header(path.as_deref(), described.as_deref(), lang, name.as_deref(), out).map(|()| true)
        }
    }
}

/// The list of regions as JSON.
pub(crate) fn list_json(folders: &[PathBuf], all: bool) -> Result<String, String> {
    list::json(folders, all).map(|list| list.to_string()).map_err(|failure| match failure {
        Failure::Message(line) => line,
        Failure::OutputClosed => unreachable!("nothing is printed"),
    })
}
