//! The output of the benches.

use std::fmt::Write as _;

use crate::timing::Summary;

/// The first line of the table.
pub const HEADER: &str = "operation\tshape\tbytes\timplementation\tns_median\tns_p25\tns_p75\tratio_to_seqcopy";

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What was measured.
    pub operation: String,
    /// The name of the payload.
    pub shape: String,
    /// Its size.
    pub bytes: usize,
    /// The name of the implementation.
    pub implementation: String,
    /// Its time, in nanoseconds.
    pub ns: Summary,
    /// Its median divided by the median of the reference implementation in the same rounds: above 1 is slower than
    /// this crate.
    pub ratio: Option<f64>,
}

impl Line {
    /// The line of the table.
    #[must_use]
    pub fn tab_separated(&self) -> String {
        let Line { operation, shape, bytes, implementation, ns, .. } = self;
        let ratio = self.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"));
        format!(
            "{operation}\t{shape}\t{bytes}\t{implementation}\t{:.3}\t{:.3}\t{:.3}\t{ratio}",
            ns.median, ns.p25, ns.p75
        )
    }

    /// The inverse of [`tab_separated`](Self::tab_separated).
    ///
    /// # Errors
    /// If the line is malformed; the message says how.
    pub fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split('\t').collect();
        let [operation, shape, bytes, implementation, median, p25, p75, ratio] = words[..] else {
            return Err(format!("{} columns instead of 8: {line}", words.len()));
        };
        let number = |text: &str| text.parse::<f64>().map_err(|error| format!("{text:?}: {error} in: {line}"));
        Ok(Line {
            operation: operation.to_owned(),
            shape: shape.to_owned(),
            bytes: bytes.parse().map_err(|error| format!("{bytes:?}: {error} in: {line}"))?,
            implementation: implementation.to_owned(),
            ns: Summary { median: number(median)?, p25: number(p25)?, p75: number(p75)? },
            ratio: if ratio == "-" { None } else { Some(number(ratio)?) },
        })
    }
}

/// The name that [`Line::of_contended`] gives to a read with a writer that never pauses.
pub const BUSY: &str = "read_busy";

impl Line {
    /// From a line of the table `contended`, the time per read; `None` unless it is one reader with a writer that never
    /// pauses, and the reader got values at all.
    ///
    /// # Errors
    /// If the line is malformed; the message says how.
    pub fn of_contended(line: &str) -> Result<Option<Self>, String> {
        let words: Vec<&str> = line.split('\t').collect();
        let ["full", shape, bytes, "1", implementation, reads, ..] = words[..] else { return Ok(None) };
        let reads: f64 = reads.parse().map_err(|error| format!("{reads:?}: {error} in: {line}"))?;
        if reads < 1.0 {
            return Ok(None);
        }
        let median = 1e9 / reads;
        Ok(Some(Line {
            operation: BUSY.to_owned(),
            shape: shape.to_owned(),
            bytes: bytes.parse().map_err(|error| format!("{bytes:?}: {error} in: {line}"))?,
            implementation: implementation.to_owned(),
            ns: Summary { median, p25: median, p75: median },
            ratio: None,
        }))
    }
}

/// Prints the columns of a line: tab-separated in a table, aligned otherwise. A name, whose width is negative, is
/// aligned to the left.
pub fn print_columns<const N: usize>(columns: &[String; N], widths: [isize; N], table: bool) {
    if table {
        println!("{}", columns.join("\t"));
        return;
    }
    let aligned = columns.iter().zip(widths).map(|(column, width)| match (width < 0, width.unsigned_abs()) {
        (true, width) => format!("{column:<width$}"),
        (false, width) => format!("{column:>width$}"),
    });
    println!("{}", aligned.collect::<Vec<_>>().join(" "));
}

/// A group as aligned text, with bars.
#[must_use]
pub fn pretty(lines: &[Line]) -> String {
    let Some(first) = lines.first() else { return String::new() };
    let mut text = format!("{}, {}, {} bytes\n", first.operation, first.shape, first.bytes);
    for line in lines {
        let (median, spread) = (line.ns.median, (line.ns.p75 - line.ns.p25) / 2.0);
        let ratio = line.ratio.map_or_else(String::new, |ratio| format!("{ratio:6.2} x  {}", bar(ratio)));
        let _ = writeln!(text, "  {:<26}{median:>10.2} ns  ± {spread:<8.2}{ratio}", line.implementation);
    }
    text
}

/// Four marks are the time of the reference; long bars are truncated.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn bar(ratio: f64) -> String {
    let marks = (ratio * 4.0).round().clamp(1.0, 60.0) as usize;
    "▪".repeat(marks) + if ratio * 4.0 > 60.0 { "…" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_can_be_read_back() {
        let mut line = Line {
            operation: "read".to_owned(),
            shape: "dense".to_owned(),
            bytes: 64,
            implementation: "seqlock".to_owned(),
            ns: Summary { median: 1.5, p25: 1.25, p75: 2.0 },
            ratio: Some(1.125),
        };
        assert_eq!(Line::parse(&line.tab_separated()), Ok(line.clone()));
        line.ratio = None;
        assert_eq!(Line::parse(&line.tab_separated()), Ok(line.clone()));
        assert_eq!(HEADER.split('\t').count(), line.tab_separated().split('\t').count());
    }

    #[test]
    fn rates_beside_a_busy_writer_become_times() {
        let line = "full\tdense\t64\t1\tseqlock\t20000000\t5\t-\t-\t1\t2\t3";
        let read = Line::of_contended(line).unwrap().unwrap();
        assert_eq!((read.operation.as_str(), read.bytes, read.implementation.as_str()), (BUSY, 64, "seqlock"));
        assert!((read.ns.median - 50.0).abs() < 1e-9);
        assert_eq!(Line::of_contended(&line.replace("full", "1us")), Ok(None));
        assert_eq!(Line::of_contended(&line.replace("20000000", "0")), Ok(None));
        assert!(Line::of_contended(&line.replace("20000000", "many")).is_err());
    }

    #[test]
    fn malformed_lines_are_rejected() {
        assert!(Line::parse("read\tdense").is_err());
        assert!(Line::parse("a\tb\tc\td\te\tf\tg\th").is_err());
    }
}
