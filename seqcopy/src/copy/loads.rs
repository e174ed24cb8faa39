//! [`Loads`]: loads of some bytes of a type that is known by its layout only, each to a place of its own. They are found once, before any of
//! them is made: what depends on two layouts is not computed while a writer may be writing.

use alloc::vec::Vec;
use core::ops::Range;

use super::direction::Load;
use super::memory::copy_private;
use super::transfer::{Transfer, Whole};
use super::word::{Word, put};
use crate::Layout;
use crate::layout::AccessKind;

#[cfg(all(test, feature = "derive"))]
mod tests;

/// How many steps there may be. They are kept in memory, and the layout may come from another machine.
const MOST: usize = 1 << 20;

/// Bytes of a value, and where they go.
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
        self.from + self.len
    }

    /// Whether the other one takes the bytes that follow, or some of the same, to where they follow there as well.
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

/// By which accesses some bytes of a value are loaded.
#[derive(Debug, Clone, Default)]
pub struct Loads {
    steps: Vec<Step>,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Equal words side by side, which stay so.
    Words { width: usize, at: usize, to: usize, count: usize },
    /// Single bytes.
    Bytes { at: usize, to: usize, len: usize },
    /// A word, of which some pieces are wanted: which is the first, and how many there are.
    Split { width: usize, at: usize, first: usize, count: usize },
}

/// Bytes of a word.
#[derive(Debug, Clone, Copy)]
struct Piece {
    skip: usize,
    to: usize,
    len: usize,
}

impl Loads {
    /// Those that take bytes of a value, in storage that is aligned to `base`, to other places. Only accesses that have some of these bytes
    /// are made, each whole. `None` if some of them are not data, unless there may be `gaps`, or if there are more than 2^20 groups of
    /// accesses.
    ///
    /// # Panics
    /// If `base` is not a power of two, or the type has pointers, whose provenance bytes do not have.
    #[must_use]
    #[track_caller]
    pub fn of(layout: &Layout, base: usize, moves: Vec<Move>, gaps: bool) -> Option<Self> {
        assert!(!layout.has_pointers(), "pointers are not bytes");
        let moves = Move::joined(moves);
        let (mut all, mut loaded) = (Loads::default(), 0);
        // From the first move that has some bytes of a range to the last one.
        let wanted = |range: Range<usize>| {
            let first = moves.partition_point(|it| it.end() <= range.start);
            let last = moves.partition_point(|it| it.from < range.end);
            let some = &moves[first..last.max(first)];
            let start = some.first().map_or(range.start, |it| it.from.max(range.start));
            start..some.last().map_or(start, |it| it.end().min(range.end))
        };
        layout.each_series_of(base, &wanted, |first, count| {
            let end = first.offset + first.width * count;
            let mut next = moves.partition_point(|it| it.end() <= first.offset);
            let mut at = first.offset;
            while let Some(wanted) = moves.get(next).filter(|it| it.from < end && all.steps.len() <= MOST) {
                at = at.max(wanted.from);
                if first.width == 1 {
                    let len = end.min(wanted.end()) - at;
                    let to = wanted.to + (at - wanted.from);
                    match first.kind {
                        AccessKind::Vector => all.steps.push(Step::Bytes { at, to, len }),
                        _ => all.words(1, at, to, len),
                    }
                    loaded += len;
                    at += len;
                } else {
                    let width = first.width;
                    let word = at - (at - first.offset) % width;
                    let count = if wanted.from <= word { (end.min(wanted.end()) - word) / width } else { 0 };
                    if count > 0 {
                        all.words(width, word, wanted.to + (word - wanted.from), count);
                        loaded += count * width;
                        at = word + count * width;
                    } else {
                        at = word + width;
                        let before = all.pieces.len();
                        for it in moves[next..].iter().take_while(|it| it.from < at) {
                            let (from, until) = (it.from.max(word), it.end().min(at));
                            all.pieces.push(Piece {
                                skip: from - word,
                                to: it.to + (from - it.from),
                                len: until - from,
                            });
                            loaded += until - from;
                        }
                        all.steps.push(Step::Split {
                            width,
                            at: word,
                            first: before,
                            count: all.pieces.len() - before,
                        });
                    }
                }
                next += moves[next..].partition_point(|it| it.end() <= at);
                if at >= end {
                    break;
                }
            }
        });
        let fits = all.steps.len() <= MOST;
        (fits && (gaps || loaded == moves.iter().map(|it| it.len).sum::<usize>())).then_some(all)
    }

