//! Parts of a value: of the accesses of its partition those that touch the part, each made whole.
//!
//! A part has no partition of its own. Read by words of its own width, it would be read in other pieces than the whole value is
//! written in (P2 mixed-size). A word that it shares with its neighbours is therefore loaded whole, and the neighbours' bytes are
//! dropped. A store of a part loads such a word first and stores it with the neighbours' bytes unchanged, which only the one writer
//! may do. Of runs that are partitioned into single bytes, exactly the bytes of the part are accessed.
//!
//! The private side holds the part alone, so reading four bytes of a kilobyte needs four bytes of stack.
//!
//! Nothing here panics (I9 no-panic), for the reasons that `partition` gives.

#![allow(clippy::cast_ptr_alignment)] // the partition keeps words and pointers aligned: each cast says why

use core::mem::MaybeUninit;
use core::ops::Range;

use super::by_table::ByTable;
use super::if_by_table;
use super::partition::Partition;
use super::transfer::{Sides, copy_active_variant, trace};
use super::vector;
use super::word::{Transfer, Word, take};
use crate::SeqCopy;
use crate::primitive::Relaxed;
use crate::primitive::bytes::AtomicPtr;
use crate::seq_copy::visitor::EnumWithFields;

/// Loads the data bytes of a part of a `T`: the `len` bytes from `from` on. Other bytes of `private` are not written.
///
/// # Safety
/// As for [`load`](super::load), but `private` has space for the `len` bytes of the part, which lies inside a `T`.
#[inline(always)]
pub(crate) unsafe fn load_part<T: SeqCopy>(shared: *const T, private: *mut u8, from: usize, len: usize) {
    let load = LoadPart { shared: shared.cast(), private, stretch: Stretch { from, len, origin: 0 } };
    if_by_table!({
        use super::has_table;
        use super::table::{Step, Table};

        /// Once for all parts of a type.
        #[inline(never)]
        fn unoptimised<T: SeqCopy>(load: LoadPart) {
            if const { has_table::<T>() } { by_steps(load, Table::<T>::STEPS) } else { walk::<T, _>(load) }
        }
        /// Compiled once, in this crate.
        fn by_steps(load: LoadPart, steps: &'static [Step]) {
            super::by_table::accesses(&load, steps);
        }
        unoptimised::<T>(load);
    } else {
        walk::<T, _>(load);
    });
}

/// Stores the data bytes of a part of a `T`: the `len` bytes from `from` on.
///
/// A part of an enum with fields is not stored: which of its bytes are data depends on what is there. No part of a type lies
/// inside one; a field that is copied as one (`unsafe(as = ..)`) may have parts that do.
///
/// # Safety
/// As for [`store`](super::store), but at `private` lie the `len` bytes of a part of a `T`, taken from a value of it. No other thread
/// stores to `shared` during the call, and all stores made before happen-before it (I5 one-writer).
#[inline(always)]
pub(crate) unsafe fn store_part<T: SeqCopy>(private: *const u8, shared: *mut T, from: usize, len: usize) {
    let store = StorePart { private, shared: shared.cast(), stretch: Stretch { from, len, origin: 0 } };
    if_by_table!({
        use super::has_table;
        use super::table::{Step, Table};

        /// Once for all parts of a type. Enums with fields are stored from images, which tables know of whole values only.
        #[inline(never)]
        fn unoptimised<T: SeqCopy>(store: StorePart) {
            if const { has_table::<T>() && !T::LAYOUT.has_enum_with_fields() } {
                by_steps(store, Table::<T>::STEPS);
            } else {
                walk::<T, _>(store);
            }
        }
        /// Compiled once, in this crate.
        fn by_steps(store: StorePart, steps: &'static [Step]) {
            super::by_table::accesses(&store, steps);
        }
        unoptimised::<T>(store);
    } else {
        walk::<T, _>(store);
    });
}

#[inline(always)]
fn walk<T: SeqCopy, A: Transfer>(transfer: A) {
    let mut partition = Partition::new(transfer, align_of::<T>());
    T::visit(&mut partition, 0);
    partition.flush();
}

/// The bytes of a part, and where the walk is.
#[derive(Clone, Copy)]
struct Stretch {
    /// The part: its offset in the type, and its length. The length is a constant also where the offset is not, so it is kept as such.
    from: usize,
    len: usize,
    /// The offset in the type that offsets are counted from.
    origin: usize,
}

impl Stretch {
    /// An access of `width` bytes: its place in the type, and where what it shares with the part begins and ends. If it shares nothing,
    /// the end is not behind the beginning.
    #[inline(always)]
    fn overlap(self, offset: usize, width: usize) -> (usize, usize, usize) {
        let Stretch { from, len, origin } = self;
        let (at, to) = (origin.wrapping_add(offset), from.wrapping_add(len));
        let end = at.wrapping_add(width);
        (at, if at > from { at } else { from }, if end < to { end } else { to })
    }

