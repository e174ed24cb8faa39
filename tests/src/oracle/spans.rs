//! Which bytes lie in spans, by the rules of `seqcopy/docs/reference/soundness.md`.

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

use super::node::{Byte, Node, Part, Pointee, Rule, Variant};
use super::partition::LONG;

/// Which bytes of a type lie in spans, its padding there included.
#[must_use]
pub fn spans_of(layout: &'static Layout) -> Vec<bool> {
    spans(&described(layout))
}

/// Which bytes of a type are padding, of the type and not of a value: in no field, not even in a skipped one, nor in an
/// enum.
#[must_use]
pub fn padding_of(layout: &'static Layout) -> Vec<bool> {
    fn mark(node: &Node, is_padding: &mut [bool]) {
        match node {
            Node::Struct { fields, .. } => {
                for Part { offset, node, .. } in fields {
                    mark(node, &mut is_padding[*offset..offset + node.size()]);
                }
            }
            Node::Array { element, stride, .. } if *stride > 0 => {
                is_padding.chunks_mut(*stride).for_each(|bytes| mark(element, bytes));
            }
            _ => is_padding.fill(false),
        }
    }
    let mut is_padding = vec![true; layout.size()];
    mark(&described(layout), &mut is_padding);
    is_padding
}

/// A layout as a node. Names and rules are left out.
fn described(layout: &'static Layout) -> Node {
    fn parts(fields: &'static [Field], start: usize) -> Vec<Part> {
        let part = |field: &'static Field| Part {
            name: field.name(),
            offset: start + field.offset(),
            node: described(field.layout()),
        };
        fields.iter().map(part).collect()
    }
    let size = layout.size();
    match layout.shape() {
        Shape::Pointer { nullable, .. } => Node::Pointer(Pointee { nullable, follow: |_| 0 }),
        Shape::Skipped => Node::Hole { size },
        Shape::Array { element, len, .. } => {
            Node::Array { element: Box::new(described(element)), stride: element.size(), len }
        }
        Shape::Struct { fields, .. } => {
            Node::Struct { name: layout.name(), size, fields: parts(fields, 0), hooks: Vec::new() }
        }
        Shape::Enum { tag, payload, variants, .. } => {
            let variant = |variant: &'static seqcopy::layout::Variant| Variant {
                name: variant.name(),
                value: variant.value(),
                fields: parts(variant.fields(), payload),
            };
            let variants = variants.iter().map(variant).collect();
            Node::Choice { name: layout.name(), size, tag: tag.size(), variants, hooks: Vec::new() }
        }
        _ => Node::Leaf { size, rule: Rule::Any },
    }
}

/// Rule 6: which bytes lie in spans that are long enough for vectors.
pub(super) fn spans(node: &Node) -> Vec<bool> {
    let mut in_span = vec![false; node.size()];
    mark_spans(node, &mut in_span);
    in_span
}

fn mark_spans(node: &Node, in_span: &mut [bool]) {
    if node.size() == 0 {
        return;
    }
    if is_data_and_padding(node) {
        return mark_stretch(&node.map(), in_span);
    }
    match node {
        Node::Struct { fields, .. } => {
            // What is no such field separates those that are.
            let mut map = vec![Some(Byte::Hole); node.size()];
            for Part { offset, node, .. } in fields.iter().filter(|field| field.node.size() > 0) {
                let bytes = *offset..offset + node.size();
                if is_data_and_padding(node) {
                    for (byte, kind) in map[bytes].iter_mut().zip(node.map()) {
                        *byte = Some(kind);
                    }
                } else {
                    map[bytes.clone()].fill(None);
                    mark_spans(node, &mut in_span[bytes]);
                }
            }
            let mut at = 0;
            for stretch in map.split_inclusive(Option::is_none) {
                let kinds: Vec<Byte> = stretch.iter().copied().flatten().collect();
                mark_stretch(&kinds, &mut in_span[at..at + kinds.len()]);
                at += stretch.len();
            }
        }
        Node::Array { element, stride, .. } => {
            in_span.chunks_mut(*stride).for_each(|bytes| mark_spans(element, bytes));
        }
        _ => {}
    }
}

/// From the first byte of data to the last one, if there is a hole between them and they are long enough.
fn mark_stretch(map: &[Byte], in_span: &mut [bool]) {
    let is_data = |byte: &Byte| *byte == Byte::Data;
    let (Some(first), Some(last)) = (map.iter().position(is_data), map.iter().rposition(is_data)) else { return };
    let stretch = first..last + 1;
    if stretch.len() >= LONG && map[stretch.clone()].contains(&Byte::Hole) {
        in_span[stretch].fill(true);
    }
}

/// No pointer, no skipped field, no enum with fields.
fn is_data_and_padding(node: &Node) -> bool {
    !node.has_pointers() && !node.has_enum_with_fields() && !node.has_skipped()
}
