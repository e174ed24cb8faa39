//! [`MapKey`]: which types are keys of a map.

use seqcopy::layout::{Scalar, Shape};
use seqcopy::{Layout, Validate};

/// Types that can be keys of a map between processes: those that are [`Validate`] and `Eq`, and whose equal values have equal bytes.
///
/// Two keys are the same if their bytes are: a reader hashes and compares the bytes of its own key, and never trusts those that it
/// finds. So a key must have bytes that determine what it is, and nothing else. This is checked when the program is compiled, where a map is
/// opened or created:
///
/// * no padding: write a field for it (`reserved: [u8; 3]`), and choose the `N` of a [`SeqStr<N>`](seqcopy::SeqStr) or
///   [`SeqVec`](seqcopy::SeqVec) without any: for text a multiple of 4;
/// * no floating-point number, since 0.0 equals -0.0: use an integer, or its `to_bits`;
/// * no enum with fields: use a struct of a tag and fields;
/// * no skipped field.
///
/// Integers, `bool`, `char`, enums without fields, arrays and structs of these are keys. `Eq` itself is never called; it should mean
/// the same as equality of bytes. That of a `SeqStr` compares the text alone; after it are zeros, unless another process wrote
/// something else there, and then it is another key. That of a `SeqVec` compares the elements in use; after them is what was removed
/// from it, so build a key from nothing rather than with `pop`, `truncate` or `clear`.
///
/// ```
/// use seqcopy::{SeqCopy, SeqStr, Validate};
/// use seqcopy_shm::MapKey;
///
/// #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Route { network: [u8; 4], bits: u8, reserved: [u8; 3] }
///
/// fn is_key<K: MapKey>() {}
/// is_key::<Route>();
/// is_key::<SeqStr<28>>();
/// is_key::<[u64; 2]>();
/// ```
///
/// A key with padding is refused:
///
/// ```compile_fail,E0080
/// # use seqcopy::{SeqCopy, Validate};
/// # use seqcopy_shm::MapReader;
/// #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Route { network: u32, bits: u8 }
///
/// let reader = MapReader::<Route, u64>::open("/dev/shm/routes");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a key of a map between processes",
    label = "not a key",
    note = "a key is a type that derives `SeqCopy`, `Validate`, `PartialEq` and `Eq`, such as an integer, a `SeqStr<N>`, or a struct of such fields",
    note = "`String` and `&str` are not keys: use a `seqcopy::SeqStr<N>`",
    note = "floating-point numbers are not keys: use an integer, or `to_bits`"
)]
pub trait MapKey: Validate + Eq {}

#[diagnostic::do_not_recommend]
impl<K: Validate + Eq> MapKey for K {}

/// Stops the compilation if values of that type do not have bytes of their own.
#[track_caller]
pub(super) const fn assert_key(key: &Layout) {
    if let Some(why) = why_not_a_key(key) {
        panic!("{}", why);
    }
}

/// Why values of a type do not have bytes of their own, and what to do; `None` if they have.
pub(super) const fn why_not_a_key(key: &Layout) -> Option<&'static str> {
    if has_skipped(key) {
        return Some("a key of a map can't have skipped fields: a reader would not find them again: remove the field");
    }
    if key.has_enum_with_fields() {
        return Some(
            "a key of a map can't have an enum with fields, whose bytes depend on the variant: use a struct of a tag and fields",
        );
    }
    if key.has_pointers() {
        return Some(
            "a key of a map can't have a pointer, which means nothing in another process: use a number or a text",
        );
    }
    if !key.is_padding_free() {
        return Some(
            "a key of a map can't have padding, whose bytes are not part of it: write a field for it, such as `reserved: [u8; 3]`; for \
             a `SeqStr<N>` choose an `N` that is a multiple of 4",
        );
    }
    if has_float(key) {
        return Some(
            "a key of a map can't have a floating-point number, because 0.0 equals -0.0: use an integer, or its `to_bits`",
        );
    }
    None
}

const fn has_float(layout: &Layout) -> bool {
    match layout.shape() {
        Shape::Scalar(scalar) => matches!(scalar, Scalar::Float),
        Shape::Array { element, len, .. } => len > 0 && has_float(element),
        _ => {
            let fields = layout.fields();
            let mut i = 0;
            while i < fields.len() {
                if has_float(fields[i].layout()) {
                    return true;
                }
                i += 1;
            }
            false
        }
    }
}

const fn has_skipped(layout: &Layout) -> bool {
    match layout.shape() {
        Shape::Skipped => layout.size() > 0,
        Shape::Array { element, len, .. } => len > 0 && has_skipped(element),
        _ => {
            let fields = layout.fields();
            let mut i = 0;
            while i < fields.len() {
                if has_skipped(fields[i].layout()) {
                    return true;
                }
                i += 1;
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::assert_key;
    use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Padded(u32, u8);
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Floats([f32; 2]);

    /// Each is refused for its own reason.
    #[test]
    fn layouts_that_are_not_keys() {
        let refused = |layout: &'static seqcopy::Layout| {
            let panic = std::panic::catch_unwind(|| assert_key(layout)).unwrap_err();
            panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or(panic.downcast_ref::<String>().cloned())
                .unwrap()
        };
        assert!(refused(Padded::LAYOUT).contains("reserved: [u8; 3]"));
        assert!(refused(SeqStr::<7>::LAYOUT).contains("multiple of 4"));
        assert!(refused(Floats::LAYOUT).contains("to_bits"));
        assert!(refused(SeqOption::<u32>::LAYOUT).contains("enum with fields"));
        for layout in [u64::LAYOUT, <[bool; 3]>::LAYOUT, SeqStr::<12>::LAYOUT, char::LAYOUT] {
            assert_key(layout);
        }
    }
}
