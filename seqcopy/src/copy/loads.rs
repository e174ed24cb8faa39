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
unsafe fn words(width: usize, count: usize, from: *const u8, to: *mut u8) {
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

/// One copy of this code, which is long.
///
/// # Safety
/// As for [`Word::load`] of each byte; there is space for them, which is this thread's alone.
#[inline(never)]
unsafe fn bytes(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
    unsafe { Whole::<Load>::new(from.cast_mut(), to) }.bytes(0, len);
}

impl Loads {
    /// All data bytes of a value, to where they lie there: to be loaded in [ranges](Self::load_range).
    ///
    /// # Panics
    /// As for [`of`](Self::of).
    #[must_use]
    #[track_caller]
    pub fn in_place(layout: &Layout, base: usize) -> Option<Self> {
        assert!(!layout.has_pointers(), "pointers are not bytes");
        let (mut all, mut fits) = (Loads::default(), true);
        layout.each_series(base, |first, count| {
            fits &= all.steps.len() < MOST;
            match first.kind {
                _ if !fits => {}
                AccessKind::Vector => all.steps.push(Step::Bytes { at: first.offset, to: first.offset, len: count }),
                _ => all.words(first.width, first.offset, first.offset, count),
            }
        });
        fits.then_some(all)
    }

    /// Loads the data bytes of a range, by the accesses that have some of them. These loads are [in place](Self::in_place).
    ///
    /// # Safety
    /// As for [`load`](Self::load); `private` is the place of the first byte of the range, writable for all of it.
    pub unsafe fn load_range(&self, shared: *const u8, range: Range<usize>, private: *mut u8) {
        let end_of = |step: &Step| match *step {
            Step::Words { width, at, count, .. } => at + width * count,
            Step::Bytes { at, len, .. } => at + len,
            Step::Split { at, .. } => at, // not in place
        };
        let first = self.steps.partition_point(|step| end_of(step) <= range.start);
        for step in &self.steps[first..] {
            let (&Step::Words { at, .. } | &Step::Bytes { at, .. } | &Step::Split { at, .. }) = step;
            let (mut from, until) = (at.max(range.start), end_of(step).min(range.end));
            if from >= until {
                break;
            }
            let width = if let &Step::Words { width, .. } = step { width } else { 1 };
            while from < until {
                let word = from - (from - at) % width;
                let whole = if word == from { (until - from) / width } else { 0 };
                let len = if whole > 0 { whole * width } else { until.min(word + width) - from };
                // SAFETY: inside of the range (I4 private).
                let place = unsafe { private.add(from - range.start) };
                // SAFETY: inside of the value, as the access is (I3 exact).
                let shared = unsafe { shared.add(word) };
                if whole == 0 {
                    // SAFETY: an access of this layout at this base, of bytes that are initialised (I1 partition, I2 init).
                    let word_bytes = unsafe { word_at(shared, width) };
                    // SAFETY: some bytes of the word, to their place (I4 private).
                    unsafe { copy_private(word_bytes[from - word..].as_ptr(), place, len) };
                } else if matches!(step, Step::Bytes { .. }) {
                    // SAFETY: single bytes of a run that is accessed by bytes (I1 partition, I2 init, I3 exact, I4 private).
                    unsafe { bytes(shared, place, whole) };
                } else {
                    // SAFETY: accesses of this layout at this base (I1 partition, I2 init, I3 exact, I4 private).
                    unsafe { words(width, whole, shared, place) };
                }
                from += len;
            }
        }
    }
}

/// The bytes of a word, followed by zeros.
///
/// # Safety
/// As for [`Word::load`] of the word of that width.
#[inline(always)]
unsafe fn word_at(shared: *const u8, width: usize) -> [u8; 8] {
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

#[cfg(all(test, feature = "derive"))]
mod tests {
    use super::*;
    use crate::{Aligned8, SeqCopy, SeqOption};
    use alloc::vec;

    #[derive(Clone, Copy, SeqCopy)]
    #[seqcopy(crate = crate)]
    #[repr(C)]
    struct Sample {
        id: u16,
        small: [u8; 3],
        level: SeqOption<u64>,
        halves: (u32, u32),
        list: [(u8, u32); 5],
        long: [u16; 400],
        ok: bool,
    }

    const FILL: u8 = 0xa5;

    fn data(layout: &Layout, base: usize) -> Vec<bool> {
        let mut data = vec![false; layout.size()];
        layout.each_access(base, |access| data[access.offset..access.offset + access.width].fill(true));
        data
    }

    /// Data bytes, divided into moves at places that a number chooses, in another order and with gaps.
    fn moves(data: &[bool], seed: usize) -> Vec<Move> {
        let mut moves: Vec<Move> = Vec::new();
        let mut random = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % below
        };
        let mut at = 0;
        while at < data.len() {
            let len =
                data[at..].iter().take_while(|it| **it).count().min(1 + next(if seed % 2 == 0 { 12 } else { 500 }));
            if len > 0 && next(4) > 0 {
                moves.push(Move { from: at, to: 0, len });
            }
            at += len.max(1);
        }
        let mut to = 0;
        while !moves.iter().all(|it| it.to > 0) {
            let index = next(moves.len());
            if moves[index].to == 0 {
                to += 1 + next(3);
                moves[index].to = to;
                to += moves[index].len;
            }
        }
        moves
    }

    fn goes_where_it_should<T: SeqCopy>(seed: usize) {
        let (layout, base) = (T::LAYOUT, align_of::<Aligned8<T>>());
        let moves = moves(&data(layout, base), seed);
        let loads = Loads::of(layout, base, moves.clone(), false).expect("data only");
        let size = layout.size();
        let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
        let shared: *mut u8 = shared.as_mut_ptr().cast();
        for byte in 0..size {
            // SAFETY: a local of that size (I4 private).
            unsafe { shared.wrapping_add(byte).write(u8::try_from(byte % 251).unwrap()) };
        }
        let mut found = vec![FILL; 4 * size + 8];
        let mut expected = found.clone();
        for it in &moves {
            (0..it.len).for_each(|i| expected[it.to + i] = u8::try_from((it.from + i) % 251).unwrap());
        }
        // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init); moves end before the end of the vector (I4 private).
        unsafe { loads.load(shared, found.as_mut_ptr()) };
        assert_eq!(found, expected, "{moves:?}");
    }

    #[test]
    fn bytes_go_to_their_places_and_nowhere_else() {
        for seed in 0..if cfg!(miri) { 2 } else { 300 } {
            goes_where_it_should::<Sample>(seed);
            goes_where_it_should::<[(u8, u32); 8]>(seed);
            goes_where_it_should::<[u8; 100]>(seed);
            goes_where_it_should::<(u64, u16, u8)>(seed);
        }
    }

    #[test]
    fn ranges_are_loaded_and_nothing_else() {
        fn of<T: SeqCopy>() {
            let (layout, base) = (T::LAYOUT, align_of::<Aligned8<T>>());
            let (size, is_data) = (layout.size(), data(layout, base));
            let loads = Loads::in_place(layout, base).unwrap();
            let mut shared = core::mem::MaybeUninit::<Aligned8<T>>::uninit();
            let shared: *mut u8 = shared.as_mut_ptr().cast();
            for byte in 0..size {
                // SAFETY: a local of that size (I4 private).
                unsafe { shared.wrapping_add(byte).write(u8::try_from(byte % 251).unwrap()) };
            }
            let (step, next) = if cfg!(miri) { (size / 3 + 1, size / 4 + 1) } else { (1 + size / 40, 1 + size / 50) };
            for start in (0..=size).step_by(step) {
                for end in (start..=size).step_by(next).chain([size]) {
                    let mut found = vec![FILL; end - start + 8];
                    // SAFETY: a local, initialised above, aligned to the base (I1 partition, I2 init); a vector of that length (I4 private).
                    unsafe { loads.load_range(shared, start..end, found.as_mut_ptr()) };
                    for (at, byte) in (start..).zip(found) {
                        let is_data = at < end && is_data[at];
                        assert_eq!(byte, if is_data { u8::try_from(at % 251).unwrap() } else { FILL }, "{at}");
                    }
                }
            }
        }
        of::<Sample>();
        of::<[(u8, u32); 8]>();
        of::<[[u8; 3]; 5]>();
        of::<[u8; 100]>();
        of::<()>();
    }

    #[test]
    fn only_data_can_be_moved() {
        let moves = |from, len| vec![Move { from, to: 0, len }];
        let of = |moves| Loads::of(<(u8, u32)>::LAYOUT, 8, moves, false).map(drop);
        let at = <(u8, u32)>::LAYOUT.fields()[1].offset();
        assert_eq!(of(moves(at, 4)), Some(()));
        assert_eq!(of(moves(if at == 0 { 5 } else { 1 }, 1)), None, "padding");
        assert_eq!(of(moves(8, 1)), None, "beyond the end");
        assert_eq!(of(Vec::new()), Some(()));
    }

    #[test]
    #[cfg_attr(miri, ignore = "a million steps")]
    fn the_list_is_bounded() {
        // Two in each element.
        const LEN: usize = MOST / 2;
        assert!(Loads::in_place(<[(u8, u32); LEN]>::LAYOUT, 8).is_some());
        assert!(Loads::in_place(<[(u8, u32); LEN + 1]>::LAYOUT, 8).is_none());
        let layout = <(u8, u32)>::LAYOUT;
        let moves = |len: usize| {
            let places =
                (0..len).flat_map(|i| layout.fields().iter().map(move |it| (i, it.offset(), it.layout().size())));
            places.map(|(i, at, len)| Move { from: i * 8 + at, to: i * 16 + at * 2, len }).collect()
        };
        assert!(Loads::of(<[(u8, u32); LEN]>::LAYOUT, 8, moves(LEN), false).is_some());
        assert!(Loads::of(<[(u8, u32); LEN + 1]>::LAYOUT, 8, moves(LEN + 1), false).is_none());
    }

    #[test]
    fn arrays_without_wanted_bytes_are_left_out() {
        type Rows = [[(u8, u32); 9]; 7];
        let (at, size) = (4 * size_of::<[(u8, u32); 9]>(), size_of::<(u8, u32)>());
        let wanted = |range: Range<usize>| range.start.max(at + size)..range.end.min(at + 3 * size);
        let mut found = Vec::new();
        Rows::LAYOUT.each_series_of(4, &wanted, |first, count| found.push((first.offset, first.width * count)));
        assert!(!found.is_empty() && found.len() <= 4, "{found:?}");
        assert!(found.iter().all(|(offset, _)| (at + size..at + 3 * size).contains(offset)), "{found:?}");
    }

    /// An access that has no wanted byte is not made.
    #[test]
    fn as_few_accesses_as_possible() {
        let steps = |moves| Loads::of(<[u32; 3]>::LAYOUT, 4, moves, false).unwrap().steps;
        let all = |len| steps(vec![Move { from: 0, to: 64, len: 4 }, Move { from: 4, to: 68, len }]);
        assert!(matches!(*all(4), [Step::Words { width: 4, at: 0, to: 64, count: 2 }]));
        let [Step::Words { count: 1, .. }, Step::Split { width: 4, at: 4, count: 1, .. }] = *all(3) else { panic!() };
        let [Step::Split { width: 4, at: 8, count: 1, .. }] = *steps(vec![Move { from: 9, to: 0, len: 2 }]) else {
            panic!()
        };
    }
}
