//! [`AtomicPerByte`] owns the bytes of a value that other threads may be changing. (`lock/slice_buffer.rs` owns the
//! bytes of a list.) [`Aligned8`] aligns a type to 8 bytes, so that wide accesses can copy it.
//!
//! Invariants of the private field: every byte that the partition of `T` reads is initialised (I2 init), and only the
//! functions of [`copy`], for `T`, access the bytes while they may be stored to (I1 partition). No method returns a
//! `&mut T` (R1 copy-layer).

#[cfg(feature = "alloc")]
mod heap;

use core::cell::UnsafeCell;
use core::fmt;
use core::mem::{MaybeUninit, offset_of};

use crate::copy::{self, LARGE};
use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{self, Bits, InvalidValue, MaybeInvalid, Part, Validate};

#[cfg(feature = "alloc")]
pub(crate) use heap::{arc, boxed, init_with};

/// A value that any number of threads may load and store concurrently: race-free but unsynchronised, so a load that
/// overlaps a store may be torn.
///
/// The name and the guarantee are those of RFC 3301: *each byte loaded is one that some store wrote*, nothing more. A
/// load may thus combine bytes of several stores, and returns a [`MaybeInvalid<T>`]. Use it as a part of a protocol
/// that detects or tolerates torn values; [`SeqLock`](crate::SeqLock) is one.
///
/// Every access is relaxed: no store happens-before the load that sees it. Loads and stores are wait-free. Same size
/// and alignment as `T`. The bytes are partitioned for the alignment of `T`
/// ([`Layout::each_access`](crate::Layout::each_access)`(align_of::<T>())`); wrap a type of small alignment in
/// [`Aligned8`] to have it copied by wider accesses.
///
/// ```
/// use seqcopy::AtomicPerByte;
///
/// static LEVELS: AtomicPerByte<[u16; 4]> = AtomicPerByte::new([0; 4]);
/// std::thread::scope(|scope| {
///     scope.spawn(|| LEVELS.store(&[1, 2, 3, 4]));
///     let levels = LEVELS.load().validate().unwrap(); // each is old or new
///     assert!(levels[0] == 0 || levels[0] == 1);
/// });
/// ```
#[repr(transparent)]
pub struct AtomicPerByte<T>(UnsafeCell<MaybeUninit<T>>);

// SAFETY: all shared accesses are atomic (I1 partition), and threads pass each other copies of `T`, which is `Send`; no
// `&T` is ever shared.
/// `SendToReaders` is implemented for all types that are `Send`, and for no others.
unsafe impl<T: SendToReaders> Sync for AtomicPerByte<T> {}

/// `Send`, with an error message that says what to write. If rustc suggests this trait as a bound in generic code,
/// `Send` is meant.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Send`, so its copies cannot be read by other threads",
    label = "not `Send`, and every reader gets a copy",
    note = "in generic code, add the bound `Send`",
    note = "raw pointers are not `Send`: if other threads may use what they point to, put them in a struct of your own that derives `SeqCopy`, and write `unsafe impl Send` for it",
    note = "to share only a pointer, use `core::sync::atomic::AtomicPtr`; for a reference, store `Option<&'static T>`"
)]
pub trait SendToReaders: Send {}

// Without the attribute, rustc would report the bound of this impl, with the message of `Send`.
#[diagnostic::do_not_recommend]
impl<T: Send> SendToReaders for T {}

