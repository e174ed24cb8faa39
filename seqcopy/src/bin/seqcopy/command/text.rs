//! Values as text: one row for each field, by its path.

use std::fmt::{self, Display, Formatter};
use std::slice::from_ref;

use seqcopy::Layout;
use seqcopy::layout::{Field, Shape, Variant};

use super::value::{Fields, Numbers, Value, is_option};

/// A field, or as much of a value as fits one line.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Where it is, as one would write it in a program: `legs[2].length`, `area.Circle.radius`.
    pub(super) path: String,
    /// Its type.
    pub(super) kind: String,
    pub(super) text: String,
    /// What is compared to find out whether it changed: one value, or the elements that are not shown.
    pub(super) values: &'a [Value],
}

/// The rows of a value; of each array at most `elements` elements.
pub(super) fn rows<'a>(layout: &'static Layout, value: &'a Value, elements: usize) -> Vec<Row<'a>> {
    let mut rows = Rows { elements, rows: Vec::new() };
    rows.add(String::new(), layout, value);
    rows.rows
}

struct Rows<'a> {
    elements: usize,
    rows: Vec<Row<'a>>,
}

impl<'a> Rows<'a> {
    fn push(&mut self, path: String, layout: &Layout, value: &'a Value, text: String) {
        self.rows.push(Row { path, kind: type_name(layout), text, values: from_ref(value) });
    }

    fn add(&mut self, path: String, layout: &'static Layout, value: &'a Value) {
        if let Some(text) = self.one_line(value) {
            self.push(path, layout, value, text);
            return;
        }
        match (layout.shape(), value) {
            (Shape::Struct { fields }, Value::Struct(values)) => self.fields(&path, fields, values),
            (Shape::Array { element, .. }, Value::Array(values)) => {
                let (shown, others) = values.split_at(values.len().min(self.elements));
                for (i, value) in shown.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    match value {
                        // A line for each, or large arrays would fill the screen.
                        Value::Struct(fields) if fields.len() <= 4 && fields.iter().all(|field| is_small(&field.1)) => {
                            self.push(path, element, value, value.to_string());
                        }
                        _ => self.add(path, element, value),
                    }
                }
                if !others.is_empty() {
                    let (path, text) = (format!("{path}[{}..]", shown.len()), format!("... {} more", others.len()));
                    self.rows.push(Row { path, kind: type_name(layout), text, values: others });
                }
            }
            (Shape::Choice { variants, .. }, Value::Variant(name, values)) => {
                self.push(path.clone(), layout, value, (*name).to_owned());
                if let Some(variant) = variants.iter().find(|variant| variant.name() == *name) {
                    self.fields(&step(&path, name), variant.fields(), values);
                }
            }
            (Shape::Choice { variants, .. }, Value::Something(inside)) => {
                self.push(path.clone(), layout, value, "Some".to_owned());
                if let Some(field) = variants.iter().flat_map(Variant::fields).next() {
                    self.add(step(&path, "Some.0"), field.layout(), inside);
                }
            }
            // A tree that does not belong to this layout: there is none.
            _ => self.push(path, layout, value, "?".to_owned()),
        }
    }

    fn fields(&mut self, path: &str, fields: &'static [Field], values: &'a Fields) {
        for (field, (name, value)) in fields.iter().zip(values) {
            self.add(step(path, name), field.layout(), value);
        }
    }

    /// What fits one line is shown on one: single values, arrays of them, small variants.
    fn one_line(&self, value: &Value) -> Option<String> {
        match value {
            Value::Array(values) => {
                let is_list =
                    values.iter().all(|value| is_leaf(value) || matches!(value, Value::Array(_) | Value::Numbers(_)));
                if !is_list {
                    return None;
                }
                let mut parts = Vec::new();
                for value in values.iter().take(self.elements) {
                    parts.push(self.one_line(value)?);
                }
                Some(list(parts, values.len()))
            }
            Value::Numbers(numbers) => Some(letters(numbers).unwrap_or_else(|| {
                let parts = numbers.iter().take(self.elements).map(|number| number.to_string()).collect();
                list(parts, numbers.len())
            })),
            Value::Bytes(bytes) => {
                let shown = &bytes[..bytes.len().min(2 * self.elements)];
                let mut text: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
                if bytes.len() > shown.len() {
                    text.push(format!("... {} more", bytes.len() - shown.len()));
                }
                Some(text.join(" "))
            }
            Value::Struct(fields) if fields.is_empty() => Some("{}".to_owned()),
            Value::Struct(_) => None,
            Value::Something(inside) => is_small(inside).then(|| value.to_string()),
            Value::Variant(_, fields) => {
                (fields.len() <= 3 && fields.iter().all(|field| is_small(&field.1))).then(|| value.to_string())
            }
            _ => Some(value.to_string()),
        }
    }
}

/// The first of `len` elements.
fn list(mut parts: Vec<String>, len: usize) -> String {
    if len > parts.len() {
        parts.push(format!("... {} more", len - parts.len()));
    }
    format!("[{}]", parts.join(", "))
}

/// The path of a part.
pub(super) fn step(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Numbers(_) | Value::Struct(_) | Value::Bytes(_) | Value::Something(_) => false,
        Value::Variant(_, fields) => fields.is_empty(),
        _ => true,
    }
}

/// A leaf, or an option of one.
fn is_small(value: &Value) -> bool {
    match value {
        Value::Something(inside) => is_leaf(inside),
        _ => is_leaf(value),
    }
}

