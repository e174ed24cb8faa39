//! Compares a [`Layout`] with the [`Node`] of its type.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

use super::node::{Node, Part, Rule};

/// Whether the tree agrees with the compiler, at every level.
pub(super) fn check(node: &Node, layout: &'static Layout, path: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("`{path}`: {what}: {node:?} against {layout:?}"));
    if layout.size() != node.size() {
        return wrong("another size");
    }
    match (node, layout.shape()) {
        (Node::Leaf { rule, .. }, shape) => {
            let fits = match shape {
                Shape::Scalar(Scalar::Bool) => *rule == Rule::Bool,
                Shape::Scalar(Scalar::Char) => *rule == Rule::Char,
                Shape::Scalar(Scalar::NonZeroUnsigned | Scalar::NonZeroSigned) => *rule == Rule::NonZero,
                Shape::Plain => matches!(rule, Rule::Any | Rule::Bridged(_)),
                Shape::Scalar(_) => *rule == Rule::Any,
                _ => false,
            };
            if fits { Ok(()) } else { wrong("another kind of number") }
        }
        (Node::Pointer(pointee), Shape::Pointer { nullable, .. }) if pointee.nullable == nullable => Ok(()),
        (Node::Hole { .. }, Shape::Skipped) => Ok(()),
        (Node::Array { element, len, .. }, Shape::Array { element: other, len: other_len, .. })
            if *len == other_len =>
        {
            check(element, other, &format!("{path}[_]"))
        }
        (Node::Struct { name, fields, .. }, Shape::Struct { fields: others, .. }) if *name == layout.name() => {
            all(fields, others, 0, path)
        }
        (Node::Tags { name, variants, .. }, Shape::Tags { variants: others, .. }) => {
            let same = variants.iter().copied().eq(others.iter().map(|it| (it.name(), it.value())));
            if same && *name == layout.name() { Ok(()) } else { wrong("other tags") }
        }
        (Node::Choice { name, tag, variants, .. }, Shape::Enum { tag: other_tag, payload, variants: others, .. }) => {
            let named =
                variants.iter().map(|it| (it.name, it.value)).eq(others.iter().map(|it| (it.name(), it.value())));
            if !named || *name != layout.name() || *tag != other_tag.size() {
                return wrong("other variants");
            }
            for (variant, other) in variants.iter().zip(others) {
                all(&variant.fields, other.fields(), payload, &format!("{path}.{}", variant.name))?;
            }
            Ok(())
        }
        _ => wrong("something else"),
    }
}

fn all(parts: &[Part], fields: &'static [Field], payload: usize, path: &str) -> Result<(), String> {
    if parts.len() != fields.len() {
        return Err(format!("`{path}` has {} fields, the layout says {}", parts.len(), fields.len()));
    }
    for (part, field) in parts.iter().zip(fields) {
        let path = format!("{path}.{}", part.name);
        if (part.name, part.offset) != (field.name(), payload + field.offset()) {
            let offset = payload + field.offset();
            return Err(format!("`{path}` lies at {}, the layout says `{}` at {offset}", part.offset, field.name()));
        }
        check(&part.node, field.layout(), &path)?;
    }
    Ok(())
}

/// Compares what the layout says about the whole type.
pub(super) fn check_facts(node: &Node, layout: &'static Layout, align: usize) -> Result<(), String> {
    let all_data = !node.has_enum_with_fields() && node.map().iter().all(|&byte| byte != super::Byte::Hole);
    let facts = [
        ("align", layout.align() == align),
        ("has_pointers", layout.has_pointers() == node.has_pointers()),
        ("has_enum_with_fields", layout.has_enum_with_fields() == node.has_enum_with_fields()),
        ("is_padding_free", layout.is_padding_free() == all_data),
    ];
    match facts.iter().find(|(_, holds)| !holds) {
        Some((name, _)) => Err(format!("`{name}` is wrong: {layout:?}")),
        None => Ok(()),
    }
}
