//! The partition by the rules of seqcopy/docs/reference/soundness.md, "The partition", whose numbers are cited. It goes
//! from bytes: runs are collected over the whole type first, then each is divided.

use seqcopy::layout::AccessKind;

use super::tree::{Byte, Tree, WORD};

/// Offset, width, kind.
pub(crate) type Step = (usize, usize, AccessKind);

/// Whether there are vector moves.
pub(crate) const VECTORS: bool = cfg!(all(
    not(any(miri, seqcopy_portable)),
    target_pointer_width = "64",
    any(
        all(target_arch = "x86_64", target_feature = "sse2"),
        all(target_arch = "aarch64", target_feature = "neon", target_endian = "little")
    )
));
/// From this length on they are used.
const LONG: usize = 16;

/// A run, or a pointer.
struct Run {
    start: usize,
    end: usize,
    is_pointer: bool,
    place: Place,
}

/// What is known of the addresses in a part that is partitioned on its own: `origin` is a multiple of `base`.
#[derive(Clone, Copy)]
struct Place {
    origin: usize,
    base: usize,
}

impl Place {
    /// The alignment of an offset.
    fn known(self, offset: usize) -> usize {
        let mut align = self.base;
        while (offset - self.origin) % align != 0 {
            align /= 2;
        }
        align
    }
}

/// The accesses of a type in storage that is aligned to `base`. `in_span` is that of [`spans`].
pub(crate) fn partition(tree: &Tree, base: usize, in_span: &[bool], into: &mut Vec<Step>) {
    let place = Place { origin: 0, base };
    let mut walk = Walk { runs: Vec::new(), stands: 0, may_join: false, in_span, place };
    walk.node(tree, 0);
    for run in &walk.runs {
        divide(run, in_span, into);
    }
}

/// Collects runs.
struct Walk<'a> {
    runs: Vec<Run>,
    /// Behind what came last.
    stands: usize,
    /// Whether data there would belong to the last run.
    may_join: bool,
    in_span: &'a [bool],
    place: Place,
}

impl Walk<'_> {
    /// Rule 1: a jump ends the run.
    fn jump(&mut self, to: usize) {
        if to != self.stands {
            self.stands = to;
            self.may_join = false;
        }
    }

    fn data(&mut self, start: usize, len: usize) {
        self.jump(start);
        self.stands = start + len;
        match self.runs.last_mut() {
            // Rule 6: all data of a span becomes bytes, and no other data of the run.
            Some(run) if self.may_join && self.in_span[run.start] == self.in_span[start] => run.end = start + len,
            _ => self.runs.push(Run { start, end: start + len, is_pointer: false, place: self.place }),
        }
        self.may_join = true;
    }

    /// Rule 3.
    fn pointer(&mut self, start: usize) {
        self.runs.push(Run { start, end: start + WORD, is_pointer: true, place: self.place });
        self.stands = start + WORD;
        self.may_join = false;
    }

    /// Rules 4 and 5: a part that is partitioned on its own.
    fn part(&mut self, place: Place, walk: impl FnOnce(&mut Self)) {
        let outer = core::mem::replace(&mut self.place, place);
        self.may_join = false;
        walk(self);
        self.may_join = false;
        self.place = outer;
    }

    fn node(&mut self, tree: &Tree, at: usize) {
        if is_dense(tree) {
            // Rule 1, the last sentence; rule 4, the first one.
            self.data(at, tree.size());
            return;
        }
        match tree {
            Tree::Data(_) | Tree::Skipped(_) => {}
            Tree::Pointer => self.pointer(at),
            Tree::Array(element, len) => {
                let stride = element.size();
                // What all elements have, also of a longer array.
                let base = (0..=*len).map(|i| self.place.known(at + i * stride)).min().unwrap_or(1);
                for origin in (0..*len).map(|i| at + i * stride) {
                    self.part(Place { origin, base }, |walk| walk.node(element, origin));
                }
                self.stands = at + tree.size();
            }
            Tree::Struct { fields, .. } => {
                for (offset, field) in fields {
                    // A skipped field is a hole; one that contains skipped bytes only is a field.
                    if field.size() > 0 && !matches!(field, Tree::Skipped(_)) {
                        self.jump(at + offset);
                        self.node(field, at + offset);
                        self.jump(at + offset + field.size());
                    }
                }
            }
            Tree::Enum { size, .. } => {
                let place = Place { origin: at, base: self.place.known(at) };
                self.part(place, |walk| {
                    let (map, mut offset) = (tree.map(), 0);
                    while offset < map.len() {
                        match map[offset] {
                            Byte::Data => walk.data(at + offset, 1),
                            Byte::Pointer => walk.pointer(at + offset),
                            Byte::Padding | Byte::Skipped => {}
                        }
                        offset += if map[offset] == Byte::Pointer { WORD } else { 1 };
                    }
                });
                self.stands = at + size;
            }
        }
    }
}