/// Constructs an `AtomicPerByte<T>` with this value at `place`. The caller forgets `value` afterwards.
///
/// The parameters are pointers because unoptimised code puts a copy on the stack for each function that a value is
/// passed to, and for each struct around it. A large value would soon need more stack than there is.
///
/// # Safety
/// `place` is aligned and writable for a `T` by this thread alone, and at `value`, which is somewhere else, lies a `T`.
pub(crate) const unsafe fn init<T: SeqCopy>(place: *mut T, value: *const T) {
    if T::LAYOUT.has_enum_with_fields() {
        // The bytes of inactive variants must be initialised, too (I2 init). A move of `value` would not do that.
        // SAFETY: zeroed as a whole and in place (P8 maybe-uninit), by this function's contract.
        unsafe { place.write_bytes(0, 1) };
        // SAFETY: a `T` and a place for another, and the layout is that of `T` (I3 exact).
        unsafe { copy::copy_active::<T>(value.cast(), place.cast()) };
    } else {
        // SAFETY: two places of this function's contract. All bytes are kept, and the data bytes of a value are
        // initialised (I2 init, P4 uninit).
        unsafe { place.copy_from_nonoverlapping(value, 1) };
    }
}

impl<T> AtomicPerByte<T> {
    /// Creates an `AtomicPerByte` that holds `value`.
    ///
    /// Without optimisation this takes stack for two more `T`s, in addition to the argument and the result.
    /// `AtomicPerByte::boxed` takes none.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// static CELL: AtomicPerByte<u32> = AtomicPerByte::new(7);
    /// assert_eq!(CELL.load().validate(), Ok(7));
    /// ```
    pub const fn new(value: T) -> Self
    where
        T: SeqCopy,
    {
        let mut cell = MaybeUninit::<Self>::uninit();
        // SAFETY: a local, of the layout of a `T` (P9 layout: transparent), and a `T`.
        unsafe { init(cell.as_mut_ptr().cast(), &raw const value) };
        core::mem::forget(value);
        // SAFETY: `init` made its bytes storage of a `T` (I2 init), and this move keeps every byte that is data in some
        // variant (P8 maybe-uninit, P25 enum-move).
        unsafe { cell.as_ptr().read() }
    }

    /// Creates an `AtomicPerByte` whose data bytes are all zero, which may not be a valid `T`.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// static CELL: AtomicPerByte<[u8; 4096]> = AtomicPerByte::zeroed();
    /// assert_eq!(CELL.load().validate(), Ok([0; 4096]));
    /// ```
    #[must_use]
    pub const fn zeroed() -> Self
    where
        T: SeqCopy,
    {
        // A move may lose padding, but not data bytes (P8 maybe-uninit, P25 enum-move), and the partition reads only
        // those.
        AtomicPerByte(UnsafeCell::new(MaybeUninit::zeroed()))
    }

    /// Stores a value by relaxed atomic accesses, in unspecified order.
    ///
    /// Padding is not written. In an enum with fields, bytes that are data in inactive variants only become zero.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// let cell = AtomicPerByte::new('a');
    /// cell.store(&'b');
    /// assert_eq!(cell.load().validate(), Ok('b'));
    /// ```
    #[inline]
    pub fn store(&self, value: &T)
    where
        T: SeqCopy,
    {
        // SAFETY: the storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow
        // the partition of `T` (I1 partition). `value` is a valid `T`, borrowed and without interior mutability (I3
        // exact), so it is not written during the call, and it is not in the storage, to which no `&T` exists (R1
        // copy-layer).
        unsafe { copy::store(core::ptr::from_ref(value).cast(), self.0.get().cast::<T>()) };
    }

