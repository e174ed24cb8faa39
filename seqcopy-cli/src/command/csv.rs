//! Values as lines of CSV (RFC 4180): a column for each number, text and enum of the types, named as `watch` names
//! fields.
//!
//! Types of regions that are recorded together share the columns of one name. What has no fixed parts, such as a list,
//! is a field of JSON.
//!
//! Another process chooses the texts, and a spreadsheet takes some for formulas: see `harmless`. JSON lines have each
//! text as it is.

use super::limits::TEXT;
use super::region::{Failure, is_byte, is_option, newtype};
use super::source::{Read, Source};
use super::to_json::{self, AsJson};

use seqcopy::Layout;
use seqcopy::layout::Shape;
use seqcopy_shm::untyped::{Node, Value};
use serde_json::Value as Json;

/// The maximum number of elements of an array with columns of their own.
const ELEMENTS: usize = 64;

/// The maximum number of columns.
const COLUMNS: usize = 4096;

/// The columns before those of the values.
const FIRST: [&str; 5] = ["time", "path", "version", "missed", "event"];

/// The columns of values: their names, and the paths of the fields. The path is empty if the value is a single column.
#[derive(Default)]
pub(super) struct Columns(Vec<(String, String)>);

impl Columns {
    /// Adds the columns of a type that do not exist yet.
    pub(super) fn add(&mut self, layout: &Layout) -> Result<(), String> {
        let is_added = add(layout, "", &mut self.0);
        is_added.then_some(()).ok_or_else(|| format!("its type has more than {COLUMNS} columns: record JSON lines"))
    }

    /// Their names and paths.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, path)| (name.as_str(), path.as_str()))
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let mut line = Vec::new();
        put(FIRST.into_iter().chain(self.names().map(|(name, _)| name)).map(str::to_owned), &mut line);
        line
    }

    /// The line of a value.
    pub(super) fn line(
        &self,
        head: &Json,
        missed: Option<u64>,
        (source, read): (&Source<'_>, &Read),
        to: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let mut fields = [
            text(&head["time"]),
            harmless(&text(&head["path"])),
            read.number().to_string(),
            missed.map_or_else(String::new, |missed| missed.to_string()),
            String::new(),
        ]
        .to_vec();
        for (_, path) in self.names() {
            fields.push(source.part(read, path).map_or(Ok(String::new()), field)?);
        }
        put(fields.into_iter(), to);
        Ok(())
    }

    pub(super) fn event(&self, head: &Json, missed: Option<u64>, what: &str, to: &mut Vec<u8>) {
        let first = [
            text(&head["time"]),
            harmless(&text(&head["path"])),
            String::new(),
            missed.map_or_else(String::new, |missed| missed.to_string()),
            harmless(what),
        ];
        put(first.into_iter().chain(self.0.iter().map(|_| String::new())), to);
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text is written as it is, and a missing value as nothing.
fn field(value: Value<'_>) -> Result<String, Failure> {
    // A wide number is a string in JSON, and so is an infinity.
    let is_number = matches!(value.look(), Node::Unsigned(_) | Node::Signed(_) | Node::Single(_) | Node::Double(_));
    let mut json = Vec::new();
    to_json::write_up_to(TEXT, &mut json, &AsJson(value), false)?;
    let json = String::from_utf8_lossy(&json);
    Ok(match json.trim_end() {
        "null" => String::new(),
        text if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).unwrap_or_else(|_| text.to_owned());
            if is_number { text } else { harmless(&text) }
        }
        other => other.to_owned(),
    })
}

/// A text that no spreadsheet takes for a formula: one that begins as a formula has an apostrophe before it, as OWASP
/// recommends. Control characters are escaped as in Rust, but for tabs and the ends of lines.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let shown = |c: char| {
        if c.is_control() && !matches!(c, '\t' | '\r' | '\n') { c.escape_default().to_string() } else { c.to_string() }
    };
    is_formula.then(|| "'".to_owned()).into_iter().chain(text.chars().map(shown)).collect()
}

