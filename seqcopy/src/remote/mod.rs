//! Types of other crates, described by a second type: [`Describe`]; [`Remote`], a foreign type with its descriptor; and
//! arrays: `[D; N]` describes `[T; N]` if `D` describes `T`.

#[cfg(any(feature = "bytemuck", feature = "zerocopy"))]
mod bytes;

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{Bits, InvalidValue, Validate};

#[cfg(feature = "bytemuck")]
pub use bytes::Bytemuck;
#[cfg(feature = "zerocopy")]
pub use bytes::Zerocopy;

/// Implements [`SeqCopy`](trait@crate::SeqCopy) on behalf of a foreign type `T`: a local *descriptor* type lists its
/// fields.
///
/// Derive it on a **list** of the fields, in any order, that names the type with `remote`. Fields of the described type
/// then take the option `with`; elsewhere (a lock of the type alone, an option, a generic argument) [`Remote<T,
/// List>`](Remote) stands for it.
///
/// ```
/// #![forbid(unsafe_code)]
/// use seqcopy::{Remote, SeqCopy, SeqLock, SeqOption};
///
/// mod foreign {
///     #[derive(Clone, Copy, Debug, PartialEq)]
///     pub struct Timespec { pub sec: i64, pub nsec: u32 }
///     #[derive(Clone, Copy)]
///     pub struct Pair<T> { pub a: T, pub b: u8 }
///     #[derive(Clone, Copy)]
///     pub enum Source { Radio, Satellite }
/// }
///
/// #[derive(SeqCopy)]
/// #[seqcopy(remote = foreign::Timespec)]
/// struct TimespecDef { nsec: u32, sec: i64 }
///
/// #[derive(SeqCopy)]
/// #[seqcopy(remote = foreign::Pair<T>)]
/// struct PairDef<T> { a: T, b: u8 }
///
/// #[derive(SeqCopy)]
/// #[seqcopy(remote = foreign::Source)]
/// enum SourceDef { Radio, Satellite }
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Sample {
///     #[seqcopy(with = TimespecDef)]
///     at: foreign::Timespec,
///     #[seqcopy(with = [TimespecDef; 3])]
///     before: [foreign::Timespec; 3],
///     #[seqcopy(with = PairDef<u16>)]
///     pair: foreign::Pair<u16>,
///     #[seqcopy(with = SourceDef)]
///     source: foreign::Source,
///     leap: SeqOption<Remote<foreign::Timespec, TimespecDef>>,
/// }
///
/// let at = foreign::Timespec { sec: 1, nsec: 2 };
/// let pair = foreign::Pair { a: 7, b: 8 };
/// let sample = Sample { at, before: [at; 3], pair, source: foreign::Source::Satellite, leap: SeqOption::None };
/// assert_eq!(SeqLock::new(sample).read().before[2], at);
///
/// static NOW: SeqLock<Remote<foreign::Timespec, TimespecDef>> =
///     SeqLock::new(Remote::new(foreign::Timespec { sec: 0, nsec: 0 }));
/// NOW.update(|now| now.sec = 9);
/// assert_eq!(NOW.read().sec, 9);
/// ```
///
/// # What the compiler proves
/// Nothing about the described type is taken on trust, so no `unsafe` is written for it. Offsets, size and alignment
/// are those of the type itself. It does not compile if the list misses a field, has one too many or of another type,
/// if a field is private, if the described type is a union, or `#[non_exhaustive]`, or not `Copy` (which is its
/// author's consent to duplication, and excludes drop glue). A version of the other crate that adds a field stops the
/// build. Of enums, those without fields can be listed: the compiler is asked for the number of each variant.
///
/// A field of the list may have the options that fields have elsewhere. [`unsafe(as =
/// Type)`](trait@crate::SeqCopy#unsafe-options) among them is your word about the type of that field, which is not
/// proved: the lint `unsafe_code` sees it here, too.
///
/// With `derive(Validate)` on a `repr(C)` list, the compiler must also have laid the described type out in the way in
/// which the language lays out the list; if it has not, that is an error. Then the layout is
/// [specified](Layout::is_specified), and a region between processes may hold the type. See [`DescribeValid`] for what
/// that means for fields with an invariant.
///
/// # Types with private fields
/// `#[seqcopy(unsafe(remote = Type))]` takes your word where the compiler can't look. The list then has to have the
/// fields and the repr of `Type`, private ones included, and may be an enum with fields. You promise what [`unsafe(as =
/// List)`](trait@crate::SeqCopy#unsafe-options) promises of a field, of every `Type`. Equal size and alignment, and the
/// absence of drop glue and, unless a type parameter hides it, of interior mutability are checked.
///
/// If the other crate supports `bytemuck` or `zerocopy`, no list is needed: the features of the same names have the
/// descriptors `Bytemuck` and `Zerocopy`. [`guide::payloads`](crate::guide::payloads) says for many types what to
/// write.
///
/// # Safety
/// Not to be implemented by hand. `LAYOUT` promises of `T` what [`SeqCopy`](crate::SeqCopy#safety) promises of the
/// type itself (I3 exact in `docs/reference/soundness.md`), and the values of `T` may be duplicated bit by bit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe `{T}`",
    label = "not a descriptor of `{T}`",
    note = "a list of the fields describes a type: `#[derive(SeqCopy)] #[seqcopy(remote = path::Type)] struct List {{ .. }}`",
    note = "`Bytemuck` and `Zerocopy` describe the types that have the traits of these crates: enable the feature `bytemuck` or `zerocopy` of the crate that `{T}` comes from",
    note = "an array is described by an array: `[List; N]`"
)]
pub unsafe trait Describe<T> {
    /// The layout of a `T`.
    const LAYOUT: &'static Layout;
}