/// Data from its first byte to its last, whatever its fields are.
fn is_dense(tree: &Tree) -> bool {
    tree.size() > 0 && !tree.has_enums() && tree.map().iter().all(|&byte| byte == Byte::Data)
}

/// Rule 2, and its exceptions in rules 3 and 6.
fn divide(run: &Run, in_span: &[bool], into: &mut Vec<Step>) {
    if run.is_pointer {
        into.push((run.start, WORD, AccessKind::Pointer));
        return;
    }
    let (mut at, end) = (run.start, run.end);
    while at < end {
        let widest = run.place.base.min(WORD);
        let is_after_small_ones = run.place.known(at) >= widest;
        if in_span[at] || VECTORS && is_after_small_ones && end - at >= LONG {
            into.extend((at..end).map(|at| (at, 1, AccessKind::Vector)));
            return;
        }
        let mut width = run.place.known(at).min(widest);
        while width > end - at {
            width /= 2;
        }
        into.push((at, width, AccessKind::Word));
        at += width;
    }
}

/// Rule 6: which bytes lie in spans.
pub(crate) fn spans(tree: &Tree, map: &[Byte], into: &mut Vec<bool>) {
    into.resize(map.len(), false);
    if VECTORS {
        spans_in(tree, 0, map, into);
    }
}

fn spans_in(tree: &Tree, at: usize, map: &[Byte], into: &mut [bool]) {
    if tree.is_data_and_padding() {
        return stretch(at, at + tree.size(), map, into);
    }
    match tree {
        Tree::Array(element, len) => {
            (0..*len).for_each(|i| spans_in(element, at + i * element.size(), map, into));
        }
        Tree::Struct { fields, .. } => {
            let mut in_memory: Vec<_> = fields.iter().filter(|(_, field)| field.size() > 0).collect();
            in_memory.sort_by_key(|(offset, _)| *offset);
            for group in in_memory.chunk_by(|(_, a), (_, b)| a.is_data_and_padding() && b.is_data_and_padding()) {
                let ((start, first), (last_start, last)) = (group[0], group[group.len() - 1]);
                if first.is_data_and_padding() {
                    stretch(at + start, at + last_start + last.size(), map, into);
                } else {
                    spans_in(first, at + start, map, into);
                }
            }
        }
        Tree::Data(_) | Tree::Pointer | Tree::Skipped(_) | Tree::Enum { .. } => {}
    }
}

/// From the first byte of data to the last one, if there is padding between these and they are long enough.
fn stretch(start: usize, end: usize, map: &[Byte], into: &mut [bool]) {
    let is_data = |at: &usize| map[*at] == Byte::Data;
    let (Some(first), Some(last)) = ((start..end).find(is_data), (start..end).rfind(is_data)) else { return };
    if last + 1 - first >= LONG && !(first..last).all(|at| is_data(&at)) {
        into[first..=last].fill(true);
    }
}
