//! Opens hostile regions, with a value or with a map, and reads those that open: `ci/hostile.sh`.
//!
//!     hostile [N] [--seed S] [--first K] [--command PROGRAM]
//!
//! Each region depends on the seed and its number only. Failures are a panic, a read that takes too long, an invalid
//! value, and any other result than the one that follows from the bytes. With `--command` the command `seqcopy` reads
//! the regions, and worse ones. The last line is the summary.

#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod command;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod evil;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod image;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod known;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod map_image;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod maps;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod run;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod tally;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod tree;

#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
fn main() -> std::process::ExitCode {
    run::main()
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64", target_endian = "little")))]
fn main() {}
