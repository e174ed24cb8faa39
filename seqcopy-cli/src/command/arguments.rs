//! The command line.

#![allow(rustdoc::broken_intra_doc_links)] // help, with the numbers of elements

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

/// Show what is in a region of shared memory that a `seqcopy_shm::Writer` created, whatever its type
///
/// Regions are only read, so their writers and readers do not notice. Only `replay` writes.
#[derive(Parser)]
#[command(
    name = "seqcopy",
    version,
    after_help = "\
Exit status:
  0  success; of `diff`: no differences
  1  failure, with one line on standard error; of `diff` also: differences
  2  a wrong command line"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print the value in a region, and what is known of the region
    Show(Show),
    /// Show the value live, with changes marked, until interrupted
    Watch(Watch),
    /// List the regions that are there, with their types and writers
    List(List),
    /// Measure how often regions are written
    Hz(Hz),
    /// Draw numbers of a region over time
    Plot(Plot),
    /// Write each newer value of regions into a file, as JSON lines or CSV
    Record(Record),
    /// Write the values of a recording into regions again, at the recorded pace
    Replay(Replay),
    /// Draw the type of a region: offsets, padding, cache lines, accesses
    Layout {
        /// The region's file, such as /dev/shm/NAME, or NAME alone
        #[arg(value_parser = region(), value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Name the fields that differ between two regions, or how their types differ
    Diff {
        /// The first region's file (A)
        #[arg(value_parser = region(), value_hint = ValueHint::FilePath)]
        a: PathBuf,
        /// The second region's file (B)
        #[arg(value_parser = region(), value_hint = ValueHint::FilePath)]
        b: PathBuf,
        /// Compare only the values of this key of maps, written as `--json` prints it; texts need no quotes
        #[arg(long, allow_hyphen_values = true)]
        key: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print a C11 and C++17 header that reads the region, and writes it with the C library
    Header {
        /// The region's file, such as /dev/shm/NAME, or NAME alone
        #[arg(required_unless_present = "described", value_parser = region(), value_hint = ValueHint::FilePath)]
        path: Option<PathBuf>,
        /// A description of the type in JSON, in place of a region
        #[arg(long = "type", id = "described", value_name = "FILE", conflicts_with = "path")]
        described: Option<PathBuf>,
        /// The language of the programs
        #[arg(long, value_enum, default_value_t = Language::C)]
        lang: Language,
        /// The name of the C type, and the prefix of all other names [default: `seqcopy_` and the name of the Rust
        /// type]
        #[arg(long)]
        name: Option<String>,
    },
    /// Name the processes whose lock on a region's file keeps writers out
    Locks {
        /// The region's file, such as /dev/shm/NAME, or NAME alone
        #[arg(value_parser = region(), value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Which region is shown, and what part of it
#[derive(Args)]
pub(super) struct Part {
    /// The region's file, such as /dev/shm/NAME, or NAME alone
    #[arg(value_parser = region(), value_hint = ValueHint::FilePath)]
    pub(super) path: PathBuf,
    /// Show only the value of this field, such as pose.legs[2].angle; of a map, a field of the entry's value
    pub(super) field: Option<String>,
    /// Show only the value of this key of a map, written as `--json` prints it; texts need no quotes
    #[arg(long, allow_hyphen_values = true)]
    pub(super) key: Option<String>,
}

#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    pub(super) part: Part,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    /// Show at most N elements of each array, and N entries of a map (JSON has them all)
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(super) elements: usize,
}

#[derive(Args)]
pub(super) struct Watch {
    #[command(flatten)]
    pub(super) part: Part,
    /// Print one JSON object per line, one line per read
    #[arg(long)]
    pub(super) json: bool,
    /// Milliseconds from one read to the next, at most: a writer that wakes its readers is followed at once with
    /// `--changes`
    #[arg(long, value_name = "MS", default_value_t = 250, value_parser = positive)]
    pub(super) interval: u64,
    /// Stop after N reads; with `--changes`, after N that are shown
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(super) count: Option<u64>,
    /// Show only what is newer than what was shown last
    #[arg(long)]
    pub(super) changes: bool,
    /// Stop after this time
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) seconds: Option<Duration>,
    /// Show at most N elements of each array, and N entries of a map (JSON has them all)
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(super) elements: usize,
}

#[derive(Args)]
#[command(after_help = "Example: seqcopy list\n         seqcopy list --all --json | jq '.regions[].path'")]
pub(super) struct List {
    /// Look into these folders, in place of that of shared memory objects and that of the user
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) folders: Vec<PathBuf>,
    /// Also what running processes have mapped, wherever it is, as far as this user may see it
    #[arg(long)]
    pub(super) all: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args)]
#[command(after_help = "Example: seqcopy hz --seconds 5 pose imu")]
pub(super) struct Hz {
    /// The regions' files, such as /dev/shm/NAME, or NAME alone
    #[arg(required = true, value_name = "PATH", value_parser = region(), value_hint = ValueHint::FilePath)]
    pub(super) paths: Vec<PathBuf>,
    /// Measure for this time, and stop [default: again and again, each second]
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) seconds: Option<Duration>,
    /// Print one JSON object per line
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args)]
#[command(after_help = "Example: seqcopy plot imu acceleration gyro[0]")]
pub(super) struct Plot {
    /// The region's file, such as /dev/shm/NAME, or NAME alone
    #[arg(value_parser = region(), value_hint = ValueHint::FilePath)]
    pub(super) path: PathBuf,
    /// Draw these fields, or all numbers below them, such as pose.legs[2] [default: the first four numbers]
    #[arg(value_name = "FIELD")]
    pub(super) fields: Vec<String>,
    /// Draw fields of the value of this key of a map, written as `--json` prints it; texts need no quotes
    #[arg(long, allow_hyphen_values = true)]
    pub(super) key: Option<String>,
    /// The time that the picture shows, in seconds
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds)]
    pub(super) window: Duration,
    /// Print one picture after that time, as where there is no terminal
    #[arg(long)]
    pub(super) once: bool,
}

