//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Show what is in a region of shared memory that a `seqcopy_shm::Writer` created, whatever its type
///
/// The region is only read: its writer and its readers do not notice.
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
    /// Draw the type of a region: offsets, padding, cache lines, accesses
    Layout {
        /// The region's file, such as /dev/shm/NAME
        path: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Name the fields that differ between two regions, or how their types differ
    Diff {
        /// The first region's file (A)
        a: PathBuf,
        /// The second region's file (B)
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
        /// The region's file, such as /dev/shm/NAME
        #[arg(required_unless_present = "described")]
        path: Option<PathBuf>,
        /// A description of the type in JSON, in place of a region
        #[arg(long = "type", id = "described", value_name = "FILE", conflicts_with = "path")]
        described: Option<PathBuf>,
        /// The language of the programs
        #[arg(long, value_enum, default_value_t = Language::C)]
        lang: Language,
        /// The name of the C type, and the prefix of all other names [default: `seqcopy_` and the name of the Rust type]
        #[arg(long)]
        name: Option<String>,
    },
    /// Name the processes whose lock on a region's file keeps writers out
    Locks {
        /// The region's file, such as /dev/shm/NAME
        path: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Which region is shown, and what part of it
#[derive(Args)]
pub(super) struct Part {
    /// The region's file, such as /dev/shm/NAME
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
    /// Milliseconds from one read to the next
    #[arg(long, value_name = "MS", default_value_t = 250, value_parser = positive)]
    pub(super) interval: u64,
    /// Stop after N reads
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(super) count: Option<u64>,
    /// Show at most N elements of each array, and N entries of a map (JSON has them all)
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(super) elements: usize,
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

fn positive(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("expected a whole number of at least 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
