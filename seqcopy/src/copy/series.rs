//! [`Series`] copies a type of which only the layout is known. It is a list of accesses that is made before any of
//! them. While a writer has the sequence word busy, nothing may panic (I9 no-panic), and
//! [`each_access`](super::each_access) does not promise that, so nothing is computed from a layout then.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::direction::{Direction, Load, Sides, Store};
use super::each_access::make_of_run;
use super::part::{PartCopy, any_bytes};
use super::step::{Group, Op};
use super::transfer::{Transfer, Whole};
use crate::layout::{AccessKind, Layout};

/// The most groups of a series. They are kept in memory, and the layout may come from another machine.
pub(super) const MOST: usize = 1 << 20;

/// Bytes of a value, and where they lie in private memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// Where they lie in the value.
    pub from: usize,
    /// Where they are put.
    pub to: usize,
    /// How many there are.
    pub len: usize,
}

impl Move {
    fn end(&self) -> usize {
        self.from.wrapping_add(self.len)
    }

    /// Whether `next` can be merged with this move: its bytes follow (or overlap) on both sides, at the same distance.
    fn joins(&self, next: &Move) -> bool {
        next.from <= self.end() && next.from - self.from == next.to.wrapping_sub(self.to)
    }

    /// In the order of their places in the value; those that lie side by side at both ends are one.
    #[must_use]
    pub fn joined(mut moves: Vec<Move>) -> Vec<Move> {
        moves.sort_unstable();
        moves.retain(|it| it.len != 0);
        moves.dedup_by(|next, last| {
            let joins = last.joins(next);
            if joins {
                last.len = last.len.max(next.end() - last.from);
            }
            joins
        });
        moves
    }
}

/// What most types allow, so that their copies need no search for the groups that a move touches.
#[derive(Debug, Clone, Copy)]
enum Shortcut {
    /// The type is one run, of which this is moved.
    Run(Move),
    /// The type is words of four or of eight bytes side by side, all of which are moved.
    Words(Move, Group),
    /// There is one move, which has all bytes of all groups.
    Groups(Move),
    /// The groups are searched.
    None,
}

/// By which accesses bytes of a value are copied, all of them or some.
#[derive(Debug, Clone)]
pub struct Series {
    shortcut: Shortcut,
    /// Sorted by offset.
    groups: Vec<Group>,
    /// Each move, with the first group that touches its bytes.
    moves: Vec<(usize, Move)>,
}

impl Series {
    /// The accesses of all bytes of a value, which lie in private memory as in storage that is aligned to `base`.
    /// `None` if there are more than 2^20 groups of equal accesses side by side.
    ///
    /// # Panics
    /// If `base` is not a power of two, or the type has pointers, whose provenance bytes do not have.
    #[must_use]
    #[track_caller]
    pub fn all(layout: &Layout, base: usize) -> Option<Self> {
        Self::from_layout(layout, base, vec![Move { from: 0, to: 0, len: layout.size() }], true)
    }

