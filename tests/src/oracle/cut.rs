//! The cut, computed from a [`Node`] by the rules of `seqcopy/docs/layout-rules.md`, and what must hold of every cut.

use seqcopy::layout::{Access, AccessKind, visited};
use seqcopy::{Layout, SeqCopy};

use super::node::{Byte, Node, Part};

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
// No type is this long.
const NEVER: usize = isize::MAX.unsigned_abs();
/// From this length on the rest of a run is moved by vectors, byte by byte as far as others can tell.
const LONG: usize = if VECTORS { 16 } else { NEVER };

/// One access: offset, width, as what.
type Step = (usize, usize, AccessKind);

/// Holds the accesses that tree and visitor lead to against each other and against the rules.
pub(super) fn check<T: SeqCopy>(node: &Node) -> Result<(), String> {
    let align = align_of::<T>();
    let mut walked = Vec::new();
    visited::<T>(|access| walked.push(step(access)));
    let listed: Vec<Step> = T::LAYOUT.accesses(align).map(step).collect();
    if walked != listed {
        return Err(format!("the visitor leads to the accesses {walked:?}, the tree to {listed:?}"));
    }
    let map = node.map();
    // The storage may be aligned better than the type is; if there are no pointers, also worse.
    for base in [1, 2, 4, 8, 16, 64].into_iter().filter(|&base| base >= align || !node.has_pointers()) {
        let expected = reference(node, base);
        let listed: Vec<Step> = T::LAYOUT.accesses(base).map(step).collect();
        if listed != expected {
            return Err(format!("at base {base} the cut is {listed:?}, by the rules it should be {expected:?}"));
        }
        covers(&listed, &map, base).map_err(|what| format!("at base {base} {what} in the cut {listed:?}"))?;
    }
    holes(T::LAYOUT, &map)
}

fn step(access: Access) -> Step {
    (access.offset, access.width, access.kind)
}

/// What makes a cut sound: each byte of data is accessed once, by an aligned access of what it is.
fn covers(cut: &[Step], map: &[Byte], base: usize) -> Result<(), String> {
    let mut left = map.to_vec();
    for &(offset, width, kind) in cut {
        if width > WORD || !width.is_power_of_two() || offset % width != 0 || base % width != 0 {
            return Err(format!("{offset} is no place for an access of {width}"));
        }
        let kind = if kind == AccessKind::Pointer { Byte::Pointer } else { Byte::Data };
        let Some(bytes) = left.get_mut(offset..offset + width) else {
            return Err(format!("the access at {offset} lies outside"));
        };
        if bytes.iter().any(|&byte| byte != kind) {
            return Err(format!("the access at {offset} meets what it should not"));
        }
        bytes.fill(Byte::Hole);
    }
    match left.iter().position(|&byte| byte != Byte::Hole) {
        Some(at) => Err(format!("byte {at} is left out")),
        None => Ok(()),
    }
}

/// The holes that the layout lists, and whether it knows that there are none.
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

/// The cut of a type in storage that is aligned to `base`.
fn reference(node: &Node, base: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    Cutter { origin: 0, base, start: 0, end: 0, steps: &mut steps }.all_of(node);
    steps
}

/// Collects a run and cuts it.
struct Cutter<'a> {
    /// Offsets count from here, which is aligned to `base`.
    origin: usize,
    base: usize,
    /// The run.
    start: usize,
    end: usize,
    steps: &'a mut Vec<Step>,
}

impl Cutter<'_> {
    fn all_of(mut self, node: &Node) {
        self.walk(node, 0);
        self.flush();
    }

    fn data(&mut self, offset: usize, len: usize) {
        // Rule 1: what lies side by side is a run.
        if offset != self.end {
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

    /// Rule 2: at each place the widest word that fits; of a long rest, single bytes.
    fn flush(&mut self) {
        let widest = WORD.min(self.base);
        let mut at = self.start;
        while at < self.end {
            if at % widest == 0 && self.end - at >= LONG {
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
            Node::Array { element, stride, len } => {
                // Rule 4: each element by itself, all alike.
                self.flush();
                let base = alignment(self.base, at).min(alignment(usize::MAX, *stride));
                for i in 0..*len {
                    let origin = self.origin + at + i * stride;
                    Cutter { origin, base, start: 0, end: 0, steps: &mut *self.steps }.all_of(element);
                }
                self.start = at + stride * len;
                self.end = self.start;
            }
            Node::Struct { fields, .. } => {
                // Rule 1: a step to another place ends the run, whatever is there.
                for Part { offset, node, .. } in fields {
                    if node.size() > 0 && !matches!(node, Node::Hole { .. }) {
                        self.stand_at(at + offset);
                        self.walk(node, at + offset);
                        self.stand_at(at + offset + node.size());
                    }
                }
            }
            Node::Choice { .. } => {
                // Rule 5: by itself, as the union of the variants.
                self.flush();
                let base = alignment(self.base, at);
                let origin = self.origin + at;
                let mut area = Cutter { origin, base, start: 0, end: 0, steps: &mut *self.steps };
                let map = node.map();
                let mut offset = 0;
                while offset < map.len() {
                    match map[offset] {
                        Byte::Hole => offset += 1,
                        Byte::Data => {
                            area.data(offset, 1);
                            offset += 1;
                        }
                        Byte::Pointer => {
                            area.pointer(offset);
                            offset += WORD;
                        }
                    }
                }
                area.flush();
                self.start = at + node.size();
                self.end = self.start;
            }
        }
    }
}

/// Whether elements of this type join into one run.
fn is_dense(node: &Node) -> bool {
    !node.has_enum_with_fields() && node.map().iter().all(|&byte| byte == Byte::Data) && !node.has_pointers()
}

/// How well a place at `offset` from something aligned to `base` is aligned.
fn alignment(base: usize, offset: usize) -> usize {
    if offset == 0 { base } else { base.min(1 << offset.trailing_zeros()) }
}
