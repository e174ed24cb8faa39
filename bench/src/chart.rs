//! Draws two tables: the time of a read without a writer, and beside a writer that never pauses.

use std::fmt::Display;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::table::{BUSY, Line};

const SIZE: (u32, u32) = (1180, 540);
/// The margin right of the lines, for their names, in pixels.
const NAMES: u32 = 178;
/// The least distance between two names, in pixels.
const APART: i32 = 17;
const FONT: &str = "system-ui, sans-serif";
/// The colour of all text but the lines' names, on a light background; [`STYLE`] has that for a dark one.
const INK: RGBColor = RGBColor(0x57, 0x60, 0x6A);
/// The chart has no background of its own, so the page's shows through.
const STYLE: &str = "<style>@media (prefers-color-scheme: dark) { text[fill='#57606A'] { fill: #A6B0BA } }</style>\n";

/// A line of a panel: its name in the table and in the chart, and its look.
struct Series {
    implementation: &'static str,
    name: &'static str,
    colour: RGBColor,
    width: u32,
    dashed: bool,
}

const fn series(implementation: &'static str, name: &'static str, colour: (u8, u8, u8), width: u32) -> Series {
    Series { implementation, name, colour: RGBColor(colour.0, colour.1, colour.2), width, dashed: false }
}

/// The first series is drawn on top of the others: it is what users call first.
const ALONE: [Series; 5] = [
    series("seqcopy-seqlock-by-value", "SeqLock::read", (0xD7, 0x26, 0x3D), 4),
    series("seqcopy-seqlock", "SeqLock::read_into", (0xE5, 0x7A, 0x1F), 2),
    Series { dashed: true, ..series("plain", "memcpy (a data race)", (0x80, 0x88, 0x90), 2) },
    series("seqlock", "crate seqlock 0.2", (0x2F, 0x81, 0xC4), 2),
    series("bytes", "byte by byte", (0x3A, 0x9D, 0x5D), 2),
];

/// A lock has the same colour as above.
const BESIDE: [Series; 5] = [
    series("seqcopy-seqlock", "SeqLock", (0xE5, 0x7A, 0x1F), 2),
    series("seqcopy-latch2", "SeqLatch of 2", (0xB0, 0x6A, 0xD6), 2),
    series("seqcopy-latch4", "SeqLatch of 4", (0x8A, 0x4F, 0xC7), 4),
    series("seqcopy-latch8", "SeqLatch of 8", (0x6B, 0x7F, 0xE8), 2),
    series("seqlock", "crate seqlock 0.2", (0x2F, 0x81, 0xC4), 2),
];

/// A measurement: bytes, median in nanoseconds, and the first and third quartile.
struct Point {
    bytes: f64,
    ns: f64,
    spread: (f64, f64),
}

/// Draws reads of dense payloads: lines of `peers` on the left, of `contended` on the right. `caption` says where they were
/// measured.
///
/// # Errors
/// If there is nothing to draw in one of the panels.
pub fn svg(lines: &[Line], caption: &str) -> Result<String, String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        let (panels, below) = root.split_vertically(SIZE.1 - 54);
        let (left, right) = panels.split_horizontally(SIZE.0 / 2);
        Panel { operation: "read", title: "One read, no writer", series: &ALONE }.draw(&root, &left, lines)?;
        let title = "One read, beside a writer that never pauses";
        Panel { operation: BUSY, title, series: &BESIDE }.draw(&root, &right, lines)?;
        let axes = "Time for each read against the size of the value, lower is better; both axes are logarithmic.";
        below.draw(&Text::new(axes, (14, 6), font(15, INK))).map_err(text_of)?;
        below.draw(&Text::new(caption, (14, 27), font(15, INK))).map_err(text_of)?;
        root.present().map_err(text_of)?;
    }
    Ok(text.replacen(">\n", &format!(">\n<title>Time for each read against the size of the value</title>\n{STYLE}"), 1))
}

struct Panel {
    operation: &'static str,
    title: &'static str,
    /// The first is drawn on top.
    series: &'static [Series],
}

impl Panel {
    fn points(&self, lines: &[Line], implementation: &str) -> Result<Vec<Point>, String> {
        let wanted = |line: &&Line| {
            line.operation == self.operation && line.shape == "dense" && line.implementation == implementation
        };
        let point = |line: &Line| {
            let bytes = u32::try_from(line.bytes).map_err(|_| format!("{} bytes are too many", line.bytes))?;
            Ok(Point { bytes: f64::from(bytes), ns: line.ns.median, spread: (line.ns.p25, line.ns.p75) })
        };
        let mut points = lines.iter().filter(wanted).map(point).collect::<Result<Vec<_>, String>>()?;
        points.sort_by(|a, b| a.bytes.total_cmp(&b.bytes));
        Ok(points)
    }

