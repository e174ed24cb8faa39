//! Names of types, and the kinds that the command treats differently.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, are_numbered};
use seqcopy_shm::Schema;

/// The type's name, with its elements and parameters.
pub(super) fn type_name(layout: &Layout) -> String {
    match Schema::__slice_of(layout) {
        Some((_, element, _)) => format!("[{}]", element.type_name()),
        None => layout.type_name().to_string(),
    }
}

/// Whether the type is a number of which all bits are valid.
pub(super) fn is_number(layout: &Layout) -> bool {
    matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned | Scalar::Signed | Scalar::Float))
}

/// Whether it is `u8`.
pub(super) fn is_byte(layout: &Layout) -> bool {
    layout.size() == 1 && matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned))
}

/// The field of a newtype, whose values are shown like those of the field.
pub(super) fn newtype(layout: &Layout) -> Option<&Field> {
    match layout.shape() {
        Shape::Struct { fields: fields @ [only], .. } if are_numbered(fields) => Some(only),
        _ => None,
    }
}

/// Whether it is a `SeqOption`, whose values are shown like those of `Option`.
pub(super) fn is_option(layout: &Layout) -> bool {
    layout.option_of().is_some()
}