/// Bytes that are text with zeros behind it, as names in fixed arrays are.
fn letters(numbers: &Numbers) -> Option<String> {
    let bytes = numbers.as_bytes()?;
    let end = bytes.iter().rposition(|&byte| byte != 0)? + 1;
    let is_text = end >= 2 && bytes[..end].iter().all(|byte| (b' '..=b'~').contains(byte));
    is_text.then(|| format!("{:?}", String::from_utf8_lossy(&bytes[..end])))
}

/// The type as one would write it.
pub(super) fn type_name(layout: &Layout) -> String {
    match layout.shape() {
        Shape::Array { element, len } => format!("[{}; {len}]", type_name(element)),
        Shape::Skipped => "skipped".to_owned(),
        Shape::Choice { variants: [_, some], .. } if is_option(layout) => {
            format!("SeqOption<{}>", type_name(some.fields()[0].layout()))
        }
        _ => layout.name().to_owned(),
    }
}

/// In one line, however long.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Unsigned(number) => write!(f, "{number}"),
            Value::Signed(number) => write!(f, "{number}"),
            // As `Debug` does it: shortest digits that give the number back, exponents where there would be many.
            Value::Single(bits) => write!(f, "{:?}", f32::from_bits(*bits)),
            Value::Double(bits) => write!(f, "{:?}", f64::from_bits(*bits)),
            Value::Bool(bool) => write!(f, "{bool}"),
            Value::Char(char) => write!(f, "{char:?}"),
            Value::Nothing => f.write_str("None"),
            Value::Something(inside) => write!(f, "Some({inside})"),
            Value::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Value::Skipped => f.write_str("not read"),
            Value::Array(values) => write_list(f, values.iter()),
            Value::Numbers(numbers) => write_list(f, numbers.iter()),
            Value::Empty(len) => write!(f, "{len} without bytes"),
            Value::Struct(fields) => write_fields(f, "", fields),
            Value::Variant(name, fields) => write_fields(f, name, fields),
            Value::Invalid { found, expected } => write!(f, "INVALID {found:#x}, expected {expected}"),
        }
    }
}

fn write_list(f: &mut Formatter<'_>, values: impl Iterator<Item: Display>) -> fmt::Result {
    f.write_str("[")?;
    for (i, value) in values.enumerate() {
        write!(f, "{}{value}", if i == 0 { "" } else { ", " })?;
    }
    f.write_str("]")
}

/// `Circle { radius: 3 }`, `Square(4)`, `Nowhere`.
fn write_fields(f: &mut Formatter<'_>, name: &str, fields: &Fields) -> fmt::Result {
    f.write_str(name)?;
    if fields.is_empty() {
        return if name.is_empty() { f.write_str("{}") } else { Ok(()) };
    }
    let is_tuple = are_numbered(fields);
    f.write_str(match (is_tuple, name.is_empty()) {
        (true, _) => "(",
        (false, true) => "{ ",
        (false, false) => " { ",
    })?;
    for (i, (name, value)) in fields.iter().enumerate() {
        f.write_str(if i == 0 { "" } else { ", " })?;
        if !is_tuple {
            write!(f, "{name}: ")?;
        }
        write!(f, "{value}")?;
    }
    f.write_str(if is_tuple { ")" } else { " }" })
}

/// Whether they are the fields of a tuple.
pub(super) fn are_numbered(fields: &Fields) -> bool {
    !fields.is_empty() && fields.iter().enumerate().all(|(i, field)| field.0.parse() == Ok(i))
}

/// Cuts a line at `width` characters.
pub(super) fn fit(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(width.saturating_sub(3)).collect();
    cut.push_str("...");
    cut
}

/// Rows as a table whose first two columns are as wide as they must be, but not wider than `widest`.
pub(super) struct Table<'r, 'a>(pub(super) &'r [Row<'a>]);

impl Table<'_, '_> {
    const WIDEST: usize = 40;

    /// The lines, not cut at the end.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let width = |text: &dyn Fn(&Row<'_>) -> usize| self.0.iter().map(text).max().unwrap_or(0).min(Self::WIDEST);
        let path = width(&|row| row.path.chars().count());
        let kind = width(&|row| row.kind.chars().count());
        self.0.iter().map(move |row| {
            let separator = if row.path.is_empty() { "" } else { "  " };
            format!("{:path$}{separator}{:kind$}  {}", row.path, row.kind, row.text)
        })
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::{Sample, image};
    use crate::command::value::decode;

    fn lines(bytes: &[u8], elements: usize) -> Vec<String> {
        let value = decode(Sample::LAYOUT, bytes).unwrap();
        let rows = rows(Sample::LAYOUT, &value, elements);
        Table(&rows).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn a_row_for_each_field() {
        let expected = "\
open bool true
mode Mode Fast
level i16 -2
ratio f32 0.1
letter char 'ß'
id NonZero<u16> 7
parent Option<NonZero<u32>> None
limit SeqOption<f64> Some(2.5)
area Area Circle { radius: 3, filled: true }
wide u128 1267650600228229401496703205376
history [u16; 40] [500, 0, ... 38 more]
legs[0] Leg { id: 0, length: 0, ready: None }
legs[1] Leg { id: 0, length: 12, ready: None }
legs[2..] [Leg; 3] ... 1 more
name [u8; 8] \"left\"";
        assert_eq!(lines(&image(), 2).join("\n"), expected);
    }

    #[test]
    fn what_is_invalid_says_so() {
        let mut bytes = image();
        bytes[0] = 2;
        assert_eq!(lines(&bytes, 2)[0], "open bool INVALID 0x2, expected a `bool`: 0 or 1");
    }

    #[test]
    fn long_lines_are_cut() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdefg", 6), "abc...");
    }
}
