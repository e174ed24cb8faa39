//! The derive's questions to the compiler, in constants. [`Probe`] checks the tags and offsets of an enum with fields.
//! The other functions construct the [`Layout`] of a type that another type describes (`remote`).
//!
//! `offset_of!` can't name a variant's fields on stable. So the derive writes down what it parsed, and the runtime
//! computes the offsets by the Reference's algorithm ([`place`](super::place),
//! [`enum_with_fields`](super::enum_with_fields)). The constant `LAYOUT` then checks the result against the compiler:
//! memory of the enum's size takes the tag of each variant in turn, a `match` with the enum's own patterns shows which
//! variant that is and binds its fields, and their addresses must be those of the tree. If an attribute macro below the
//! derive changes discriminants, order or repr, that is an error at compile time.

#![allow(clippy::missing_panics_doc)] // they panic in constants: the message is the documentation

use core::mem::{Discriminant, ManuallyDrop, MaybeUninit, discriminant, needs_drop};

use super::build::tag;
use super::names::same_text;
use super::node;
use super::number::{read_number, read_tag, write_tag};
use super::query::variant_field;
use super::tree::{Layout, Shape, Variant};

/// The name of plain bytes. Constants do not know the names of their type parameters, so no layout can name the type.
pub(crate) const UNNAMED: &str = "bytes";

const NO_ENUM: &str = "the described type is not an enum without fields that has a tag of 1, 2, 4 or 8 bytes: for an enum with fields use `unsafe(remote = ..)`; one that has a single variant and no bytes is a `()`";

/// This layout, under the name of the field's type if it is plain bytes without one.
#[must_use]
pub const fn named(name: &'static str, layout: &'static Layout) -> Layout {
    let is_unnamed = matches!(layout.shape, Shape::Plain) && same_text(layout.name, UNNAMED);
    layout.renamed(if is_unnamed { name } else { layout.name })
}

/// The layout of `T`, of which the author of the list promises that it is laid out like the list itself.
///
/// # Panics
/// If the compiler knows better. Called in constants, so that is a compile-time error.
#[must_use]
#[track_caller]
pub const fn vouched_remote<T>(name: &'static str, layout: &'static Layout) -> Layout {
    assert!(
        size_of::<T>() == layout.size && align_of::<T>() == layout.align,
        "`unsafe(remote = Type)`: this list and `Type` differ in size or alignment: give the list the fields and the repr of `Type`"
    );
    assert!(
        !needs_drop::<T>(),
        "a payload is duplicated bit by bit, so its type must not implement Drop: store plain data and own the resource elsewhere"
    );
    layout.renamed(name)
}

/// A foreign enum without fields, by the tags that the compiler has shown.
///
/// # Panics
/// If it has no tag. Called in constants, so that is a compile-time error.
#[must_use]
#[track_caller]
pub const fn remote_tags<T>(name: &'static str, signed: bool, specified: bool, variants: &'static [Variant]) -> Layout {
    assert!(matches!(size_of::<T>(), 1 | 2 | 4 | 8), "{}", NO_ENUM);
    let mut layout = node::leaf(name, size_of::<T>(), align_of::<T>(), Shape::Tags { signed, variants });
    layout.specified = specified;
    layout
}

/// A variant of a foreign enum, given its bits.
#[must_use]
#[allow(clippy::cast_possible_wrap)] // two's complement is what is meant
pub const fn remote_tag<T>(name: &'static str, signed: bool, bits: u64) -> Variant {
    let unused = 64_usize.saturating_sub(8 * size_of::<T>());
    // Shifting left and right again copies the sign into the upper bytes.
    let value = if signed { (((bits << unused) as i64) >> unused) as i128 } else { bits as i128 };
    tag(name, value)
}

/// The bytes of an enum without fields, as a number.
///
/// # Safety
/// The call is made in a constant, where the compiler refuses to read a byte that is not initialised; or all bytes are.
///
/// # Panics
/// If it has no tag. Called in constants, so that is a compile-time error.
#[must_use]
#[track_caller]
pub const unsafe fn tag_bits<T>(value: T) -> u64 {
    let value = ManuallyDrop::new(value);
    assert!(matches!(size_of::<T>(), 1 | 2 | 4 | 8), "{}", NO_ENUM);
    // SAFETY: inside the value, and initialised by this function's contract (P4 uninit); any bits are a valid integer
    // (P5 scalar).
    unsafe { read_number(size_of::<T>(), (&raw const value).cast()) }
}

impl Layout {
    const fn renamed(&self, name: &'static str) -> Layout {
        Layout { name, ..*self }
    }
}

const OTHER: &str = "this enum is not the one that the derive has seen: put attributes that change its repr, its variants or their fields above the derive";

/// The enum under test, as memory: zero except for the tag, so it is never used as a `T`.
#[derive(Debug)]
pub struct Probe<T> {
    layout: &'static Layout,
    /// The number of tags that have been written so far.
    count: usize,
    image: MaybeUninit<T>,
}

