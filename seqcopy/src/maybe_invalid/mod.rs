//! Bits that were read but are not trusted yet: [`MaybeInvalid`].
//!
//! # Valid, invalid, uninitialised
//! Memory that is to become a `T` can be in three states, and Rust's types tell only two of them apart.
//!
//! | state | meaning | `T` | `MaybeInvalid<T>` | `MaybeUninit<T>` |
//! |---|---|---|---|---|
//! | valid | every byte has a value, and together they are one of `T`'s | yes | yes | yes |
//! | invalid | every byte has a value, but a `bool` is 3, a tag names no variant, two halves are of different ages | **no** | yes | yes |
//! | uninitialised | some byte has no value at all: it may differ each time it is looked at | **no** | **no** | yes |
//!
//! A copy from memory that others write is at least *invalid*: relaxed atomic loads give each byte some value that
//! somebody stored. Nothing more is known until the version is checked or the bits are validated. Making a `T` of
//! them before is undefined behaviour, even if nobody looks at it. Taking them for *uninitialised* would be too
//! little: then they could not be checked at all, for reading an uninitialised byte is undefined behaviour.
//!
//! **Fine**: bits that are invalid may be kept, moved and checked.
//! ```
//! # use seqcopy::MaybeInvalid;
//! let mut bits = MaybeInvalid::<bool>::zeroed();
//! // SAFETY: the byte belongs to `bits`.
//! unsafe { bits.as_mut_ptr().cast::<u8>().write(3) };
//! let moved = bits;
//! assert!(moved.validate().is_err());
//! ```
//!
//! **Undefined behaviour**: a value made of invalid bits, though it is never used.
//! ```no_run
//! # use seqcopy::MaybeInvalid;
//! let mut bits = MaybeInvalid::<bool>::zeroed();
//! // SAFETY: the byte belongs to `bits`.
//! unsafe { bits.as_mut_ptr().cast::<u8>().write(3) };
//! let _ = unsafe { bits.assume_valid() }; // UB: there is no `bool` 3
//! ```
//!
//! **Fine**: uninitialised memory may be kept as `MaybeUninit`, and becomes `MaybeInvalid` by being written.
//! ```
//! # use core::mem::MaybeUninit;
//! # use seqcopy::{AtomicPerByte, MaybeUninitExt};
//! let cell = AtomicPerByte::new(7u32);
//! let mut buf = MaybeUninit::<u32>::uninit();
//! let bits = cell.load_into(&mut buf);
//! assert_eq!(bits.validate_ref(), Ok(&7));
//! ```
//!
//! **Undefined behaviour**: to say that memory was written when it was not.
//! ```no_run
//! # use core::mem::MaybeUninit;
//! # use seqcopy::MaybeUninitExt;
//! let buf = MaybeUninit::<u32>::uninit();
//! // UB as soon as the byte is looked at: "any value will do" is not what uninitialised means.
//! let bits = unsafe { buf.assume_written() };
//! let _ = bits.validate();
//! ```
//!
//! # Validity and safety
//! *Validity* is what the compiler relies on at every moment: a `bool` is 0 or 1. *Safety* is what the type's own
//! code relies on: the `len` of a text in a fixed buffer is not larger than the buffer. Safe code may never see a
//! value that breaks either. [`assume_valid`](MaybeInvalid::assume_valid) asks for both;
//! [`validate`](MaybeInvalid::validate) establishes both, as far as the type's author says that it does
//! ([`Validate`](crate::Validate)).
//!
//! **Fine**: a value that is valid but not safe, as long as only the type's own careful code sees it.
//! ```
//! # use seqcopy::MaybeInvalid;
//! struct Text { len: u8, bytes: [u8; 7] } // safe: len <= 7
//! let bits = MaybeInvalid::new(Text { len: 200, bytes: [0; 7] });
//! // SAFETY: any bytes are a valid `Text`; this code does not rely on `len`.
//! let text = unsafe { bits.assume_valid() };
//! assert!(usize::from(text.len) > text.bytes.len());
//! ```
//!
//! **Undefined behaviour**: the same value in the hands of safe code that trusts its type.
//! ```no_run
//! # struct Text { len: u8, bytes: [u8; 7] }
//! impl Text {
//!     // SAFETY of the block: `len <= 7` is the type's invariant.
//!     fn as_bytes(&self) -> &[u8] { unsafe { self.bytes.get_unchecked(..usize::from(self.len)) } }
//! }
//! let _ = Text { len: 200, bytes: [0; 7] }.as_bytes(); // UB: out of bounds
//! ```

mod ext;

use core::fmt;
use core::mem::MaybeUninit;

use crate::SeqCopy;
pub use ext::MaybeUninitExt;

