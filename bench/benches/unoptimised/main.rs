//! Reads and writes in builds without optimisation, compared with those of the crate `seqlock`:
//! `cargo bench -p bench --bench unoptimised -- --table`.
//!
//! Makes a package outside the workspace, as a user's would be, and builds it twice: in the profile `dev`, and in one
//! that only optimises the dependencies (`[profile.dev.package."*"] opt-level = 3`), with the versions of this
//! workspace's `Cargo.lock`. Each program measures all its operations in rotation, and the lines of both make one
//! table: `read_dev` and `read_dev_deps3`.

use std::path::Path;
use std::process::{Command, Stdio, exit};
use std::{env, fs};

use bench::args::Args;
use bench::processor;
use bench::table::{HEADER, Line, pretty};

const PROGRAM: &str = include_str!("program.rs");
const TABLE: &str = include_str!("../../src/table.rs");
const TIMING: &str = include_str!("../../src/timing.rs");

/// The suffix of the operations, and the profile.
const PROFILES: [(&str, &str); 2] = [("dev", "dev"), ("dev_deps3", "deps3")];

fn main() {
    let args = Args::of_process(31);
    if args.smoke {
        // A minute of compilation is too long for `cargo test`.
        return;
    }
    if let Err(message) = run(&args) {
        eprintln!("{message}");
        exit(1);
    }
}

fn run(args: &Args) -> Result<(), String> {
    eprintln!("{}", processor::describe());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unoptimised");
    make(workspace, &package).map_err(|error| format!("{}: {error}", package.display()))?;
    for (_, profile) in PROFILES {
        // Everything was fetched for this bench. Without the network cargo takes the locked versions only.
        let built = cargo(&package, profile, &["--offline"]) || cargo(&package, profile, &[]);
        if !built {
            return Err(format!("the package does not build in the profile {profile}"));
        }
    }
    if args.table {
        println!("{HEADER}");
    }
    for (suffix, profile) in PROFILES {
        let directory = if profile == "dev" { "debug" } else { profile };
        let output = Command::new(package.join("target").join(directory).join("unoptimised"))
            .args([suffix, &args.rounds.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("the program in the profile {profile}: {error}"))?;
        if !output.status.success() {
            return Err(format!("the program in the profile {profile}: {}", output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<Line> = text.lines().map(Line::parse).collect::<Result<_, _>>()?;
        let wanted = |line: &Line| {
            args.wants(&format!("{}/{}/{}/{}", line.operation, line.shape, line.bytes, line.implementation))
        };
        for pair in lines.chunks(2) {
            let pair: Vec<Line> = pair.iter().filter(|line| wanted(line)).cloned().collect();
            if args.table {
                for line in &pair {
                    println!("{}", line.tab_separated());
                }
            } else {
                print!("{}", pretty(&pair));
            }
        }
    }
    Ok(())
}

fn make(workspace: &Path, package: &Path) -> std::io::Result<()> {
    let manifest = format!(
        "[package]\nname = \"unoptimised\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nseqcopy = {{ path = '{}' }}\nseqlock = \"0.2\"\n\n\
         [profile.deps3]\ninherits = \"dev\"\n\n[profile.deps3.package.\"*\"]\nopt-level = 3\n\n\
         # Not a member of the workspace around the target directory.\n[workspace]\n",
        workspace.join("seqcopy").display()
    );
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock"))?;
    fs::write(package.join("src/main.rs"), PROGRAM)?;
    fs::write(package.join("src/table.rs"), TABLE)?;
    fs::write(package.join("src/timing.rs"), TIMING)
}

/// Whether the package builds; says why not.
fn cargo(package: &Path, profile: &str, more: &[&str]) -> bool {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--profile", profile]).args(more);
    // Flags for the bench are not for this package, whose profiles are the point.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PROFILE_") || name == "CARGO_TARGET_DIR") {
            command.env_remove(name);
        }
    }
    command.current_dir(package).stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}
