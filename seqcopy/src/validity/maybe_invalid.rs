//! [`MaybeInvalid`]: bits that have been read but not yet checked.

use core::fmt;
use core::mem::MaybeUninit;

use crate::seq_copy::SeqCopy;

/// The bits of a `T` that have been read but may not be valid.
///
/// Every byte that is not padding of `T` is initialised; inside an enum with fields, the tag and the bytes of the
/// variant that it names. Whether they form a valid `T` is not known. Same size and alignment as `T`.
///
/// A `MaybeInvalid` is always a private copy: no other thread or process writes it.
///
/// ```
/// use seqcopy::{AtomicPerByte, MaybeInvalid};
///
/// let cell = AtomicPerByte::new('x');
/// let bits: MaybeInvalid<char> = cell.load();
/// assert_eq!(bits.validate(), Ok('x'));
/// ```
///
/// # Valid, invalid, uninitialised
/// Memory that is to become a `T` can be in three states. The types of the standard library distinguish only two of
/// them.
///
/// | state | meaning | `T` | `MaybeInvalid<T>` | `MaybeUninit<T>` |
/// |---|---|---|---|---|
/// | valid | every byte has a value, and together they are a valid `T` | yes | yes | yes |
/// | invalid | every byte has a value, but a `bool` is 3, a tag names no variant, or the value is torn | **no** | yes | yes |
/// | uninitialised | some byte has no value: it may differ each time it is read | **no** | **no** | yes |
///
/// A copy of memory that other threads or processes write is initialised but possibly *invalid*: relaxed atomic loads
/// return, for each byte, a value that some store wrote. Nothing more is known until the version is checked or the bits
/// are validated. Creating a `T` from them earlier is undefined behaviour, even if it is never used. Treating them as
/// *uninitialised* would be too weak: they could not be checked at all, because reading an uninitialised byte is
/// undefined behaviour.
///
/// **Fine**: invalid bits may be kept, moved and checked.
/// ```
/// # use seqcopy::MaybeInvalid;
/// let mut bits = MaybeInvalid::<bool>::zeroed();
/// // SAFETY: the byte belongs to `bits`.
/// unsafe { bits.as_mut_ptr().cast::<u8>().write(3) };
/// let moved = bits;
/// assert!(moved.validate().is_err());
/// ```
///
/// **Undefined behaviour**: a value created from invalid bits, even if it is never used.
/// ```no_run
/// # use seqcopy::MaybeInvalid;
/// let mut bits = MaybeInvalid::<bool>::zeroed();
/// // SAFETY: the byte belongs to `bits`.
/// unsafe { bits.as_mut_ptr().cast::<u8>().write(3) };
/// let _ = unsafe { bits.assume_valid() }; // UB: 3 is not a valid `bool`
/// ```
///
/// **Fine**: uninitialised memory may be kept as `MaybeUninit`, and becomes `MaybeInvalid` when it is written.
/// ```
/// # use core::mem::MaybeUninit;
/// # use seqcopy::AtomicPerByte;
/// let cell = AtomicPerByte::new(7u32);
/// let mut buf = MaybeUninit::<u32>::uninit();
/// let bits = cell.load_into(&mut buf);
/// assert_eq!(bits.validate_ref(), Ok(&7));
/// ```
///
/// **Undefined behaviour**: asserting that memory was written when it was not.
/// ```no_run
/// # use core::mem::MaybeUninit;
/// # use seqcopy::MaybeInvalid;
/// let buf = MaybeUninit::<u32>::uninit();
/// // UB as soon as a byte is read: uninitialised does not mean "some arbitrary value".
/// let bits = unsafe { MaybeInvalid::assume_written(buf) };
/// let _ = bits.validate();
/// ```
///
/// # Validity and safety
/// *Validity* is what the compiler relies on at all times: a `bool` is 0 or 1. *Safety* is what the type's own code
/// relies on: the `len` of a text in a fixed buffer does not exceed the buffer. Safe code must never be given a value
/// that violates either. [`assume_valid`](MaybeInvalid::assume_valid) requires both;
/// [`validate`](MaybeInvalid::validate) establishes both, provided that the type's author is right to implement
/// [`Validate`](crate::Validate).
///
/// **Fine**: a value that is valid but not safe, as long as only code that does not rely on its invariants uses it.
/// ```
/// # use seqcopy::MaybeInvalid;
/// struct Text { len: u8, bytes: [u8; 7] } // safe: len <= 7
/// let bits = MaybeInvalid::new(Text { len: 200, bytes: [0; 7] });
/// // SAFETY: any bytes are a valid `Text`; this code does not rely on `len`.
/// let text = unsafe { bits.assume_valid() };
/// assert!(usize::from(text.len) > text.bytes.len());
/// ```
///
/// **Undefined behaviour**: the same value passed to safe code that relies on its type's invariants.
/// ```no_run
/// # struct Text { len: u8, bytes: [u8; 7] }
/// impl Text {
///     // SAFETY of the block: `len <= 7` is the type's invariant.
///     fn as_bytes(&self) -> &[u8] { unsafe { self.bytes.get_unchecked(..usize::from(self.len)) } }
/// }
/// let _ = Text { len: 200, bytes: [0; 7] }.as_bytes(); // UB: out of bounds
/// ```
///
/// There is no `freeze`: today's language has no operation that turns uninitialised bytes into arbitrary but fixed ones
/// (RFC 4001 proposes one). A `MaybeInvalid` is created by a load, by [`zeroed`](MaybeInvalid::zeroed) or from a value.
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

    /// A view of the bits of a value.
    ///
    /// There is no equivalent for `&mut T`: writing invalid bits through it would leave an invalid `T` behind.
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
        // SAFETY: same layout (transparent over MaybeUninit<T>), and a valid T obeys I6 maybe-invalid; shared and
        // without interior mutability (I3 exact), so the value cannot change during the borrow, nor be made invalid
        // through this view.
        unsafe { &*core::ptr::from_ref(value).cast::<Self>() }
    }

    /// These bytes as a `MaybeUninit`, which forgets that they are initialised.
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

    /// Overwrites the bits with a value, and returns a reference to it.
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

    /// The address of the bits. Reading them as a `T` requires that they are a valid one.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let bits = MaybeInvalid::new(5u8);
    /// // SAFETY: any bits are a valid `u8`.
    /// assert_eq!(unsafe { bits.as_ptr().read() }, 5);
    /// ```
    #[must_use]
    pub const fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }

    /// The address of the bits, for writing. Every data byte must stay initialised.
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

    /// Asserts that memory has been written.
    ///
    /// # Safety
    /// Every byte that is not padding of `T` is initialised; inside an enum with fields, at least the tag and the bytes
    /// of the variant that it names.
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

    /// Bits from bytes that came from elsewhere: a file, a device, the memory of another process. `None` unless these
    /// are as many bytes as a `T` has. They need no alignment; [`validate`](Self::validate) checks what they mean.
    ///
    /// The bytes are those of this machine, in its order. Bits of pointers have no provenance, and can't be followed.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// let bits = MaybeInvalid::<[u16; 2]>::from_bytes(&[1, 0, 2, 0]).unwrap();
    /// assert_eq!(bits.value(), [u16::from_ne_bytes([1, 0]), u16::from_ne_bytes([2, 0])]);
    ///
    /// let error = MaybeInvalid::<bool>::from_bytes(&[7]).unwrap().validate().unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `bool`: found 0x7, expected a `bool`: 0 or 1");
    /// assert!(MaybeInvalid::<u64>::from_bytes(&[1; 7]).is_none());
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != size_of::<T>() {
            return None;
        }
        let mut bits = MaybeUninit::<T>::uninit();
        // SAFETY: as many bytes as there is space for, in a local; they need no alignment (I4 private).
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), bits.as_mut_ptr().cast(), bytes.len()) };
        // SAFETY: every byte was just written; a move keeps the data among them (P8 maybe-uninit, P25 enum-move).
        Some(unsafe { MaybeInvalid::assume_written(bits) })
    }

    /// Asserts that memory has been written, in place.
    ///
    /// # Safety
    /// The contract of [`assume_written`](Self::assume_written), and no other thread or process writes the memory
    /// during the lifetime of the reference. For memory that others write, make a copy first and check the copy.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::MaybeInvalid;
    /// let buf = MaybeUninit::new(1u8);
    /// // SAFETY: a 1 was written.
    /// assert_eq!(unsafe { MaybeInvalid::assume_written_ref(&buf) }.validate_ref(), Ok(&1));
    /// ```
    pub const unsafe fn assume_written_ref(memory: &MaybeUninit<T>) -> &Self {
        // SAFETY: same layout; I6 maybe-invalid by this function's contract.
        unsafe { &*core::ptr::from_ref(memory).cast::<Self>() }
    }

    /// Asserts that memory has been written, in place and mutably.
    ///
    /// # Safety
    /// The contract of [`assume_written_ref`](Self::assume_written_ref).
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
        // SAFETY: same layout; I6 maybe-invalid by this function's contract. Writes through the reference keep I6.
        unsafe { &mut *core::ptr::from_mut(memory).cast::<Self>() }
    }

    /// Asserts that the bits are a valid value.
    ///
    /// # Safety
    /// * They are a valid `T`, and a safe one: the invariants that the type's own code relies on hold.
    /// * If `T` contains pointers or references, the writes to what they point to happen-before this call. That is so
    ///   after a lock's version check, but not after a bare [`AtomicPerByte::load`](crate::AtomicPerByte::load), which
    ///   is relaxed ([memory model](core::sync::atomic#memory-model-for-atomic-accesses)).
    /// * A reference created in place ([`assume_valid_ref`](Self::assume_valid_ref)) is not used to change the bits, by
    ///   interior mutability, while they are also read as bits.
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

    /// Asserts that the bits are a valid value, in place.
    ///
    /// # Safety
    /// The contract of [`assume_valid`](Self::assume_valid).
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

    /// Asserts that the bits are a valid value, in place and mutably.
    ///
    /// # Safety
    /// The contract of [`assume_valid`](Self::assume_valid).
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

    /// The bits as bytes. Only for types of which every byte is data in every value and none belongs to a pointer; all
    /// others are rejected at compile time.
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
                "`as_bytes` cannot return the bytes of pointers: a pointer is more than its address"
            );
        }
        // SAFETY: every byte is data, so initialised (I6 maybe-invalid), and none is part of a pointer
        // (P11 provenance).
        unsafe { core::slice::from_raw_parts(self.as_ptr().cast::<u8>(), size_of::<T>()) }
    }
}

// A derive would require only `T: Clone`, which does not allow copying bits.
#[allow(clippy::expl_impl_clone_on_copy)]
impl<T: Copy> Clone for MaybeInvalid<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy> Copy for MaybeInvalid<T> {}

impl<T> fmt::Debug for MaybeInvalid<T> {
    /// Shows the type only, because the bits may be invalid.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaybeInvalid<{}>", core::any::type_name::<T>())
    }
}
