//! Types of other crates, described by a second type: [`Describe`], [`Remote`].

#[cfg(feature = "bytemuck")]
mod bytemuck;
mod wrapper;
#[cfg(feature = "zerocopy")]
mod zerocopy;

#[cfg(feature = "bytemuck")]
pub use bytemuck::Bytemuck;
pub use wrapper::Remote;
#[cfg(feature = "zerocopy")]
pub use zerocopy::Zerocopy;

use crate::layout::Layout;
use crate::validity::{Bits, InvalidValue};

/// Implements [`SeqCopy`](trait@crate::SeqCopy) on behalf of a foreign type `T`: a local *descriptor* type lists its fields.
///
/// Derive it on a **list** of the fields, in any order, that names the type with `remote`. Fields of the described type then take
/// the option `with`; elsewhere (a lock of the type alone, an option, a generic argument) [`Remote<T, List>`](Remote) stands for it.
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
/// Nothing about the described type is taken on trust, so no `unsafe` is written for it. Offsets, size and alignment are those of the
/// type itself. It does not compile if the list misses a field, has one too many or of another type, if a field is private, if the
/// described type is a union, or `#[non_exhaustive]`, or not `Copy` (which is its author's consent to duplication, and excludes
/// drop glue). A version of the other crate that adds a field stops the build. Of enums, those without fields can be listed: the
/// compiler is asked for the number of each variant.
///
/// A field of the list may have the options that fields have elsewhere. [`unsafe(as = Type)`](trait@crate::SeqCopy#unsafe-options) among
/// them is your word about the type of that field, which is not proved: the lint `unsafe_code` sees it here, too.
///
/// With `derive(Validate)` on a `repr(C)` list, the compiler must also have laid the described type out in the way in which the
/// language lays out the list; if it has not, that is an error. Then the layout is [specified](Layout::is_specified), and a region
/// between processes may hold the type. See [`DescribeValid`] for what that means for fields with an invariant.
///
/// # Types with private fields
/// `#[seqcopy(unsafe(remote = Type))]` takes your word where the compiler can't look. The list then has to have the fields and the
/// repr of `Type`, private ones included, and may be an enum with fields. You promise what
/// [`unsafe(as = List)`](trait@crate::SeqCopy#unsafe-options) promises of a field, of every `Type`. Equal size and alignment, and the
/// absence of drop glue and, unless a type parameter hides it, of interior mutability are checked.
///
/// If the other crate supports `bytemuck` or `zerocopy`, no list is needed: the features of the same names have the descriptors
/// `Bytemuck` and `Zerocopy`. [`guide::payloads`](crate::guide::payloads) says for many types what to write.
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
    /// Where the data of a `T` lies.
    const LAYOUT: &'static Layout;
}

/// Says when bits from an untrusted source are a value of a type that is not yours: what [`Validate`](crate::Validate) says, spoken
/// by a second type.
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
/// All its fields are visible and writable where the list stands, so safe code could make any value that passes; the type can have
/// no invariant that memory safety depends on. A crate that keeps such an invariant in a `pub` field, hidden from its
/// documentation or not, is unsound by Rust's own rules, and this trait can't help that.
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

// What generated code calls.

/// Compiles for types whose author lets values be duplicated.
pub const fn consents<T: Copy>() {}

/// The bits of a described value, as those of its wrapper.
#[inline(always)]
#[must_use]
pub fn remote_bits<'a, T, D: Describe<T>>(bits: &Bits<'a, T>) -> Bits<'a, Remote<T, D>> {
    // SAFETY: the wrapper is transparent, and a data byte of one is a data byte of the other (P9 layout, I6 maybe-invalid).
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
