//! [`SchemaBuilder`] makes the schema of a type that no Rust program has, such as a struct in C or an array in Python.

#[cfg(test)]
mod tests;
mod type_text;

use std::sync::Arc;

use crate::schema::{MAX_DEPTH, Schema, SchemaError, check_len};
use seqcopy::layout::SCHEMA_START;

/// A type that is described at run time, laid out as in C. What is built is checked as any schema is.
///
/// ```
/// use seqcopy::{SeqCopy, Validate};
/// use seqcopy_shm::{Schema, SchemaBuilder};
///
/// #[derive(SeqCopy, Validate)]
/// #[repr(C)]
/// struct Quote { open: bool, at: u64, side: Side, levels: [f32; 5] }
///
/// #[derive(SeqCopy, Validate)]
/// #[repr(u8)]
/// enum Side { Buy, Sell }
///
/// let number = |name| SchemaBuilder::number(name).expect("a number");
/// let side = SchemaBuilder::tags("Side", &number("u8"), &[("Buy", 0), ("Sell", 1)]);
/// let quote = SchemaBuilder::structure(
///     "Quote",
///     &[("open", number("bool")), ("at", number("u64")), ("side", side), ("levels", number("f32").array(5))],
/// );
/// assert_eq!(quote.build(), Ok(Schema::of::<Quote>()));
/// ```
#[derive(Debug, Clone)]
pub struct SchemaBuilder {
    code: u8,
    node: Arc<Node>,
    size: usize,
    align: usize,
}

/// A described type, as a part of a schema. Parts are shared. If each type contains the previous one twice, the length
/// of the schema doubles each time, and it is refused before any of it is written.
#[derive(Debug, Clone, Default)]
struct Node {
    parts: Vec<Part>,
    /// The length of the type in bytes of the schema, with all of its parts.
    len: usize,
    /// The depth of nesting.
    depth: usize,
}

#[derive(Debug, Clone)]
enum Part {
    Bytes(Vec<u8>),
    Type(Arc<Node>),
    Schema(Schema),
}

impl Node {
    fn add(&mut self, bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len());
        match self.parts.last_mut() {
            Some(Part::Bytes(last)) => last.extend_from_slice(bytes),
            _ => self.parts.push(Part::Bytes(bytes.to_vec())),
        }
    }

    fn write_to(&self, bytes: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Bytes(own) => bytes.extend_from_slice(own),
                Part::Type(node) => node.write_to(bytes),
                Part::Schema(schema) => bytes.extend_from_slice(node_of(schema)),
            }
        }
    }
}

/// The bytes of a schema after its beginning, which contains its length, the width of pointers, and the byte order.
fn node_of(schema: &Schema) -> &[u8] {
    &schema.as_bytes()[8 + SCHEMA_START.len() + 2..]
}

/// The next multiple of an alignment. A number that is too large is refused when the schema is built.
fn aligned(at: usize, align: usize) -> usize {
    at.checked_next_multiple_of(align).unwrap_or(usize::MAX)
}

impl SchemaBuilder {
    fn node(code: u8, size: usize, align: usize) -> SchemaBuilder {
        let mut all = SchemaBuilder { code, node: Arc::default(), size, align };
        all.add(&[code]);
        all.add_number(size);
        all.add_number(align);
        all
    }

    fn add(&mut self, bytes: &[u8]) {
        // A type that is too deep is refused, whatever else is wrong with it.
        if self.node.depth <= MAX_DEPTH {
            Arc::make_mut(&mut self.node).add(bytes);
        }
    }

    fn add_number(&mut self, number: usize) {
        self.add(&(number as u64).to_le_bytes());
    }

    fn add_text(&mut self, text: &str) {
        self.add_number(text.len());
        self.add(text.as_bytes());
    }

    fn add_type(&mut self, inner: &SchemaBuilder) {
        if self.node.depth > MAX_DEPTH || inner.node.depth > MAX_DEPTH {
            // No deeper type is constructed, because each level needs stack space, even to be dropped.
            self.node = if self.node.depth > MAX_DEPTH { &self.node } else { &inner.node }.clone();
            return;
        }
        let node = Arc::make_mut(&mut self.node);
        node.len = node.len.saturating_add(inner.node.len);
        node.depth = node.depth.max(inner.node.depth + 1);
        node.parts.push(Part::Type(inner.node.clone()));
    }

