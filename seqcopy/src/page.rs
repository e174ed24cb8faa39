//! A [`Page`] is memory whose layout has the sequence word inside of the value, as pages of kernels have.
//! [`WordInside`] says where in a type the word is.
//!
//! Word and payload never overlap (P2 mixed-size): the word's field is skipped, so no access of the partition touches
//! it (I3 exact).

use core::fmt;
use core::mem::MaybeUninit;

use crate::atomic_per_byte::AtomicPerByte;
use crate::seq_copy::SeqCopy;
use crate::seq_count::{ReadError, SeqCode, SeqCount, Successor, Token};
use crate::validity::{MaybeInvalid, Part};

/// A type with a sequence word among its fields: `#[seqcopy(word = Code)]`, which
/// [`derive(SeqCopy)`](macro@crate::SeqCopy) implements this by.
///
/// ```
/// use core::mem::MaybeUninit;
/// use seqcopy::raw::WordInside;
/// use seqcopy::{SeqCopy, seq_count::Parity};
///
/// #[derive(SeqCopy)]
/// #[repr(C)]
/// struct Page {
///     version: u32,
///     #[seqcopy(word = Parity<u32>)]
///     sequence: MaybeUninit<u32>,
///     ticks: u64,
/// }
///
/// assert_eq!(<Page as WordInside>::WORD, 4);
/// ```
///
/// # Safety
/// * At the offset `WORD` of the type lies a field of the size of the [encoding](SeqCode)'s word, and `LAYOUT` skips
///   it: no byte of it is in an [access](crate::Layout::each_access).
/// * `WORD` is a multiple of the word's size, and the type's alignment at least that size.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no sequence word inside",
    label = "no field of this type is a sequence word",
    note = "mark it with `#[seqcopy(word = Parity<u32>)]` on a field of type `MaybeUninit<u32>`, or another encoding and its word",
    note = "a word that lies elsewhere is a `SeqCount`, and its payload is accessed by `seqcopy::raw`"
)]
pub unsafe trait WordInside: SeqCopy {
    /// The encoding of the word.
    type Code: SeqCode;

    /// Its offset in bytes.
    const WORD: usize;
}

/// The offset of a sequence word in a field of type `F`, if every value of `T` has it at a multiple of its size.
///
/// # Panics
/// If not, or if the field is not as wide as the word: at compile time.
#[must_use]
#[track_caller]
pub const fn word_offset<T: WordInside, F>(offset: usize) -> usize {
    let size = size_of::<<T::Code as SeqCode>::Word>();
    assert!(
        size_of::<F>() == size,
        "the width of a sequence word is that of its encoding: make the field a `MaybeUninit<u32>` for `Parity<u32>`, and likewise for other words"
    );
    assert!(
        offset % size == 0 && align_of::<T>() >= size,
        "a sequence word must lie at a multiple of its size, or no access to it is atomic: put `repr(C, align(8))` on the type, or its fields in another order"
    );
    offset
}

/// A page of memory that holds a `T` with its sequence word inside, such as one that a kernel or another program
/// writes. The word may lie before, between or after the other fields.
///
/// Readers never write, so the page may be mapped read-only, for words of up to 8 bytes (4 on 32-bit targets). A
/// reference to a page in all but name: it is copied like one.
///
/// A page that another crate declares, with a plain number for its word, is repeated as a list with `unsafe(remote =
/// Type)`, in which the word's field is a `MaybeUninit` with `word = Code`: then `Page<List>` is that page, its address
/// cast.
///
/// Every read is one attempt, wait-free, and returns [bits](MaybeInvalid): another program may have written anything.
///
/// A page in which other fields are atomics that change without the word, such as the positions of a ring, is no
/// `Page`, which would copy them along. A [`SeqCount`] at the word's address and [`raw::load`](crate::raw::load) of the
/// struct that the word protects are as short: [`raw`](crate::raw) begins with that program.
///
/// ```
/// use core::mem::MaybeUninit;
/// use seqcopy::raw::Page;
/// use seqcopy::{SeqCopy, Validate, seq_count::Parity};
///
/// /// The beginning of Linux's `struct perf_event_mmap_page`.
/// #[derive(SeqCopy, Validate)]
/// #[repr(C)]
/// struct Perf {
///     version: u32,
///     compat_version: u32,
///     #[seqcopy(word = Parity<u32>)]
///     lock: MaybeUninit<u32>,
///     index: u32,
///     offset: i64,
///     time_enabled: u64,
/// }
///
/// # let mut memory = [0u64; 4];
/// # memory[3] = 5;
/// # let mapped = (&raw mut memory).cast::<Perf>();
/// // SAFETY: mapped for longer than `page` is used, aligned to a page, initialised by the system, and only read here.
/// let page = unsafe { Page::<Perf>::from_ptr(mapped) };
/// let (bits, token) = page.try_read().unwrap();
/// assert_eq!(bits.validate().unwrap().time_enabled, 5);
/// assert!(page.count().is_current(token)); // nothing newer so far
/// ```
pub struct Page<'a, T: WordInside> {
    bytes: &'a AtomicPerByte<T>,
}