    /// The accesses of some bytes, which lie elsewhere in private memory. An access that has none of them is not made.
    /// `None`, too, if some of them are not data, unless there may be `gaps`.
    ///
    /// # Panics
    /// The panics of [`all`](Self::all).
    #[must_use]
    #[track_caller]
    pub fn from_layout(layout: &Layout, base: usize, moves: Vec<Move>, gaps: bool) -> Option<Self> {
        assert!(!layout.has_pointers(), "pointers are not bytes");
        let moves = Move::joined(moves);
        // The moves from the first to the last one that touch the range.
        let wanted = |range: Range<usize>| {
            let first = moves.partition_point(|it| it.end() <= range.start);
            let last = moves.partition_point(|it| it.from < range.end);
            let some = &moves[first..last.max(first)];
            let start = some.first().map_or(range.start, |it| it.from.max(range.start));
            start..some.last().map_or(start, |it| it.end().min(range.end))
        };
        let mut groups: Vec<Group> = Vec::new();
        layout.each_series_of(base, &wanted, |first, count| {
            let is_run = matches!(first.kind, AccessKind::Vector);
            let group = Group { op: if is_run { Op::Bytes } else { Op::words(first.width) }, at: first.offset, count };
            if !wanted(group.at..group.end()).is_empty() && groups.len() <= MOST {
                groups.push(group);
            }
        });
        if groups.len() > MOST {
            return None;
        }
        // Some types have their fields in another order than they are declared in.
        groups.sort_unstable_by_key(|it| it.at);
        let mut found = Vec::with_capacity(moves.len());
        for it in moves {
            let first = groups.partition_point(|group| group.end() <= it.from);
            let touched = groups[first..].iter().map_while(|group| group.overlap(it.from..it.end()));
            if !gaps && touched.clone().map(|bytes| bytes.len()).sum::<usize>() != it.len {
                return None;
            }
            // Without padding at both ends, so that a type with a single run needs no comparison.
            if let (Some(Range { start, .. }), Some(Range { end, .. })) = (touched.clone().next(), touched.last()) {
                found.push((first, Move { from: start, to: it.to + (start - it.from), len: end - start }));
            }
        }
        let shortcut = match (&*found, &*groups) {
            (&[(_, it)], [Group { op: Op::Bytes, .. }]) => Shortcut::Run(it),
            (&[(_, it)], &[group @ Group { op: Op::Words4 | Op::Words8, .. }])
                if (it.from, it.end()) == (group.at, group.end()) =>
            {
                Shortcut::Words(it, group)
            }
            (&[(_, it)], [first, .., last]) if it.from <= first.at && last.end() <= it.end() => Shortcut::Groups(it),
            _ => Shortcut::None,
        };
        Some(Series { shortcut, groups, moves: found })
    }

    /// Loads the data bytes. What no move names, and what is not data, is left as it is.
    ///
    /// # Safety
    /// * `shared` is aligned to the base and readable for the size of the type, and its bytes are initialised (I2
    ///   init). Whatever else accesses them during the call does so by the partition of the same type at the same base
    ///   (I1 partition).
    /// * `private` is writable by this thread alone wherever a move goes to (I4 private). It needs no alignment.
    #[inline]
    pub unsafe fn load(&self, shared: *const u8, private: *mut u8) {
        same_contract!(self.copy::<Load>(Sides { shared: shared.cast_mut(), private }));
    }

    /// Stores the data bytes. In an enum with fields, the bytes of all variants are stored as they are. If an access
    /// has other bytes as well, they are loaded first and stored unchanged.
    ///
    /// # Safety
    /// * As for [`load`](Self::load), of memory that is writable. All bytes of the value are initialised, and not
    ///   written during the call; it does not lie in `shared`.
    /// * If an access has a byte that no move names, its bytes are initialised (I2 init); no other thread stores to
    ///   them during the call, and all stores made before happen-before it (I5 one-writer).
    #[inline]
    pub unsafe fn store(&self, private: *const u8, shared: *mut u8) {
        // SAFETY: a store reads the private side only; the rest is this function's contract.
        unsafe { self.copy::<Store>(Sides { shared, private: private.cast_mut() }) };
    }

    /// Loads the data bytes of a range, such as some elements of a slice, wherever a move would put them.
    ///
    /// # Safety
    /// The contract of [`load`](Self::load), but `private` is the place of the first byte of the range, writable for
    /// all of it.
    pub unsafe fn load_range(&self, shared: *const u8, range: Range<usize>, private: *mut u8) {
        same_contract!(self.copy_range::<Load>(
            self.first(&range),
            Sides { shared: shared.cast_mut(), private },
            range
        ));
    }

    /// Stores the data bytes of a range, wherever a move would have them. What else an access has is loaded first, and
    /// stored as it is.
    ///
    /// # Safety
    /// * As for [`store`](Self::store), but `private` is the place of the first byte of the range, and has the bytes of
    ///   the range only.
    /// * What it says of an access with other bytes applies to one that has bytes outside of the range.
    pub unsafe fn store_range(&self, private: *const u8, range: Range<usize>, shared: *mut u8) {
        let sides = Sides { shared, private: private.cast_mut() };
        // SAFETY: a store reads the private side only; the rest is this function's contract.
        unsafe { self.copy_range::<Store>(self.first(&range), sides, range) };
    }

    fn first(&self, range: &Range<usize>) -> usize {
        self.groups.partition_point(|group| group.end() <= range.start)
    }

