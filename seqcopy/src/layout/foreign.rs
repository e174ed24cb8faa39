//! The constructors of [`Layout`] for types that another type describes (`remote`), called in constants.

use core::mem::{ManuallyDrop, needs_drop};

use super::build::tag;
use super::names::same_text;
use super::node;
use super::query::read_number;
use super::tree::{Layout, Shape, Variant};

/// The name of plain bytes whose type no layout can name: constants do not know the names of their type parameters.
pub(crate) const UNNAMED: &str = "bytes";

const NO_ENUM: &str = "the described type is not an enum without fields that has a tag of 1, 2, 4 or 8 bytes: for an enum with fields use `unsafe(remote = ..)`; one that has a single variant and no bytes is a `()`";

/// The same layout, under the name of the field's type if it is plain bytes without one.
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
    // Shifted up and down again, the sign fills the upper bytes.
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
    // SAFETY: inside the value, and initialised by this function's contract (P4 uninit); any bits are a valid integer (P5 scalar).
    unsafe { read_number(size_of::<T>(), (&raw const value).cast()) }
}

impl Layout {
    const fn renamed(&self, name: &'static str) -> Layout {
        Layout { name, ..*self }
    }
}