    /// A number by the name of its type in Rust: from `u8` to `u128` and `i8` to `i128`, `f32`, `f64`, `bool`, `char`,
    /// and `NonZeroU8` or `NonZero<u8>` and so on. `None` for other names.
    ///
    /// ```
    /// # use seqcopy_shm::{Schema, SchemaBuilder};
    /// assert_eq!(SchemaBuilder::number("i16").unwrap().build(), Ok(Schema::of::<i16>()));
    /// assert!(SchemaBuilder::number("String").is_none());
    /// ```
    #[must_use]
    pub fn number(name: &str) -> Option<SchemaBuilder> {
        let (code, bits) = match name {
            "bool" => (b'b', "8"),
            "char" => (b'c', "32"),
            "f32" | "f64" => (b'f', &name[1..]),
            _ => match name.strip_prefix("NonZero") {
                Some(rest) if rest.starts_with('U') => (b'n', &rest[1..]),
                Some(rest) if rest.starts_with('I') => (b'm', &rest[1..]),
                // `NonZero<u8>` is another name of `NonZeroU8`.
                Some(rest) => match rest.strip_prefix('<')?.strip_suffix('>')?.split_at_checked(1)? {
                    ("u", bits) => (b'n', bits),
                    ("i", bits) => (b'm', bits),
                    _ => return None,
                },
                None if name.starts_with('u') => (b'u', &name[1..]),
                None if name.starts_with('i') => (b'i', &name[1..]),
                _ => return None,
            },
        };
        let size = match bits {
            "8" => 1,
            "16" => 2,
            "32" => 4,
            "64" => 8,
            "128" => 16,
            _ => return None,
        };
        // Numbers of 16 bytes are aligned to 16 on the targets that have regions.
        Some(Self::node(code, size, size))
    }

    /// An array of such values.
    #[must_use]
    pub fn array(&self, len: usize) -> SchemaBuilder {
        let mut array = Self::node(b'[', self.size.saturating_mul(len), self.align);
        array.add_number(len);
        array.add_type(self);
        array
    }

    /// A struct as C and `repr(C)` lay it out.
    #[must_use]
    pub fn structure(name: &str, fields: &[(&str, SchemaBuilder)]) -> SchemaBuilder {
        let (mut end, mut align) = (0usize, 1);
        let mut placed = Vec::new();
        for (name, field) in fields {
            let offset = aligned(end, field.align);
            placed.push((*name, offset, field.clone()));
            end = offset.saturating_add(field.size);
            align = align.max(field.align);
        }
        Self::structure_at(name, aligned(end, align), align, &placed)
    }

    /// A struct whose fields lie at these offsets.
    ///
    /// ```
    /// # use seqcopy_shm::SchemaBuilder;
    /// let number = SchemaBuilder::number("u32").unwrap();
    /// let packed = SchemaBuilder::structure_at("Packed", 5, 1, &[("at", 1, number)]).build().unwrap();
    /// assert_eq!(packed.layout().fields()[0].offset(), 1);
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn structure_at(
        name: &str,
        size: usize,
        align: usize,
        fields: &[(&str, usize, SchemaBuilder)],
    ) -> SchemaBuilder {
        Self::marked(b'{', name, size, align, fields)
    }

    fn marked(code: u8, name: &str, size: usize, align: usize, fields: &[(&str, usize, SchemaBuilder)]) -> Self {
        let mut all = Self::node(code, size, align);
        all.add_text(name);
        all.add_fields(fields);
        all
    }

    fn add_fields(&mut self, fields: &[(&str, usize, SchemaBuilder)]) {
        self.add_number(fields.len());
        for (name, offset, field) in fields {
            self.add_text(name);
            self.add_number(*offset);
            self.add_type(field);
        }
    }

    /// An enum without fields, whose tags are such numbers.
    #[must_use]
    pub fn tags(name: &str, tag: &SchemaBuilder, variants: &[(&str, i64)]) -> SchemaBuilder {
        let mut all = Self::node(if tag.code == b'i' { b'd' } else { b'e' }, tag.size, tag.align);
        all.add_text(name);
        all.add_number(variants.len());
        for (name, value) in variants {
            all.add_text(name);
            all.add(&value.to_le_bytes());
            all.add_number(0);
        }
        all
    }

    /// An enum by names alone: the tags are `u8`, from 0 on; of more than 256 variants, `u16`.
    ///
    /// ```
    /// # use seqcopy_shm::SchemaBuilder;
    /// let side = SchemaBuilder::names("Side", &["Buy", "Sell"]).build().unwrap();
    /// assert_eq!((side.layout().size(), side.layout().type_name().to_string()), (1, "Side".to_owned()));
    /// ```
    #[must_use]
    pub fn names(name: &str, variants: &[&str]) -> SchemaBuilder {
        let width = if variants.len() <= 256 { 1 } else { 2 };
        let variants: Vec<_> = variants.iter().copied().zip(0..).collect();
        Self::tags(name, &Self::node(b'u', width, width), &variants)
    }

    /// What a struct or an enum is called that is described where a field has it: as the field, in the way that Rust
    /// writes types.
    ///
    /// ```
    /// # use seqcopy_shm::SchemaBuilder;
    /// assert_eq!(SchemaBuilder::name_of_field("best_level"), "BestLevel");
    /// assert_eq!(SchemaBuilder::name_of_field("0"), "Field0"); // of a tuple
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn name_of_field(field: &str) -> String {
        let mut name = String::new();
        for word in field.split('_').filter(|word| !word.is_empty()) {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            name += &first.to_uppercase();
            name += rest;
        }
        if !name.starts_with(char::is_alphabetic) {
            name.insert_str(0, "Field");
        }
        name
    }

