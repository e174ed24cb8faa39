//! Draws a table of the bench `peers`: `cargo run -p bench --bin plot < table.tsv > docs/speed.svg`.
//!
//! `plot [OPERATIONS [SHAPE]]`, as `plot read,write dense`, which is the default. The caption names this machine, so
//! draw where you have measured.

use std::io::Read as _;
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use bench::chart::svg;
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
    let mut words = env::args().skip(1);
    let operations = words.next().unwrap_or_else(|| "read,write".to_owned());
    let shape = words.next().unwrap_or_else(|| "dense".to_owned());
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("stdin: {error}"))?;
    let lines: Vec<Line> = text.lines().filter(|line| *line != HEADER).map(Line::parse).collect::<Result<_, _>>()?;
    let caption = format!(
        "Nanoseconds for one uncontended operation against the size of the payload, medians. {}, {}.",
        processor(),
        compiler()
    );
    svg(&lines, &operations.split(',').collect::<Vec<_>>(), &shape, &caption)
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let line = info.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    match (value("model name"), value("cpu family"), value("model\t")) {
        (Some(name), Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => format!("an unnamed processor ({})", env::consts::ARCH),
    }
}

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok().filter(|output| output.status.success());
    output.map_or_else(
        || "unknown compiler".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
