//! The partition, computed from a [`Node`] by the rules of `seqcopy/docs/reference/soundness.md`, and what must hold
//! for every partition.

use seqcopy::layout::{Access, AccessKind};
use seqcopy::{Layout, SeqCopy};

use super::node::{Byte, Node, Part};
use super::spans::spans;

/// The widest access.
const WORD: usize = size_of::<usize>();

/// Whether there are vectors.
const VECTORS: bool = cfg!(all(
    not(any(miri, seqcopy_portable)),
    target_pointer_width = "64",
    any(
        all(target_arch = "x86_64", target_feature = "sse2"),
        all(target_arch = "aarch64", target_feature = "neon", target_endian = "little")
    )
));
// No type has this length.
const NEVER: usize = isize::MAX.unsigned_abs();
/// From this length on the rest of a run is moved by vectors, which counts as access by single bytes.
pub(super) const LONG: usize = if VECTORS { 16 } else { NEVER };

/// One access: offset, width, kind.
type Step = (usize, usize, AccessKind);

/// Compares the accesses of the layout with the rules and, where they are noted, with those of a load.
pub(super) fn check<T: SeqCopy>(node: &Node) -> Result<(), String> {
    let align = align_of::<T>();
    #[cfg(seqcopy_traced)]
    crate::traced::loads_follow_the_list::<T>()?;
    let map = node.map();
    // The storage may be aligned better than the type is; if there are no pointers, also worse.
    for base in [1, 2, 4, 8, 16, 64].into_iter().filter(|&base| base >= align || !node.has_pointers()) {
        let expected = reference(node, base);
        let listed = steps(T::LAYOUT, base);
        if listed != expected {
            return Err(format!("at base {base} the partition is {listed:?}, by the rules it should be {expected:?}"));
        }
        covers(&listed, &map, base).map_err(|what| format!("at base {base} {what} in the partition {listed:?}"))?;
    }
    holes(T::LAYOUT, &map)
}

fn steps(layout: &Layout, base: usize) -> Vec<Step> {
    crate::accesses(layout, base).into_iter().map(step).collect()
}

fn step(access: Access) -> Step {
    (access.offset, access.width, access.kind)
}

/// A partition is sound if each byte of data is accessed once, by an aligned access of its kind.
fn covers(partition: &[Step], map: &[Byte], base: usize) -> Result<(), String> {
    let mut left = map.to_vec();
    for &(offset, width, kind) in partition {
        if width > WORD || !width.is_power_of_two() || offset % width != 0 || base % width != 0 {
            return Err(format!("offset {offset} does not allow an access of {width}"));
        }
        let kind = if kind == AccessKind::Pointer { Byte::Pointer } else { Byte::Data };
        let Some(bytes) = left.get_mut(offset..offset + width) else {
            return Err(format!("the access at {offset} is out of bounds"));
        };
        if bytes.iter().any(|&byte| byte != kind) {
            return Err(format!("the access at {offset} covers bytes of another kind"));
        }
        bytes.fill(Byte::Hole);
    }
    match left.iter().position(|&byte| byte != Byte::Hole) {
        Some(at) => Err(format!("byte {at} is not accessed")),
        None => Ok(()),
    }
}

/// Compares the holes that the layout lists with those of the map.
fn holes(layout: &'static Layout, map: &[Byte]) -> Result<(), String> {
    let mut expected = Vec::new();
    let mut at = 0;
    while at < map.len() {
        let end = map[at..].iter().position(|&byte| (byte == Byte::Hole) != (map[at] == Byte::Hole));
        let end = end.map_or(map.len(), |len| at + len);
        if map[at] == Byte::Hole {
            expected.push(at..end);
        }
        at = end;
    }
    let listed: Vec<_> = layout.holes().collect();
    if listed == expected { Ok(()) } else { Err(format!("the holes are {expected:?}, the layout says {listed:?}")) }
}

/// The partition of a type in storage that is aligned to `base`.
fn reference(node: &Node, base: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let in_span = spans(node);
    Splitter { origin: 0, base, start: 0, end: 0, in_span: &in_span, steps: &mut steps }.all_of(node);
    steps
}

/// Collects runs and splits them into accesses.
struct Splitter<'a> {
    /// Offsets count from here, which is aligned to `base`.
    origin: usize,
    base: usize,
    /// The current run.
    start: usize,
    end: usize,
    /// Which bytes of the whole type lie in spans.
    in_span: &'a [bool],
    steps: &'a mut Vec<Step>,
}

