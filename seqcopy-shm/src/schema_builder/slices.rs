//! Schemas of slices, in a file of their own since `schema`, which stands below the builder, can't make them: lists with space for a number
//! of elements that is known at run time only.

use seqcopy::Validate;

use super::SchemaBuilder;
use crate::Schema;

impl SchemaBuilder {
    /// A slice, `[T]` in Rust, with space for that many such values: see [Slices](crate#slices).
    ///
    /// ```
    /// # use seqcopy_shm::SchemaBuilder;
    /// let frames = SchemaBuilder::number("u16").unwrap().slice(100).build().unwrap();
    /// assert!(frames.with_capacity(200).is_some());
    /// ```
    #[must_use]
    pub fn slice(&self, capacity: usize) -> SchemaBuilder {
        let start = self.align.max(64);
        self.list_at(b'v', "SeqVec", "elements", start, start, capacity)
    }
}

/// Schemas of slices, which are those that [`SchemaBuilder::slice`] makes.
impl Schema {
    /// The schema of a slice: a `SeqVec` whose elements begin a cache line, with space for a number of them that is known at run time
    /// only; `None` if there can be no such type.
    pub(crate) fn of_slice<T: Validate>(capacity: usize) -> Option<Schema> {
        Self::slice(&Schema::of::<T>(), capacity)
    }

    /// The schema of slices of the same elements with space for another number of them; `None` if this is not the schema of a
    /// [slice](crate#slices), or there can be no such type.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader, Schema, untyped};
    /// # let path = shm::path_for(&format!("seqcopy-doc-with-capacity-{}", std::process::id()));
    /// let small = Options::new().capacity(10).create::<[u16]>(&path)?;
    /// let reader = untyped::Reader::open(&path)?;
    /// let schema = reader.region().schema().with_capacity(1000).expect("slices");
    /// assert_eq!((schema.layout().size(), schema.with_capacity(10).as_ref()), (64 + 2000 + 48, Some(reader.region().schema())));
    /// assert_eq!(Schema::of::<[u16; 4]>().with_capacity(5), None);
    /// # small.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn with_capacity(&self, capacity: usize) -> Option<Schema> {
        let (_, element, _) = Self::__slice_of(self.layout())?;
        Self::slice(&Schema::of_layout(element), capacity)
    }

    fn slice(element: &Schema, capacity: usize) -> Option<Schema> {
        u32::try_from(capacity).ok()?;
        SchemaBuilder::from(element).slice(capacity).build().ok()
    }
}
