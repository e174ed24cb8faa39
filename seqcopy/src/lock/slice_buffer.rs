//! Lists in a lock. A buffer has a fixed capacity, and contains a length and that many elements. A
//! [`SeqSlice`](crate::SeqSlice) consists of such buffers.
//!
//! A write stores the length and the elements between the same two steps of the sequence word, so an accepted read has
//! both from one write. A reader compares the length with the capacity before it loads elements, because the length may
//! be torn, and returns it only after the read was accepted. Lists work with either algorithm: [`OneOrMore`] chooses
//! one by the number of buffers.

use alloc::alloc::{Layout as Memory, alloc_zeroed, dealloc, handle_alloc_error};
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;

use super::read::back_off;
use super::{Algorithm, Claim, Claimed, Latch, SingleBuffer, Version, algorithms};
use crate::copy::Elements;
use crate::layout::Layout;
use crate::primitive::{AtomicUsize, Backoff, Relaxed};
use crate::seq_copy::SeqCopy;
use crate::seq_count::{ReadError, WideWord};
use crate::types::LengthError;

/// The algorithm of a [`SeqLock`](crate::SeqLock) for one buffer, and of a [`SeqLatch`](crate::SeqLatch) for more.
#[allow(unreachable_pub, missing_debug_implementations)] // in the interface of a sealed trait, but not nameable
pub enum OneOrMore<P, const BUFFERS: usize> {
    One(SingleBuffer<P>),
    More(Latch<P, BUFFERS>),
}

/// The most buffers of a slice. The slice has about 370 bytes for each, and builds without optimisation have several
/// copies of them on the stack while they construct it.
const MOST: usize = 256;

impl<P, const BUFFERS: usize> OneOrMore<P, BUFFERS> {
    const CHECKED: () = assert!(
        BUFFERS == 1 || algorithms::buffers_are_valid(BUFFERS) && BUFFERS <= MOST,
        "a slice has 1, 2, 4, 8, ... buffers, at most 256: write `SeqSlice<T>`, or `SeqSlice<T, 2>` where readers must not wait"
    );

    pub(crate) fn new(buffer: impl Fn() -> P) -> Self {
        let () = Self::CHECKED;
        if BUFFERS == 1 {
            OneOrMore::One(SingleBuffer::new(buffer()))
        } else {
            OneOrMore::More(Latch::new(core::array::from_fn(|_| buffer()), WideWord::ZERO))
        }
    }
}

impl<P, const BUFFERS: usize> OneOrMore<P, BUFFERS> {
    /// The buffer for the first value, before anything was written.
    pub(crate) fn initial(&mut self) -> &mut P {
        match self {
            OneOrMore::One(one) => &mut one.payload,
            OneOrMore::More(more) => &mut more.buffers[0],
        }
    }
}

// SAFETY: the algorithms uphold the contract. Each value contains one of the two, with the one claim (R2 one-protocol).
unsafe impl<P, const BUFFERS: usize> Algorithm for OneOrMore<P, BUFFERS> {
    type Buffer = P;

    const SPINS: bool = BUFFERS > 1;

    const IN_PLACE: bool = BUFFERS == 1;

    #[inline(always)]
    fn claim(&self) -> &Claim {
        match self {
            OneOrMore::One(one) => one.claim(),
            OneOrMore::More(more) => more.claim(),
        }
    }

    #[inline(always)]
    fn attempt_with(&self, load: impl FnOnce(&P)) -> Result<Version, ReadError> {
        match self {
            OneOrMore::One(one) => one.attempt_with(load),
            OneOrMore::More(more) => more.attempt_with(load),
        }
    }

    #[inline(always)]
    fn latest_version(&self) -> Version {
        match self {
            OneOrMore::One(one) => one.latest_version(),
            OneOrMore::More(more) => more.latest_version(),
        }
    }

    #[inline]
    fn newest(&self) -> &P {
        match self {
            OneOrMore::One(one) => one.newest(),
            OneOrMore::More(more) => more.newest(),
        }
    }