/// Starts a probe, and checks the width of the tag.
///
/// If the tag is narrower than the derive assumed, padding lies where data is expected. With an integer in the repr,
/// the tag is as wide as the discriminant. Without one, the number that represents `None` shows the width:
///
/// ```compile_fail,E0080
/// use seqcopy::__private_0_1_0::{Probe, probe};
/// use seqcopy::SeqCopy;
///
/// #[derive(SeqCopy)]
/// #[repr(C, isize)]
/// enum Seen { Left(u64), Right(u64) }
///
/// // What an attribute macro below the derive could turn it into.
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
/// This call, and every call with its result, is made in a constant. There the compiler refuses what at run time would
/// be undefined behaviour: a tag that no variant has, a byte of the tag that is padding.
#[must_use]
#[track_caller]
pub const unsafe fn probe<T>(layout: &'static Layout) -> Probe<T> {
    let Shape::Enum { tag, .. } = layout.shape else { panic!("not an enum with fields") };
    assert!(layout.size == size_of::<T>() && tag.size <= layout.size, "{}", OTHER);
    // If the actual tag is narrower, padding follows it, and padding is not data. The discriminant has the integer type
    // of the repr; without one it is an `isize`, and the tag may be narrower.
    assert!(size_of::<Discriminant<T>>() == tag.size, "{}", OTHER);
    if tag.size == size_of::<isize>() && size_of::<Option<T>>() == size_of::<T>() {
        // `None` then stands for a number that is not the tag of any variant.
        let none = ManuallyDrop::new(None::<T>);
        // SAFETY: inside the `Option`, by the assertion above; reading an uninitialised byte is an error of this
        // constant (P4 uninit).
        let _ = unsafe { read_tag(tag, (&raw const none).cast()) };
    }
    Probe { layout, count: 0, image: MaybeUninit::zeroed() }
}

/// Writes the tag of the tree's next variant. Returns `false` if there are no more.
#[must_use]
#[track_caller]
pub const fn next_tag<T>(probe: &mut Probe<T>) -> bool {
    let Shape::Enum { tag, variants, .. } = probe.layout.shape else { panic!("not an enum with fields") };
    if probe.count == variants.len() {
        return false;
    }
    let bits = variants[probe.count].bits(tag.size);
    // SAFETY: the tag's bytes lie inside the image, as `probe` asserted (P9 layout).
    unsafe { write_tag(tag, probe.image.as_mut_ptr().cast(), bits) };
    probe.count += 1;
    // A `match` on an enum with one variant reads no tag. This call reads it, and a tag without a variant is an error.
    // SAFETY: in a constant, by the contract of `probe`: "What could break the argument" of
    // docs/reference/soundness.md.
    let _ = discriminant(unsafe { &*probe.image.as_ptr() });
    true
}

/// The operand of the `match`.
#[must_use]
pub const fn value<T>(probe: &Probe<T>) -> *const T {
    probe.image.as_ptr()
}

/// Asserts that the variant that the `match` chose, number `variant` of the tree, is the one whose tag was written.
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
    // SAFETY: both point into the image by this function's contract (P9 layout).
    let offset = unsafe { field.byte_offset_from(probe.image.as_ptr()) };
    let expected = variant_field(probe.layout, probe.count - 1, index);
    assert!(offset >= 0 && offset.unsigned_abs() == expected, "{}", OTHER);
}

/// The discriminant of an enum without fields, as the integer of its repr.
///
/// # Safety
/// `T` is such an enum and `I` an integer; or the call is made in a constant, where the compiler refuses to read
/// padding.
#[must_use]
#[track_caller]
pub const unsafe fn number<T, I: Copy>(value: T) -> I {
    assert!(size_of::<T>() == size_of::<I>(), "{}", OTHER);
    let value = ManuallyDrop::new(value);
    // SAFETY: an enum without fields is an integer of its size (P14 tag), and integers take any bits (P5 scalar).
    unsafe { (&raw const value).cast::<I>().read_unaligned() }
}

/// The discriminant of an enum without fields whose repr is `C`, which names no integer type.
///
/// If an attribute macro below the derive adds `repr(align)`, most of the bytes are padding:
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
/// The contract of [`number`](number()), and `number` is the discriminant.
#[must_use]
#[track_caller]
pub const unsafe fn c_number<T>(value: T, number: i128) -> i128 {
    let value = ManuallyDrop::new(value);
    let size = size_of::<T>();
    assert!(matches!(size, 1 | 2 | 4 | 8), "{}", OTHER);
    // SAFETY: an enum without fields is an integer of its size (P14 tag).
    let bits = unsafe { read_number(size, (&raw const value).cast()) };
    assert!(tag("", number).bits(size) == bits, "{}", OTHER);
    number
}
