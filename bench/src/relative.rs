//! Figures of several executions of a bench, as multiples of a reference that was measured in the same one. A shared
//! machine changes its speed from second to second; in each execution the implementations take turns, so the ratio of
//! two of them changes little.

use std::collections::BTreeMap;

use crate::table::{BUSY, Line};

/// Two halves that differ by more than this give no figure.
pub const TOLERANCE: f64 = 1.10;

/// What two halves of the executions measured of one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// The mean of two medians that agree.
    Agreed(f64),
    /// The medians of two halves that don't.
    Varies(f64, f64),
    /// One of the halves doesn't have it.
    Missing,
}

/// The figure of the first line that is asked for.
#[must_use]
pub fn figure(halves: &[Vec<Line>; 2], is_wanted: impl Fn(&Line) -> bool) -> Figure {
    let median = |half: &Vec<Line>| half.iter().find(|line| is_wanted(line)).map(|line| line.ns.median);
    match (median(&halves[0]), median(&halves[1])) {
        (Some(a), Some(b)) if a.max(b) <= a.min(b) * TOLERANCE => Figure::Agreed(f64::midpoint(a, b)),
        (Some(a), Some(b)) => Figure::Varies(a, b),
        _ => Figure::Missing,
    }
}

/// What a figure is divided by: the plain copy, or where a bench has none, the next of these.
const REFERENCES: [&str; 3] = ["plain", "seqlock", "seqcopy-seqlock"];

/// The executions in two halves, every other one in each: for every line the median of its multiples. Lines with a busy
/// writer stay in nanoseconds: there a reference does not help, since what is measured is how the threads happen to
/// run.
#[must_use]
pub fn halves(executions: Vec<Vec<Line>>) -> [Vec<Line>; 2] {
    let mut halves = [Vec::new(), Vec::new()];
    for (number, execution) in executions.into_iter().enumerate() {
        halves[number % 2].extend(multiples(execution));
    }
    halves.map(medians)
}

fn multiples(lines: Vec<Line>) -> Vec<Line> {
    let has = |name: &&&str| lines.iter().any(|line| line.implementation == **name && line.operation != BUSY);
    let Some(name) = REFERENCES.iter().find(has) else { return lines };
    let key = |line: &Line| (line.operation.clone(), line.shape.clone(), line.bytes);
    let of = |line: &&Line| line.implementation == *name;
    let references: BTreeMap<_, f64> = lines.iter().filter(of).map(|line| (key(line), line.ns.median)).collect();
    let multiple = |mut line: Line| {
        if line.operation != BUSY {
            line.ns.median /= references.get(&key(&line))?;
        }
        Some(line)
    };
    lines.into_iter().filter_map(multiple).collect()
}

fn medians(lines: Vec<Line>) -> Vec<Line> {
    let mut alike: BTreeMap<_, Vec<Line>> = BTreeMap::new();
    for line in lines {
        let key = (line.operation.clone(), line.shape.clone(), line.bytes, line.implementation.clone());
        alike.entry(key).or_default().push(line);
    }
    let median = |mut lines: Vec<Line>| {
        lines.sort_by(|a, b| a.ns.median.total_cmp(&b.ns.median));
        let (low, high) = (lines[(lines.len() - 1) / 2].ns.median, lines[lines.len() / 2].ns.median);
        let mut line = lines.swap_remove(0);
        line.ns.median = f64::midpoint(low, high);
        line
    };
    alike.into_values().map(median).collect()
}

#[cfg(test)]
mod tests {
    use super::halves;
    use crate::table::Line;

    fn execution(ours: f64, plain: f64) -> Vec<Line> {
        [("ours", ours), ("plain", plain)]
            .map(|(name, ns)| Line::parse(&format!("read\tdense\t8\t{name}\t{ns}\t1\t1\t1")).unwrap())
            .into()
    }

    #[test]
    fn a_slower_second_changes_no_multiple() {
        let halves = halves(vec![execution(3.0, 2.0), execution(8.0, 4.0), execution(6.0, 4.0), execution(4.0, 2.0)]);
        assert_eq!(halves.each_ref().map(|half| half[0].ns.median.to_string()), ["1.5", "2"]);
    }
}
