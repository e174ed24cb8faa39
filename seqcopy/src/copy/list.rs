//! The partition of a type as a list: [`Layout::accesses`].

use core::cell::RefCell;

use super::by_table::{ByTable, accesses};
use super::partition::{Partition, feed};
use super::table::Table;
use super::word::{Transfer, Word};
use crate::SeqCopy;
use crate::layout::Layout;
use crate::seq_copy::announce;
use crate::seq_copy::visitor::EnumWithFields;

/// One atomic access of a copy.
///
/// ```
/// # use seqcopy::SeqCopy;
/// let access = u32::LAYOUT.accesses(4).next().unwrap();
/// assert_eq!((access.offset, access.width), (0, 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Access {
    /// Offset in bytes from the start of the type.
    pub offset: usize,
    /// How many bytes are accessed at once: 1, 2, 4 or 8.
    pub width: usize,
    /// As what.
    pub kind: AccessKind,
}

/// As what an access reads or writes its bytes.
///
/// ```
/// # use seqcopy::{SeqCopy, layout::AccessKind};
/// let access = <*const u8>::LAYOUT.accesses(8).next().unwrap();
/// assert_eq!(access.kind, AccessKind::Pointer);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AccessKind {
    /// An integer of that width.
    Word,
    /// One byte of a long run or span, moved together with its neighbours by vector instructions.
    Vector,
    /// A pointer, with its provenance.
    Pointer,
}

/// Keeps the accesses from number `skip` on, as many as fit.
struct Window {
    skip: usize,
    seen: usize,
    kept: usize,
    accesses: [Access; WINDOW],
}

/// A walk costs as much as the whole tree, so one walk serves this many accesses.
const WINDOW: usize = 64;

/// Notes accesses instead of making them.
#[derive(Clone)]
struct Note<'a> {
    window: &'a RefCell<Window>,
    origin: usize,
}

impl Note<'_> {
    fn push(&self, offset: usize, width: usize, kind: AccessKind, count: usize) {
        let mut window = self.window.borrow_mut();
        let first = window.seen;
        window.seen += count;
        // Long runs are passed over by arithmetic.
        let mut i = window.skip.saturating_sub(first);
        while i < count && window.kept < WINDOW {
            let kept = window.kept;
            window.accesses[kept] = Access { offset: self.origin + offset + i * width, width, kind };
            window.kept += 1;
            i += 1;
        }
    }
}

impl Transfer for Note<'_> {
    fn word<W: Word>(&self, offset: usize) {
        self.push(offset, size_of::<W>(), AccessKind::Word, 1);
    }

    fn words<W: Word>(&self, offset: usize, count: usize) {
        self.push(offset, size_of::<W>(), AccessKind::Word, count);
    }

    fn bytes(&self, offset: usize, len: usize) {
        self.push(offset, 1, AccessKind::Vector, len);
    }

    fn pointer(&self, offset: usize) {
        self.push(offset, size_of::<*mut ()>(), AccessKind::Pointer, 1);
    }

    fn elements(&self, len: usize, accesses: impl FnOnce() -> usize) -> core::ops::Range<usize> {
        let each = accesses();
        let mut window = self.window.borrow_mut();
        // Whole elements in front of the window are passed over, and those far behind its end left out. Where all accesses are
        // counted, the window lies behind every element.
        let first = (window.skip.saturating_sub(window.seen) / each.max(1)).min(len);
        window.seen += first * each;
        let inside = (WINDOW - window.kept) / each.max(1) + 2;
        first..len.min(first + inside)
    }

    fn at(&self, offset: usize) -> Self {
        Note { window: self.window, origin: self.origin + offset }
    }

    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        accesses(self.at(offset));
    }
}

/// Hands on accesses instead of making them: words that lie side by side, and the bytes of a long run, at once.
#[derive(Clone)]
struct Tell<'a> {
    each: &'a RefCell<dyn FnMut(Access, usize) + 'a>,
    origin: usize,
}

impl Tell<'_> {
    fn tell(&self, offset: usize, width: usize, kind: AccessKind, count: usize) {
        if count > 0 {
            (self.each.borrow_mut())(Access { offset: self.origin + offset, width, kind }, count);
        }
    }
}

impl Transfer for Tell<'_> {
    fn word<W: Word>(&self, offset: usize) {
        self.tell(offset, size_of::<W>(), AccessKind::Word, 1);
    }

    fn words<W: Word>(&self, offset: usize, count: usize) {
        self.tell(offset, size_of::<W>(), AccessKind::Word, count);
    }

    fn bytes(&self, offset: usize, len: usize) {
        self.tell(offset, 1, AccessKind::Vector, len);
    }

    fn pointer(&self, offset: usize) {
        self.tell(offset, size_of::<*mut ()>(), AccessKind::Pointer, 1);
    }

    fn at(&self, offset: usize) -> Self {
        Tell { each: self.each, origin: self.origin + offset }
    }

    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        accesses(self.at(offset));
    }
}

impl ByTable for Tell<'_> {
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        self.bytes(offset, len);
    }
}

/// Fills a window by `walk`, which drives the partition that `begin` makes to the end.
fn window(
    skip: usize,
    begin: impl for<'a> FnOnce(Note<'a>) -> Partition<Note<'a>>,
    walk: impl FnOnce(&mut Partition<Note<'_>>),
) -> Window {
    let empty = Access { offset: 0, width: 0, kind: AccessKind::Word };
    let window = RefCell::new(Window { skip, seen: 0, kept: 0, accesses: [empty; WINDOW] });
    {
        let mut partition = begin(Note { window: &window, origin: 0 });
        walk(&mut partition);
        partition.flush();
    }
    window.into_inner()
}

