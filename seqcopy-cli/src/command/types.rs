//! Types, as they are written and told apart.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

/// The type as one would write it.
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

/// Whether all bits of a type are a number.
pub(super) fn is_number(layout: &Layout) -> bool {
    matches!(layout.shape(), Shape::Scalar(Scalar::Unsigned | Scalar::Signed | Scalar::Float))
}

/// Whether they are the fields of a tuple.
pub(super) fn are_numbered(fields: &[Field]) -> bool {
    !fields.is_empty() && fields.iter().enumerate().all(|(i, field)| field.name().parse() == Ok(i))
}

/// Whether it is a `SeqOption`: its values are shown as those of `Option`.
pub(super) fn is_option(layout: &Layout) -> bool {
    layout.name() == "SeqOption"
        && match layout.variants() {
            [none, some] => {
                (none.name(), some.name()) == ("None", "Some") && none.fields().is_empty() && some.fields().len() == 1
            }
            _ => false,
        }
}