    /// Loads the bits by relaxed atomic accesses, in unspecified order.
    ///
    /// They are not a `T` yet, because another store may have overlapped the load. [`validate`](MaybeInvalid::validate)
    /// checks that they are one; [`assume_valid`](MaybeInvalid::assume_valid) takes your word, after a check of a
    /// version for example.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// assert_eq!(AtomicPerByte::new(-1i64).load().validate(), Ok(-1));
    /// ```
    #[inline]
    pub fn load(&self) -> MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        // SAFETY: a `T` is all of it (P9 layout).
        unsafe { self.load_start() }
    }

    /// Does the same as [`load`](Self::load), for a `V` at the beginning of the `T`.
    ///
    /// # Safety
    /// At the beginning of every `T` lies a `V` with all its data.
    #[inline(always)]
    unsafe fn load_start<V>(&self) -> MaybeInvalid<V>
    where
        T: SeqCopy,
    {
        /// Never inlined, so that the compiler gives it the caller's own return slot instead of a buffer that is
        /// copied.
        #[inline(never)]
        unsafe fn large<T: SeqCopy, V>(from: *const T, buf: &mut MaybeUninit<V>) {
            same_contract!(copy::load(from, buf.as_mut_ptr().cast()));
        }
        let mut buf = MaybeUninit::<V>::uninit();
        let from = self.0.get().cast::<T>().cast_const();
        if size_of::<T>() >= LARGE {
            // SAFETY: this storage, which is initialised, and a local (I1 partition, I2 init, I4 private).
            unsafe { large(from, &mut buf) };
        } else {
            // SAFETY: this storage, which is initialised, and a local (I1 partition, I2 init, I4 private).
            unsafe { copy::load_by_value(from, buf.as_mut_ptr().cast()) };
        }
        // SAFETY: it initialised every data byte; a move keeps them (P8 maybe-uninit, P25 enum-move).
        unsafe { MaybeInvalid::assume_written(buf) }
    }

    /// Loads the bits into a caller-provided buffer. Data bytes of the buffer are overwritten, and its padding may be
    /// as well; skipped fields are left unchanged.
    ///
    /// For large types this saves the copy that returning the bits by value may cost.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::AtomicPerByte;
    /// let cell = AtomicPerByte::new([1u32; 256]);
    /// let mut buf = MaybeUninit::uninit();
    /// assert_eq!(cell.load_into(&mut buf).validate_ref(), Ok(&[1; 256]));
    /// ```
    #[inline]
    pub fn load_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> &'a mut MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        // SAFETY: the storage is aligned, readable and initialised (I2 init), and the pointer not derived from a `&T`
        // (P18 shared-ref, P19 retag); shared accesses follow the partition of `T` (I1 partition); `buf` is exclusively
        // borrowed (I4 private).
        unsafe { copy::load(self.0.get().cast::<T>().cast_const(), buf.as_mut_ptr().cast()) };
        // SAFETY: `load` wrote every data byte (I3 exact, I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written_mut(buf) }
    }

    /// Stores bits that were loaded and need not be a valid value, for code that moves values from one place to
    /// another. The accesses are those of [`store`](Self::store); later loads find the same bits.
    ///
    /// ```
    /// # use seqcopy::{AtomicPerByte, MaybeInvalid};
    /// let cell = AtomicPerByte::new(true);
    /// cell.store_bits(&AtomicPerByte::new(false).load());
    /// assert_eq!(cell.load().validate(), Ok(false));
    /// ```
    #[inline]
    pub fn store_bits(&self, bits: &MaybeInvalid<T>)
    where
        T: SeqCopy,
    {
        // SAFETY: this storage, and bits that are borrowed, of which is initialised what its type promises (I6
        // maybe-invalid): that is all that a copy reads, because it produces no `T` (P6 validity). A tag that names no
        // variant has no fields that would be copied.
        unsafe { copy::store(bits.as_ptr().cast(), self.0.get().cast::<T>()) };
    }

    /// Stores a value through an exclusive reference.
    ///
    /// There is no `get_mut`: a plain assignment of a smaller enum variant could leave bytes uninitialised that the
    /// next load reads.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// let mut cell = AtomicPerByte::new(1u8);
    /// cell.set(&2);
    /// assert_eq!(cell.into_inner().validate(), Ok(2));
    /// ```
    #[inline]
    pub fn set(&mut self, value: &T)
    where
        T: SeqCopy,
    {
        self.store(value);
    }

    /// Consumes the `AtomicPerByte` and returns its bits.
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// assert_eq!(AtomicPerByte::new(1u8).into_inner().validate(), Ok(1));
    /// ```
    #[must_use]
    pub fn into_inner(self) -> MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        self.load()
    }
}