/// How many accesses a type is copied by, where another partition stands.
pub(crate) fn count_accesses<A: Transfer>(layout: &Layout, like: &Partition<A>) -> usize {
    // Nothing is kept, so everything is counted.
    window(usize::MAX, |note| like.with_transfer(note), |partition| feed(layout, partition, 0)).seen
}

impl Layout {
    /// The accesses by which a copy of this type moves its data, if the storage is aligned to `base`: what loads
    /// and stores do, in the order in which they do it.
    ///
    /// The order is that of declaration, so it ascends in every type whose fields do. What the accesses are depends on the
    /// layout, on `base`, on the target's pointer width, and on whether this build moves long runs and spans by vectors, whose data
    /// counts as single bytes (`--cfg seqcopy_portable` turns them off). No access touches padding. The vectors that move a span move
    /// its padding along: a lock's padding holds arbitrary bytes of the writer's process, and a read into a caller's buffer may
    /// overwrite the padding of that buffer. Storage of a `T` that you place yourself
    /// ([`AtomicPerByte<T>`](crate::AtomicPerByte), [`raw`](crate::raw)) has base `align_of::<T>()`; the locks keep
    /// a `T` at base `max(8, align_of::<T>())`.
    ///
    /// # Panics
    /// If `base` is not a power of two.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// #[derive(SeqCopy)]
    /// #[repr(C)]
    /// struct Sample { id: u32, flags: [u8; 3], ok: bool, level: u16 }
    /// let widths = |base| Sample::LAYOUT.accesses(base).map(|a| a.width).collect::<Vec<_>>();
    /// assert_eq!(widths(4), [4, 4, 2]);
    /// # #[cfg(target_pointer_width = "64")]
    /// assert_eq!(widths(8), [8, 2]);
    /// ```
    #[must_use]
    pub fn accesses(&self, base: usize) -> Accesses<'_> {
        assert!(base.is_power_of_two(), "{base} is not an alignment: those are powers of two");
        Accesses { layout: self, base, given: 0, window: None }
    }

    /// Calls `each` with the accesses of the [list](Self::accesses), in the same order, in one walk over the type: the faster way
    /// where there are many of them.
    ///
    /// # Panics
    /// If `base` is not a power of two.
    ///
    /// ```
    /// # use seqcopy::SeqCopy;
    /// let mut bytes = 0;
    /// <[u64; 1000]>::LAYOUT.each_access(8, |access| bytes += access.width);
    /// assert_eq!(bytes, 8000);
    /// ```
    pub fn each_access(&self, base: usize, mut each: impl FnMut(Access)) {
        self.each_series(base, |first, count| {
            for i in 0..count {
                each(Access { offset: first.offset + i * first.width, ..first });
            }
        });
    }

    /// The same, equal accesses that lie side by side taken together: the first of them, and how many there are.
    pub(crate) fn each_series(&self, base: usize, each: impl FnMut(Access, usize)) {
        assert!(base.is_power_of_two(), "{base} is not an alignment: those are powers of two");
        let each = RefCell::new(each);
        let mut partition = Partition::new(Tell { each: &each, origin: 0 }, base);
        feed(self, &mut partition, 0);
        partition.flush();
    }
}

/// The accesses of a type, one by one. Made by [`Layout::accesses`].
///
/// ```
/// # use seqcopy::SeqCopy;
/// assert_eq!(<[u8; 3]>::LAYOUT.accesses(1).count(), 3);
/// ```
pub struct Accesses<'a> {
    layout: &'a Layout,
    base: usize,
    given: usize,
    window: Option<Window>,
}

impl Iterator for Accesses<'_> {
    type Item = Access;

    fn next(&mut self) -> Option<Access> {
        let inside = match &self.window {
            Some(window) if self.given < window.skip + window.kept => true,
            Some(window) if window.kept < WINDOW => return None,
            _ => false,
        };
        if !inside {
            self.window = Some(window(
                self.given,
                |note| Partition::new(note, self.base),
                |partition| feed(self.layout, partition, 0),
            ));
        }
        let window = self.window.as_ref()?;
        let access = *window.accesses[..window.kept].get(self.given - window.skip)?;
        self.given += 1;
        Some(access)
    }

    /// By arithmetic, where there are arrays: not one by one.
    fn count(self) -> usize {
        // Nothing is kept, so everything is counted.
        let all =
            window(usize::MAX, |note| Partition::new(note, self.base), |partition| feed(self.layout, partition, 0))
                .seen;
        all - self.given
    }
}

impl core::fmt::Debug for Accesses<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Accesses").field("of", &self.layout.name()).field("base", &self.base).finish_non_exhaustive()
    }
}

/// The accesses that the type's `visit` leads to at its own alignment: what tests compare the list with.
#[doc(hidden)]
pub fn visited<T: SeqCopy>(mut each: impl FnMut(Access)) {
    let mut skip = 0;
    loop {
        let window =
            window(skip, |note| Partition::new(note, align_of::<T>()), |partition| announce::<T, _>(partition, 0));
        window.accesses[..window.kept].iter().copied().for_each(&mut each);
        if window.kept < WINDOW {
            return;
        }
        skip += WINDOW;
    }
}

/// The accesses of the type's table, if it has one: what tests compare the list with, too.
#[doc(hidden)]
#[must_use]
pub fn tabled<T: SeqCopy>(mut each: impl FnMut(Access)) -> bool {
    let each = RefCell::new(|first: Access, count| {
        for i in 0..count {
            each(Access { offset: first.offset + i * first.width, ..first });
        }
    });
    accesses(&Tell { each: &each, origin: 0 }, Table::<T, false>::STEPS);
    const { Table::<T, false>::EXISTS }
}
