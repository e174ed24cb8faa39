//! The runs of an enum with fields, all at once.
//!
//! [`run_from`](Layout::run_from) looks at all variants for every byte where something begins or ends. That is nothing where a
//! compiler does it, or for types that people write. A layout that another process wrote can have thousands of variants and as many
//! beginnings; walking its cut would take minutes.

use super::Layout;
use super::query::Run;

impl Layout {
    /// Calls `each` with every run, in ascending order: those that [`run_from`](Layout::run_from) finds.
    pub(crate) fn each_run(&self, mut each: impl FnMut(Run)) {
        #[cfg(all(feature = "shm", unix, target_pointer_width = "64", not(loom)))]
        if self.nodes >= at_once::FEW && self.size <= at_once::MOST && !self.has_pointers {
            return self.each_run_at_once(each);
        }
        let mut at = 0;
        while let Some(run) = self.run_from(at) {
            at = run.end;
            each(run);
        }
    }
}

#[cfg(all(feature = "shm", unix, target_pointer_width = "64", not(loom)))]
mod at_once {
    use std::vec;

    use super::{Layout, Run};
    use crate::layout::Shape;

    /// Below so many nodes the other way is as fast, and needs no memory.
    pub(super) const FEW: u64 = 64;
    /// Above so many bytes there is no memory for this one.
    pub(super) const MOST: usize = 1 << 28;

    impl Layout {
        pub(super) fn each_run_at_once(&self, mut each: impl FnMut(Run)) {
            // At each byte, how many leaves begin there less how many end. At no byte more than a schema has nodes.
            let mut changes = vec![0i32; self.size + 1];
            self.mark(0, &mut changes);
            let (mut covered, mut begun) = (0, None);
            for (at, change) in changes.into_iter().enumerate() {
                covered += change;
                match begun {
                    None if covered > 0 => begun = Some(at),
                    Some(start) if covered == 0 => {
                        each(Run { start, end: at, is_pointer: false });
                        begun = None;
                    }
                    _ => {}
                }
            }
        }

        fn mark(&self, at: usize, changes: &mut [i32]) {
            let mut data = |at: usize, len: usize| {
                if len > 0 {
                    changes[at] += 1;
                    changes[at + len] -= 1;
                }
            };
            match self.shape {
                Shape::Skipped => {}
                Shape::Scalar(_) | Shape::Plain | Shape::Tags { .. } | Shape::Pointer { .. } => data(at, self.size),
                Shape::Array { .. } if self.size == 0 => {}
                Shape::Array { element, .. } if element.is_dense() => data(at, self.size),
                Shape::Array { element, len } => (0..len).for_each(|i| element.mark(at + i * element.size, changes)),
                Shape::Struct { fields } => {
                    for field in fields {
                        field.layout.mark(at + field.offset, changes);
                    }
                }
                Shape::Choice { tag, payload, variants } => {
                    data(at, tag.size);
                    for field in variants.iter().flat_map(|variant| variant.fields) {
                        field.layout.mark(at + payload + field.offset, changes);
                    }
                }
            }
        }
    }
}

#[cfg(all(test, feature = "shm", unix, target_pointer_width = "64", not(loom)))]
mod tests {
    use std::vec::Vec;

    use super::*;
    #[cfg(not(miri))]
    use crate::layout::Shape;
    use crate::shm::schema::made::Made;

    /// An enum of so many variants, each with a byte somewhere in the area; `ahead` goes first.
    fn choice(start: Made, variants: u64, area: u64, ahead: impl FnOnce(Made) -> Made) -> Made {
        let made = start.node(b'|', 2 + area, 1).text("A").node(b'u', 2, 1).number(2).number(variants + 1);
        let made = ahead(made.text("A").number(60_000));
        (0..variants)
            .fold(made, |made, i| made.text("A").number(i).number(1).text("A").number(i * 7919 % area).node(b'u', 1, 1))
    }

    fn one_by_one(layout: &Layout) -> Vec<Run> {
        let (mut runs, mut at) = (Vec::new(), 0);
        while let Some(run) = layout.run_from(at) {
            at = run.end;
            runs.push(run);
        }
        runs
    }

    fn at_once(layout: &Layout) -> Vec<Run> {
        let mut runs = Vec::new();
        layout.each_run(|run| runs.push(run));
        runs
    }

    #[test]
    fn both_ways_lead_to_the_same_runs() {
        for (variants, area) in [(1, 1), (70, 40), (70, 200), (200, 5000)] {
            let empty = choice(Made::new(), variants, area, |made| made.number(0)).layout();
            assert_eq!(at_once(empty), one_by_one(empty));
            // Beside an array of structs with padding, and a skipped field.
            let elements = area / 3;
            let padded = choice(Made::new(), variants, area, |made| {
                let made = made.number(1).text("A").number(0).node(b'[', 3 * elements, 1).number(elements);
                let made = made.node(b'{', 3, 1).text("A").number(2).text("A").number(0).node(b'u', 1, 1);
                made.text("A").number(1).node(b'_', 1, 1)
            });
            let padded = padded.layout();
            assert_eq!(at_once(padded), one_by_one(padded));
        }
    }

    /// As many variants as fit into a schema, in an array: place by place this takes a minute.
    #[test]
    #[cfg(not(miri))]
    fn a_schema_that_was_made_to_be_slow_is_not() {
        let (variants, area) = (3900, 8000);
        let made = Made::new().node(b'[', 50 * (area + 2), 1).number(50);
        let layout = choice(made, variants, area, |made| made.number(0)).layout();
        let began = std::time::Instant::now();
        let Shape::Array { element, len } = layout.shape else { panic!("an array") };
        let runs: usize = (0..len).map(|_| at_once(element).len()).sum();
        assert!(runs > 50 * 1000, "{runs} runs");
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
