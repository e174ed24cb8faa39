//! The command line, and what all subcommands share.

mod diff;
mod header;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod samples;
mod schemas;
mod show;
mod text;
mod time;
mod to_json;
mod value;
mod watch;

use std::fmt::Display;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use seqcopy::Layout;
use seqcopy::shm::{Region, WriterState};
use serde_json::json;

/// Shows what is in a region of shared memory that a `seqcopy::shm::Writer` made, whatever its type.
///
/// Nothing is ever written to the region, and no program that uses it notices.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit status: 0 if all is well, 1 with one line on standard error if not \
                                 (of `diff` also if something differs), 2 if the command line is wrong."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the header, the schema and the value of a region
    Show {
        /// The region's file, such as /dev/shm/NAME
        path: PathBuf,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
        /// How many elements of each array are shown (JSON has them all)
        #[arg(long, value_name = "N", default_value_t = 16)]
        elements: usize,
    },
    /// Shows the value live, with changes marked, until interrupted
    Watch {
        /// The region's file
        path: PathBuf,
        /// Prints one JSON object per line
        #[arg(long)]
        json: bool,
        /// Milliseconds between two looks
        #[arg(long, value_name = "MS", default_value = "250")]
        interval: NonZeroU64,
        /// Stops after so many looks
        #[arg(long, value_name = "N")]
        count: Option<NonZeroU64>,
        /// How many elements of each array are shown (JSON has them all)
        #[arg(long, value_name = "N", default_value_t = 8)]
        elements: usize,
    },
    /// Draws the type of a region: offsets, holes, cache lines, accesses
    Layout {
        /// The region's file
        path: PathBuf,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Names the fields that differ between two regions, or what differs in their schemas
    Diff {
        /// The one region's file
        a: PathBuf,
        /// The other's
        b: PathBuf,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Prints a header for C11 and C++17 programs that read the region
    Header {
        /// The region's file
        path: PathBuf,
        /// What the C type is called, and the prefix of all names [default: the name of the Rust type]
        #[arg(long)]
        name: Option<String>,
    },
}

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// One line for the user.
    Said(String),
    /// Nobody reads the output any more: `| head` is no failure.
    NobodyReads,
}

impl Failure {
    fn new(line: impl Display) -> Self {
        Failure::Said(line.to_string())
    }

    fn at(path: &Path, error: impl Display) -> Self {
        let (path, error) = (path.display().to_string(), error.to_string());
        if error.contains(&path) { Failure::Said(error) } else { Failure::Said(format!("{path}: {error}")) }
    }

    /// The same, with the region that it is about.
    fn of(self, path: &Path) -> Self {
        match self {
            Failure::Said(line) => Failure::at(path, line),
            Failure::NobodyReads => self,
        }
    }
}

impl From<io::Error> for Failure {
    /// Of writing to standard output; all else has a path.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::NobodyReads,
            _ => Failure::Said(format!("standard output: {error}")),
        }
    }
}

pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let result = run(arguments.command, &mut out).and_then(|code| {
        out.flush()?;
        Ok(code)
    });
    match result {
        Ok(code) => code,
        Err(Failure::NobodyReads) => ExitCode::SUCCESS,
        Err(Failure::Said(line)) => {
            // What was shown before belongs above the error. If these fail, there is nobody to tell.
            let _ = out.flush();
            let _ = writeln!(io::stderr(), "seqcopy: {}", plain(&line));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, out: &mut impl Write) -> Result<ExitCode, Failure> {
    match command {
        Command::Show { path, json, elements } => show::show(&path, json, elements, out)?,
        Command::Layout { path, json } => show::layout(&path, json, out)?,
        Command::Watch { path, json, interval, count, elements } => {
            let interval = Duration::from_millis(interval.get());
            watch::watch(&path, &watch::Options { json, interval, count: count.map(NonZeroU64::get), elements }, out)?;
        }
        Command::Diff { a, b, json } => {
            if diff::diff(&a, &b, json, out)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Header { path, name } => {
            let region = open(&path)?;
            let text = header::generate(&region, name.as_deref()).map_err(|error| Failure::at(&path, error))?;
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens a region. Names in its schema are those that programs have: the library refuses all others.
fn open(path: &Path) -> Result<Region, Failure> {
    Region::open(path).map_err(|error| Failure::at(path, error))
}

/// Paths and messages may hold anything; a terminal gets one line of it.
fn plain(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// The alignment that storage in a region has.
fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}

fn writer_json(state: WriterState) -> serde_json::Value {
    match state {
        WriterState::Alive { pid } => json!({ "state": "alive", "pid": pid }),
        WriterState::Orphaned { pid } => json!({ "state": "orphaned", "pid": pid }),
        WriterState::Gone => json!({ "state": "gone" }),
        WriterState::Never => json!({ "state": "never" }),
        // Of a later version.
        other => json!({ "state": other.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn errors_are_one_line() {
        assert_eq!(plain("a\nb\x1b[2J"), "a\\nb\\u{1b}[2J");
        let error = Failure::at(Path::new("/x"), "no such file");
        assert!(matches!(error, Failure::Said(line) if line == "/x: no such file"));
    }
}
