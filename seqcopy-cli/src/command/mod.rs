//! The command line, and what all subcommands share.

mod columns;
mod diff;
mod effort;
mod header;
#[cfg(test)]
mod hostile;
mod locks;
mod path;
#[cfg(test)]
mod samples;
mod schemas;
mod screen;
mod show;
mod text;
mod time;
mod to_json;
mod value;
mod watch;

use std::fmt::Display;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use seqcopy::Layout;
use seqcopy_shm::{FileRegion, WriterState};
use serde_json::{Map, json};

/// Shows what is in a region of shared memory that a `seqcopy_shm::Writer` made, whatever its type.
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
    /// Names the processes that hold a lock on a file and so keep writers out
    Locks {
        /// The region's file
        path: PathBuf,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
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
    fn at(path: &Path, error: impl Display) -> Self {
        let error = error.to_string();
        // Messages of the library's begin with the path, with a mark for each byte that is no text.
        let (lossy, path) = (format!("`{}`: ", path.display()), shown(path));
        match error.strip_prefix(&lossy) {
            Some(error) => Failure::Said(format!("`{path}`: {error}")),
            None => Failure::Said(format!("{path}: {error}")),
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
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
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
        Command::Locks { path, json } => locks::locks(&path, json, out)?,
        Command::Diff { a, b, json } => {
            if diff::diff(&a, &b, json, out)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Header { path, name } => {
            let region = open(&path)?;
            if !effort::accesses(region.schema().layout()) {
                return Err(Failure::at(&path, "its type has too many parts for a C program"));
            }
            let text = header::generate(&region, name.as_deref()).map_err(|error| Failure::at(&path, error))?;
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens a region. Names in its schema are those that programs have: the library refuses all others.
///
/// It is read, never mapped: its owner may cut it off at any moment, and that must not end this program.
fn open(path: &Path) -> Result<FileRegion, Failure> {
    FileRegion::open(path).map_err(|error| Failure::at(path, error))
}

/// Paths and messages may hold anything; a terminal gets one line of it.
fn plain(line: &str) -> String {
    line.chars().map(|c| if is_shown(c) { c.to_string() } else { c.escape_default().to_string() }).collect()
}

/// Whether a terminal shows it, in its place: what is no control character, no mark that turns the direction of writing, and no
/// other that can't be seen.
fn is_shown(c: char) -> bool {
    if matches!(c, '"' | '\'' | '\\') {
        return true;
    }
    // By the rules of `Debug`, which leave an accent alone where it follows a letter.
    let mut text = [b'a'; 5];
    let len = 1 + c.encode_utf8(&mut text[1..]).len();
    std::str::from_utf8(&text[..len]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// A path as text. Its bytes that are no text are written as `\xff`.
fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text += &plain(chunk.valid());
        text += &chunk.invalid().escape_ascii().to_string();
    }
    text
}

/// A path for machines: as text, and as hexadecimal digits if it is none.
fn path_json(path: &Path) -> Map<String, serde_json::Value> {
    use std::fmt::Write;
    let mut object = Map::new();
    if let Some(text) = path.to_str() {
        object.insert("path".to_owned(), json!(text));
        return object;
    }
    let mut digits = String::new();
    for byte in path.as_os_str().as_bytes() {
        let _ = write!(digits, "{byte:02x}");
    }
    object.insert("path".to_owned(), json!(shown(path)));
    object.insert("path_bytes".to_owned(), json!(digits));
    object
}

/// The alignment that storage in a region has.
fn base(layout: &Layout) -> usize {
    layout.align().max(8)
}

fn writer_json(state: WriterState) -> serde_json::Value {
    match state {
        WriterState::Alive { pid } => json!({ "state": "alive", "pid": pid }),
        WriterState::Orphaned { pid } => json!({ "state": "orphaned", "pid": pid }),
        WriterState::Held => json!({ "state": "held" }),
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
        assert_eq!(plain("größe 漢字 नाम \u{202e}\u{ad}\u{9b}"), "größe 漢字 नाम \\u{202e}\\u{ad}\\u{9b}");
        let error = Failure::at(Path::new("/x"), "no such file");
        assert!(matches!(error, Failure::Said(line) if line == "/x: no such file"));
    }

    #[test]
    fn paths_that_are_no_text_can_be_told_apart() {
        use std::ffi::OsStr;
        let path = Path::new(OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        assert_eq!(shown(path), "/dev/shm/a\\xff\\xfeb\\n");
        let json = path_json(path);
        assert_eq!((&json["path"], &json["path_bytes"]), (&json!(shown(path)), &json!("2f6465762f73686d2f61fffe620a")));
        let failure = Failure::at(path, FileRegion::open(path).unwrap_err());
        assert!(matches!(failure, Failure::Said(line) if line.starts_with("`/dev/shm/a\\xff\\xfeb\\n`: opening it: ")));
        assert_eq!(path_json(Path::new("/x")).len(), 1);
    }
}