    /// Which of `count` pieces of `size` bytes, side by side from `offset` on, touch the part.
    #[inline(always)]
    fn touched(self, offset: usize, size: usize, count: usize) -> Range<usize> {
        let (at, start, end) = self.overlap(offset, size.wrapping_mul(count));
        if start >= end {
            return 0..0;
        }
        let index = |place: usize| place.wrapping_sub(at).checked_div(size).unwrap_or(0);
        index(start)..index(end.wrapping_sub(1)).wrapping_add(1)
    }

    #[inline(always)]
    fn at(self, offset: usize) -> Stretch {
        Stretch { origin: self.origin.wrapping_add(offset), ..self }
    }
}

/// From a part in shared memory to private memory.
#[derive(Clone, Copy)]
struct LoadPart {
    /// The beginning of the type.
    shared: *const u8,
    /// The beginning of the part.
    private: *mut u8,
    stretch: Stretch,
}

impl LoadPart {
    /// The place of a byte of the part.
    #[inline(always)]
    fn private(&self, at: usize) -> *mut u8 {
        self.private.wrapping_add(at.wrapping_sub(self.stretch.from))
    }

    /// One access, which `load` makes at a place in shared memory.
    #[inline(always)]
    fn access<W: Copy>(&self, offset: usize, load: impl FnOnce(*const u8) -> W) {
        let (at, start, end) = self.stretch.overlap(offset, size_of::<W>());
        if start >= end {
            return;
        }
        trace::note(at, size_of::<W>());
        let word = load(self.shared.wrapping_add(at));
        let from = (&raw const word).cast::<u8>().wrapping_add(start.wrapping_sub(at));
        // SAFETY: bytes of a local word, and of the part, writable by this thread alone (I4 private).
        unsafe { from.copy_to_nonoverlapping(self.private(start), end.wrapping_sub(start)) };
    }

    /// Some bytes of a run.
    #[inline(always)]
    fn some_bytes(&self, start: usize, len: usize) {
        trace::note_bytes(start, len);
        // SAFETY: initialised by I2 init and not pointers; all others access these bytes one by one as well
        // (I1 partition); the private side is this thread's alone (I4 private).
        unsafe { vector::load(self.shared.wrapping_add(start), self.private(start), len) };
    }

    /// A function of its own, since the length is not known when it is compiled.
    #[inline(never)]
    fn any_bytes(self, start: usize, len: usize) {
        self.some_bytes(start, len);
    }
}

impl Transfer for LoadPart {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        // SAFETY: the partition keeps words aligned; initialised by I2 init; all others follow the same partition
        // (I1 partition).
        self.access(offset, |from| unsafe { W::load(from) });
    }

    #[inline(always)]
    fn words<W: Word>(&self, offset: usize, count: usize) {
        for i in self.stretch.touched(offset, size_of::<W>(), count) {
            self.word::<W>(offset.wrapping_add(i.wrapping_mul(size_of::<W>())));
        }
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        let (_, start, end) = self.stretch.overlap(offset, len);
        if start >= end {
            return;
        }
        if end.wrapping_sub(start) == self.stretch.len {
            self.some_bytes(start, self.stretch.len);
        } else {
            self.any_bytes(start, end.wrapping_sub(start));
        }
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        self.access(offset, |from| {
            // SAFETY: as in `Load`: aligned, initialised (I2 init), accessed by all as a pointer (I1 partition, P11 provenance).
            let atomic = unsafe { &*from.cast::<AtomicPtr<()>>() };
            atomic.load(Relaxed)
        });
    }

    #[inline(always)]
    fn touched(&self, offset: usize, size: usize, count: usize) -> Range<usize> {
        self.stretch.touched(offset, size, count)
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        LoadPart { stretch: self.stretch.at(offset), ..*self }
    }

    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        accesses(self.at(offset));
    }
}

impl ByTable for LoadPart {
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        let (_, start, end) = self.stretch.overlap(offset, len);
        if start < end {
            self.any_bytes(start, end.wrapping_sub(start));
        }
    }
}

/// From private memory to a part in shared memory.
#[derive(Clone, Copy)]
struct StorePart {
    /// The beginning of the part.
    private: *const u8,
    /// The beginning of the type.
    shared: *mut u8,
    stretch: Stretch,
}

impl StorePart {
    /// The place of a byte of the part.
    #[inline(always)]
    fn private(&self, at: usize) -> *const u8 {
        self.private.wrapping_add(at.wrapping_sub(self.stretch.from))
    }

