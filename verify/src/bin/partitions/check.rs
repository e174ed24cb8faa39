//! What must hold for one layout at one base, whatever the rules are; and that they are kept.

use seqcopy::layout::{Access, AccessKind};

use super::built::{Built, Way};
use super::memory::Memory;
use super::rules::{Step, partition, spans};
use super::tree::{Byte, Tree, WORD};

/// What lies in padding and skipped bytes that are copied from, and in all bytes that are copied to.
const FROM: u8 = 0x11;
const TO: u8 = 0xee;

/// Checks layouts, one after the other.
pub(crate) struct Checker {
    shared: Memory,
    private: Memory,
    in_span: Vec<bool>,
    expected: Vec<Step>,
    listed: Vec<Access>,
    left: Vec<Byte>,
    /// The bytes before a copy, and after it.
    from: Vec<u8>,
    to: Vec<u8>,
    copied: Vec<u8>,
}

impl Checker {
    pub(crate) fn new() -> Self {
        Checker {
            shared: Memory::new(),
            private: Memory::new(),
            in_span: Vec::new(),
            expected: Vec::new(),
            listed: Vec::new(),
            left: Vec::new(),
            from: Vec::new(),
            to: Vec::new(),
            copied: Vec::new(),
        }
    }

    /// The bases that storage of the type may have.
    pub(crate) fn bases(tree: &Tree) -> impl Iterator<Item = usize> + use<> {
        // A pointer is not accessed where it may be misaligned.
        let least = if tree.has_pointers() { WORD } else { 1 };
        [1, 2, 4, 8].into_iter().filter(move |&base| base >= least)
    }

    /// Checks a layout at every base. `each` is called with every case.
    pub(crate) fn check(&mut self, tree: &Tree, mut each: impl FnMut(usize, Result<(), String>)) {
        let (map, built) = (tree.map(), Built::of(tree));
        self.in_span.clear();
        spans(tree, &map, &mut self.in_span);
        let byte_of = |(at, byte): (usize, &Byte)| if byte.is_copied() { 0x40 | low_six(at) } else { FROM };
        self.from.clear();
        self.from.extend(map.iter().enumerate().map(byte_of));
        self.to.clear();
        self.to.resize(map.len(), TO);
        self.copied.clear();
        self.copied.extend(self.from.iter().map(|&byte| if byte == FROM { TO } else { byte }));
        let mut of_type = facts(&built, &map);
        for base in Self::bases(tree) {
            let of_type = core::mem::replace(&mut of_type, Ok(()));
            let result = of_type
                .and_then(|()| self.lists(tree, &built, base))
                .and_then(|()| self.is_sound(&map, base))
                .and_then(|()| built.ways().iter().try_for_each(|&way| self.copies(&built, way, base)));
            each(base, result);
        }
    }

    /// All lists of accesses are those that the rules demand.
    fn lists(&mut self, tree: &Tree, built: &Built, base: usize) -> Result<(), String> {
        self.expected.clear();
        partition(tree, base, &self.in_span, &mut self.expected);
        self.listed.clear();
        built.listed(base, &mut self.listed);
        if !self.listed.iter().copied().map(step).eq(self.expected.iter().copied()) {
            let listed: Vec<Step> = self.listed.iter().copied().map(step).collect();
            return Err(format!("the accesses are {listed:?}, by the rules {:?}", self.expected));
        }
        let count = built.count(base);
        if count != self.listed.len() {
            return Err(format!("{count} accesses are counted, {} listed", self.listed.len()));
        }
        Ok(())
    }

    /// Accesses are aligned, inside, and disjoint; data is covered, each pointer by one of its own; nothing else is
    /// touched.
    fn is_sound(&mut self, map: &[Byte], base: usize) -> Result<(), String> {
        self.left.clear();
        self.left.extend_from_slice(map);
        for &Access { offset, width, kind, .. } in &self.listed {
            let byte = match kind {
                AccessKind::Pointer if width == WORD => Byte::Pointer,
                AccessKind::Word if width <= WORD && width.is_power_of_two() => Byte::Data,
                AccessKind::Vector if width == 1 => Byte::Data,
                _ => return Err(format!("there is no {kind:?} of {width} bytes")),
            };
            if offset % width != 0 || base % width != 0 {
                return Err(format!("the access at {offset} is not aligned"));
            }
            let Some(bytes) = self.left.get_mut(offset..offset + width) else {
                return Err(format!("the access at {offset} is out of bounds"));
            };
            if bytes.iter().any(|&it| it != byte) {
                return Err(format!("the access at {offset} touches other bytes"));
            }
            bytes.fill(Byte::Padding);
        }
        match self.left.iter().position(|byte| byte.is_copied()) {
            Some(at) => Err(format!("byte {at} is in no access")),
            None => Ok(()),
        }
    }

    /// A copy moves all data, and nothing else.
    fn copies(&mut self, built: &Built, way: Way, base: usize) -> Result<(), String> {
        let mut shared = self.shared.place(self.from.len(), base);
        let mut private = self.private.last(self.from.len());
        let (from, to) =
            if way == Way::StoreSeries { (&mut private, &mut shared) } else { (&mut shared, &mut private) };
        from.fill(&self.from);
        to.fill(&self.to);
        let (from, to) = (*from, *to);
        // SAFETY: memory of this thread, aligned to the base, which is enough for pointers; all of it is initialised.
        unsafe { built.copy(way, base, shared.start, private.start) };
        if !from.is_guarded() || from.value() != self.from {
            return Err(format!("{way:?} writes to what it copies from"));
        }
        if !to.is_guarded() {
            return Err(format!("{way:?} writes out of bounds"));
        }
        if to.value() == self.copied {
            return Ok(());
        }
        for (at, (&found, &copied)) in to.value().iter().zip(&self.copied).enumerate() {
            if found != copied {
                return Err(format!("{way:?}: byte {at} is {found:#04x}, not {copied:#04x}"));
            }
        }
        Ok(())
    }
}

/// What does not depend on the base: size, and holes.
fn facts(built: &Built, map: &[Byte]) -> Result<(), String> {
    if built.size() != map.len() {
        return Err(format!("the size is {}, not {}", built.size(), map.len()));
    }
    let (mut at, mut holes) = (0, Vec::new());
    for bytes in map.chunk_by(|a, b| a.is_copied() == b.is_copied()) {
        if !bytes[0].is_copied() {
            holes.push(at..at + bytes.len());
        }
        at += bytes.len();
    }
    let listed = built.holes();
    if listed == holes { Ok(()) } else { Err(format!("the holes are {listed:?}, not {holes:?}")) }
}

fn step(access: Access) -> Step {
    (access.offset, access.width, access.kind)
}

/// Neighbours differ.
fn low_six(at: usize) -> u8 {
    u8::try_from(at % 64).expect("less than 64")
}
