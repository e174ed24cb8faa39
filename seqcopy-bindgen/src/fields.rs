//! [`Fields`]: by what a generated reader sees that a region's type begins with the fields of its own: hashes of parts of the schema, as it is
//! described at [`Layout::fingerprint`].

use seqcopy::Layout;
use seqcopy::layout::{Shape, fingerprint_of};

/// The bytes of a schema before the node: its title, pointer width and byte order.
const TITLE: usize = 26;

/// The fields of a struct, in a schema.
pub(super) struct Fields {
    /// The hash of what is before the size: the title, and the kind of a struct.
    pub(super) start: u64,
    pub(super) each: Vec<FieldHash>,
}

pub(super) struct FieldHash {
    pub(super) name: String,
    /// How many bytes of the schema it has.
    pub(super) len: usize,
    /// The hash of all fields up to it.
    pub(super) hash: u64,
}

impl Fields {
    /// `None` for what is not a struct of the user's.
    pub(super) fn of(layout: &Layout) -> Option<Fields> {
        let (Shape::Struct { fields, .. }, None) = (layout.shape(), layout.mark()) else { return None };
        let schema = layout.schema();
        let len = |name: &str, layout: &Layout| 8 + name.len() + 8 + (layout.schema().len() - TITLE);
        let lens: Vec<usize> = fields.iter().map(|field| len(field.name(), field.layout())).collect();
        let first = schema.len() - lens.iter().sum::<usize>();
        let mut end = first;
        let each = fields.iter().zip(lens).map(|(field, len)| {
            end += len;
            FieldHash { name: field.name().to_owned(), len, hash: fingerprint_of(&schema[first..end]) }
        });
        Some(Fields { each: each.collect(), start: fingerprint_of(&schema[..=TITLE]) })
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqStr};

    use super::*;

    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Old {
        at: [f64; 2],
        name: SeqStr<20>,
    }

    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct New {
        at: [f64; 2],
        name: SeqStr<20>,
        speed: f32,
    }

    #[test]
    fn a_type_that_has_grown_begins_with_the_same_hashes() {
        let [old, new] = [Old::LAYOUT, New::LAYOUT].map(|layout| Fields::of(layout).unwrap());
        assert_eq!(old.start, new.start);
        for (old, new) in old.each.iter().zip(&new.each) {
            assert_eq!((&old.name, old.len, old.hash), (&new.name, new.len, new.hash));
        }
        assert_eq!(new.each.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["at", "name", "speed"]);
        assert!(Fields::of(SeqStr::<4>::LAYOUT).is_none() && Fields::of(u32::LAYOUT).is_none());
    }
}