    /// The word that an access stores, if it stores any, and where. Where the access goes beyond the part, `load` gives what is there.
    #[inline(always)]
    fn access<W: Copy>(&self, offset: usize, load: impl FnOnce(*const u8) -> W) -> Option<(W, *mut u8)> {
        let (at, start, end) = self.stretch.overlap(offset, size_of::<W>());
        if start >= end {
            return None;
        }
        trace::note(at, size_of::<W>());
        let (place, len) = (self.shared.wrapping_add(at), end.wrapping_sub(start));
        if len == size_of::<W>() {
            // SAFETY: data bytes of the part, which are initialised (P4 uninit, P5 scalar) and not written meanwhile (I4 private).
            return Some((unsafe { take::<W>(self.private(at)) }, place));
        }
        let mut word = load(place);
        let to = (&raw mut word).cast::<u8>().wrapping_add(start.wrapping_sub(at));
        // SAFETY: data bytes of the part, initialised and not written meanwhile (I4 private), and bytes of a local word, which may
        // have any that are initialised.
        unsafe { self.private(start).copy_to_nonoverlapping(to, len) };
        Some((word, place))
    }

    /// Some bytes of a run.
    #[inline(always)]
    fn some_bytes(&self, start: usize, len: usize) {
        trace::note_bytes(start, len);
        // SAFETY: data bytes of the part are initialised, those of a run are not pointers (P4 uninit, P5 scalar); they are not
        // written meanwhile (I4 private); all others access the shared bytes one by one as well (I1 partition).
        unsafe { vector::store(self.private(start), self.shared.wrapping_add(start), len) };
    }

    /// A function of its own, since the length is not known when it is compiled.
    #[inline(never)]
    fn any_bytes(self, start: usize, len: usize) {
        self.some_bytes(start, len);
    }
}

impl Transfer for StorePart {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        // SAFETY: the partition keeps words aligned; initialised by I2 init; all others follow the same partition (I1 partition).
        // What is there was stored last, since there is no other writer (I5 one-writer).
        if let Some((word, to)) = self.access(offset, |from| unsafe { W::load(from) }) {
            // SAFETY: the partition keeps words aligned; all others follow the same partition (I1 partition).
            unsafe { word.store(to) };
        }
    }

    #[inline(always)]
    fn words<W: Word>(&self, offset: usize, count: usize) {
        for i in self.stretch.touched(offset, size_of::<W>(), count) {
            self.word::<W>(offset.wrapping_add(i.wrapping_mul(size_of::<W>())));
        }
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        let (_, start, end) = self.stretch.overlap(offset, len);
        if start >= end {
            return;
        }
        if end.wrapping_sub(start) == self.stretch.len {
            self.some_bytes(start, self.stretch.len);
        } else {
            self.any_bytes(start, end.wrapping_sub(start));
        }
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        let stored = self.access(offset, |from| {
            // SAFETY: as in `Load`: aligned, initialised (I2 init), accessed by all as a pointer (I1 partition).
            let atomic = unsafe { &*from.cast::<AtomicPtr<()>>() };
            atomic.load(Relaxed)
        });
        if let Some((pointer, to)) = stored {
            // SAFETY: aligned (checked with the layout), accessed by all as a pointer (I1 partition, P7 from_ptr).
            let atomic = unsafe { AtomicPtr::from_ptr(to.cast::<*mut ()>()) };
            atomic.store(pointer, Relaxed);
        }
    }

    #[inline(always)]
    fn touched(&self, offset: usize, size: usize, count: usize) -> Range<usize> {
        self.stretch.touched(offset, size, count)
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        StorePart { stretch: self.stretch.at(offset), ..*self }
    }

    /// By an image of zeros, as in `Store`.
    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        let (at, start, end) = self.stretch.overlap(offset, size_of::<E>());
        if start >= end || end.wrapping_sub(start) != size_of::<E>() {
            return;
        }
        let mut image = MaybeUninit::<E>::uninit();
        // SAFETY: a local, written as a whole (I4 private).
        unsafe { image.as_mut_ptr().write_bytes(0, 1) };
        // SAFETY: an `E` of the part lies there (I3 exact, I4 private); the image is a local.
        unsafe { copy_active_variant::<E>(Sides { from: self.private(at), to: image.as_mut_ptr().cast() }) };
        // The place of the part if the image were that of the enum in it: no byte outside of the image is accessed.
        let private = image.as_ptr().cast::<u8>().wrapping_sub(at.wrapping_sub(self.stretch.from));
        accesses(StorePart { private, ..self.at(offset) });
    }
}

impl ByTable for StorePart {
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        let (_, start, end) = self.stretch.overlap(offset, len);
        if start < end {
            self.any_bytes(start, end.wrapping_sub(start));
        }
    }
}