impl Splitter<'_> {
    fn all_of(mut self, node: &Node) {
        self.walk(node, 0);
        self.flush();
    }

    fn data(&mut self, offset: usize, len: usize) {
        // Rule 1: adjacent data is one run. Rule 6: but not where a span ends or begins.
        let in_span = |offset: usize| self.in_span[self.origin + offset];
        if offset != self.end || offset > self.start && in_span(offset) != in_span(self.start) {
            self.flush();
            self.start = offset;
        }
        self.end = offset + len;
    }

    fn stand_at(&mut self, offset: usize) {
        if offset != self.end {
            self.flush();
            self.start = offset;
            self.end = offset;
        }
    }

    /// Rule 2: at each offset the widest word that fits; of a long rest, single bytes.
    fn flush(&mut self) {
        let widest = WORD.min(self.base);
        let mut at = self.start;
        while at < self.end {
            if self.in_span[self.origin + at] || at % widest == 0 && self.end - at >= LONG {
                self.steps.extend((at..self.end).map(|at| (self.origin + at, 1, AccessKind::Vector)));
                break;
            }
            let mut width = widest;
            while at % width != 0 || at + width > self.end {
                width /= 2;
            }
            self.steps.push((self.origin + at, width, AccessKind::Word));
            at += width;
        }
        self.start = self.end;
    }

    /// Rule 3.
    fn pointer(&mut self, offset: usize) {
        self.flush();
        self.steps.push((self.origin + offset, WORD, AccessKind::Pointer));
        self.start = offset + WORD;
        self.end = self.start;
    }

    fn walk(&mut self, node: &Node, at: usize) {
        if node.size() == 0 {
            return;
        }
        match node {
            Node::Leaf { size, .. } | Node::Tags { size, .. } => self.data(at, *size),
            Node::Pointer(_) => self.pointer(at),
            Node::Hole { .. } => {}
            Node::Array { element, stride, len } if is_dense(element) => self.data(at, stride * len),
            // Rule 1: all of it is data, in whatever order.
            Node::Struct { .. } if is_dense(node) => self.data(at, node.size()),
            Node::Array { element, stride, len } => {
                // Rule 4: each element is partitioned by itself, all alike.
                self.flush();
                let base = alignment(self.base, at).min(alignment(usize::MAX, *stride));
                for i in 0..*len {
                    let origin = self.origin + at + i * stride;
                    Splitter { origin, base, start: 0, end: 0, in_span: self.in_span, steps: &mut *self.steps }
                        .all_of(element);
                }
                self.start = at + stride * len;
                self.end = self.start;
            }
            Node::Struct { fields, .. } => {
                // Rule 1: moving to another offset ends the run, whatever is there.
                for Part { offset, node, .. } in fields {
                    if node.size() > 0 && !matches!(node, Node::Hole { .. }) {
                        self.stand_at(at + offset);
                        self.walk(node, at + offset);
                        self.stand_at(at + offset + node.size());
                    }
                }
            }
            Node::Choice { .. } => {
                // Rule 5: an enum with fields is partitioned by itself, as the union of its variants.
                self.flush();
                let base = alignment(self.base, at);
                let origin = self.origin + at;
                let mut variants =
                    Splitter { origin, base, start: 0, end: 0, in_span: self.in_span, steps: &mut *self.steps };
                let map = node.map();
                let mut offset = 0;
                while offset < map.len() {
                    match map[offset] {
                        Byte::Hole => offset += 1,
                        Byte::Data => {
                            variants.data(offset, 1);
                            offset += 1;
                        }
                        Byte::Pointer => {
                            variants.pointer(offset);
                            offset += WORD;
                        }
                    }
                }
                variants.flush();
                self.start = at + node.size();
                self.end = self.start;
            }
        }
    }
}

/// Whether the type is data from its first byte to its last, so that it, and elements of it, form one run.
fn is_dense(node: &Node) -> bool {
    !node.has_enum_with_fields() && node.map().iter().all(|&byte| byte == Byte::Data) && !node.has_pointers()
}

/// The alignment of an address at `offset` from one that is aligned to `base`.
fn alignment(base: usize, offset: usize) -> usize {
    if offset == 0 { base } else { base.min(1 << offset.trailing_zeros()) }
}
