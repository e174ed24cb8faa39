//! A table as a picture: nanoseconds against bytes, both by powers, one line for each implementation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::table::Line;

const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 620.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 84.0;
/// From the left edge of a panel to its axis.
const AXIS: f64 = 62.0;
/// For the names, right of the lines.
const NAMES: f64 = 215.0;
const FONT: &str = "font-family=\"system-ui, sans-serif\"";

/// This crate's, in the order of [`names`].
const OURS: [&str; 4] = ["#d7263d", "#ff8fa3", "#7a0c1f", "#ff5c00"];
/// The others', likewise.
const THEIRS: [&str; 10] =
    ["#1b6ca8", "#3a9d5d", "#c77d0a", "#7b4fb5", "#11998e", "#a0522d", "#5b7fff", "#8d99ae", "#b8b800", "#e05fd0"];

/// The lines of one operation.
struct Panel {
    operation: String,
    /// Points (bytes, nanoseconds) by implementation.
    curves: BTreeMap<String, Vec<(f64, f64)>>,
}

/// Where values lie on paper.
struct Scale {
    from: f64,
    to: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let part = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + (self.to - self.from) * part
    }
}

/// An SVG without anything from outside: a panel for each of `operations` on `shape`, and `caption` below.
///
/// # Errors
/// If the table has no line for one of the panels.
pub fn svg(lines: &[Line], operations: &[&str], shape: &str, caption: &str) -> Result<String, String> {
    let panels: Vec<Panel> =
        operations.iter().map(|operation| panel(lines, operation, shape)).collect::<Result<_, _>>()?;
    let names = names(&panels);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"nanoseconds against bytes\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    let high = panels.iter().flat_map(Panel::points).map(|point| point.1).fold(1.0, f64::max);
    let low = panels.iter().flat_map(Panel::points).map(|point| point.1).fold(high, f64::min);
    let room = (WIDTH - NAMES) / panels_as_float(panels.len());
    for (index, panel) in panels.iter().enumerate() {
        let left = room * panels_as_float(index);
        let vertical = Scale { from: HEIGHT - BOTTOM, to: TOP, low: power_below(low), high: power_above(high) };
        panel.draw(&mut text, left, room, &vertical, &names);
    }
    for (index, name) in names.iter().enumerate() {
        let (x, y) = (WIDTH - NAMES + 12.0, TOP + 12.0 + 22.0 * panels_as_float(index));
        let _ = writeln!(
            text,
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" {}/><text x=\"{}\" y=\"{}\" {FONT} font-size=\"12\">{}</text>",
            x + 18.0,
            stroke(name, &names),
            x + 24.0,
            y + 4.0,
            escaped(name)
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{AXIS}\" y=\"{}\" {FONT} font-size=\"12\" fill=\"#444\">{}</text>\n</svg>",
        HEIGHT - 18.0,
        escaped(caption)
    );
    Ok(text)
}

fn panel(lines: &[Line], operation: &str, shape: &str) -> Result<Panel, String> {
    let mut curves = BTreeMap::<String, Vec<(f64, f64)>>::new();
    for line in lines.iter().filter(|line| line.operation == operation && line.shape == shape) {
        let bytes = u32::try_from(line.bytes).map_err(|_| format!("{} bytes are too many", line.bytes))?;
        curves.entry(line.implementation.clone()).or_default().push((f64::from(bytes), line.ns.median));
    }
    if curves.is_empty() {
        return Err(format!("no line for {operation} of {shape}"));
    }
    for curve in curves.values_mut() {
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    Ok(Panel { operation: operation.to_owned(), curves })
}

/// Ours first, then the speed limit, then the others by name.
fn names(panels: &[Panel]) -> Vec<String> {
    let mut names: Vec<String> = panels.iter().flat_map(|panel| panel.curves.keys().cloned()).collect();
    names.sort_by_key(|name| (!is_ours(name), name != "seqcopy-seqlock", name != LIMIT, name.clone()));
    names.dedup();
    names
}

impl Panel {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.curves.values().flatten().copied()
    }

    fn draw(&self, text: &mut String, left: f64, room: f64, vertical: &Scale, names: &[String]) {
        let most = self.points().map(|point| point.0).fold(1.0, f64::max);
        let least = self.points().map(|point| point.0).fold(most, f64::min);
        let horizontal = Scale { from: left + AXIS, to: left + room - 14.0, low: least, high: most.max(least * 2.0) };
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" {FONT} font-size=\"16\" font-weight=\"600\">{}</text>",
            horizontal.from,
            TOP - 20.0,
            escaped(&self.operation)
        );
        let mut value = vertical.low;
        while value <= vertical.high * 1.001 {
            let y = vertical.at(value);
            grid(text, (horizontal.from, y), (horizontal.to, y));
            label(text, horizontal.from - 6.0, y + 4.0, "end", &time_label(value));
            value *= 10.0;
        }
        let mut value = least;
        while value <= most * 1.001 {
            let x = horizontal.at(value);
            grid(text, (x, vertical.from), (x, vertical.to));
            label(text, x, vertical.from + 18.0, "middle", &size_label(value));
            value *= 4.0;
        }
        // The first names last, so that they lie on top.
        for name in names.iter().rev() {
            let Some(curve) = self.curves.get(name) else { continue };
            let points: Vec<String> = curve
                .iter()
                .map(|(bytes, ns)| format!("{:.1},{:.1}", horizontal.at(*bytes), vertical.at(*ns)))
                .collect();
            let _ = writeln!(text, "<polyline points=\"{}\" fill=\"none\" {}/>", points.join(" "), stroke(name, names));
        }
    }
}

