//! [`Node`]: the description of a type, and the kinds of its bytes.

use super::memory::View;

/// The description of a type.
#[derive(Clone, Debug)]
pub enum Node {
    /// A number, `bool` or `char`.
    Leaf {
        /// Its size in bytes.
        size: usize,
        /// Which bits are valid.
        rule: Rule,
    },
    /// A thin pointer.
    Pointer(Pointee),
    /// A skipped field.
    Hole {
        /// Its size in bytes.
        size: usize,
    },
    /// An array.
    Array {
        /// The description of an element.
        element: Box<Node>,
        /// The size of an element in bytes.
        stride: usize,
        /// The number of elements.
        len: usize,
    },
    /// Fields at fixed offsets, in the order of declaration.
    Struct {
        /// The name of the type.
        name: &'static str,
        /// `size_of`.
        size: usize,
        /// The fields.
        fields: Vec<Part>,
        /// The type's own checks.
        hooks: Vec<Hook>,
    },
    /// An enum without fields.
    Tags {
        /// The name of the type.
        name: &'static str,
        /// `size_of`.
        size: usize,
        /// Names and discriminants.
        variants: Vec<(&'static str, i128)>,
        /// The type's own checks.
        hooks: Vec<Hook>,
    },
    /// An enum with fields. Its tag is at its start.
    Choice {
        /// The name of the type.
        name: &'static str,
        /// `size_of`.
        size: usize,
        /// The size of the tag in bytes.
        tag: usize,
        /// The variants.
        variants: Vec<Variant>,
        /// The type's own checks.
        hooks: Vec<Hook>,
    },
}

/// Which bits of a number are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Any.
    Any,
    /// 0 or 1.
    Bool,
    /// A Unicode scalar value.
    Char,
    /// Not 0.
    NonZero,
    /// As this rule says; checked by another crate, which does not say what it found.
    Bridged(&'static Rule),
}

/// What a pointer points to.
#[derive(Clone, Copy, Debug)]
pub struct Pointee {
    /// Whether it may be null.
    pub nullable: bool,
    /// Dereferences the pointer and identifies its target. Not called for null.
    pub follow: fn(*const ()) -> u64,
}

/// A field.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name, without `r#`.
    pub name: &'static str,
    /// From the start of the type, even in an enum.
    pub offset: usize,
    /// The description of its type.
    pub node: Node,
}

/// A variant of an enum with fields.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// Its discriminant.
    pub value: i128,
    /// Its fields.
    pub fields: Vec<Part>,
}

/// A type's own check, of a kind that can be described: one number must not have certain bits.
#[derive(Clone, Copy, Debug)]
pub struct Hook {
    /// The number.
    pub place: Place,
    /// The bits that it must not have.
    pub poison: u64,
    /// The message of the check.
    pub reason: &'static str,
}

/// The number that a hook checks.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// A field of a struct.
    Field(usize),
    /// A field of a variant.
    VariantField(usize, usize),
    /// The tag of an enum without fields.
    Tag,
}

/// The kind of a byte of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Byte {
    /// Data in no value.
    Hole,
    /// Data in some value.
    Data,
    /// Part of a pointer in some value.
    Pointer,
}

/// Bytes that are data in a given value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Active {
    pub(super) offset: usize,
    pub(super) size: usize,
    pub(super) pointee: Option<Pointee>,
}

impl Node {
    /// `size_of` the type.
    #[must_use]
    pub fn size(&self) -> usize {
        match *self {
            Node::Leaf { size, .. }
            | Node::Hole { size }
            | Node::Struct { size, .. }
            | Node::Tags { size, .. }
            | Node::Choice { size, .. } => size,
            Node::Pointer(_) => size_of::<*const ()>(),
            Node::Array { stride, len, .. } => stride * len,
        }
    }

    /// The same type with checks of its own.
    ///
    /// # Panics
    /// If it is neither a struct nor an enum.
    #[must_use]
    pub fn with_hooks(mut self, all: Vec<Hook>) -> Self {
        match &mut self {
            Node::Struct { hooks, .. } | Node::Tags { hooks, .. } | Node::Choice { hooks, .. } => *hooks = all,
            _ => panic!("only structs and enums have hooks"),
        }
        self
    }

    /// The kind of each byte of the type.
    #[must_use]
    pub fn map(&self) -> Vec<Byte> {
        let mut map = vec![Byte::Hole; self.size()];
        self.mark(0, &mut map);
        map
    }

