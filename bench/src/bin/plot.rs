//! Draws tables of the benches `peers` and `contended`, one after the other on stdin:
//! `cat peers.tsv contended.tsv | cargo run -p bench --bin plot > seqcopy/docs/speed.svg`.
//!
//! `plot [CAPTION]`: the caption says where they were measured. By default it names this machine, so draw where you measured.

use std::io::Read as _;
use std::process::{Command, ExitCode};
use std::{env, io};

use bench::chart::svg;
use bench::processor;
use bench::table::{HEADER, Line};

fn main() -> ExitCode {
    match draw() {
        Ok(svg) => {
            print!("{svg}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("plot: {message}");
            ExitCode::FAILURE
        }
    }
}

fn draw() -> Result<String, String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("stdin: {error}"))?;
    let (mut lines, mut header) = (Vec::new(), "");
    for line in text.lines() {
        match line.split('\t').next() {
            Some("operation" | "writer" | "writers") => header = line,
            _ if header == HEADER => lines.push(Line::parse(line)?),
            _ if header.starts_with("writer\t") => lines.extend(Line::of_contended(line)?),
            // The second table of `contended`, about writers.
            _ => {}
        }
    }
    let caption = env::args().nth(1).unwrap_or_else(|| format!("{}, {}.", processor::describe(), compiler()));
    svg(&lines, &caption)
}

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok().filter(|output| output.status.success());
    output.map_or_else(
        || "unknown compiler".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
