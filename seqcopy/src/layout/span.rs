//! Stretches of a type. A span contains data and padding and nothing else, so vector instructions may move it as a
//! whole. This file also finds all runs of data in one pass.
//!
//! The spans depend on the type alone. The partition decides whether a span is long enough to be worth a vector move.
//!
//! [`run_from`](Layout::run_from) looks at every variant of an enum for each offset at which a field starts or ends.
//! For the types of programs that is cheap. A layout that another process wrote can have thousands of variants whose
//! fields start at as many offsets; finding its runs one by one would take minutes.

use super::access::{Extent, Span};
use super::query::Run;
use super::tree::{Field, Layout};

impl Layout {
    /// Whether the type consists of data and padding only, without pointers, skipped fields and enums with fields.
    pub(crate) const fn is_data_and_padding(&self) -> bool {
        !self.has_pointers && !self.has_skipped && !self.has_enum_with_fields
    }

    /// The extent of the data, in a type that consists of data and padding only.
    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }
}

/// A struct with this many fields or more has no spans if memory has them in another order than the declaration. The
/// search would take as many steps as the square of their number, which is too many for constants.
const MANY_FIELDS: usize = 129;

/// Finds the spans while a walk visits the fields of a struct. The walk is in the order of declaration, so if the
/// compiler has chosen another order in memory, the walk may leave a span and come back.
///
/// Neighbouring fields of data and padding form a span only if no other field lies between them in memory.
pub(crate) struct Spans {
    /// Whether memory has the fields in the order of declaration. Then neighbours in the declaration are neighbours in
    /// memory.
    ascend: bool,
    /// The index after the neighbours found last.
    next: usize,
}

impl Spans {
    pub(crate) const fn from_fields(fields: &[Field]) -> Self {
        Spans { ascend: ascend(fields), next: 0 }
    }

    /// The span that contains this field, and whether this is the first field of the span in the walk.
    pub(crate) const fn begins(&mut self, fields: &[Field], index: usize) -> Option<(Span, bool)> {
        if !self.ascend {
            return if fields.len() < MANY_FIELDS { begins(fields, index) } else { None };
        }
        if index < self.next {
            return None;
        }
        let mut extent = Extent::EMPTY;
        self.next = index;
        while self.next < fields.len() && !fields[self.next].ends_span() {
            if fields[self.next].is_copied() {
                extent.add(fields[self.next].offset, fields[self.next].layout.extent);
            }
            self.next += 1;
        }
        match extent.span() {
            Some(span) => Some((span, true)),
            None => None,
        }
    }
}

impl Field {
    /// Whether the field has bytes that can be in no span.
    const fn ends_span(&self) -> bool {
        self.layout.size != 0 && !self.layout.is_data_and_padding()
    }
}

/// Whether memory has the fields in the order of declaration.
const fn ascend(fields: &[Field]) -> bool {
    let (mut end, mut i) = (0, 0);
    while i < fields.len() {
        if fields[i].layout.size != 0 {
            if fields[i].offset < end {
                return false;
            }
            end = fields[i].end();
        }
        i += 1;
    }
    true
}

/// The same for fields in any order. Each is compared with all others.
const fn begins(fields: &[Field], index: usize) -> Option<(Span, bool)> {
    let field = &fields[index];
    if !field.is_copied() || field.ends_span() {
        return None;
    }
    // The nearest fields of another kind, before and after.
    let (mut low, mut high) = (0, usize::MAX);
    let mut i = 0;
    while i < fields.len() {
        let other = &fields[i];
        if other.ends_span() {
            if other.offset >= field.end() {
                if other.offset < high {
                    high = other.offset;
                }
            } else if other.end() > low {
                low = other.end();
            }
        }
        i += 1;
    }
    let mut extent = Extent::EMPTY;
    let (mut is_first, mut is_inside) = (true, false);
    let mut i = 0;
    while i < fields.len() {
        let other = &fields[i];
        if other.is_copied() {
            let belongs = other.offset >= low && other.offset < high;
            if belongs {
                extent.add(other.offset, other.layout.extent);
            }
            if i < index {
                is_first = is_first && !belongs;
                is_inside = belongs;
            }
        }
        i += 1;
    }
    match extent.span() {
        Some(span) if !is_inside => Some((span, is_first)),
        _ => None,
    }
}

