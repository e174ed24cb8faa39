//! [`SchemaBuilder::parse`] reads a type from text, in Rust's notation. This file also makes the schemas of slices,
//! which are lists with space for a number of elements that is known at run time only.

use super::SchemaBuilder;
use crate::schema::{MAX_DEPTH, Schema};
use seqcopy::Validate;

impl SchemaBuilder {
    /// A type by its text in Rust: a [number](Self::number), `[T; 3]`, `SeqStr<12>`, `SeqVec<T, 3>`, `SeqOption<T>`, or
    /// the name of one that is `known`. A number may have its name in C or NumPy, such as `uint32_t`, `float64` or
    /// `double`.
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
    /// assert_eq!(parse("double").unwrap().build(), Ok(Schema::of::<f64>()));
    /// assert_eq!(
    ///     parse("Vec<u8>").unwrap_err(),
    ///     "\"Vec<u8>\" is not a type that is known here: it has no size; write `SeqVec<T, N>` for at most N values, or `[T; N]` for exactly N"
    /// );
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
    if let Some(kind) = known(text).or_else(|| SchemaBuilder::number(same(text))) {
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
    Err(format!("{text:?} is not a type that is known here: {}", instead(text)))
}

/// The names that other languages have for numbers. Each means the same number everywhere.
const SAME: [(&str, &str); 21] = [
    ("int8", "i8"),
    ("int16", "i16"),
    ("int32", "i32"),
    ("int64", "i64"),
    ("uint8", "u8"),
    ("uint16", "u16"),
    ("uint32", "u32"),
    ("uint64", "u64"),
    ("int8_t", "i8"),
    ("int16_t", "i16"),
    ("int32_t", "i32"),
    ("int64_t", "i64"),
    ("uint8_t", "u8"),
    ("uint16_t", "u16"),
    ("uint32_t", "u32"),
    ("uint64_t", "u64"),
    ("byte", "u8"),
    ("float32", "f32"),
    ("float64", "f64"),
    ("double", "f64"),
    ("bool_", "bool"),
];

/// Rust's name for a number that another language names like this.
fn same(text: &str) -> &str {
    SAME.iter().find(|(name, _)| *name == text).map_or(text, |(_, rust)| rust)
}

/// What to write instead of a text that names no type.
fn instead(text: &str) -> String {
    const NUMBERS: [&str; 15] =
        ["bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "usize"];
    let without_size = |is: &str| format!("it has no size; write {is}");
    match text.trim_start_matches(['&', ' ']).split(['<', '(']).next().unwrap_or_default() {
        "int" | "integer" | "signed" | "short" | "long" => without_size("`i64`, `i32`, `i16` or `i8`"),
        "uint" | "unsigned" | "size_t" | "isize" | "usize" => without_size("`u64`, `u32`, `u16` or `u8`"),
        "float" | "real" | "number" => without_size("`f64` or `f32`"),
        "str" | "string" | "String" | "text" | "bytes" => {
            without_size("`SeqStr<N>` for a text of at most N bytes, or `[u8; N]` for bytes")
        }
        "list" | "List" | "Vec" | "vector" | "array" | "tuple" => {
            without_size("`SeqVec<T, N>` for at most N values, or `[T; N]` for exactly N")
        }
        "Option" | "Optional" | "optional" => "write `SeqOption<T>`".to_owned(),
        "datetime" | "date" | "Duration" | "Instant" | "timestamp" => "store nanoseconds, as an `i64`".to_owned(),
        _ => {
            let names = NUMBERS.iter().copied().chain(SAME.iter().map(|(name, _)| *name)).chain([
                "SeqStr<N>",
                "SeqVec<T, N>",
                "SeqOption<T>",
            ]);
            let near = names.map(|name| (distance(&text.to_lowercase(), &name.to_lowercase()), name)).min();
            let near =
                near.filter(|(far, name)| far * 3 <= name.len()).map(|(_, name)| format!("did you mean `{name}`? "));
            let near = near.unwrap_or_default();
            format!(
                "{near}There are `bool`, `char`, `f32`, `f64`, `i8` to `i128`, `u8` to `u128`, `[T; N]`, `SeqStr<N>`, `SeqVec<T, N>` and `SeqOption<T>`"
            )
        }
    }
}

/// The number of letters to change, add or leave out between two names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, of_a) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, of_b) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(of_a != of_b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
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

    /// A name that many programs write is the same number, or the error says what to write.
    #[test]
    fn names_of_other_languages() {
        let parsed = |text: &str| SchemaBuilder::parse(text, &|_| None);
        for (name, rust) in SAME {
            assert_eq!(parsed(name).unwrap().build(), SchemaBuilder::number(rust).unwrap().build(), "{name}");
        }
        for (text, instead) in [
            ("int", "`i64`, `i32`"),
            ("size_t", "`u64`, `u32`"),
            ("float", "`f64` or `f32`"),
            ("str", "`SeqStr<N>`"),
            ("&str", "`SeqStr<N>`"),
            ("String", "`SeqStr<N>`"),
            ("Vec<f64>", "`SeqVec<T, N>`"),
            ("Option<f64>", "`SeqOption<T>`"),
            ("doubles", "did you mean `double`?"),
            ("F64", "did you mean `f64`?"),
            ("SeqString<4>", "`SeqStr<N>`"),
            ("Side", "There are `bool`"),
        ] {
            let why = parsed(text).unwrap_err();
            assert!(why.contains(instead) && why.starts_with(&format!("{text:?} is not a type")), "{why}");
        }
        // A type of the program goes before.
        let own = |name: &str| (name == "double").then(|| SchemaBuilder::number("u8").unwrap());
        assert_eq!(SchemaBuilder::parse("double", &own).unwrap().build(), SchemaBuilder::number("u8").unwrap().build());
    }

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