    /// Adds words, which may go on where the last ones end.
    fn words(&mut self, width: usize, at: usize, to: usize, count: usize) {
        match self.steps.last_mut() {
            Some(Step::Words { width: same, at: start, to: other, count: before })
                if *same == width && *start + *before * width == at && *other + *before * width == to =>
            {
                *before += count;
            }
            _ => self.steps.push(Step::Words { width, at, to, count }),
        }
    }

    /// Makes them. What no move names is left as it is.
    ///
    /// # Safety
    /// * `shared` is aligned to the base and readable for the size of the type, and its bytes are initialised (I2 init). Whatever else
    ///   accesses them during the call does so by the partition of the same type at the same base (I1 partition).
    /// * `private` is writable by this thread alone wherever a move goes to (I4 private).
    #[inline]
    pub unsafe fn load(&self, shared: *const u8, private: *mut u8) {
        // What grows is mostly a struct at whose end there is something new.
        if let [Step::Bytes { at, to, len }] = *self.steps {
            // SAFETY: as in `load_each` (I1 partition, I2 init, I3 exact, I4 private).
            unsafe { bytes(shared.wrapping_add(at), private.wrapping_add(to), len) };
        } else {
            // SAFETY: the same contract.
            unsafe { self.load_each(shared, private) };
        }
    }

    /// # Safety
    /// As for [`load`](Self::load).
    unsafe fn load_each(&self, shared: *const u8, private: *mut u8) {
        for step in &self.steps {
            let (&Step::Words { at, to, .. } | &Step::Bytes { at, to, .. } | &Step::Split { at, first: to, .. }) = step;
            // Inside of the value, since an access begins there; to the place of a move (I3 exact).
            let (from, place) = (shared.wrapping_add(at), private.wrapping_add(to));
            match *step {
                // SAFETY: accesses of this layout at this base, to places of moves (I1 partition, I2 init, I3 exact, I4 private).
                Step::Words { width, count, .. } => unsafe { words(width, count, from, place) },
                // SAFETY: the same, of single bytes of a run that is accessed by bytes (I1 partition).
                Step::Bytes { len, .. } => unsafe { bytes(from, place, len) },
                Step::Split { width, first, count, .. } => {
                    // SAFETY: an access of this layout at this base, of bytes that are initialised (I1 partition, I2 init).
                    let word = unsafe { word_at(from, width) };
                    for &Piece { skip, to, len } in &self.pieces[first..first + count] {
                        // SAFETY: bytes of the word, to the place of a move (I4 private).
                        unsafe { copy_private(word[skip..].as_ptr(), private.wrapping_add(to), len) };
                    }
                }
            }
        }
    }
}

/// # Safety
/// As for [`Word::load`] of each of these words; there is space for them, which is this thread's alone.
#[inline(always)]
pub(super) unsafe fn words(width: usize, count: usize, from: *const u8, to: *mut u8) {
    // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
    let copy = unsafe { Whole::<Load>::new(from.cast_mut(), to) };
    match width {
        1 => copy.words::<u8>(0, count),
        2 => copy.words::<u16>(0, count),
        4 => copy.words::<u32>(0, count),
        #[cfg(target_pointer_width = "64")]
        _ => copy.words::<u64>(0, count),
        #[cfg(not(target_pointer_width = "64"))]
        _ => {} // there are no others
    }
}

/// One copy of this code, which is long; programs in C call it too.
///
/// # Safety
/// As for a `Word::load` of each byte; there is space for them, which is this thread's alone.
#[inline(never)]
pub unsafe extern "C" fn bytes(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
    unsafe { Whole::<Load>::new(from.cast_mut(), to) }.bytes(0, len);
}

/// The bytes of a word, followed by zeros.
///
/// # Safety
/// As for [`Word::load`] of the word of that width.
#[inline(always)]
pub(super) unsafe fn word_at(shared: *const u8, width: usize) -> [u8; 8] {
    /// # Safety
    /// As for [`Word::load`].
    #[inline(always)]
    unsafe fn bytes<W: Word>(shared: *const u8) -> [u8; 8] {
        let mut bytes = [0; 8];
        // SAFETY: this function's contract.
        let word = unsafe { W::load(shared) };
        // SAFETY: no word is wider than a local of 8 bytes (I4 private).
        unsafe { put(bytes.as_mut_ptr(), word) };
        bytes
    }
    match width {
        // SAFETY: this function's contract.
        2 => unsafe { bytes::<u16>(shared) },
        // SAFETY: as above.
        4 => unsafe { bytes::<u32>(shared) },
        #[cfg(target_pointer_width = "64")]
        // SAFETY: as above.
        _ => unsafe { bytes::<u64>(shared) },
        #[cfg(not(target_pointer_width = "64"))]
        _ => [0; 8], // there are no others
    }
}
