//! Opens regions that nobody honest has made, and reads what opens: `ci/hostile.sh`.
//!
//!     hostile [N] [--seed S] [--first K] [--command PROGRAM]
//!
//! Each region follows from the seed and its number alone. A panic, a read that takes too long, a value that is none, and an
//! answer that is not the one that the bytes ask for are failures. With `--command` it is the command
//! `seqcopy` that looks at them, and at worse ones. The last line is the summary.

#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod command;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod evil;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod image;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod known;
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