impl<'a, T: WordInside> Page<'a, T> {
    /// The page at an address.
    ///
    /// # Safety
    /// * `pointer` is aligned for `T`, and valid for reads of a `T` for the whole lifetime `'a`; for the writing
    ///   methods also for writes. It is derived neither from a `&T` nor by `&raw const`, nor from a `&mut T` by `as
    ///   *const T` (see [`raw::load`](crate::raw::load) for the details).
    /// * The word, and every byte that the partition of `T` reads, is initialised: by
    ///   [`raw::store`](crate::raw::store), by zeroing in place, or by another program.
    /// * During `'a` this program accesses the memory only by functions of this crate, with the same `T` and the same
    ///   version of the crate, and the word only by its [`SeqCount`] ([memory
    ///   model](core::sync::atomic#memory-model-for-atomic-accesses)).
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// let mut clock = Clock { sequence: MaybeUninit::new(0), shift: 10 };
    /// // SAFETY: a local, initialised, accessed by this page only.
    /// let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// assert_eq!(page.count().load(), 0);
    /// ```
    #[must_use]
    pub const unsafe fn from_ptr(pointer: *const T) -> Self {
        Page { bytes: same_contract!(AtomicPerByte::from_ptr(pointer.cast_mut())) }
    }

    /// The sequence word, for what this type has no method for: two pages under one word, a write in parts, a claim
    /// among several writers.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(2), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// let (bits, token) = page.count().try_read(|| page.load()).unwrap();
    /// assert_eq!(token.word(), 2);
    /// assert!(page.count().is_current(token));
    /// # let _ = bits;
    /// ```
    #[inline]
    #[must_use]
    pub fn count(self) -> &'a SeqCount<T::Code> {
        let page = self.bytes.as_ptr().cast_const().cast::<u8>();
        // SAFETY: inside the page, by `WordInside`: a place after the pointer (P10 raw-place).
        let word = unsafe { page.add(T::WORD) };
        // SAFETY: aligned to its size, because the page is to that of `T`, and of the word's size (`WordInside`); valid
        // as long as the page; accessed atomically in this width only, because the payload's accesses skip it (I3
        // exact, P7 from_ptr).
        unsafe { SeqCount::from_ptr(word.cast()) }
    }

    /// The bits, without the protocol: they may be torn. For use between the calls of [`count`](Self::count).
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy, Validate)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(3), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// assert_eq!(page.load().validate().unwrap().shift, 10);
    /// ```
    #[inline]
    #[must_use]
    pub fn load(self) -> MaybeInvalid<T> {
        self.bytes.load()
    }

    /// Stores a value, all but its word, without the protocol. For use between the calls of [`count`](Self::count),
    /// such as a claim among several writers. Wait-free.
    ///
    /// # Safety
    /// The page is writable, and `value` does not lie in it.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy, Validate)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(2), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// // SAFETY: all writers claim the word, and the payload is stored in between.
    /// unsafe {
    ///     let write = page.count().try_claim().unwrap();
    ///     page.store(&Clock { sequence: MaybeUninit::uninit(), shift: 11 });
    ///     page.count().write_end(write);
    /// }
    /// assert_eq!(page.try_read().unwrap().0.value().shift, 11);
    /// ```
    #[inline]
    pub unsafe fn store(self, value: &T) {
        // A store through a shared reference is allowed, since the page is writable by this function's contract, and in
        // an `UnsafeCell` (P18 shared-ref).
        self.bytes.store(value);
    }

    /// Reads the bits of one write, the word's own left uninitialised. The token shows later whether they are outdated
    /// ([`SeqCount::is_current`]).
    ///
    /// # Errors
    /// The errors of [`SeqCount::try_read`].
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{ReadError, SeqCopy, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(3), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// assert_eq!(page.try_read().unwrap_err(), ReadError::Busy);
    /// ```
    #[inline]
    pub fn try_read(self) -> Result<(MaybeInvalid<T>, Token<T::Code>), ReadError> {
        self.count().try_read(|| self.bytes.load())
    }

    /// Reads the bits of one field, without the others. [`Part::validate`] makes an error name the field's place.
    ///
    /// # Errors
    /// The errors of [`SeqCount::try_read`].
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, part, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy, Validate)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(2), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// let shift = part!(Clock, shift);
    /// assert_eq!(shift.validate(page.try_read_part(shift).unwrap()), Ok(10));
    /// ```
    #[inline]
    pub fn try_read_part<F>(self, part: Part<T, F>) -> Result<MaybeInvalid<F>, ReadError> {
        self.count().try_read(|| self.bytes.load_part(part)).map(|(bits, _)| bits)
    }

    /// [`try_read`](Self::try_read) into a caller-provided buffer. On `Err` the contents of `buf` are unspecified
    /// bytes.
    ///
    /// # Errors
    /// The errors of [`SeqCount::try_read`].
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy, Validate)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(2), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// let mut buf = MaybeUninit::uninit();
    /// assert_eq!(page.try_read_into(&mut buf).unwrap().validate_ref().unwrap().shift, 10);
    /// ```
    #[inline]
    pub fn try_read_into(self, buf: &mut MaybeUninit<T>) -> Result<&mut MaybeInvalid<T>, ReadError> {
        let token = self.count().read_begin()?;
        let bits = self.bytes.load_into(buf);
        if self.count().read_end(token) { Ok(bits) } else { Err(ReadError::Torn) }
    }

    /// Reads the bits of one write together with something else that the word orders: a counter of the processor, a
    /// second piece of memory. `also` is called with the bits, which may say which counter. They may be torn, and what
    /// it returned is dropped then.
    ///
    /// # Errors
    /// The errors of [`SeqCount::try_read`].
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, field, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy, Validate)] #[repr(C)]
    /// # struct Perf { #[seqcopy(word = Parity<u32>)] lock: MaybeUninit<u32>, index: u32, offset: i64 }
    /// # let mut perf = Perf { lock: MaybeUninit::new(2), index: 3, offset: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut perf) };
    /// # fn rdpmc(counter: u32) -> i64 { i64::from(counter) }
    /// let (bits, count, _) = page.try_read_with(|bits| {
    ///     let index = field!(bits, Perf, index).validate_ref().unwrap(); // any number is valid
    ///     index.checked_sub(1).map(rdpmc)
    /// })?;
    /// assert_eq!(count.map(|count| bits.validate().unwrap().offset + count), Some(12));
    /// # Ok::<(), seqcopy::ReadError>(())
    /// ```
    #[inline]
    #[allow(clippy::type_complexity)] // three results, each of which has a name where it is used
    pub fn try_read_with<R>(
        self,
        also: impl FnOnce(&MaybeInvalid<T>) -> R,
    ) -> Result<(MaybeInvalid<T>, R, Token<T::Code>), ReadError> {
        let read = || {
            let bits = self.bytes.load();
            let also = also(&bits);
            (bits, also)
        };
        self.count().try_read(read).map(|((bits, also), token)| (bits, also, token))
    }

    /// Writes a value, all but its word, which ends as the encoding's next one. Wait-free.
    ///
    /// # Safety
    /// * The page is writable, and `value` does not lie in it.
    /// * As for [`SeqCount::write`]: one writer at a time, no reader in the middle of one read while the word wraps,
    ///   and what the encoding asks for.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, raw::Page, seq_count::Parity};
    /// # #[derive(SeqCopy, Validate)] #[repr(C)]
    /// # struct Clock { #[seqcopy(word = Parity<u32>)] sequence: MaybeUninit<u32>, shift: u32 }
    /// # let mut clock = Clock { sequence: MaybeUninit::new(2), shift: 10 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut clock) };
    /// // SAFETY: the only writer.
    /// unsafe { page.write(&Clock { sequence: MaybeUninit::uninit(), shift: 11 }) };
    /// assert_eq!(page.try_read().unwrap().0.validate().unwrap().shift, 11);
    /// assert_eq!(page.count().load(), 4);
    /// ```
    #[inline]
    pub unsafe fn write(self, value: &T)
    where
        T::Code: Successor,
    {
        // SAFETY: the only writer, by this function's contract. A store by a shared reference may write: the page is
        // writable, in an `UnsafeCell` (P18 shared-ref).
        unsafe { self.count().write(|| self.bytes.store(value)) };
    }

    /// [`write`](Self::write) that ends with a word of the caller's, for encodings without a [`Successor`].
    ///
    /// # Safety
    /// The contract of [`write`](Self::write), and for `word` as for [`SeqCount::write_end_at`].
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{SeqCopy, Validate, raw::Page, seq_count::StampOrZero};
    /// #[derive(SeqCopy, Validate)]
    /// #[repr(C, align(8))]
    /// struct Sample { #[seqcopy(word = StampOrZero<u64>)] stamp: MaybeUninit<u64>, level: i32 }
    ///
    /// # let mut sample = Sample { stamp: MaybeUninit::new(0), level: 0 };
    /// # // SAFETY: a local, initialised, accessed by this page only.
    /// # let page = unsafe { Page::from_ptr(&raw mut sample) };
    /// // SAFETY: the only writer, and a stamp that was never used.
    /// unsafe { page.write_at(1700, &Sample { stamp: MaybeUninit::uninit(), level: -3 }) };
    /// assert_eq!(page.count().load(), 1700);
    /// ```
    #[inline]
    pub unsafe fn write_at(self, word: <T::Code as SeqCode>::Word, value: &T) {
        // SAFETY: the only writer, by this function's contract, of a writable page in an `UnsafeCell` (P18 shared-ref).
        unsafe { self.count().write_at(word, || self.bytes.store(value)) };
    }
}

impl<T: WordInside> Clone for Page<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: WordInside> Copy for Page<'_, T> {}

impl<T: WordInside> fmt::Debug for Page<'_, T> {
    /// Shows the word only, because the bits may be torn or invalid.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("count", self.count()).finish_non_exhaustive()
    }
}
