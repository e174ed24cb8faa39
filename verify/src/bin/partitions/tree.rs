//! What a layout is made of, as the checker says it: nothing here comes from seqcopy.

/// A pointer's size, the widest access.
pub(crate) const WORD: usize = size_of::<usize>();

/// A type. Offsets count from its start, fields are in the order of declaration.
#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// This many bytes, all data.
    Data(usize),
    Pointer,
    Skipped(usize),
    Array(Box<Tree>, usize),
    Struct {
        size: usize,
        fields: Vec<(usize, Tree)>,
    },
    /// The tag lies at 0, and has this many bytes. In the layout, offsets of fields count from `payload`.
    Enum {
        size: usize,
        tag: usize,
        payload: usize,
        variants: Vec<Vec<(usize, Tree)>>,
    },
}

/// What a byte is. In an enum, the greatest of what it is in the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Byte {
    Padding,
    Skipped,
    Data,
    Pointer,
}

impl Byte {
    pub(crate) fn is_copied(self) -> bool {
        self >= Byte::Data
    }
}

impl Tree {
    /// A struct with these bytes, and a field for each stretch of equal ones that are not padding.
    pub(crate) fn of(bytes: &[Byte]) -> Tree {
        Tree::Struct { size: bytes.len(), fields: fields_of(bytes, 0) }
    }

    /// The same with a field for each byte. There are no pointers.
    pub(crate) fn of_single_bytes(bytes: &[Byte]) -> Tree {
        let fields = (0..bytes.len()).flat_map(|at| fields_of(&bytes[at..=at], at)).collect();
        Tree::Struct { size: bytes.len(), fields }
    }

    pub(crate) fn array(&self, len: usize) -> Tree {
        Tree::Array(Box::new(self.clone()), len)
    }

    pub(crate) fn size(&self) -> usize {
        match self {
            Tree::Data(size) | Tree::Skipped(size) | Tree::Struct { size, .. } | Tree::Enum { size, .. } => *size,
            Tree::Pointer => WORD,
            Tree::Array(element, len) => element.size() * len,
        }
    }

    /// Whether such a node occurs in it, itself included.
    pub(crate) fn any(&self, is: &impl Fn(&Tree) -> bool) -> bool {
        let in_fields = |fields: &[(usize, Tree)]| fields.iter().any(|(_, field)| field.any(is));
        is(self)
            || match self {
                Tree::Data(_) | Tree::Pointer | Tree::Skipped(_) => false,
                Tree::Array(element, _) => element.any(is),
                Tree::Struct { fields, .. } => in_fields(fields),
                Tree::Enum { variants, .. } => variants.iter().any(|fields| in_fields(fields)),
            }
    }

    pub(crate) fn has_pointers(&self) -> bool {
        self.any(&|tree| matches!(tree, Tree::Pointer))
    }

    pub(crate) fn has_enums(&self) -> bool {
        self.any(&|tree| matches!(tree, Tree::Enum { .. }))
    }

    /// Data and padding, and nothing else.
    pub(crate) fn is_data_and_padding(&self) -> bool {
        !self.any(&|tree| matches!(tree, Tree::Pointer | Tree::Skipped(1..) | Tree::Enum { .. }))
    }

    /// What each byte is.
    pub(crate) fn map(&self) -> Vec<Byte> {
        let mut map = vec![Byte::Padding; self.size()];
        self.paint(&mut map);
        map
    }

    /// Into the bytes of this tree.
    pub(crate) fn paint(&self, map: &mut [Byte]) {
        let mut all = |byte: Byte| map.iter_mut().for_each(|it| *it = byte.max(*it));
        match self {
            Tree::Data(_) => all(Byte::Data),
            Tree::Pointer => all(Byte::Pointer),
            Tree::Skipped(_) => all(Byte::Skipped),
            Tree::Array(element, len) => {
                let stride = element.size();
                (0..*len).for_each(|i| element.paint(&mut map[i * stride..(i + 1) * stride]));
            }
            Tree::Struct { fields, .. } => paint_all(fields, map),
            Tree::Enum { tag, variants, .. } => {
                map[..*tag].fill(Byte::Data);
                for fields in variants {
                    paint_all(fields, map);
                }
            }
        }
    }
}

fn paint_all(fields: &[(usize, Tree)], map: &mut [Byte]) {
    for (offset, field) in fields {
        field.paint(&mut map[*offset..*offset + field.size()]);
    }
}

/// A field for each stretch of equal bytes, which begin at `start`.
pub(crate) fn fields_of(bytes: &[Byte], start: usize) -> Vec<(usize, Tree)> {
    let (mut fields, mut at) = (Vec::new(), start);
    for stretch in bytes.chunk_by(|a, b| a == b) {
        match stretch[0] {
            Byte::Padding => {}
            Byte::Skipped => fields.push((at, Tree::Skipped(stretch.len()))),
            Byte::Data => fields.push((at, Tree::Data(stretch.len()))),
            Byte::Pointer => fields.extend((0..stretch.len() / WORD).map(|i| (at + i * WORD, Tree::Pointer))),
        }
        at += stretch.len();
    }
    fields
}
