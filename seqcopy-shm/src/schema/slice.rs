//! The schema of a slice: that of a `SeqVec` whose capacity is known at run time only.

use seqcopy::layout::Mark;
use seqcopy::{SeqVec, Validate};

use super::Schema;
use super::from_schema::OwnedLayout;
use super::parse::{Kind, Node};

impl Schema {
    /// The schema of a `SeqVec` with space for so many elements; `None` if there can be no such type.
    pub(crate) fn of_slice<T: Validate>(capacity: usize) -> Option<Schema> {
        u32::try_from(capacity).ok()?;
        let mut tree = Schema::of::<SeqVec<T, 1>>().0.tree.clone();
        let Kind::Struct { fields, .. } = &mut tree.kind else { return None };
        let elements = fields.last_mut()?;
        let Kind::Array { len, .. } = &mut elements.node.kind else { return None };
        *len = capacity;
        elements.node.size = size_of::<T>().checked_mul(capacity)?;
        tree.size = elements.offset.checked_add(elements.node.size)?.checked_next_multiple_of(tree.align)?;
        isize::try_from(tree.size).ok()?;
        Some(Schema::of_layout(OwnedLayout::of(&tree).get()))
    }

    /// The capacity, if this is the schema of a `SeqVec`.
    pub(crate) fn capacity(&self) -> Option<usize> {
        match &self.0.tree {
            Node { mark: Some(Mark::List), kind: Kind::Struct { fields, .. }, .. } => match fields.last()?.node.kind {
                Kind::Array { len, .. } => Some(len),
                _ => None,
            },
            _ => None,
        }
    }
}