/// A `T`'s worth of bits that have been read but may not be a `T`.
///
/// Every byte that is not padding of `T` is initialised; inside an enum with fields, the tag and the bytes of the
/// variant that it names. Whether they form a valid `T` is open. Same size and alignment as `T`. The
/// [module](crate::maybe_invalid) explains the difference between invalid and uninitialised.
///
/// A `MaybeInvalid` is always a private copy: nobody else writes it.
///
/// ```
/// use seqcopy::{AtomicPerByte, MaybeInvalid};
///
/// let cell = AtomicPerByte::new('x');
/// let bits: MaybeInvalid<char> = cell.load();
/// assert_eq!(bits.validate(), Ok('x'));
/// ```
#[repr(transparent)]
pub struct MaybeInvalid<T>(MaybeUninit<T>);

impl<T> MaybeInvalid<T> {
    /// The bits of a value.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// assert_eq!(MaybeInvalid::new(5u8).validate(), Ok(5));
    /// ```
    pub const fn new(value: T) -> Self {
        MaybeInvalid(MaybeUninit::new(value))
    }

    /// All bits zero. Padding is unspecified, as always.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// assert_eq!(MaybeInvalid::<u8>::zeroed().validate(), Ok(0));
    /// assert!(MaybeInvalid::<core::num::NonZeroU8>::zeroed().validate().is_err());
    /// ```
    #[must_use]
    pub const fn zeroed() -> Self {
        MaybeInvalid(MaybeUninit::zeroed())
    }

    /// The bits of a value that is left where it is.
    ///
    /// There is no such function for `&mut T`: writing invalid bits through it would leave an invalid `T` behind.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// assert_eq!(MaybeInvalid::from_ref(&5u8).validate_ref(), Ok(&5));
    /// ```
    ///
    /// ```compile_fail
    /// # use seqcopy::MaybeInvalid;
    /// let _ = MaybeInvalid::from_ref(&core::sync::atomic::AtomicU32::new(5));
    /// ```
    pub const fn from_ref(value: &T) -> &Self
    where
        T: SeqCopy,
    {
        // SAFETY: same layout (transparent over MaybeUninit<T>), and a valid T obeys I6; shared and without interior
        // mutability (I3), so nobody can change the value meanwhile, and nobody weaken it through this.
        unsafe { &*core::ptr::from_ref(value).cast::<Self>() }
    }

    /// The same bytes, their being written forgotten.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let bytes = MaybeInvalid::new(5u8).written();
    /// // SAFETY: a 5 was written.
    /// assert_eq!(unsafe { bytes.assume_init() }, 5);
    /// ```
    pub const fn written(self) -> MaybeUninit<T> {
        self.0
    }

    /// Writes a value over the bits and gives it out.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let mut bits = MaybeInvalid::<bool>::zeroed();
    /// *bits.write(true) = false;
    /// assert_eq!(bits.validate(), Ok(false));
    /// ```
    pub const fn write(&mut self, value: T) -> &mut T {
        self.0.write(value)
    }