impl<T> AtomicPerByte<T> {
    /// The address of the bytes, for use with [`raw`](crate::raw), which makes the same accesses as this type.
    ///
    /// ```
    /// # use seqcopy::{AtomicPerByte, raw};
    /// let cell = AtomicPerByte::new(1u8);
    /// // SAFETY: the bytes of an `AtomicPerByte` are initialised, and its accesses agree with those of `raw`.
    /// assert_eq!(unsafe { raw::load(cell.as_ptr()) }.validate(), Ok(1));
    /// ```
    #[must_use]
    pub const fn as_ptr(&self) -> *mut T {
        self.0.get().cast()
    }

    /// An `AtomicPerByte` at a given address.
    ///
    /// # Safety
    /// * `pointer` is aligned for `T` and valid for reads of a `T` for the whole lifetime `'a`, for stores also for
    ///   writes. It is derived neither from a `&T` nor by `&raw const`, nor from a `&mut T` by `as *const T` (see
    ///   [`raw::load`](crate::raw::load) for the details).
    /// * Every byte that the partition of `T` reads ([`Layout::each_access`](crate::Layout::each_access)) is
    ///   initialised: by a store of this type or of [`raw`](crate::raw), by zeroing *in place*, or by another process.
    ///   For types that contain enums with fields, assigning a `T` does not suffice.
    /// * During `'a` the memory is only accessed by functions of this crate, with the same `T` and the same version of
    ///   the crate ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
    ///
    /// ```
    /// # use seqcopy::AtomicPerByte;
    /// let mut memory = 5u32;
    /// // SAFETY: a local, aligned and initialised.
    /// let cell = unsafe { AtomicPerByte::from_ptr(&raw mut memory) };
    /// assert_eq!(cell.load().validate(), Ok(5));
    /// ```
    #[must_use]
    pub const unsafe fn from_ptr<'a>(pointer: *mut T) -> &'a Self {
        // SAFETY: same size and alignment (transparent); the rest by this function's contract.
        unsafe { &*pointer.cast::<Self>() }
    }
}

impl<T: SeqCopy + Default> Default for AtomicPerByte<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: SeqCopy> From<T> for AtomicPerByte<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for AtomicPerByte<T> {
    /// Shows the type only, because the bits may be torn or invalid.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AtomicPerByte<{}>", core::any::type_name::<T>())
    }
}

// If a panic interrupts a store, the bits are torn. Loads must expect that anyway.
impl<T: core::panic::RefUnwindSafe> core::panic::RefUnwindSafe for AtomicPerByte<T> {}

impl<T> AtomicPerByte<T> {
    /// Loads the bits of one field, by those accesses of [`load`](Self::load) that touch it, in unspecified order.
    ///
    /// A field may be torn as a whole value may: each byte is one that some store wrote.
    ///
    /// ```
    /// # use seqcopy::{AtomicPerByte, part};
    /// let cell = AtomicPerByte::new([1u16, 2, 3]);
    /// assert_eq!(cell.load_part(part!([u16; 3]).index(2)).validate(), Ok(3));
    /// ```
    #[inline]
    pub fn load_part<F>(&self, part: Part<T, F>) -> MaybeInvalid<F>
    where
        T: SeqCopy,
    {
        let mut buf = MaybeUninit::<F>::uninit();
        // SAFETY: the storage is aligned, readable and initialised (I2 init), and the pointer not derived from a `&T`
        // (P18 shared-ref, P19 retag); shared accesses follow the partition of `T` (I1 partition). An `F` lies there in
        // a `T` (I3 exact), for which the local has space (I4 private).
        unsafe { copy::load_part::<T>(self.as_ptr(), buf.as_mut_ptr().cast(), part.offset(), size_of::<F>()) };
        // SAFETY: every data byte of the field was written (I3 exact, I6 maybe-invalid); a move keeps them (P8
        // maybe-uninit, P25 enum-move).
        unsafe { MaybeInvalid::assume_written(buf) }
    }
}

