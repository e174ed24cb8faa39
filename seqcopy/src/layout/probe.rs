//! [`Probe`]: an enum with fields, asked for its tags and offsets.
//!
//! `offset_of!` does not reach into variants on stable, so the derive writes down what it has read of the item, the runtime
//! computes offsets by the Reference's algorithm ([`place`](super::place), [`choice`](super::choice)), and the compiler is
//! asked whether it agrees, in the constant `LAYOUT` itself: memory of the enum's size takes the tag of each variant in turn,
//! a `match` by the enum's own patterns says which variant that is and binds its fields, and their addresses must be those of
//! the tree. An attribute macro below the derive that changes numbers, order or repr is an error then, at compile time.

#![allow(clippy::missing_panics_doc)] // they panic in constants: the message is the documentation

use core::mem::{Discriminant, ManuallyDrop, MaybeUninit, discriminant};

use super::query::{read_number, read_tag, variant_field, write_tag};
use super::{Layout, Shape, tag};

const OTHER: &str = "this enum is not the one that the derive has seen: put attributes that change its repr, its variants or their fields above the derive";

/// A place for a `T` that is asked about. All zeros but for the tag, so no `T` is ever made of it.
#[derive(Debug)]
pub struct Probe<T> {
    layout: &'static Layout,
    /// How many of the tree's tags were written.
    count: usize,
    image: MaybeUninit<T>,
}

/// Begins to ask.
///
/// A tag that is narrower than what was read leaves padding where data is expected. With an integer in the repr the width is
/// that of the discriminant; without one, the number that stands for `None` shows it:
///
/// ```compile_fail,E0080
/// use seqcopy::__private_0_1_0::{Probe, probe};
/// use seqcopy::SeqCopy;
///
/// #[derive(SeqCopy)]
/// #[repr(C, isize)]
/// enum Seen { Left(u64), Right(u64) }
///
/// // What an attribute macro below the derive could make of it.
/// #[repr(C)]
/// enum Found { Left(u64), Right(u64) }
///
/// const _: Probe<Found> = unsafe { probe(Seen::LAYOUT) };
/// ```
///
/// ```
/// # use seqcopy::__private_0_1_0::{Probe, probe};
/// # use seqcopy::SeqCopy;
/// # #[derive(SeqCopy)]
/// # #[repr(C, isize)]
/// # enum Seen { Left(u64), Right(u64) }
/// # #[repr(C, isize)]
/// # enum Found { Left(u64), Right(u64) }
/// const _: Probe<Found> = unsafe { probe(Seen::LAYOUT) };
/// ```
///
/// # Safety
/// The call, and every call with its result, is made in a constant. There the compiler refuses what would be undefined
/// behaviour of a program: a tag that no variant has, a byte of the tag that is padding.
#[must_use]
#[track_caller]
pub const unsafe fn probe<T>(layout: &'static Layout) -> Probe<T> {
    let Shape::Enum { tag, .. } = layout.shape else { panic!("not an enum with fields") };
    assert!(layout.size == size_of::<T>() && tag.size <= layout.size, "{}", OTHER);
    // A tag that is narrower in truth would have padding behind it, which is no data. The discriminant's type is that of the
    // repr; without an integer in the repr it is `isize`, and the tag may then be narrower than that.
    assert!(size_of::<Discriminant<T>>() == tag.size, "{}", OTHER);
    if tag.size == size_of::<isize>() && size_of::<Option<T>>() == size_of::<T>() {
        // `None` is then a number that is no variant's tag.
        let none = ManuallyDrop::new(None::<T>);
        // SAFETY: inside the `Option`, as was just asserted; a byte that is not initialised is an error of this constant (P4).
        let _ = unsafe { read_tag(tag, (&raw const none).cast()) };
    }
    Probe { layout, count: 0, image: MaybeUninit::zeroed() }
}

