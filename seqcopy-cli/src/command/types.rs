//! Names of types, and the kinds that the command treats differently.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

/// The type's name, with its elements and parameters.
pub(super) fn type_name(layout: &Layout) -> String {
    match layout.shape() {
        Shape::Array { element, len } => format!("[{}; {len}]", type_name(element)),
        Shape::Skipped => "skipped".to_owned(),
        Shape::Enum { variants: [_, some], .. } if is_option(layout) => {
            format!("SeqOption<{}>", type_name(some.fields()[0].layout()))
        }
        _ => layout.name().to_owned(),
    }
}

/// Whether the type is a number of which all bits are valid.
pub(super) fn is_number(layout: &Layout) -> bool {
    matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned | Scalar::Signed | Scalar::Float))
}

/// Whether they are the fields of a tuple.
pub(super) fn are_numbered(fields: &[Field]) -> bool {
    !fields.is_empty() && fields.iter().enumerate().all(|(i, field)| field.name().parse() == Ok(i))
}

/// Whether it is a `SeqOption`, whose values are shown like those of `Option`.
pub(super) fn is_option(layout: &Layout) -> bool {
    layout.name() == "SeqOption"
        && match layout.variants() {
            [none, some] => {
                (none.name(), some.name()) == ("None", "Some") && none.fields().is_empty() && some.fields().len() == 1
            }
            _ => false,
        }
}
