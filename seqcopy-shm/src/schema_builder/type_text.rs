//! [`SchemaBuilder::parse`]: a type as text, as Rust writes it.

use super::SchemaBuilder;
use crate::schema::MAX_DEPTH;

impl SchemaBuilder {
    /// A type by its text in Rust: a [number](Self::number), `[T; 3]`, `SeqStr<12>`, `SeqVec<T, 3>`, `SeqOption<T>`, or the name of one that is
    /// `known`.
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
    // The parts around the last of these: a length stands at the end.
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
