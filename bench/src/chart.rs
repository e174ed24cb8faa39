//! Draws two tables as bars: the time of a read without a writer, and of one while another thread writes without pause.
//!
//! Each size is a column with a scale of its own. Lengths are linear; a bar too long for its column ends in a wedge,
//! and has its figure like every other.

use std::fmt::Write as _;

use crate::relative::{self, Figure};
use crate::table::{BUSY, Line};

const WIDTH: u32 = 660;
/// The place of the names, left of the bars.
const NAMES: u32 = 208;
const COLUMN: u32 = (WIDTH - NAMES) / 3;
/// The longest bar; the rest of the column is for its figure.
const BAR: f64 = 84.0;
const ROW: u32 = 25;
/// What a bar may be at most, in multiples of the column's shortest.
const LONGEST: f64 = 12.0;

const STYLE: &str = "<style>text{font:17px system-ui,sans-serif;fill:#3A424A}.t{font-weight:600;font-size:19px}.c,.v{fill:#57606A}\
.c{font-size:15px}.ours{font-weight:600;fill:#B81F33}.o{fill:#D7263D}.p{fill:#7C93AB}\
@media (prefers-color-scheme:dark){text{fill:#DCE2E8}.c,.v{fill:#A6B0BA}.ours{fill:#FF7A8A}}</style>\n";

struct Panel {
    title: &'static str,
    operation: &'static str,
    sizes: [usize; 3],
    /// Names in the table, and in the picture.
    rows: &'static [(&'static str, &'static str)],
}

const PANELS: [Panel; 2] = [
    Panel {
        title: "One read, no writer: multiples of memcpy",
        operation: "read",
        sizes: [64, 256, 1024],
        rows: &[
            ("seqcopy-seqlock", "SeqLock::read_into"),
            ("seqcopy-seqlock-by-value", "*dst = lock.read()"),
            ("plain", "memcpy (data race)"),
            ("seqlock", "seqlock"),
            ("crossbeam-atomiccell", "AtomicCell"),
            ("std-rwlock", "std RwLock"),
            ("std-mutex", "std Mutex"),
            ("parking_lot-rwlock", "parking_lot RwLock"),
            ("arc-swap", "arc-swap, and a copy"),
            ("triple_buffer", "triple_buffer"),
            ("nexus-slot", "nexus-slot"),
            ("photon-ring", "photon-ring"),
        ],
    },
    Panel {
        title: "One read, with a writer that never pauses: ns",
        operation: BUSY,
        sizes: [256, 1024, 4096],
        rows: &[
            ("seqcopy-seqlock", "SeqLock"),
            ("seqcopy-latch2", "SeqLatch, 2 buffers"),
            ("seqcopy-latch4", "SeqLatch, 4 buffers"),
            ("seqcopy-latch8", "SeqLatch, 8 buffers"),
            ("seqlock", "seqlock"),
            ("crossbeam-atomiccell", "AtomicCell"),
            ("std-rwlock", "std RwLock"),
            ("std-mutex", "std Mutex"),
            ("parking_lot-rwlock", "parking_lot RwLock"),
            ("arc-swap", "arc-swap, and a copy"),
            ("nexus-slot", "nexus-slot"),
            ("photon-ring", "photon-ring"),
        ],
    },
];

/// That of one implementation's reads of dense payloads.
fn figure(runs: &[Vec<Line>; 2], operation: &str, bytes: usize, implementation: &str) -> Figure {
    relative::figure(runs, |line| {
        line.shape == "dense"
            && (line.operation == operation && line.bytes == bytes && line.implementation == implementation)
    })
}

/// The rows of a table in Markdown: everything that the picture has, and what it leaves out because two halves of the
/// executions differ.
#[must_use]
pub fn table(runs: &[Vec<Line>; 2]) -> String {
    let mut text = String::new();
    for Panel { title, operation, sizes, rows } in &PANELS {
        let _ = writeln!(text, "| {title} | {} |\n|---|---|---|---|", sizes.map(size_label).join(" | "));
        for (implementation, name) in *rows {
            let figures = sizes.map(|bytes| match figure(runs, operation, bytes, implementation) {
                Figure::Agreed(ns) => number(ns),
                Figure::Varies(a, b) => format!("({} and {}: not drawn)", number(a), number(b)),
                Figure::Missing => "-".to_owned(),
            });
            let _ = writeln!(text, "| {name} | {} |", figures.join(" | "));
        }
    }
    text
}

/// Draws reads of dense payloads: lines of `peers` above, of `contended` below, if there are any. `caption` names the
/// machine and the compiler.
///
/// # Errors
/// If there is nothing to draw.
pub fn svg(runs: &[Vec<Line>; 2], caption: &str) -> Result<String, String> {
    let mut body = String::new();
    let mut y = 0;
    let mut varies = false;
    for panel in &PANELS {
        varies |= panel.draw(runs, &mut y, &mut body);
    }
    if body.is_empty() {
        return Err("no reads of dense payloads in both halves of the executions".to_owned());
    }
    let mut notes = vec![
        "Reads of plain numbers; shorter is better.".to_owned(),
        "Medians of a hot loop: one reading thread; without a writer, data in its cache.".to_owned(),
    ];
    if varies {
        notes.push("varies: two halves of the executions differ by more than 10%.".to_owned());
    }
    notes.push(caption.to_owned());
    y += 14;
    for note in notes {
        y += 21;
        label(&mut body, "c", 8, y, &note);
    }
    y += 12;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" role=\"img\">\n\
         <title>The time of each read, by size and crate</title>\n{STYLE}{body}</svg>\n"
    ))
}

