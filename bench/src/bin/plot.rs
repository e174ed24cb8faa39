//! Draws what the benches `peers` and `contended` printed, each of which ran several times:
//! `cargo run -p bench --bin plot -- 1.tsv 2.tsv .. > seqcopy/docs/speed.svg`.
//!
//! A file is what one execution of one of them printed with `--table`. Reads without a writer are multiples of a plain
//! copy ([`bench::relative`]). A figure in which two halves of the executions differ by more than 10% is not drawn. On
//! stderr are the figures as tables in Markdown, for README.md and the page about performance. The caption names this
//! machine, so draw where you measured.

use std::process::{Command, ExitCode};
use std::{env, fs};

use bench::chart::{svg, table};
use bench::processor;
use bench::relative::halves;
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
    let executions = env::args().skip(1).map(|file| read(&file)).collect::<Result<Vec<_>, String>>()?;
    let runs = halves(executions);
    eprint!("{}", table(&runs));
    svg(&runs, &format!("{}; {}.", processor::name(), compiler()))
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