    /// # Safety
    /// The contract of [`load`](Self::load) or [`store`](Self::store), as the direction says.
    #[inline(always)]
    unsafe fn copy<D: Direction>(&self, sides: Sides) {
        match self.shortcut {
            Shortcut::Run(Move { from, to, len }) => {
                let (shared, private) = (sides.shared.wrapping_add(from), sides.private.wrapping_add(to));
                // SAFETY: single bytes of the run, where the move says (I1 partition, I2 init, I3 exact, I4 private).
                unsafe { any_bytes::<D>(Sides { shared, private }, len) };
            }
            Shortcut::Words(it, group) => {
                let whole = same_contract!(Self::whole::<D>(sides, it));
                if group.op == Op::Words4 {
                    whole.words::<u32>(group.at, group.count);
                } else {
                    #[cfg(target_pointer_width = "64")]
                    whole.words::<u64>(group.at, group.count);
                }
            }
            Shortcut::Groups(it) => same_contract!(self.copy_groups::<D>(sides, it)),
            Shortcut::None => same_contract!(self.copy_each::<D>(sides)),
        }
    }

    /// # Safety
    /// The contract of [`copy`](Self::copy), and the move has all bytes of all groups.
    #[inline(always)]
    unsafe fn whole<D: Direction>(sides: Sides, it: Move) -> Whole<D> {
        // Where the value would begin on the private side.
        let value = sides.private.wrapping_add(it.to).wrapping_sub(it.from);
        // SAFETY: accesses of this layout at this base (I1 partition) to initialised bytes (I2 init, P4 uninit), all of
        // which are of the one move (I3 exact, I4 private).
        unsafe { Whole::<D>::new(sides.shared, value) }
    }

    /// # Safety
    /// The contract of [`whole`](Self::whole).
    #[inline(never)]
    unsafe fn copy_groups<D: Direction>(&self, sides: Sides, it: Move) {
        let whole = same_contract!(Self::whole::<D>(sides, it));
        for group in &self.groups {
            make_of_run(whole, group);
        }
    }

    /// # Safety
    /// The contract of [`copy`](Self::copy).
    #[inline(never)]
    unsafe fn copy_each<D: Direction>(&self, sides: Sides) {
        for &(first, it) in &self.moves {
            let sides = Sides { private: sides.private.wrapping_add(it.to), ..sides };
            // SAFETY: the bytes of one move, which are among those of this function's contract (I1 partition, I4
            // private).
            unsafe { self.copy_range::<D>(first, sides, it.from..it.end()) };
        }
    }

    /// Makes the accesses that touch a range, beginning with group number `first`. Accesses inside of the range are
    /// made whole, and of the others a part is copied.
    ///
    /// # Safety
    /// The contract of [`load_range`](Self::load_range) or [`store_range`](Self::store_range), as the direction says.
    #[inline(always)]
    unsafe fn copy_range<D: Direction>(&self, first: usize, sides: Sides, range: Range<usize>) {
        // Where the value would begin on the private side.
        let value = sides.private.wrapping_sub(range.start);
        // SAFETY: accesses of this layout at this base (I1 partition, I3 exact) to initialised bytes (I2 init, P4
        // uninit); those of the range are this thread's at the private side (I4 private). This one is told of groups
        // that lie in the range only.
        let whole = unsafe { Whole::<D>::new(sides.shared, value) };
        // SAFETY: accesses of this layout, to initialised bytes (I1 partition, I2 init, I3 exact, I4 private); a store
        // is that of the only writer (I5 one-writer).
        let part = unsafe { PartCopy::<D>::new(sides, range.start, range.end.wrapping_sub(range.start)) };
        for group in self.groups.iter().skip(first) {
            match group.overlap(range.start..range.end) {
                None => break,
                Some(Range { start, end }) if group.op == Op::Bytes => {
                    let sides = Sides { shared: sides.shared.wrapping_add(start), private: value.wrapping_add(start) };
                    // SAFETY: single bytes of a run, inside of the range (I1 partition, I2 init, I3 exact, I4 private).
                    unsafe { any_bytes::<D>(sides, end.wrapping_sub(start)) };
                }
                Some(Range { start, end }) if start == group.at && end == group.end() => make_of_run(whole, group),
                Some(_) => make_of_run(part, group),
            }
        }
    }
}
