//! Writes the workspace: crates of some types each, and one that runs them all.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use seqcopy_tests::oracle::Rng;

use crate::{Options, emit, generate, regions};

/// Types per crate: enough to share the cost of a crate, few enough to compile crates in parallel.
const CHUNK: usize = 50;

pub(crate) fn write(options: &Options) -> io::Result<()> {
    if options.regions {
        return write_regions(options);
    }
    let Options { count, first, seed, small, out, .. } = options;
    let dependencies = dependencies();
    let mut rng = Rng::new(*seed);
    let (mut crates, mut calls) = (String::new(), String::new());
    // Half of the types are optimised, so that the compiler exploits all its assumptions.
    let mut profile = "[profile.dev]\ndebug = false\nincremental = false\n".to_owned();
    for start in (0..first + count).step_by(CHUNK) {
        let mut rng = rng.fork();
        if start + CHUNK <= *first {
            continue;
        }
        let number = start / CHUNK - first / CHUNK;
        let name = format!("chunk{number}");
        let source = chunk(&mut rng, start, CHUNK.min(first + count - start), *small);
        package(out, &name, &dependencies, "lib.rs", &source)?;
        crates += &path(&name, Path::new(&format!("../{name}")));
        writeln!(calls, "    {name}::run(&mut report);").expect("to memory");
        if number % 2 == 1 {
            writeln!(profile, "[profile.dev.package.{name}]\nopt-level = 2").expect("to memory");
        }
    }
    let source = format!(
        "use seqcopy_tests::oracle::Report;\n\nfn main() -> std::process::ExitCode {{\n    \
         let mut report = Report::new({seed});\n{calls}    report.finish()\n}}\n"
    );
    package(out, "run", &(dependencies + &crates), "main.rs", &source)?;
    workspace(out, profile)
}

/// The same for a program that makes regions of that many types: `run DIR`.
fn write_regions(Options { count, seed, out, .. }: &Options) -> io::Result<()> {
    let dependencies = dependencies();
    let mut rng = Rng::new(*seed);
    let (mut crates, mut calls, mut made, mut number) = (String::new(), String::new(), 0, 0);
    while made < *count {
        let (source, more) = regions::chunk(&mut rng.fork(), number * CHUNK, CHUNK, count - made);
        made += more;
        let name = format!("chunk{number}");
        package(out, &name, &dependencies, "lib.rs", &source)?;
        crates += &path(&name, Path::new(&format!("../{name}")));
        writeln!(calls, "    {name}::run(&mut regions)?;").expect("to memory");
        number += 1;
    }
    let source = format!(
        "fn main() -> Result<(), Box<dyn std::error::Error>> {{\n    \
         let dir = std::env::args_os().nth(1).ok_or(\"a directory\")?;\n    \
         let mut regions = seqcopy_tests::regions::Regions::new(dir)?;\n{calls}    \
         regions.add_odd()?;\n    Ok(())\n}}\n"
    );
    package(out, "run", &(dependencies + &crates), "main.rs", &source)?;
    workspace(out, "[profile.dev]\ndebug = false\nincremental = false\n".to_owned())
}

fn path(name: &str, path: &Path) -> String {
    format!("{name} = {{ path = '{}' }}\n", path.display())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository")
}

/// The dependencies of each crate.
fn dependencies() -> String {
    path("seqcopy", &root().join("seqcopy")) + &path("seqcopy-tests", &root().join("tests"))
}

fn workspace(out: &Path, mut profile: String) -> io::Result<()> {
    // With the versions of this repository.
    fs::copy(root().join("Cargo.lock"), out.join("Cargo.lock"))?;
    for name in ["seqcopy", "seqcopy-tests"] {
        writeln!(profile, "[profile.dev.package.{name}]\nopt-level = 2").expect("to memory");
    }
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"run\", \"chunk*\"]\n\n";
    fs::write(out.join("Cargo.toml"), workspace.to_owned() + &profile)
}

fn package(out: &Path, name: &str, dependencies: &str, file: &str, source: &str) -> io::Result<()> {
    let folder = out.join(name);
    fs::create_dir_all(folder.join("src"))?;
    let head = format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n");
    fs::write(folder.join("Cargo.toml"), head + dependencies)?;
    fs::write(folder.join("src").join(file), source)
}

/// The source of a crate of types.
pub(crate) fn chunk(rng: &mut Rng, first: usize, count: usize, small: bool) -> String {
    let defs = generate::definitions(rng, first, count, small);
    let (mut items, mut tests) = (String::new(), String::new());
    for index in 0..defs.len() {
        let (item, test) = emit::definition(rng, &defs, index);
        items += &item;
        items.push('\n');
        tests += &test;
    }
    format!(
        "#![allow(warnings)]\nuse seqcopy_tests::oracle as o;\n\n{items}pub fn run(report: &mut o::Report) {{\n{tests}}}\n"
    )
}