#[derive(Args)]
#[command(after_help = "Example: seqcopy record pose imu -o run.jsonl --seconds 10")]
pub(super) struct Record {
    /// The regions' files, such as /dev/shm/NAME, or NAME alone
    #[arg(required = true, value_name = "PATH", value_parser = region(), value_hint = ValueHint::FilePath)]
    pub(super) paths: Vec<PathBuf>,
    /// The file to create: NAME.jsonl or NAME.csv
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: PathBuf,
    /// Record only the value of this key of a map, written as `--json` prints it; texts need no quotes
    #[arg(long, allow_hyphen_values = true)]
    pub(super) key: Option<String>,
    /// Record at most one value of each region in this time, such as 10ms, instead of each newer one
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) every: Option<Duration>,
    /// Stop after this time
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(super) seconds: Option<Duration>,
    /// Stop before the file has more than this many bytes, such as 100M
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) max_size: Option<u64>,
}

#[derive(Args)]
#[command(after_help = "Example: seqcopy replay run.jsonl --to pose-again --speed 2")]
pub(super) struct Replay {
    /// A recording in JSON lines, which `seqcopy record` wrote
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) file: PathBuf,
    /// The region to write, instead of the recorded one. A directory, with a slash at its end, has a file for each
    /// recorded region
    #[arg(long, value_name = "PATH", value_parser = region(), value_hint = ValueHint::FilePath)]
    pub(super) to: Option<PathBuf>,
    /// How many times as fast: 2 for twice, 0.5 for half, inf for as fast as possible
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub(super) speed: f64,
}

/// A language in which programs read regions.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Language {
    /// C and C++
    C,
    /// Python, which needs no header: says what to install
    Python,
    /// Rust: structs and enums with the same schema
    Rust,
    /// A description of the type, as `--type` takes it
    Json,
}

/// A region's file: a name without a slash is looked for where the library does.
fn region() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| {
        let is_name = !path.as_os_str().is_empty() && !path.as_os_str().as_encoded_bytes().contains(&b'/');
        match path.to_str() {
            Some(name) if is_name => seqcopy_shm::path_for(name),
            _ => path,
        }
    })
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let wrong = "expected a number of seconds, more than 0";
    let seconds = text.parse().map_err(|_| wrong)?;
    Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero()).ok_or(wrong)
}

/// `10ms`, `500us`, `2s`.
fn time(text: &str) -> Result<Duration, &'static str> {
    let wrong = "expected a time such as 10ms, 500us or 2s";
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(wrong)?;
    let number: f64 = text[..unit].parse().map_err(|_| wrong)?;
    let unit = match &text[unit..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return Err(wrong),
    };
    Duration::try_from_secs_f64(number * unit).ok().filter(|time| !time.is_zero()).ok_or(wrong)
}

/// `100`, `10k`, `100M`, `2G`: of 1024.
fn size(text: &str) -> Result<u64, &'static str> {
    let wrong = "expected a number of bytes such as 4096, 10k, 100M or 2G";
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'M')) => (&text[..at], 20),
        Some((at, 'G')) => (&text[..at], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| wrong)?;
    number.checked_mul(1 << shift).filter(|size| *size > 0).ok_or(wrong)
}

fn speed(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|speed| *speed > 0.0).ok_or("expected a number above 0, such as 2, 0.5 or inf")
}

fn positive(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("expected a whole number of at least 1")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!((time("10ms"), time("2s")), (Ok(Duration::from_millis(10)), Ok(Duration::from_secs(2))));
        assert_eq!((time("0.5ms"), time("500us")), (Ok(Duration::from_micros(500)), Ok(Duration::from_micros(500))));
        assert_eq!((seconds("0.25"), size("3")), (Ok(Duration::from_millis(250)), Ok(3)));
        assert_eq!((size("10k"), size("2M"), size("1G")), (Ok(10240), Ok(2 << 20), Ok(1 << 30)));
        assert_eq!((speed("0.5"), speed("inf")), (Ok(0.5), Ok(f64::INFINITY)));
        assert!(["", "0", "-1", "nan", "x"].iter().all(|wrong| speed(wrong).is_err()));
        for wrong in ["", "10", "ms", "-1s", "0s", "1h", "nans", "1e300s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "k", "0", "-1", "1.5M", "20000000000G", "1m"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "0", "-1", "nan", "inf", "1s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_is_that_of_shared_memory() {
        let path = |text: &str| match Arguments::parse_from(["seqcopy", "show", text]).command {
            Command::Show(show) => show.part.path,
            _ => unreachable!("as asked"),
        };
        assert_eq!(path("pose"), seqcopy_shm::path_for("pose"));
        for text in ["./pose", "a/pose", "/pose", "pose/"] {
            assert_eq!(path(text), Path::new(text));
        }
    }
}
