//! Draws what the benches `peers` and `contended` printed in two runs:
//! `cargo run -p bench --bin plot -- run1.tsv run2.tsv > seqcopy/docs/speed.svg`.
//!
//! A run is a file with both tables, one after the other:
//! `for bench in peers contended; do cargo bench -p bench --bench $bench -- --table; done > run1.tsv`.
//! A figure that differs between the runs by more than 10 % is not drawn. On stderr are the figures as tables in Markdown, for README.md
//! and the page about performance. A third argument is the caption; by default it names this machine, so draw where you measured.

use std::process::{Command, ExitCode};
use std::{env, fs};

use bench::chart::{svg, table};
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
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [first, second, caption @ ..] = &arguments[..] else { return Err("two runs, and a caption".to_owned()) };
    let runs = [read(first)?, read(second)?];
    eprint!("{}", table(&runs));
    svg(&runs, &caption.first().cloned().unwrap_or_else(|| format!("{}; {}.", processor::name(), compiler())))
}

fn read(path: &str) -> Result<Vec<Line>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
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
    Ok(lines)
}

/// `rustc 1.95.0`.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok().filter(|output| output.status.success());
    output.map_or_else(
        || "unknown compiler".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).split(" (").next().unwrap_or_default().trim().to_owned(),
    )
}