    /// The bits' address. Reading a `T` there is for those who know that it is one.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let bits = MaybeInvalid::new(5u8);
    /// // SAFETY: bytes take any bits.
    /// assert_eq!(unsafe { bits.as_ptr().read() }, 5);
    /// ```
    #[must_use]
    pub const fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }

    /// The bits' address, for writing. What is written must keep every data byte initialised.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let mut bits = MaybeInvalid::<u8>::zeroed();
    /// // SAFETY: the byte belongs to `bits`.
    /// unsafe { bits.as_mut_ptr().write(5) };
    /// assert_eq!(bits.validate(), Ok(5));
    /// ```
    #[must_use]
    pub const fn as_mut_ptr(&mut self) -> *mut T {
        self.0.as_mut_ptr()
    }

    /// Takes memory for written.
    ///
    /// # Safety
    /// Every byte that is not padding of `T` is initialised; inside an enum with fields at least the tag and the
    /// bytes of the variant that it names.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::MaybeInvalid;
    /// // SAFETY: zeros were written, and a `bool` has no padding.
    /// let bits = unsafe { MaybeInvalid::assume_written(MaybeUninit::<bool>::zeroed()) };
    /// assert_eq!(bits.validate(), Ok(false));
    /// ```
    pub const unsafe fn assume_written(memory: MaybeUninit<T>) -> Self {
        MaybeInvalid(memory)
    }

    /// Takes memory for written, in place.
    ///
    /// # Safety
    /// As for [`assume_written`](Self::assume_written); and nobody writes the memory while the reference lives. It
    /// is not for memory that other threads or processes write: copy first, check the copy.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::MaybeInvalid;
    /// let buf = MaybeUninit::new(1u8);
    /// // SAFETY: a 1 was written.
    /// assert_eq!(unsafe { MaybeInvalid::assume_written_ref(&buf) }.validate_ref(), Ok(&1));
    /// ```
    pub const unsafe fn assume_written_ref(memory: &MaybeUninit<T>) -> &Self {
        // SAFETY: same layout; I6 by this function's contract.
        unsafe { &*core::ptr::from_ref(memory).cast::<Self>() }
    }

    /// Takes memory for written, in place and for writing.
    ///
    /// # Safety
    /// As for [`assume_written_ref`](Self::assume_written_ref).
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::MaybeInvalid;
    /// let mut buf = MaybeUninit::new(1u8);
    /// // SAFETY: a 1 was written.
    /// unsafe { MaybeInvalid::assume_written_mut(&mut buf) }.write(2);
    /// # assert_eq!(unsafe { buf.assume_init() }, 2);
    /// ```
    pub const unsafe fn assume_written_mut(memory: &mut MaybeUninit<T>) -> &mut Self {
        // SAFETY: same layout; I6 by this function's contract. What is written through it keeps I6.
        unsafe { &mut *core::ptr::from_mut(memory).cast::<Self>() }
    }

    /// Takes the bits for a value.
    ///
    /// # Safety
    /// * They are a valid `T`, and a safe one: what the type's own code relies on holds.
    /// * If `T` holds pointers or references, what they point to happens-before this call: true after a lock's
    ///   version check, not true after a bare [`AtomicPerByte::load`](crate::AtomicPerByte::load), which is relaxed
    ///   ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
    /// * A reference that is made of the bits in place ([`assume_valid_ref`](Self::assume_valid_ref)) is not used to change
    ///   them, by interior mutability, while others look at the bits.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// // SAFETY: 5 is a `u8`.
    /// assert_eq!(unsafe { MaybeInvalid::new(5u8).assume_valid() }, 5);
    /// ```
    pub const unsafe fn assume_valid(self) -> T {
        // SAFETY: valid by this function's contract.
        unsafe { self.0.assume_init() }
    }

    /// Takes the bits for a value, in place.
    ///
    /// # Safety
    /// As for [`assume_valid`](Self::assume_valid).
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// // SAFETY: 5 is a `u8`.
    /// assert_eq!(unsafe { *MaybeInvalid::new(5u8).assume_valid_ref() }, 5);
    /// ```
    pub const unsafe fn assume_valid_ref(&self) -> &T {
        // SAFETY: valid by this function's contract.
        unsafe { self.0.assume_init_ref() }
    }

    /// Takes the bits for a value, in place and for writing.
    ///
    /// # Safety
    /// As for [`assume_valid`](Self::assume_valid).
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let mut bits = MaybeInvalid::new(5u8);
    /// // SAFETY: 5 is a `u8`.
    /// unsafe { *bits.assume_valid_mut() += 1 };
    /// assert_eq!(bits.validate(), Ok(6));
    /// ```
    pub const unsafe fn assume_valid_mut(&mut self) -> &mut T {
        // SAFETY: valid by this function's contract.
        unsafe { self.0.assume_init_mut() }
    }

    /// The bits as bytes. Only for types of which every byte is data in every value and none belongs to a pointer;
    /// others are refused when the program is built.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// assert_eq!(MaybeInvalid::new([1u8, 2]).as_bytes(), [1, 2]);
    /// ```
    ///
    /// ```compile_fail
    /// # use seqcopy::MaybeInvalid;
    /// let _ = MaybeInvalid::new((1u8, 2u32)).as_bytes(); // has padding
    /// ```
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8]
    where
        T: SeqCopy,
    {
        const {
            assert!(
                T::LAYOUT.is_padding_free(),
                "`as_bytes` needs a type of which every byte is data in every value: this one has padding, a skipped field or an enum with fields"
            );
            assert!(
                !T::LAYOUT.has_pointers(),
                "`as_bytes` can't show the bytes of pointers: they are more than their address"
            );
        }
        // SAFETY: every byte is data, so initialised (I6), and none is part of a pointer (P11).
        unsafe { core::slice::from_raw_parts(self.as_ptr().cast::<u8>(), size_of::<T>()) }
    }
}

// The derive would ask for `T: Clone`, which is not enough to copy bits.
#[allow(clippy::expl_impl_clone_on_copy)]
impl<T: Copy> Clone for MaybeInvalid<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy> Copy for MaybeInvalid<T> {}

impl<T> fmt::Debug for MaybeInvalid<T> {
    /// Shows the type; the bits may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaybeInvalid<{}>", core::any::type_name::<T>())
    }
}