    fn draw(&self, root: &Area<'_>, area: &Area<'_>, lines: &[Line]) -> Result<(), String> {
        let mut curves = Vec::new();
        for series in self.series {
            let points = self.points(lines, series.implementation)?;
            if !points.is_empty() {
                curves.push((series, points));
            }
        }
        let all = || curves.iter().flat_map(|(_, points)| points);
        let largest = all().map(|point| point.bytes).fold(0.0, f64::max);
        if largest == 0.0 {
            return Err(format!("no line for {} of dense payloads", self.operation));
        }
        let smallest = all().map(|point| point.bytes).fold(largest, f64::min);
        let low = all().map(|point| point.ns).fold(f64::MAX, f64::min);
        let high = all().map(|point| point.ns).fold(low, f64::max);
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_right(NAMES)
            .caption(self.title, font(19, INK))
            .x_label_area_size(30)
            .y_label_area_size(58)
            .build_cartesian_2d(
                (smallest..largest.max(smallest * 2.0)).log_scale().base(4.0),
                (low / 1.5..high * 1.5).log_scale(),
            )
            .map_err(text_of)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(INK.mix(0.25))
            .axis_style(INK.mix(0.6))
            .label_style(font(14, INK))
            .x_label_formatter(&|bytes| size_label(*bytes))
            .y_label_formatter(&|ns| time_label(*ns))
            .draw()
            .map_err(text_of)?;
        let mut ends = Vec::new();
        for (series, points) in curves.iter().rev() {
            let stroke = series.colour.stroke_width(series.width);
            let line = points.iter().map(|point| (point.bytes, point.ns));
            if series.dashed {
                chart.draw_series(DashedLineSeries::new(line, 6, 4, stroke)).map_err(text_of)?;
            } else {
                chart.draw_series(LineSeries::new(line, stroke)).map_err(text_of)?;
            }
            let bars = points.iter().filter(|point| point.spread.0 < point.spread.1).map(|point| {
                let (p25, p75) = point.spread;
                PathElement::new(vec![(point.bytes, p25), (point.bytes, p75)], series.colour.mix(0.6).stroke_width(1))
            });
            chart.draw_series(bars).map_err(text_of)?;
            let last = points.last().expect("some points");
            ends.push((chart.plotting_area().map_coordinate(&(last.bytes, last.ns)), *series));
        }
        for ((x, y), series) in apart(ends) {
            let style =
                font(if series.width > 2 { 17 } else { 15 }, series.colour).pos(Pos::new(HPos::Left, VPos::Center));
            root.draw(&Text::new(series.name, (x + 7, y), style)).map_err(text_of)?;
        }
        Ok(())
    }
}

/// Moves names that would overlap apart: each down by as much as needed.
fn apart<T>(mut ends: Vec<((i32, i32), T)>) -> Vec<((i32, i32), T)> {
    ends.sort_by_key(|((_, y), _)| *y);
    let mut free = i32::MIN;
    for ((_, y), _) in &mut ends {
        *y = (*y).max(free);
        free = *y + APART;
    }
    ends
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn font(size: u32, colour: RGBColor) -> TextStyle<'static> {
    // The backend divides by this factor for fonts that it does not know.
    (FONT, f64::from(size) * 1.24).into_font().color(&colour)
}

fn text_of(error: impl Display) -> String {
    error.to_string()
}

fn time_label(ns: f64) -> String {
    match ns {
        1e6.. => format!("{} ms", ns / 1e6),
        1e3.. => format!("{} µs", ns / 1e3),
        _ => format!("{ns} ns"),
    }
}

fn size_label(bytes: f64) -> String {
    if bytes >= 1024.0 { format!("{} KiB", bytes / 1024.0) } else { format!("{bytes} B") }
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

    #[test]
    fn each_line_has_its_name_at_its_end() {
        let lines = [
            line("read", 8, "seqcopy-seqlock-by-value", 1.0),
            line("read", 64, "seqcopy-seqlock-by-value", 10.0),
            line("read", 8, "seqlock", 2.0),
            line("read", 64, "seqlock", 20.0),
            line("read", 64, "not drawn", 20.0),
            line(BUSY, 16, "seqcopy-latch4", 5.0),
            line(BUSY, 64, "seqcopy-latch4", 50.0),
        ];
        let svg = svg(&lines, "a & b").unwrap();
        for name in ["SeqLock::read", "crate seqlock", "SeqLatch of 4", "a &amp; b"] {
            assert!(svg.contains(name), "{name}: {svg}");
        }
        assert!(!svg.contains("not drawn") && !svg.contains("byte by byte"));
        assert!(!svg.contains("<rect"), "it has no background");
    }

    #[test]
    fn names_do_not_overlap() {
        let places = apart(vec![((0, 10), 'b'), ((0, 5), 'a'), ((0, 100), 'c')]);
        assert_eq!(places, [((0, 5), 'a'), ((0, 5 + APART), 'b'), ((0, 100), 'c')]);
    }

    #[test]
    fn an_empty_panel_is_an_error() {
        assert!(svg(&[line("read", 8, "plain", 1.0)], "").is_err());
    }
}