/// Writes the tag of the tree's next variant. `false`: all have been asked about.
#[must_use]
#[track_caller]
pub const fn next_tag<T>(probe: &mut Probe<T>) -> bool {
    let Shape::Enum { tag, variants, .. } = probe.layout.shape else { panic!("not an enum with fields") };
    if probe.count == variants.len() {
        return false;
    }
    let bits = variants[probe.count].bits(tag.size);
    // SAFETY: the tag's bytes lie inside the image, as `probe` has asserted (P9).
    unsafe { write_tag(tag, probe.image.as_mut_ptr().cast(), bits) };
    probe.count += 1;
    // The `match` on an enum of one variant reads no tag. This does, and a tag of no variant is an error.
    // SAFETY: in a constant, by the contract of `probe`: "What could break the argument" of docs/soundness.md.
    let _ = discriminant(unsafe { &*probe.image.as_ptr() });
    true
}

/// What the `match` looks at.
#[must_use]
pub const fn value<T>(probe: &Probe<T>) -> *const T {
    probe.image.as_ptr()
}

/// Asserts that the variant which the compiler sees, number `variant` of the tree, is the one whose tag was written.
#[track_caller]
pub const fn is_variant<T>(probe: &Probe<T>, variant: usize) {
    assert!(probe.count == variant + 1, "{}", OTHER);
}

/// Asserts that field `index` of that variant lies where the tree says.
///
/// # Safety
/// `field` points to a field of the [`value()`].
#[track_caller]
pub const unsafe fn lies<T, F>(probe: &Probe<T>, index: usize, field: *const F) {
    // SAFETY: both point into the image by this function's contract (P9).
    let offset = unsafe { field.byte_offset_from(probe.image.as_ptr()) };
    let expected = variant_field(probe.layout, probe.count - 1, index);
    assert!(offset >= 0 && offset.unsigned_abs() == expected, "{}", OTHER);
}

/// A variant of an enum without fields as the integer of its repr.
///
/// # Safety
/// `T` is such an enum and `I` an integer; or the call is made in a constant, where the compiler refuses to read padding.
#[must_use]
#[track_caller]
pub const unsafe fn number<T, I: Copy>(value: T) -> I {
    assert!(size_of::<T>() == size_of::<I>(), "{}", OTHER);
    let value = ManuallyDrop::new(value);
    // SAFETY: an enum without fields is an integer of its size (P14), and integers take any bits (P5).
    unsafe { (&raw const value).cast::<I>().read_unaligned() }
}

/// The number of a variant of an enum without fields whose repr is `C`, which has no integer type to be taken for.
///
/// With `repr(align)` from an attribute macro below the derive most of its bytes would be padding:
///
/// ```compile_fail,E0080
/// use seqcopy::__private_0_1_0::c_number;
///
/// #[repr(C, align(8))]
/// enum Mode { Idle }
///
/// const IDLE: i128 = unsafe { c_number(Mode::Idle, Mode::Idle as i128) };
/// # assert_eq!(IDLE, 0);
/// ```
///
/// ```
/// # use seqcopy::__private_0_1_0::c_number;
/// # #[repr(C)]
/// # enum Mode { Idle }
/// # const IDLE: i128 = unsafe { c_number(Mode::Idle, Mode::Idle as i128) };
/// # assert_eq!(IDLE, 0);
/// ```
///
/// # Safety
/// As for [`number`](number()), and `number` is the discriminant.
#[must_use]
#[track_caller]
pub const unsafe fn c_number<T>(value: T, number: i128) -> i128 {
    let value = ManuallyDrop::new(value);
    let size = size_of::<T>();
    assert!(matches!(size, 1 | 2 | 4 | 8), "{}", OTHER);
    // SAFETY: an enum without fields is an integer of its size (P14).
    let bits = unsafe { read_number(size, (&raw const value).cast()) };
    assert!(tag("", number).bits(size) == bits, "{}", OTHER);
    number
}