impl Panel {
    /// Below `y`, which becomes the panel's end. Whether a figure was left out because the runs differ.
    fn draw(&self, runs: &[Vec<Line>; 2], y: &mut u32, body: &mut String) -> bool {
        let all = self.sizes.map(|bytes| {
            let figures = self.rows.iter().map(move |(name, _)| figure(runs, self.operation, bytes, name));
            figures.collect::<Vec<_>>()
        });
        let drawn = |figure: &Figure| if let Figure::Agreed(ns) = figure { Some(*ns) } else { None };
        if all.iter().flatten().all(|figure| *figure == Figure::Missing) {
            return false;
        }
        *y += 36;
        label(body, "t", 8, *y, self.title);
        *y += 26;
        for (column, bytes) in (0..).zip(self.sizes) {
            label(body, "v", NAMES + column * COLUMN, *y, &size_label(bytes));
        }
        *y += 8;
        for (row, (implementation, name)) in self.rows.iter().enumerate() {
            let ours = implementation.starts_with("seqcopy");
            label(body, if ours { "ours" } else { "" }, 8, *y + 18, name);
            for (column, figures) in (0..).zip(&all) {
                let x = NAMES + column * COLUMN;
                let shortest = figures.iter().filter_map(drawn).fold(f64::MAX, f64::min);
                let longest = figures.iter().filter_map(drawn).fold(0.0, f64::max).min(shortest * LONGEST);
                match figures[row] {
                    Figure::Agreed(ns) => {
                        bar(body, if ours { "o" } else { "p" }, (x, *y + 4), ns / longest);
                        label(body, "v", x + length(ns / longest) + 6, *y + 18, &number(ns));
                    }
                    Figure::Varies(..) => label(body, "c", x, *y + 18, "varies"),
                    Figure::Missing => label(body, "c", x, *y + 18, "–"),
                }
            }
            *y += ROW;
        }
        all.iter().flatten().any(|figure| matches!(figure, Figure::Varies(..)))
    }
}

/// The length of a bar, in pixels, from its share of the longest that fits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 84")]
fn length(share: f64) -> u32 {
    (share.min(1.0) * BAR).round().max(2.0) as u32
}

fn bar(body: &mut String, class: &str, (x, y): (u32, u32), share: f64) {
    let (length, height) = (length(share), ROW - 8);
    // The end of a bar that would be longer is a wedge.
    let wedge = if share > 1.001 { 9 } else { 0 };
    let _ = writeln!(
        body,
        "<path class=\"{class}\" d=\"M{x} {y}h{}l{wedge} {}l-{wedge} {}H{x}z\"/>",
        length - wedge.min(length),
        height / 2,
        height - height / 2
    );
}

fn label(body: &mut String, class: &str, x: u32, y: u32, text: &str) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(body, "<text{class} x=\"{x}\" y=\"{y}\">{text}</text>");
}

/// With two digits.
fn number(ns: f64) -> String {
    match ns {
        9950.0.. => format!("{:.0} µs", ns / 1e3),
        995.0.. => format!("{:.1} µs", ns / 1e3),
        9.95.. => format!("{ns:.0}"),
        _ => format!("{ns:.1}"),
    }
}

fn size_label(bytes: usize) -> String {
    if bytes >= 1024 { format!("{} KiB", bytes / 1024) } else { format!("{bytes} B") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::Summary;

    fn line(operation: &str, bytes: usize, implementation: &str, median: f64) -> Line {
        Line {
            operation: operation.to_owned(),
            shape: "dense".to_owned(),
            bytes,
            implementation: implementation.to_owned(),
            ns: Summary { median, p25: median, p75: median * 1.1 },
            ratio: None,
        }
    }

    fn run(seqlock: f64) -> Vec<Line> {
        vec![
            line("read", 64, "seqcopy-seqlock", 1.04),
            line("read", 64, "seqlock", seqlock),
            line("read", 64, "arc-swap", 60.0),
            line("read", 64, "not drawn", 3.0),
            line(BUSY, 256, "seqcopy-latch4", 5000.0),
        ]
    }

    #[test]
    fn runs_that_agree_are_drawn_by_their_mean() {
        let svg = svg(&[run(20.0), run(21.9)], "a & b").unwrap();
        for text in [">1.0<", ">21<", ">60<", ">5.0 µs<", ">a &amp; b<", ">seqlock<", "SeqLatch, 4 buffers"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        assert!(!svg.contains("varies") && !svg.contains("not drawn") && !svg.contains("<script"), "{svg}");
        // The longest that fits is 12 times the shortest, and 60 is more.
        assert_eq!(svg.matches("l9 ").count(), 2, "{svg}");
    }

    #[test]
    fn runs_that_differ_are_not_drawn() {
        let runs = [run(20.0), run(22.5)];
        assert_eq!(figure(&runs, "read", 64, "seqlock"), Figure::Varies(20.0, 22.5));
        let svg = svg(&runs, "").unwrap();
        assert!(svg.contains(">varies<") && !svg.contains(">21<"), "{svg}");
        assert!(table(&runs).contains("| seqlock | (20 and 22: not drawn) | - | - |"), "{}", table(&runs));
    }

    #[test]
    fn a_panel_without_lines_is_left_out() {
        let runs = [run(20.0), run(20.0)].map(|mut run| {
            run.retain(|line| line.operation != BUSY);
            run
        });
        assert!(!svg(&runs, "").unwrap().contains("never pauses"));
        assert!(svg(&[Vec::new(), Vec::new()], "").is_err());
    }
}