/// A value aligned to at least 8 bytes, so that it is copied by the widest accesses.
///
/// ```
/// use seqcopy::{Aligned8, AtomicPerByte, SeqCopy};
///
/// // With an alignment of 1 it is copied byte by byte ...
/// assert_eq!(<[u8; 12]>::LAYOUT.access_count(align_of::<[u8; 12]>()), 12);
/// // ... and with an alignment of 8 by words.
/// let cell = AtomicPerByte::new(Aligned8([7u8; 12]));
/// assert_eq!(Aligned8::<[u8; 12]>::LAYOUT.access_count(8), 12usize.div_ceil(size_of::<usize>()));
/// # let _ = cell;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct Aligned8<T>(
    /// The value.
    pub T,
);

// Written by hand, as the derives would write it, because this crate must compile without the derives. A test compares
// both (`tests/tests/values/by_hand.rs`).

// SAFETY: the only field keeps what an implementation promises, and is named at its true offset (I3 exact); the rest is
// padding.
unsafe impl<T> SeqCopy for Aligned8<T>
where
    T: SeqCopy,
{
    const LAYOUT: &'static Layout =
        &layout::structure::<Self>("Aligned8", true, &[layout::field("0", offset_of!(Self, 0), T::LAYOUT)]);
}

// SAFETY: the layout is specified, and a value is as valid and safe as its only field, which is checked
// (I6 maybe-invalid).
unsafe impl<T> Validate for Aligned8<T>
where
    T: Validate,
{
    const ANY_BITS: bool = T::ANY_BITS;

    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        validity::inside::<Self, 0>(T::check(&validity::part_of::<Self, T, 0>(bits)))
    }
}

impl<T> AtomicPerByte<Aligned8<T>> {
    /// [`store`](Self::store) of a `T`, which need not be moved into an [`Aligned8`] first.
    ///
    /// ```
    /// # use seqcopy::{Aligned8, AtomicPerByte};
    /// let cell = AtomicPerByte::new(Aligned8([1u8; 12]));
    /// cell.store_inner(&[2; 12]);
    /// assert_eq!(cell.load_inner().validate(), Ok([2; 12]));
    /// ```
    #[inline(always)]
    pub fn store_inner(&self, value: &T)
    where
        T: SeqCopy,
    {
        // SAFETY: the storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow
        // the partition (I1 partition). The data of an `Aligned8<T>` is that of its `T` at offset 0, and `value` is a
        // valid `T`, borrowed (I3 exact), not in the storage (R1 copy-layer).
        unsafe { copy::store::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    /// [`load`](Self::load) of the `T` inside.
    ///
    /// ```
    /// # use seqcopy::{Aligned8, AtomicPerByte};
    /// assert_eq!(AtomicPerByte::new(Aligned8(7u16)).load_inner().validate(), Ok(7));
    /// ```
    #[inline]
    pub fn load_inner(&self) -> MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        // SAFETY: the data of an `Aligned8<T>` is that of its `T` at offset 0 (P9 layout).
        unsafe { self.load_start() }
    }

    /// [`load_into`](Self::load_into) of the `T` inside.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{Aligned8, AtomicPerByte};
    /// let mut dst = MaybeUninit::uninit();
    /// let bits = AtomicPerByte::new(Aligned8(7u16)).load_inner_into(&mut dst).validate_ref();
    /// assert_eq!(bits, Ok(&7));
    /// ```
    #[inline(always)]
    pub fn load_inner_into<'a>(&self, dst: &'a mut MaybeUninit<T>) -> &'a mut MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        // SAFETY: the storage is aligned, readable and initialised (I2 init); shared accesses follow the partition (I1
        // partition). The data of an `Aligned8<T>` is that of its `T` at offset 0, for which `dst` has space,
        // exclusively borrowed (I4 private).
        unsafe { copy::load::<Aligned8<T>>(self.as_ptr(), dst.as_mut_ptr().cast()) };
        // SAFETY: `load` wrote every data byte (I3 exact, I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written_mut(dst) }
    }
}