/// Says when bits from an untrusted source are a value of a type that is not yours: what [`Validate`](crate::Validate)
/// says, spoken by a second type.
///
/// Derive `Validate` on the list next to [`Describe`]'s `SeqCopy`. Each field is checked by its own type.
///
/// ```
/// use seqcopy::{MaybeInvalid, Remote, SeqCopy, Validate};
///
/// mod foreign {
///     #[derive(Clone, Copy)]
///     #[repr(C)]
///     pub struct Fix { pub valid: bool, pub height: f32 }
/// }
///
/// #[derive(SeqCopy, Validate)]
/// #[seqcopy(remote = foreign::Fix)]
/// #[repr(C)]
/// struct FixDef { valid: bool, height: f32 }
///
/// let mut bits = MaybeInvalid::new(Remote::<_, FixDef>::new(foreign::Fix { valid: true, height: 1.0 }));
/// // SAFETY: inside the private copy.
/// unsafe { bits.as_mut_ptr().cast::<u8>().write(7) };
/// assert_eq!(bits.validate().err().unwrap().to_string(), "invalid `Fix`: `valid` at byte 0 is 0x7, expected a `bool`: 0 or 1");
/// ```
///
/// # Invariants of the described type
/// All its fields are visible and writable where the list stands, so safe code could make any value that passes; the
/// type can have no invariant that memory safety depends on. A crate that keeps such an invariant in a `pub` field,
/// hidden from its documentation or not, is unsound by Rust's own rules, and this trait can't help that.
///
/// # Safety
/// `check` promises of `T` what [`Validate`](crate::Validate#safety) promises of the type itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not define which bits are a valid `{T}`",
    label = "no check of `{T}`",
    note = "add `derive(Validate)` and `#[repr(C)]` to the list of fields that describes `{T}`",
    note = "`Bytemuck` and `Zerocopy` check the types that have `CheckedBitPattern` or `TryFromBytes`: enable the feature `bytemuck` or `zerocopy` of the crate that `{T}` comes from"
)]
pub unsafe trait DescribeValid<T>: Describe<T> {
    /// Checks the bits.
    ///
    /// # Errors
    /// Names the first place whose bits are invalid for its type.
    fn check(bits: &Bits<'_, T>) -> Result<(), InvalidValue>;
}

// The functions that generated code calls.

/// Compiles for types whose author lets values be duplicated.
pub const fn consents<T: Copy>() {}

/// The bits of a described value, as those of its wrapper.
#[inline(always)]
#[must_use]
pub fn remote_bits<'a, T, D: Describe<T>>(bits: &Bits<'a, T>) -> Bits<'a, Remote<T, D>> {
    // SAFETY: the wrapper is transparent, and a data byte of one is a data byte of the other (P9 layout, I6
    // maybe-invalid).
    unsafe { bits.part(0) }
}

/// The bits of a `T`, as those of the list `S` that its author says is laid out alike.
///
/// # Safety
/// `T` is laid out like `S`: the promise of `unsafe(remote = T)`.
#[inline(always)]
#[must_use]
pub unsafe fn vouched_bits<'a, T, S: Describe<T>>(bits: &Bits<'a, T>) -> Bits<'a, S> {
    // SAFETY: laid out alike by this function's contract (P9 layout, I6 maybe-invalid).
    unsafe { bits.part(0) }
}

/// The error of a check of the list, as one of the described type.
///
/// # Errors
/// The error.
#[inline(always)]
pub fn of_remote<T, D: Describe<T>>(result: Result<(), InvalidValue>) -> Result<(), InvalidValue> {
    result.map_err(|error| error.inside(D::LAYOUT, 0))
}

/// Rejects a list whose check could not be trusted in another build.
///
/// # Panics
/// If the layout is not specified. Called in constants, so that is a compile-time error.
#[track_caller]
pub const fn assert_specified(layout: &Layout) {
    assert!(
        layout.is_specified(),
        "bits can't be checked: the compiler has not laid out the described type as this list and its repr say: repeat the fields or variants in the order and with the repr of the type, or remove `derive(Validate)`"
    );
}

