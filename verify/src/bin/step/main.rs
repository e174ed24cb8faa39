//! Steps the machine code as it is shipped, one instruction at a time: `ci/exhaust.sh`.
//!
//!     step [--all] [PART..]
//!
//! A child process writes or reads and is stopped after every instruction, by `ptrace`. There all readers look, or
//! whole values are written, or the child is killed. Without arguments a part of all that takes about two minutes; with
//! `--all` everything. The last line is the sum. `SEQCOPY_STEP_CPU` chooses the processor; `SEQCOPY_STEP_FIRST` ends at
//! the first failure.

// Values are made of numbers whose low bytes count.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod arc;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod bytes;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod count;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod locks;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod map;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod memory;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod next;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod part;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod parts;
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
mod plugin;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod reader;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod report;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod run;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod shm;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod steps;
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
#[path = "emulated.rs"]
mod trace;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod trace;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod traced;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod values;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod writer;

#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
fn main() -> std::process::ExitCode {
    run::main(parts::between_processes)
}

#[cfg(not(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64"))))]
fn main() {
    println!("==== SKIPPED: instructions are stepped on Linux only, of x86-64, and of aarch64 as QEMU runs it ====");
    println!("step: 0 cases, 0 failures");
}