    /// A [`SeqOption`](seqcopy::SeqOption) of such a value.
    ///
    /// ```
    /// use seqcopy::{SeqOption, SeqStr, SeqVec};
    /// use seqcopy_shm::{Schema, SchemaBuilder};
    /// let number = SchemaBuilder::number("u32").unwrap();
    /// assert_eq!(number.option().build(), Ok(Schema::of::<SeqOption<u32>>()));
    /// assert_eq!(number.list(5).build(), Ok(Schema::of::<SeqVec<u32, 5>>()));
    /// assert_eq!(SchemaBuilder::string(12).build(), Ok(Schema::of::<SeqStr<12>>()));
    /// ```
    #[must_use]
    pub fn option(&self) -> SchemaBuilder {
        let size = aligned(self.align.saturating_add(self.size), self.align);
        let mut all = Self::node(b'o', size, self.align);
        all.add_text("SeqOption");
        all.add_type(&Self::node(b'u', 1, 1));
        all.add_number(self.align);
        all.add_number(2);
        for (name, tag) in [("None", 0), ("Some", 1)] {
            all.add_text(name);
            all.add_number(tag);
            if tag == 1 {
                all.add_fields(&[("0", 0, self.clone())]);
            } else {
                all.add_fields(&[]);
            }
        }
        all
    }

    /// A [`SeqVec`](seqcopy::SeqVec) with space for that many such values.
    #[must_use]
    pub fn list(&self, capacity: usize) -> SchemaBuilder {
        let (align, start) = (self.align.max(4), aligned(4, self.align));
        self.list_at(b'v', "SeqVec", "elements", start, align, capacity)
    }

    /// A [`SeqStr`](seqcopy::SeqStr) with space for that many bytes.
    #[must_use]
    pub fn string(capacity: usize) -> SchemaBuilder {
        Self::node(b'u', 1, 1).list_at(b's', "SeqStr", "bytes", 4, 4, capacity)
    }

    fn list_at(&self, code: u8, name: &str, of: &str, start: usize, align: usize, capacity: usize) -> SchemaBuilder {
        let array = self.array(capacity);
        let size = aligned(start.saturating_add(array.size), align);
        Self::marked(code, name, size, align, &[("len", 0, Self::node(b'u', 4, 4)), (of, start, array)])
    }

    /// The slot of a map with such keys and values.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapWriter, SchemaBuilder, untyped::MapReader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-builder-map-{}", std::process::id()));
    /// let map = MapWriter::<u32, f64>::create(&path, 10)?;
    /// let number = |name| SchemaBuilder::number(name).unwrap();
    /// let schema = SchemaBuilder::map(&number("u32"), &number("f64")).build().unwrap();
    /// assert_eq!(MapReader::open(&path)?.region().schema(), &schema);
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn map(key: &SchemaBuilder, value: &SchemaBuilder) -> SchemaBuilder {
        let (of_key, of_value) = (key.align.max(8), value.align.max(8));
        let align = of_key.max(of_value);
        let at = aligned(of_key.saturating_add(aligned(key.size, of_key)), of_value);
        let size = aligned(at.saturating_add(aligned(value.size, of_value)), align);
        let stamp = Self::node(b'u', 8, 8);
        Self::structure_at(
            "Slot",
            size,
            align,
            &[("stamp", 0, stamp), ("key", of_key, key.clone()), ("value", at, value.clone())],
        )
    }

    /// The schema.
    ///
    /// # Errors
    /// If there is no such type: two fields have one name or lie in one place, it is too large, and so on.
    ///
    /// ```
    /// # use seqcopy_shm::SchemaBuilder;
    /// let number = SchemaBuilder::number("u8").unwrap();
    /// let twice = SchemaBuilder::structure("Twice", &[("a", number.clone()), ("a", number)]);
    /// assert!(twice.build().unwrap_err().to_string().contains("two fields are called `a`"));
    /// ```
    pub fn build(&self) -> Result<Schema, SchemaError> {
        let mut bytes = (SCHEMA_START.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(SCHEMA_START.as_bytes());
        #[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
        bytes.push(size_of::<usize>() as u8);
        bytes.push(if cfg!(target_endian = "little") { b'<' } else { b'>' });
        check_len(bytes.len().saturating_add(self.node.len)).map_err(SchemaError::of_description)?;
        self.node.write_to(&mut bytes);
        Schema::decode(&bytes).map_err(SchemaError::of_description)
    }
}

/// A type that there is, as a part of others.
///
/// ```
/// # use seqcopy_shm::{Schema, SchemaBuilder};
/// let pair = SchemaBuilder::from(&Schema::of::<[u8; 2]>());
/// assert_eq!(pair.option().build(), Ok(Schema::of::<seqcopy::SeqOption<[u8; 2]>>()));
/// ```
impl From<&Schema> for SchemaBuilder {
    fn from(schema: &Schema) -> Self {
        let (code, len) = (node_of(schema)[0], node_of(schema).len());
        let (size, align) = schema.size_and_align();
        // The depth of its types is found when it is built as a part of another type.
        let node = Node { parts: vec![Part::Schema(schema.clone())], len, depth: 0 };
        SchemaBuilder { code, node: Arc::new(node), size, align }
    }
}
