//! Writes the tables of a page from the output of the benches, each of which ran several times:
//! `cargo run -p bench --no-default-features --bin figures -- seqcopy/docs/guide/performance.md 1.tsv 2.tsv ..`.
//!
//! Each file is what one execution of `peers`, `unoptimised` or `shm` printed with `--table`. Figures are multiples of
//! a reference ([`bench::relative`]). A table that is written has a comment before it, which names the lines of that
//! output:
//!
//! ```text
//! <!-- figures
//! columns: */*/*/seqcopy-seqlock */*/*/seqlock
//! rows: read/dense/8/* read/dense/64/*
//! -->
//! ```
//!
//! A row and a column together name a line: its operation, shape, size and implementation. Each of these is what the
//! row has for it, then what the column has, where `*` stands for nothing; nothing at all stands for anything. The
//! first cell of each row, and the rows before them, stay as they are. A figure is the mean of both halves of the
//! executions, or `?` if they differ by more than a tenth, or `-` if one lacks it; stderr names these.

use std::process::ExitCode;
use std::{env, fs};

use bench::relative::{Figure, figure, halves};
use bench::table::{HEADER, Line};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [page, files @ ..] = &args[..] else {
        eprintln!("usage: figures PAGE.md 1.tsv 2.tsv ..");
        return ExitCode::FAILURE;
    };
    match write(page, files) {
        Ok(unknown) => {
            for name in unknown {
                eprintln!("figures: {name}");
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("figures: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the figures that it did not write.
fn write(page: &str, files: &[String]) -> Result<Vec<String>, String> {
    let read = |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let executions = files.iter().map(|file| run(&read(file)?)).collect::<Result<Vec<_>, String>>()?;
    let runs = halves(executions);
    let mut unknown = Vec::new();
    let text = filled(&read(page)?, &runs, &mut unknown)?;
    fs::write(page, text).map_err(|error| format!("{page}: {error}"))?;
    Ok(unknown)
}

fn run(text: &str) -> Result<Vec<Line>, String> {
    text.lines().filter(|line| *line != HEADER).map(Line::parse).collect()
}

/// The page with its tables written again.
fn filled(page: &str, runs: &[Vec<Line>; 2], unknown: &mut Vec<String>) -> Result<String, String> {
    let (mut written, mut lines) = (Vec::new(), page.lines());
    while let Some(line) = lines.next() {
        written.push(line.to_owned());
        if line != "<!-- figures" {
            continue;
        }
        let mut patterns = |name: &str| {
            let line = lines.next().unwrap_or_default();
            written.push(line.to_owned());
            let list = line.strip_prefix(name).ok_or_else(|| format!("{line:?} does not begin with {name:?}"))?;
            Ok::<_, String>(list.split_whitespace().collect::<Vec<_>>())
        };
        let (columns, rows) = (patterns("columns: ")?, patterns("rows: ")?);
        // The end of the comment, and the head of the table.
        written.extend(lines.by_ref().take(3).map(str::to_owned));
        for row in rows {
            let line = lines.next().filter(|line| line.starts_with("| ")).ok_or_else(|| format!("no row for {row}"))?;
            let mut figures = vec![line.split('|').nth(1).unwrap_or_default().trim().to_owned()];
            for column in &columns {
                figures.push(cell(row, column, runs, unknown)?);
            }
            written.push(format!("| {} |", figures.join(" | ")));
        }
    }
    Ok(written.join("\n") + "\n")
}

fn cell(row: &str, column: &str, runs: &[Vec<Line>; 2], unknown: &mut Vec<String>) -> Result<String, String> {
    let joined: Vec<String> =
        row.split('/').zip(column.split('/')).map(|(row, column)| format!("{row}{column}").replace('*', "")).collect();
    let [operation, shape, bytes, implementation] = &joined[..] else {
        return Err(format!("{row} or {column} has not four parts"));
    };
    let is = |asked: &String, part: &str| asked.is_empty() || asked == part;
    let matches = |line: &Line| {
        is(operation, &line.operation)
            && is(shape, &line.shape)
            && is(bytes, &line.bytes.to_string())
            && is(implementation, &line.implementation)
    };
    let figure = figure(runs, matches);
    let written = match figure {
        Figure::Agreed(mean) => return Ok(rounded(mean)),
        Figure::Varies(..) => "?",
        Figure::Missing => "-",
    };
    unknown.push(format!("{written} {}: {figure:?}", joined.join("/")));
    Ok(written.to_owned())
}

/// With three digits.
fn rounded(ns: f64) -> String {
    match ns {
        ..9.995 => format!("{ns:.2}"),
        ..99.95 => format!("{ns:.1}"),
        _ => format!("{ns:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{filled, run};

    #[test]
    fn a_figure_on_which_the_runs_agree_is_written() {
        let page = "a\n<!-- figures\ncolumns: _dev/*/*/a */*/*/b */*/*/c\nrows: read/dense/8/*\n-->\n| | a | b | c |\n|---|---|---|---|\n| 8 B | 7 | 7 | 7 |\nb\n";
        let first =
            "read_dev\tdense\t8\ta\t1.00\t1\t1\t1\nread\tdense\t8\tb\t10.0\t1\t1\t1\nread\tdense\t64\ta\t5\t5\t5\t1\n";
        let second = "read_dev\tdense\t8\ta\t1.04\t1\t1\t1\nread\tdense\t8\tb\t11.2\t1\t1\t1\n";
        let mut unknown = Vec::new();
        let text = filled(page, &[run(first).unwrap(), run(second).unwrap()], &mut unknown).unwrap();
        assert_eq!(text, page.replace("| 8 B | 7 | 7 | 7 |", "| 8 B | 1.02 | ? | - |"));
        assert_eq!(unknown.len(), 2, "{unknown:?}");
    }
}
