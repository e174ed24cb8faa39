//! Writes a workspace of random types with their tests: `random_types --count 300 --seed 1 --out DIR`.
//!
//! The same seed and numbers give the same types. `ci/random.sh` compiles and runs them.

mod describe;
mod emit;
mod facts;
mod fields;
mod generate;
mod literal;
mod model;
mod paths;
mod project;
mod regions;
mod spell;
#[cfg(test)]
mod tests;
mod twin;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
Writes a workspace of random types, each with its test, to be run by `cargo run` in it.

    random_types --count N --seed S --out DIR [--first F] [--small] [--regions]

    --first F   leave out the first F types, but count them: a part of many
    --small     only types that an interpreter can test in a second or two
    --regions   no tests, but a program that makes regions of N types, and of some odd ones, in a directory that it is given
";

struct Options {
    count: usize,
    first: usize,
    seed: u64,
    small: bool,
    regions: bool,
    out: PathBuf,
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let (mut count, mut first, mut seed, mut small, mut regions, mut out) = (300, 0, 1, false, false, None);
    while let Some(name) = args.next() {
        if name == "--help" {
            return Err(HELP.to_owned());
        }
        if name == "--small" {
            small = true;
            continue;
        }
        if name == "--regions" {
            regions = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("`{name}` lacks its value\n{HELP}"))?;
        let wrong = |_| format!("`{name} {value}`: not a number");
        match name.as_str() {
            "--count" => count = value.parse().map_err(wrong)?,
            "--first" => first = value.parse().map_err(wrong)?,
            "--seed" => seed = value.parse().map_err(wrong)?,
            "--out" => out = Some(PathBuf::from(&value)),
            _ => return Err(format!("unknown option `{name}`\n{HELP}")),
        }
    }
    let out = out.ok_or_else(|| format!("`--out` is missing\n{HELP}"))?;
    Ok(Options { count, first, seed, small, regions, out })
}

fn main() -> ExitCode {
    let result = options(std::env::args().skip(1)).and_then(|options| {
        project::write(&options).map_err(|error| format!("can't write to {}: {error}", options.out.display()))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
