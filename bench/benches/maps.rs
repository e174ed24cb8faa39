//! Maps compared with those of other crates: `cargo bench -p bench --bench maps -- --table`.
//!
//! Builds and runs the package in `bench/maps`, whose first page says what is measured. It is no member of the
//! workspace, so that neither LMDB, which needs a C compiler, nor iceoryx2, which needs libclang, is built for anything
//! else. Where their sources can't be had, this prints SKIPPED and why.

use std::path::Path;
use std::process::{Command, Output, Stdio, exit};
use std::{env, io};

use bench::args::Args;

fn main() {
    // Also refuses wrong arguments before anything is built.
    let args = Args::of_process(31);
    if args.smoke {
        // Minutes of compilation are too long for `cargo test`.
        return;
    }
    match run() {
        Ok(code) => exit(code),
        Err(message) => {
            eprintln!("{message}");
            exit(1)
        }
    }
}

/// The exit code.
fn run() -> Result<i32, String> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("maps");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("maps");
    if let Err(message) = fetch(&package) {
        eprintln!("==== SKIPPED: the crates of bench/maps/Cargo.lock can't be had: {message} ====");
        return Ok(0);
    }
    let mut build = cargo(&package);
    // A target of the user's own would be another folder below that one.
    build
        .args(["build", "--release", "--locked", "--offline", "--target-dir"])
        .arg(&target)
        .env_remove("CARGO_BUILD_TARGET");
    let built = build.stdout(Stdio::null()).status().map_err(|error| not_started(&error))?;
    if !built.success() {
        return Err("bench/maps does not build; it needs a C compiler and libclang".to_owned());
    }
    let program = target.join("release").join("bench-maps");
    let status = Command::new(&program).args(env::args_os().skip(1)).status();
    let status = status.map_err(|error| format!("{}: {error}", program.display()))?;
    status.code().ok_or(format!("{}: {status}", program.display()))
}

/// The locked versions of all crates for this machine, from the network if they are not there; or why they can't be
/// had.
fn fetch(package: &Path) -> Result<(), String> {
    // `cargo fetch` would fetch those for all machines.
    let tree = |more: &[&str]| cargo(package).args(["tree", "--quiet", "--locked", "--depth", "0"]).args(more).output();
    if tree(&["--offline"]).map_err(|error| not_started(&error))?.status.success() {
        return Ok(());
    }
    let Output { status, stderr, .. } = tree(&[]).map_err(|error| not_started(&error))?;
    if status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&stderr);
    let reasons: Vec<_> =
        stderr.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Caused by:").collect();
    Err([reasons.first(), reasons.last()].into_iter().flatten().copied().collect::<Vec<_>>().join(": "))
}

fn cargo(package: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(package);
    command
}

fn not_started(error: &io::Error) -> String {
    format!("cargo: {error}")
}