fn grid(text: &mut String, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(text, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#e3e3e8\"/>");
}

fn label(text: &mut String, x: f64, y: f64, anchor: &str, what: &str) {
    let _ = writeln!(
        text,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {FONT} font-size=\"12\" fill=\"#444\">{what}</text>"
    );
}

/// Ours thick and reddish, the speed limit dashed.
fn stroke(name: &str, names: &[String]) -> String {
    let nth = |colours: &[&'static str], alike: fn(&str) -> bool| {
        let index = names.iter().filter(|other| alike(other)).position(|other| other == name).unwrap_or_default();
        colours[index % colours.len()]
    };
    if is_ours(name) {
        format!("stroke=\"{}\" stroke-width=\"3\"", nth(&OURS, is_ours))
    } else if name == LIMIT {
        "stroke=\"#1b1b1e\" stroke-width=\"1.6\" stroke-dasharray=\"6 4\"".to_owned()
    } else {
        format!("stroke=\"{}\" stroke-width=\"1.6\"", nth(&THEIRS, |name| !is_ours(name) && name != LIMIT))
    }
}

/// The name of the speed limit.
const LIMIT: &str = "plain";

fn is_ours(name: &str) -> bool {
    name.starts_with("seqcopy")
}

fn time_label(ns: f64) -> String {
    if ns >= 999.0 { format!("{} µs", (ns / 1000.0).round()) } else { format!("{} ns", (ns * 10.0).round() / 10.0) }
}

fn size_label(bytes: f64) -> String {
    if bytes >= 1024.0 { format!("{} KiB", (bytes / 1024.0).round()) } else { format!("{bytes} B") }
}

fn power_below(value: f64) -> f64 {
    10f64.powf(value.log10().floor())
}

fn power_above(value: f64) -> f64 {
    10f64.powf(value.log10().ceil())
}

#[expect(clippy::cast_precision_loss, reason = "a handful")]
fn panels_as_float(count: usize) -> f64 {
    count as f64
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::Summary;

    fn line(bytes: usize, implementation: &str, median: f64) -> Line {
        Line {
            operation: "read".to_owned(),
            shape: "dense".to_owned(),
            bytes,
            implementation: implementation.to_owned(),
            ns: Summary { median, p25: median, p75: median },
            ratio: None,
        }
    }

    #[test]
    fn a_line_for_each_implementation_and_larger_is_higher() {
        let lines =
            [line(8, "plain", 1.0), line(64, "plain", 10.0), line(8, "seqcopy-seqlock", 1.0), line(64, "b<c", 100.0)];
        let svg = svg(&lines, &["read"], "dense", "a & b").unwrap();
        assert_eq!(svg.matches("<polyline").count(), 3);
        assert!(svg.contains("b&lt;c") && svg.contains("a &amp; b"));
        let vertical = Scale { from: 100.0, to: 0.0, low: 1.0, high: 100.0 };
        assert!((vertical.at(10.0) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn an_empty_panel_is_an_error() {
        assert!(svg(&[line(8, "plain", 1.0)], &["read", "write"], "dense", "").is_err());
    }
}
