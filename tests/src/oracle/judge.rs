//! Validates bits independently of seqcopy, and makes invalid ones.

use super::Rng;
use super::memory::{View, bytes_of};
use super::node::{Hook, Node, Part, Place, Rule, tag_bits};

/// The expected error of a validation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) offset: usize,
    pub(super) path: String,
    pub(super) found: u64,
    /// The message of a hook.
    pub(super) reason: Option<&'static str>,
}

/// Bytes that make valid bits invalid when they are written at the offset.
#[derive(Debug, Clone)]
pub(super) struct Corruption {
    pub(super) offset: usize,
    pub(super) bytes: Vec<u8>,
}

/// The first error in the bits, in the order in which fields are declared; a type's own checks come after those of its
/// fields.
pub(super) fn judge(node: &Node, view: View) -> Result<(), Refusal> {
    judge_at(node, view, 0, "")
}

fn judge_at(node: &Node, view: View, at: usize, path: &str) -> Result<(), Refusal> {
    let refuse = |found, reason| Err(Refusal { offset: at, path: path.to_owned(), found, reason });
    match node {
        Node::Leaf { rule: Rule::Any, .. } | Node::Hole { .. } => Ok(()),
        Node::Leaf { size, rule: Rule::Bridged(rule) } => {
            let result = judge_at(&Node::Leaf { size: *size, rule: **rule }, view, at, path);
            result.map_err(|refusal| Refusal { found: 0, ..refusal })
        }
        Node::Leaf { size, rule: Rule::NonZero } => {
            if (at..at + size).all(|at| view.byte(at) == 0) {
                refuse(0, None)
            } else {
                Ok(())
            }
        }
        Node::Leaf { size, rule } => {
            let found = view.number(at, *size);
            let fits = match rule {
                Rule::Bool => found <= 1,
                _ => found < 0xd800 || (0xe000..=0x10_ffff).contains(&found),
            };
            if fits { Ok(()) } else { refuse(found, None) }
        }
        Node::Pointer(_) => unreachable!("pointers are never validated"),
        Node::Array { element, stride, len } => {
            if matches!(**element, Node::Leaf { rule: Rule::Any, .. }) {
                return Ok(());
            }
            (0..*len).try_for_each(|i| judge_at(element, view, at + i * stride, &format!("{path}[{i}]")))
        }
        Node::Struct { fields, hooks, .. } => {
            judge_all(fields, view, at, path)?;
            judge_hooks(hooks, node, view, at, path)
        }
        Node::Tags { size, variants, hooks, .. } => {
            let found = view.number(at, *size);
            if variants.iter().all(|&(_, value)| tag_bits(value, *size) != found) {
                return refuse(found, None);
            }
            judge_hooks(hooks, node, view, at, path)
        }
        Node::Choice { tag, hooks, .. } => {
            let Some(variant) = node.variant_at(view, at) else {
                return refuse(view.number(at, *tag), None);
            };
            judge_all(&variant.fields, view, at, &join(path, variant.name))?;
            judge_hooks(hooks, node, view, at, path)
        }
    }
}

fn judge_all(fields: &[Part], view: View, at: usize, path: &str) -> Result<(), Refusal> {
    fields.iter().try_for_each(|field| judge_at(&field.node, view, at + field.offset, &join(path, field.name)))
}

fn judge_hooks(hooks: &[Hook], node: &Node, view: View, at: usize, path: &str) -> Result<(), Refusal> {
    for hook in hooks {
        if checked_by(node, hook, view, at).is_some_and(|(at, size)| view.number(at, size) == hook.poison) {
            return Err(Refusal { offset: at, path: path.to_owned(), found: 0, reason: Some(hook.reason) });
        }
    }
    Ok(())
}

/// Offset and size of the number that a hook checks, unless it belongs to another variant.
fn checked_by(node: &Node, hook: &Hook, view: View, at: usize) -> Option<(usize, usize)> {
    let field = match (node, hook.place) {
        (Node::Tags { size, .. }, Place::Tag) => return Some((at, *size)),
        (Node::Struct { fields, .. }, Place::Field(index)) => &fields[index],
        (Node::Choice { variants, .. }, Place::VariantField(variant, index)) => {
            let active = node.variant_at(view, at)?;
            if active.value != variants[variant].value {
                return None;
            }
            &active.fields[index]
        }
        _ => panic!("a hook for another kind of type"),
    };
    Some((at + field.offset, field.node.size()))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// One corruption for each part of the value at `at` that has a rule.
pub(super) fn corruptions(node: &Node, view: View, at: usize, rng: &mut Rng, into: &mut Vec<Corruption>) {
    match node {
        Node::Leaf { rule: Rule::Any, .. } | Node::Hole { .. } | Node::Pointer(_) => {}
        Node::Leaf { size, rule } => {
            let rule = if let Rule::Bridged(rule) = rule { rule } else { rule };
            let bytes = match rule {
                Rule::Bool => bytes_of(*rng.pick(&[2, 3, 0x7f, 0x80, 0xfe, 0xff]), 1),
                Rule::Char => bytes_of(*rng.pick(&[0xd800, 0xdfff, 0x11_0000, 0xffff_ffff, 0x8000_0061, 0xdabc]), 4),
                _ => vec![0; *size],
            };
            into.push(Corruption { offset: at, bytes });
        }
        Node::Array { element, stride, len } => {
            if !matches!(**element, Node::Leaf { rule: Rule::Any, .. }) && *stride != 0 {
                (0..*len).for_each(|i| corruptions(element, view, at + i * stride, rng, into));
            }
        }
        Node::Struct { fields, hooks, .. } => {
            for field in fields {
                corruptions(&field.node, view, at + field.offset, rng, into);
            }
            poison(hooks, node, view, at, into);
        }
        Node::Tags { size, variants, hooks, .. } => {
            let known: Vec<u64> = variants.iter().map(|&(_, value)| tag_bits(value, *size)).collect();
            into.extend(other_tag(&known, *size, rng).map(|bytes| Corruption { offset: at, bytes }));
            poison(hooks, node, view, at, into);
        }
        Node::Choice { tag, variants, hooks, .. } => {
            let known: Vec<u64> = variants.iter().map(|it| tag_bits(it.value, *tag)).collect();
            into.extend(other_tag(&known, *tag, rng).map(|bytes| Corruption { offset: at, bytes }));
            let active = node.variant_at(view, at).expect("a valid value");
            for field in &active.fields {
                corruptions(&field.node, view, at + field.offset, rng, into);
            }
            poison(hooks, node, view, at, into);
        }
    }
}

fn poison(hooks: &[Hook], node: &Node, view: View, at: usize, into: &mut Vec<Corruption>) {
    for hook in hooks {
        if let Some((offset, size)) = checked_by(node, hook, view, at) {
            into.push(Corruption { offset, bytes: bytes_of(hook.poison, size) });
        }
    }
}

/// Bits that are not a tag, preferably close to one; `None` if all bits are tags.
fn other_tag(known: &[u64], size: usize, rng: &mut Rng) -> Option<Vec<u8>> {
    for _ in 0..1000 {
        let near = *rng.pick(known);
        let bits = match rng.below(5) {
            0 => near.wrapping_add(1),
            1 => near.wrapping_sub(1),
            // The same but for one bit, which may be in the last byte.
            2 | 3 => near ^ (1 << rng.below(8 * size)),
            _ => rng.bits(),
        };
        let bits = tag_bits(i128::from(bits), size);
        if !known.contains(&bits) {
            return Some(bytes_of(bits, size));
        }
    }
    None
}
