//! Kills writers at random instants and checks what readers get: `ci/kill.sh`.
//!
//!     kill [N] [--seed S]
//!
//! Each time a new process takes over a region, in turn a latch of two buffers, a single buffer, and a map of two or
//! four, and writes as fast as it can until it is killed; or it creates and closes one region after another. Meanwhile
//! readers in this process check every value and every view that they get; some reading processes are killed as well.
//! The last line is the summary.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod maps;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod process;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod run;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod values;

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn main() -> std::process::ExitCode {
    run::main()
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn main() {}