/// A `T` that is copied as `D` says: `SeqLock<Remote<Timespec, TimespecDef>>`.
///
/// `Remote` is for places where no field is that could have the option `with = D`: a lock of the type alone, an option,
/// a generic argument. It has the layout of `T`, dereferences to it, and has those of the traits `Copy`, `Clone`,
/// `Debug`, `Default`, `Eq`, `Ord`, `Hash` that `T` has. [`Describe`] says what can be a `D`.
///
/// ```
/// use seqcopy::{Remote, SeqCopy, SeqLock};
///
/// mod foreign {
///     #[derive(Clone, Copy)]
///     pub struct Timespec { pub sec: i64, pub nsec: u32 }
/// }
///
/// #[derive(SeqCopy)]
/// #[seqcopy(remote = foreign::Timespec)]
/// struct TimespecDef { sec: i64, nsec: u32 }
///
/// static NOW: SeqLock<Remote<foreign::Timespec, TimespecDef>> =
///     SeqLock::new(Remote::new(foreign::Timespec { sec: 1, nsec: 2 }));
/// assert_eq!(NOW.read().nsec, 2);
/// NOW.write(foreign::Timespec { sec: 3, nsec: 4 }.into());
/// assert_eq!(NOW.read().value.sec, 3);
/// ```
#[repr(transparent)]
pub struct Remote<T, D> {
    /// The value.
    pub value: T,
    by: PhantomData<fn() -> D>,
}

impl<T, D> Remote<T, D> {
    /// Wraps a value.
    ///
    /// ```
    /// use core::cmp::Ordering;
    /// use seqcopy::{Remote, SeqCopy};
    ///
    /// #[derive(SeqCopy)]
    /// #[seqcopy(remote = Ordering)]
    /// enum OrderingDef { Less, Equal, Greater }
    ///
    /// const SAME: Remote<Ordering, OrderingDef> = Remote::new(Ordering::Equal);
    /// assert!(SAME.is_eq());
    /// ```
    #[must_use]
    pub const fn new(value: T) -> Self {
        Remote { value, by: PhantomData }
    }
}

// SAFETY: the wrapper has the bytes of `T` and no others (P9 layout), and `D` says of them what this trait promises (I3
// exact).
unsafe impl<T, D: Describe<T>> SeqCopy for Remote<T, D> {
    const LAYOUT: &'static Layout = {
        assert!(D::LAYOUT.size() == size_of::<T>() && D::LAYOUT.align() == align_of::<T>());
        D::LAYOUT
    };
}

// SAFETY: the wrapper has no invariant of its own, and `D` says which bits are a `T` (P6 validity, P24 safety).
unsafe impl<T, D: DescribeValid<T>> Validate for Remote<T, D> {
    #[inline(always)]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: the only field with bytes, at offset 0 (P9 layout).
        D::check(&unsafe { bits.part::<T>(0) })
    }
}

impl<T, D> Deref for Remote<T, D> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T, D> DerefMut for Remote<T, D> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T, D> From<T> for Remote<T, D> {
    fn from(value: T) -> Self {
        Remote::new(value)
    }
}

// Written by hand, because a derive would require the same of `D`.

impl<T: Clone, D> Clone for Remote<T, D> {
    fn clone(&self) -> Self {
        Remote::new(self.value.clone())
    }
}

impl<T: Copy, D> Copy for Remote<T, D> {}

impl<T: Default, D> Default for Remote<T, D> {
    fn default() -> Self {
        Remote::new(T::default())
    }
}

impl<T: fmt::Debug, D> fmt::Debug for Remote<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display, D> fmt::Display for Remote<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: PartialEq, D> PartialEq for Remote<T, D> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq, D> Eq for Remote<T, D> {}

impl<T: PartialOrd, D> PartialOrd for Remote<T, D> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord, D> Ord for Remote<T, D> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash, D> Hash for Remote<T, D> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

// SAFETY: element `i` is at `i * size_of::<T>()` (P9 layout), `D` says of each what it says of a `T`, and the array has
// no other bytes.
unsafe impl<T, D: Describe<T>, const N: usize> Describe<[T; N]> for [D; N] {
    const LAYOUT: &'static Layout = &layout::array::<Remote<T, D>, N>(D::LAYOUT);
}

// SAFETY: an array is valid and safe if its elements are (P6 validity, P24 safety).
unsafe impl<T, D: DescribeValid<T>, const N: usize> DescribeValid<[T; N]> for [D; N] {
    #[inline]
    fn check(bits: &Bits<'_, [T; N]>) -> Result<(), InvalidValue> {
        // Elements without bytes are all the same, so one of them is enough.
        let len = if size_of::<T>() == 0 { N.min(1) } else { N };
        for i in 0..len {
            // SAFETY: element `i` is inside the array, and I6 maybe-invalid for the array implies I6 for the element.
            let element = unsafe { bits.part::<T>(i * size_of::<T>()) };
            let layout = <Self as Describe<[T; N]>>::LAYOUT;
            <Remote<T, D> as Validate>::check(&remote_bits(&element))
                .map_err(|error| error.inside(layout, layout.node_of_element(i)))?;
        }
        Ok(())
    }
}