fn put(fields: impl Iterator<Item = String>, to: &mut Vec<u8>) {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            to.push(b',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            to.extend(format!("\"{}\"", field.replace('"', "\"\"")).bytes());
        } else {
            to.extend(field.bytes());
        }
    }
    to.extend(b"\r\n");
}

/// Adds the columns of a type at this path. Returns whether there is space for them.
fn add(layout: &Layout, path: &str, to: &mut Vec<(String, String)>) -> bool {
    let is_composite = is_option(layout) || layout.vec_of().is_some() || layout.str_capacity().is_some();
    match layout.shape() {
        // A newtype is shown as its field.
        Shape::Struct { fields, .. } if !is_composite && fields.len() > usize::from(newtype(layout).is_some()) => {
            fields.iter().all(|field| {
                let inner = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
                add(field.layout(), &inner, to)
            })
        }
        // An array without elements is a column, too. So each step of the walk ends in a column, and a schema that was
        // made to be slow is refused.
        Shape::Array { element, len, .. } if (1..=ELEMENTS).contains(&len) && !is_byte(element) => {
            (0..len).all(|number| add(element, &format!("{path}[{number}]"), to))
        }
        _ => {
            let column = (if path.is_empty() { "value" } else { path }.to_owned(), path.to_owned());
            if !to.contains(&column) {
                to.push(column);
            }
            to.len() <= COLUMNS
        }
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption, SeqVec};

    use super::*;

    #[derive(SeqCopy)]
    #[repr(C)]
    #[allow(dead_code)] // for its layout
    struct All {
        pair: (u8, f32),
        id: Id,
        flags: [[bool; 2]; 2],
        bytes: [u8; 3],
        list: SeqVec<u16, 3>,
        half: SeqOption<Id>,
        none: [u64; 0],
        many: [u8; 65],
    }

    #[derive(SeqCopy)]
    #[repr(C)]
    struct Id(u32);

    #[test]
    fn a_text_is_no_formula_and_no_sequence() {
        for (text, shown) in [
            ("plain", "plain"),
            ("=cmd|'/c x'!A1", "'=cmd|'/c x'!A1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("a=1", "a=1"),
            ("\u{1b}[2J\u{9b}1m\u{7f}", "\\u{1b}[2J\\u{9b}1m\\u{7f}"),
            ("two\nlines", "two\nlines"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_column_for_each_part_that_is_always_there() {
        let mut columns = Columns::default();
        columns.add(All::LAYOUT).unwrap();
        let names: Vec<_> = columns.names().map(|(name, _)| name).collect();
        let expected = [
            "pair.0",
            "pair.1",
            "id",
            "flags[0][0]",
            "flags[0][1]",
            "flags[1][0]",
            "flags[1][1]",
            "bytes",
            "list",
            "half",
            "none",
            "many",
        ];
        assert_eq!(names, expected);
        // Columns that another type has under the same name exist already.
        columns.add(Id::LAYOUT).unwrap();
        assert_eq!(columns.names().skip(expected.len()).collect::<Vec<_>>(), [("value", "")]);
        // The same once more, and exactly 4096 columns.
        columns.add(All::LAYOUT).unwrap();
        assert_eq!(columns.names().count(), expected.len() + 1);
        let many = |layout| Columns::default().add(layout);
        assert_eq!(many(<[[u16; 64]; 64]>::LAYOUT), Ok(()));
        let why = "its type has more than 4096 columns: record JSON lines".to_owned();
        assert_eq!(many(<([[u16; 64]; 64], u8)>::LAYOUT), Err(why));
    }

    /// A walk over all of the type would never end.
    #[test]
    fn types_that_were_made_to_be_slow_are_refused() {
        type Slow = [[[[[[[[[[u16; 0]; 64]; 64]; 64]; 64]; 64]; 64]; 64]; 64]; 64];
        assert!(Columns::default().add(Slow::LAYOUT).is_err());
    }
}
