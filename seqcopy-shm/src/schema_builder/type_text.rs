//! [`SchemaBuilder::parse`] reads a type from text, in Rust's notation. This file also makes the schemas of slices,
//! which are lists with space for a number of elements that is known at run time only.

use super::SchemaBuilder;
use crate::schema::{MAX_DEPTH, Schema};
use seqcopy::Validate;

impl SchemaBuilder {
    /// A type by its text in Rust: a [number](Self::number), `[T; 3]`, `SeqStr<12>`, `SeqVec<T, 3>`, `SeqOption<T>`, or
    /// the name of one that is `known`.
    ///
    /// # Errors
    /// What is not one of these.
    ///
    /// ```
    /// use seqcopy::{SeqOption, SeqVec};
    /// use seqcopy_shm::{Schema, SchemaBuilder};
    /// let parse = |text| SchemaBuilder::parse(text, &|_| None);
    /// let list = parse("[SeqVec<SeqOption<f64>, 5>; 2]").unwrap();
    /// assert_eq!(list.build(), Ok(Schema::of::<[SeqVec<SeqOption<f64>, 5>; 2]>()));
    /// assert_eq!(parse("[u8, 4]").unwrap_err(), "\"u8, 4\" is not of the form `T; LENGTH`");
    /// assert_eq!(parse("Vec<u8>").unwrap_err(), "\"Vec<u8>\" is not a type that is known here");
    /// ```
    pub fn parse(text: &str, known: &dyn Fn(&str) -> Option<SchemaBuilder>) -> Result<SchemaBuilder, String> {
        parse(text, known, 0).map_err(|why| if why.starts_with('"') { why } else { format!("{text:?}: {why}") })
    }
}

fn parse(text: &str, known: &dyn Fn(&str) -> Option<SchemaBuilder>, depth: usize) -> Result<SchemaBuilder, String> {
    let text = text.trim();
    if depth > MAX_DEPTH {
        return Err(format!("types inside types more than {MAX_DEPTH} deep"));
    }
    if let Some(kind) = SchemaBuilder::number(text).or_else(|| known(text)) {
        return Ok(kind);
    }
    // Parses the parts around the last array, because its length stands at the end.
    let pair = |inside: &str, separator: char| {
        let wrong = || Err(format!("{inside:?} is not of the form `T{separator} LENGTH`"));
        let Some((of, len)) = inside.rsplit_once(separator) else { return wrong() };
        let Ok(len) = len.trim().parse::<usize>() else { return wrong() };
        Ok((parse(of, known, depth + 1)?, len))
    };
    if let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let (element, len) = pair(inside, ';')?;
        return Ok(element.array(len));
    }
    let of = |name: &str| text.strip_prefix(name)?.trim_start().strip_prefix('<')?.strip_suffix('>');
    if let Some(inside) = of("SeqOption") {
        return Ok(parse(inside, known, depth + 1)?.option());
    }
    if let Some(inside) = of("SeqVec") {
        let (element, len) = pair(inside, ',')?;
        return Ok(element.list(len));
    }
    if let Some(inside) = of("SeqStr") {
        let wrong = |_| format!("{inside:?} is not a number of bytes");
        return Ok(SchemaBuilder::string(inside.trim().parse().map_err(wrong)?));
    }
    Err(format!("{text:?} is not a type that is known here"))
}

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

/// The schemas of slices, equal to those that [`SchemaBuilder::slice`] makes.
impl Schema {
    /// The schema of a slice: a `SeqVec` whose elements begin on a cache line, with space for `capacity` elements.
    /// `None` if there can be no such type.
    pub(crate) fn of_slice<T: Validate>(capacity: usize) -> Option<Schema> {
        Self::slice(&Schema::of::<T>(), capacity)
    }

    /// The schema of slices of the same elements with space for another number of them; `None` if this is not the
    /// schema of a [slice](crate#slices), or there can be no such type.
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
    #[doc(hidden)]
    #[must_use]
    pub fn with_capacity(&self, capacity: usize) -> Option<Schema> {
        let (_, element, _) = Self::slice_of(self.layout())?;
        Self::slice(&Schema::of_layout(element), capacity)
    }

    fn slice(element: &Schema, capacity: usize) -> Option<Schema> {
        u32::try_from(capacity).ok()?;
        SchemaBuilder::from(element).slice(capacity).build().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_type_is_named() {
        for (text, why) in [
            ("", "\"\" is not a type"),
            ("[u8; -1]", "not of the form `T; LENGTH`"),
            ("SeqVec<u8>", "\"u8\" is not of the form `T, LENGTH`"),
            ("SeqStr<u8>", "\"u8\" is not a number of bytes"),
            ("SeqOption<Option<u8>>", "\"Option<u8>\" is not a type"),
            ("[[u8; 2]; 2", "is not a type"),
            (&"[".repeat(80), "is not of the form"),
        ] {
            let found = SchemaBuilder::parse(text, &|_| None).unwrap_err();
            assert!(found.contains(why) || text.len() > 60, "{text}: {found}");
        }
        let deep = "[".repeat(70) + "u8" + &"; 1]".repeat(70);
        assert!(SchemaBuilder::parse(&deep, &|_| None).unwrap_err().contains("64 deep"));
        let known = |name: &str| (name == "Id").then(|| SchemaBuilder::number("u16").unwrap());
        let ids = SchemaBuilder::parse("[ Id ;3 ]", &known).unwrap();
        assert_eq!(ids.build(), SchemaBuilder::number("u16").unwrap().array(3).build());
    }
}