    #[inline(always)]
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&P)) {
        match lock.get() {
            // SAFETY: the algorithm in a claimed lock, with the claim of that lock (I5 one-writer).
            OneOrMore::One(one) => SingleBuffer::publish_with(unsafe { Claimed::new(one) }, store),
            // SAFETY: the algorithm in a claimed lock, as above (I5 one-writer).
            OneOrMore::More(more) => Latch::publish_with(unsafe { Claimed::new(more) }, store),
        }
    }
}

/// A buffer for a list. Any number of threads may load from it while one thread stores. The model checker has a buffer
/// of its own.
///
/// # Safety
/// All functions make relaxed atomic accesses to the same parts of a list. If every access of `len` and of a following
/// `load` saw the stores of one `store`, then `len` returned the length of its list, and `load` copied the elements of
/// the range.
pub(crate) unsafe trait ListBuffer<T> {
    /// The number of elements. It may be torn: of another write than the elements.
    fn len(&self) -> usize;

    /// Loads the bits of elements, which may be torn.
    ///
    /// # Safety
    /// The range is inside of the capacity, and `to` is writable for this many elements by this thread alone (I4
    /// private).
    unsafe fn load_list(&self, range: Range<usize>, to: *mut T);

    /// Stores a list.
    ///
    /// # Safety
    /// The list is not longer than the capacity. The caller holds the claim (I5 one-writer).
    unsafe fn store_list(&self, list: &[T]);
}

/// Memory for a list.
#[derive(Debug)]
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub struct ListMemory<T> {
    /// At most the capacity.
    len: AtomicUsize,
    elements: Elements<T>,
    capacity: usize,
    /// An allocation for `capacity` elements, all bytes of which are initialised (I2 init), accessed by `elements`
    /// only.
    place: NonNull<u8>,
    /// Invariant, since elements are stored, too.
    values: PhantomData<fn(T) -> T>,
}

impl<T: SeqCopy> ListMemory<T> {
    /// The alignment for which a list is partitioned. Dense elements take the widest words, and other elements the
    /// accesses of a `T`.
    const BASE: usize = if T::LAYOUT.is_dense() && align_of::<T>() < 8 { 8 } else { align_of::<T>() };

    /// A buffer with an empty list.
    pub(crate) fn new(capacity: usize) -> Self {
        let Some(memory) = Self::memory(capacity) else { panic!("a list larger than memory") };
        let elements = Elements::from_layout(&Layout::of_array(T::LAYOUT, capacity), Self::BASE, 0, capacity);
        let place = if memory.size() == 0 {
            NonNull::<CacheLine>::dangling().cast()
        } else {
            // SAFETY: not of size 0. Zeros, so that every byte is initialised (I2 init).
            let place = unsafe { alloc_zeroed(memory) };
            NonNull::new(place).unwrap_or_else(|| handle_alloc_error(memory))
        };
        ListMemory { len: AtomicUsize::new(0), elements, capacity, place, values: PhantomData }
    }
}

impl<T: SeqCopy> ListMemory<T> {
    /// Stores the first list.
    pub(crate) fn fill(&mut self, list: &[T]) {
        assert!(list.len() <= self.capacity, "a list that fits in");
        // SAFETY: it does; exclusively borrowed (I5 one-writer).
        unsafe { self.store_list(list) };
    }
}

impl<T> ListMemory<T> {
    fn memory(capacity: usize) -> Option<Memory> {
        Memory::array::<T>(capacity).ok()?.align_to(align_of::<CacheLine>()).ok()
    }
}

/// The alignment at which large copies are fastest.
#[repr(align(64))]
struct CacheLine;

impl<T> Drop for ListMemory<T> {
    fn drop(&mut self) {
        if let Some(memory) = Self::memory(self.capacity).filter(|memory| memory.size() != 0) {
            // SAFETY: allocated so, and not used again: `place` is no other's (I4 private).
            unsafe { dealloc(self.place.as_ptr(), memory) };
        }
    }
}

