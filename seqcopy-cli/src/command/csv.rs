//! Values as lines of CSV (RFC 4180): a column for each number, text and enum of the types, named as `watch` names fields.
//!
//! Types of regions that are recorded together share the columns of one name. What has no fixed parts, such as a list, is a field of JSON.

use super::region::{is_byte, is_option, newtype};

use seqcopy::Layout;
use seqcopy::layout::{Shape, are_numbered};
use serde_json::Value as Json;

/// The most elements of an array that have columns of their own.
const ELEMENTS: usize = 64;

/// The most columns.
const COLUMNS: usize = 4096;

/// Before those of the values.
const FIRST: [&str; 5] = ["time", "path", "version", "missed", "event"];

/// The columns of values: their names, and where they are in the value's JSON (RFC 6901).
#[derive(Default)]
pub(super) struct Columns(Vec<(String, String)>);

impl Columns {
    /// Adds the columns of a type, which may have none that are new.
    pub(super) fn add(&mut self, layout: &Layout) -> Result<(), String> {
        let is_added = add(layout, ("value", String::new(), String::new()), &mut self.0);
        is_added.then_some(()).ok_or_else(|| format!("its type has more than {COLUMNS} columns: record JSON lines"))
    }

    /// Their names, and where they are in a value's JSON.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, at)| (name.as_str(), at.as_str()))
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let mut line = Vec::new();
        let names = FIRST.into_iter().chain(self.0.iter().map(|(name, _)| name.as_str()));
        put(names.map(str::to_owned), &mut line);
        line
    }

    pub(super) fn line(&self, head: &Json, version: u64, missed: u64, value: &Json, to: &mut Vec<u8>) {
        let first = [text(&head["time"]), text(&head["path"]), version.to_string(), missed.to_string(), String::new()];
        put(first.into_iter().chain(self.0.iter().map(|(_, at)| value.pointer(at).map_or_else(String::new, text))), to);
    }

    pub(super) fn event(&self, head: &Json, what: &str, to: &mut Vec<u8>) {
        let first = [text(&head["time"]), text(&head["path"]), String::new(), String::new(), what.to_owned()];
        put(first.into_iter().chain(self.0.iter().map(|_| String::new())), to);
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
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

/// Adds the columns of a type, and says whether there are not too many.
fn add(layout: &Layout, (alone, name, at): (&str, String, String), to: &mut Vec<(String, String)>) -> bool {
    if let Some(only) = newtype(layout) {
        return add(only.layout(), (alone, name, at), to);
    }
    let is_composite = is_option(layout) || layout.vec_of().is_some() || layout.str_capacity().is_some();
    match layout.shape() {
        Shape::Struct { fields, .. } if !is_composite && !fields.is_empty() => {
            let numbered = are_numbered(fields);
            fields.iter().enumerate().all(|(number, field)| {
                let inner = if name.is_empty() { field.name().to_owned() } else { format!("{name}.{}", field.name()) };
                let step = if numbered { number.to_string() } else { field.name().to_owned() };
                add(field.layout(), (alone, inner, format!("{at}/{step}")), to)
            })
        }
        // One without elements is a column, too: so each step of a walk ends in one, and a schema that is made to be slow is refused.
        Shape::Array { element, len, .. } if (1..=ELEMENTS).contains(&len) && !is_byte(element) => {
            (0..len).all(|number| add(element, (alone, format!("{name}[{number}]"), format!("{at}/{number}")), to))
        }
        _ => {
            let column = (if name.is_empty() { alone.to_owned() } else { name }, at);
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
    fn a_column_for_each_part_that_is_always_there() {
        let mut columns = Columns::default();
        columns.add(All::LAYOUT).unwrap();
        let names: Vec<_> = columns.names().collect();
        let flags = ["0][0", "0][1", "1][0", "1][1"]
            .map(|at| (format!("flags[{at}]"), format!("/flags/{}", at.replace("][", "/"))));
        let expected: Vec<_> = [("pair.0", "/pair/0"), ("pair.1", "/pair/1"), ("id", "/id")]
            .into_iter()
            .chain(flags.iter().map(|(name, at)| (name.as_str(), at.as_str())))
            .chain([("bytes", "/bytes"), ("list", "/list"), ("half", "/half"), ("none", "/none"), ("many", "/many")])
            .collect();
        assert_eq!(names, expected);
        // What another type has by the same name is there already.
        columns.add(Id::LAYOUT).unwrap();
        assert_eq!(columns.names().count(), expected.len() + 1);
        assert!(columns.add(<[[[u16; 64]; 64]; 2]>::LAYOUT).unwrap_err().contains("more than 4096 columns"));
    }

    /// A walk over all of it would never end.
    #[test]
    fn types_that_were_made_to_be_slow_are_refused() {
        type Slow = [[[[[[[[[[u16; 0]; 64]; 64]; 64]; 64]; 64]; 64]; 64]; 64]; 64];
        assert!(Columns::default().add(Slow::LAYOUT).is_err());
    }
}