    fn mark(&self, at: usize, map: &mut [Byte]) {
        let mut put = |byte: Byte, size: usize| {
            for it in &mut map[at..at + size] {
                *it = byte.max(*it);
            }
        };
        match self {
            Node::Leaf { size, .. } | Node::Tags { size, .. } => put(Byte::Data, *size),
            Node::Pointer(_) => put(Byte::Pointer, size_of::<*const ()>()),
            Node::Hole { .. } => {}
            Node::Array { element, stride, len } => {
                if *stride != 0 {
                    (0..*len).for_each(|i| element.mark(at + i * stride, map));
                }
            }
            Node::Struct { fields, .. } => mark_all(fields, at, map),
            Node::Choice { tag, variants, .. } => {
                put(Byte::Data, *tag);
                for variant in variants {
                    mark_all(&variant.fields, at, map);
                }
            }
        }
    }

    /// The bytes that are data in the value at `at`, each once.
    pub(super) fn active(&self, view: View, at: usize, each: &mut dyn FnMut(Active)) {
        match self {
            Node::Leaf { size, .. } | Node::Tags { size, .. } => {
                each(Active { offset: at, size: *size, pointee: None });
            }
            Node::Pointer(pointee) => {
                each(Active { offset: at, size: size_of::<*const ()>(), pointee: Some(*pointee) });
            }
            Node::Hole { .. } => {}
            Node::Array { element, stride, len } => match **element {
                _ if *stride == 0 => {}
                Node::Leaf { .. } => each(Active { offset: at, size: stride * len, pointee: None }),
                _ => (0..*len).for_each(|i| element.active(view, at + i * stride, each)),
            },
            Node::Struct { fields, .. } => active_of(fields, view, at, each),
            Node::Choice { tag, .. } => {
                each(Active { offset: at, size: *tag, pointee: None });
                let variant = self.variant_at(view, at).expect("a value has a tag that names a variant");
                active_of(&variant.fields, view, at, each);
            }
        }
    }

    /// The variant that the tag names, if this is an enum with fields.
    pub(super) fn variant_at(&self, view: View, at: usize) -> Option<&Variant> {
        match self {
            Node::Choice { tag, variants, .. } => {
                let found = view.number(at, *tag);
                variants.iter().find(|variant| tag_bits(variant.value, *tag) == found)
            }
            _ => None,
        }
    }

    /// What lies at a path of numbers of fields and indices of elements, and at which offset. Plain bytes count as an
    /// array of elements of `size` bytes.
    pub(super) fn descend(&self, path: &[usize], size: usize) -> (usize, Node) {
        let Some((&step, rest)) = path.split_first() else { return (0, self.clone()) };
        let (at, (offset, node)) = match self {
            Node::Struct { fields, .. } => (fields[step].offset, fields[step].node.descend(rest, size)),
            Node::Array { element, stride, len } if step < *len => (step * stride, element.descend(rest, size)),
            Node::Leaf { size: all, .. } if (step + 1) * size <= *all => {
                (step * size, Node::Leaf { size, rule: Rule::Any }.descend(rest, size))
            }
            _ => panic!("the test is wrong about a step to {step} in {self:?}"),
        };
        (at + offset, node)
    }

    /// Whether an enum with fields occurs in the type, even in an empty array.
    pub(super) fn has_enum_with_fields(&self) -> bool {
        self.any(&|node| matches!(node, Node::Choice { .. }))
    }

    /// Whether a pointer occurs in the type, even in an empty array.
    pub(super) fn has_pointers(&self) -> bool {
        self.any(&|node| matches!(node, Node::Pointer(_)))
    }

    /// Whether a skipped field occurs in the type, even in an empty array.
    pub(super) fn has_skipped(&self) -> bool {
        self.any(&|node| matches!(node, Node::Hole { size: 1.. }))
    }

    fn any(&self, is: &dyn Fn(&Node) -> bool) -> bool {
        let in_fields = |fields: &[Part]| fields.iter().any(|field| field.node.any(is));
        is(self)
            || match self {
                Node::Array { element, .. } => element.any(is),
                Node::Struct { fields, .. } => in_fields(fields),
                Node::Choice { variants, .. } => variants.iter().any(|variant| in_fields(&variant.fields)),
                Node::Leaf { .. } | Node::Pointer(_) | Node::Hole { .. } | Node::Tags { .. } => false,
            }
    }
}

fn mark_all(fields: &[Part], at: usize, map: &mut [Byte]) {
    for field in fields {
        field.node.mark(at + field.offset, map);
    }
}

fn active_of(fields: &[Part], view: View, at: usize, each: &mut dyn FnMut(Active)) {
    for field in fields {
        field.node.active(view, at + field.offset, each);
    }
}

/// A discriminant as a tag of `size` bytes.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement
pub(super) fn tag_bits(value: i128, size: usize) -> u64 {
    let bits = value as u64;
    if size >= 8 { bits } else { bits & ((1 << (8 * size)) - 1) }
}