// SAFETY: the length is one number; the elements are copied by the accesses of one partition (I1 partition), all of
// them of what lies in the range (I3 exact). The buffer owns the memory, so nothing else accesses it.
unsafe impl<T: SeqCopy> ListBuffer<T> for ListMemory<T> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    #[inline(always)]
    unsafe fn load_list(&self, range: Range<usize>, to: *mut T) {
        let count = range.end.wrapping_sub(range.start);
        // SAFETY: initialised memory that is aligned to the base (I2 init); all accesses are made by these elements (I1
        // partition), and the rest is this function's contract (I4 private).
        unsafe { self.elements.load_elements(self.place.as_ptr(), range.start, count, to) };
    }

    #[inline(always)]
    unsafe fn store_list(&self, list: &[T]) {
        self.len.store(list.len(), Relaxed);
        // SAFETY: the place is for elements of this layout, initialised (I1 partition, I2 init), writable, and nothing
        // else accesses its padding. The elements are valid, borrowed, not in it (R1 copy-layer), and fit in by this
        // function's contract (I3 exact). There is no other writer (I5 one-writer).
        unsafe { self.elements.store_owned(list.as_ptr(), 0, list.len(), self.place.as_ptr()) };
    }
}

/// Publishes a list.
///
/// # Safety
/// The list is not longer than the capacity.
#[inline]
pub(crate) unsafe fn publish_list<T, L: Algorithm<Buffer: ListBuffer<T>>>(lock: Claimed<'_, L>, list: &[T]) {
    // SAFETY: claimed (I5 one-writer); the rest is this function's contract.
    L::publish_with(lock, |buffer| unsafe { buffer.store_list(list) });
}

/// Which elements of a list are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Selection {
    /// All elements, into space for this many.
    All { space: usize },
    /// `count` elements from number `first` on.
    Some { first: usize, count: usize },
}

impl Selection {
    /// The range to read from a list of this length. `None` if there is not enough space, or if the list is too short.
    #[inline(always)]
    fn range(self, len: usize) -> Option<Range<usize>> {
        let (range, fits) = match self {
            Selection::All { space } => (0..len, len <= space),
            Selection::Some { first, count } => {
                (first..first.wrapping_add(count), first <= len && count <= len - first)
            }
        };
        fits.then_some(range)
    }

    /// The length that a list may have at most, or must have at least.
    fn asked(self) -> usize {
        match self {
            Selection::All { space } => space,
            Selection::Some { first, count } => first.saturating_add(count),
        }
    }
}

/// Attempts one read of some elements. Returns how many were read or, if they do not fit, the length of the list.
/// `place` is called with the number of elements, and returns the place for them.
///
/// After `Ok((Ok(count), _))` the place contains values, otherwise any bits.
///
/// # Safety
/// The place is writable by this thread alone (I4 private).
#[inline]
pub(crate) unsafe fn try_read_list<T, L: Algorithm<Buffer: ListBuffer<T>>>(
    lock: &L,
    selection: Selection,
    place: impl FnOnce(usize) -> *mut T,
) -> Result<(Result<usize, LengthError>, Version), ReadError> {
    let mut read = Ok(0);
    let version = lock.attempt_with(|buffer| {
        let len = buffer.len();
        read = match selection.range(len) {
            Some(range) => {
                let count = range.end.wrapping_sub(range.start);
                // SAFETY: a length that was stored is at most the capacity, be it of the same write or not; the place
                // is the caller's promise (I4 private).
                unsafe { buffer.load_list(range, place(count)) };
                Ok(count)
            }
            None => Err(LengthError::new(len, selection.asked())),
        };
    })?;
    Ok((read, version))
}

/// Calls [`try_read_list`] until an attempt succeeds.
///
/// # Safety
/// The contract of [`try_read_list`].
#[inline]
pub(crate) unsafe fn read_list<T, L: Algorithm<Buffer: ListBuffer<T>>>(
    lock: &L,
    selection: Selection,
    mut place: impl FnMut(usize) -> *mut T,
) -> (Result<usize, LengthError>, Version) {
    let mut backoff = Backoff::default();
    loop {
        if let Ok(read) = same_contract!(try_read_list(lock, selection, &mut place)) {
            return read;
        }
        back_off::<L>(&mut backoff);
    }
}