impl Layout {
    /// Calls `each` with every run, in ascending order: the runs that [`run_from`](Layout::run_from) finds.
    pub(crate) fn each_run(&self, mut each: impl FnMut(Run)) {
        #[cfg(feature = "alloc")]
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

#[cfg(feature = "alloc")]
mod at_once {
    use alloc::vec;

    use super::{Layout, Run};
    use crate::layout::Shape;

    /// With fewer nodes than this, finding the runs one by one is as fast, and allocates nothing.
    pub(super) const FEW: u64 = 64;
    /// Larger types would need too much memory. Each byte of the type takes 4 bytes.
    pub(super) const MOST: usize = 1 << 28;

    impl Layout {
        pub(super) fn each_run_at_once(&self, mut each: impl FnMut(Run)) {
            // For each offset, the number of leaves that start there minus the number that end there. A schema has too
            // few nodes to overflow this.
            let mut changes = vec![0i32; self.size + 1];
            self.mark_changes(0, &mut changes);
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

        fn mark_changes(&self, at: usize, changes: &mut [i32]) {
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
                Shape::Array { element, len } => {
                    (0..len).for_each(|i| element.mark_changes(at + i * element.size, changes));
                }
                Shape::Struct { fields } => {
                    for field in fields {
                        field.layout.mark_changes(at + field.offset, changes);
                    }
                }
                Shape::Enum { tag, payload, variants } => {
                    data(at, tag.size);
                    for field in variants.iter().flat_map(|variant| variant.fields) {
                        field.layout.mark_changes(at + payload + field.offset, changes);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::any::Any;
    use std::boxed::Box;
    use std::format;
    use std::sync::Mutex;
    use std::vec::Vec;

    use super::*;
    use crate::SeqCopy;
    use crate::layout::{Field, Variant};

    /// A reference that is valid until the process ends, like the references in layouts. A static keeps it, so that
    /// Miri does not report a leak.
    fn kept<T: Any + Sync>(value: T) -> &'static T {
        static KEPT: Mutex<Vec<&'static (dyn Any + Sync)>> = Mutex::new(Vec::new());
        let value: &'static T = Box::leak(Box::new(value));
        KEPT.lock().unwrap().push(value);
        value
    }

    /// The spans of a walk, each once, as their start and end.
    fn spans(fields: &[Field]) -> Vec<(usize, usize)> {
        let mut walk = Spans::from_fields(fields);
        let begun = (0..fields.len()).filter_map(|index| walk.begins(fields, index)).filter(|(_, is_first)| *is_first);
        let mut spans: Vec<_> = begun.map(|(span, _)| (span.start, span.end)).collect();
        spans.sort_unstable();
        spans
    }

    /// The compiler may order the fields in any way. On both sides of a pointer there is data with padding inside.
    #[test]
    fn spans_are_the_same_in_every_order_of_the_fields() {
        let [byte, number, pointer] = [u8::LAYOUT, u32::LAYOUT, <*const u8>::LAYOUT];
        let after = 8 + pointer.size();
        let mut fields = [(0, byte), (4, number), (8, pointer), (after, byte), (after + 4, number)]
            .map(|(offset, layout)| Field::new("field", offset, layout));
        // Every order once, with Heap's algorithm.
        let (mut swaps, mut at) = ([0; 5], 0);
        assert_eq!(spans(&fields), [(0, 8), (after, after + 8)]);
        while at < fields.len() {
            if swaps[at] == at {
                (swaps[at], at) = (0, at + 1);
                continue;
            }
            fields.swap(if at % 2 == 0 { 0 } else { swaps[at] }, at);
            (swaps[at], at) = (swaps[at] + 1, 0);
            assert_eq!(spans(&fields), [(0, 8), (after, after + 8)], "{fields:?}");
        }
    }

    /// An enum whose first variant has the fields `ahead`, followed by `variants` variants with one byte each,
    /// somewhere in a payload of `len` bytes.
    fn enum_of(variants: u64, len: u64, ahead: &'static [Field]) -> &'static Layout {
        let byte = |i: u64| Field::new("a", usize::try_from(i * 7919 % len).unwrap(), u8::LAYOUT);
        let name = |i| kept(format!("V{i}")).as_str();
        let first = Variant::new("First", 60_000, ahead);
        let others = (0..variants).map(|i| Variant::new(name(i), i.into(), kept([byte(i)])));
        let variants: Box<[Variant]> = [first].into_iter().chain(others).collect();
        let size = 2 + usize::try_from(len).unwrap();
        kept(Layout::of_enum("Enum", size, 1, kept(Layout::of_plain("tag", 2, 1)), 2, kept(variants)))
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
    #[cfg_attr(all(miri, target_arch = "x86_64"), ignore = "only computes, as the native test does")]
    fn both_ways_lead_to_the_same_runs() {
        let most = if cfg!(miri) { (70, 300) } else { (200, 5000) };
        for (variants, len) in [(1, 1), (70, 40), (70, 200), most] {
            let empty = enum_of(variants, len, &[]);
            assert_eq!(at_once(empty), one_by_one(empty));
            // Next to an array of structs with padding and a skipped field.
            let elements = usize::try_from(len / 3).unwrap();
            let skipped = kept(Layout::of_skipped(1, 1));
            let fields = kept([Field::new("a", 0, u8::LAYOUT), Field::new("b", 1, skipped)]);
            let element = kept(Layout::of_struct("Element", 3, 1, fields));
            let ahead = Field::new("elements", 0, kept(Layout::of_array(element, elements)));
            let padded = enum_of(variants, len, kept([ahead]));
            assert_eq!(at_once(padded), one_by_one(padded));
        }
    }

    /// An array with as many variants as fit into a schema. Finding its runs one by one would take a minute.
    #[test]
    #[cfg(all(feature = "alloc", not(miri)))]
    fn a_schema_that_was_made_to_be_slow_is_not() {
        let layout = Layout::of_array(enum_of(3900, 8000, &[]), 50);
        let began = std::time::Instant::now();
        let crate::layout::Shape::Array { element, len } = layout.shape else { panic!("an array") };
        let runs: usize = (0..len).map(|_| at_once(element).len()).sum();
        assert!(runs > 50 * 1000, "{runs} runs");
        assert!(began.elapsed().as_secs() < 600, "{:?}", began.elapsed());
    }
}
