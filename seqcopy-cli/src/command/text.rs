//! Values as text: a row for each field, by its path. Rows are made one by one, as they are written.

use std::fmt::{self, Display, Formatter};

use seqcopy::Layout;
use seqcopy::layout::Path;

use super::value::{Fields, List, Node, Value};

/// A field, or a part of a value that fits one line.
pub(super) struct Row<'a, 'p> {
    pub(super) path: Path<'p>,
    /// Its type.
    pub(super) layout: &'a Layout,
    pub(super) text: Text<'a>,
    /// Whether it has changed since the last read.
    pub(super) has_changed: bool,
}

/// What a row shows.
pub(super) enum Text<'a> {
    /// A value, with at most so many elements of each array.
    Line(Value<'a>, usize),
    /// The variant whose fields are in the rows below.
    Name(&'a str),
    /// So many elements that are not shown.
    More(usize),
}

/// What lay at a place at the last read.
#[derive(Clone, Copy)]
pub(super) enum Before<'a> {
    /// Not known: this is the first read.
    Unknown,
    /// Nothing: another variant was active.
    Nothing,
    Was(Value<'a>),
}

impl<'a> Before<'a> {
    fn differs(self, now: Value<'_>) -> bool {
        match self {
            Before::Unknown => false,
            Before::Nothing => true,
            Before::Was(before) => !before.same(now),
        }
    }

    /// The elements of an array, if it was one.
    fn list(self) -> Option<List<'a>> {
        match self {
            Before::Was(before) => match before.look() {
                Node::List(list) => Some(list),
                _ => None,
            },
            _ => None,
        }
    }

    /// What lay at a part of it.
    fn part(self, part: impl FnOnce(Node<'a>) -> Option<Value<'a>>) -> Self {
        match self {
            Before::Was(before) => part(before.look()).map_or(Before::Nothing, Before::Was),
            other => other,
        }
    }
}

/// Calls `each` with the rows of a value, at most `elements` of each array.
pub(super) fn rows<'a, E>(
    value: Value<'a>,
    before: Before<'_>,
    elements: usize,
    each: &mut dyn FnMut(&Row<'a, '_>) -> Result<(), E>,
) -> Result<(), E> {
    Rows { elements, each }.add(Path::Root, value, before)
}

struct Rows<'e, 'a, E> {
    elements: usize,
    each: &'e mut dyn FnMut(&Row<'a, '_>) -> Result<(), E>,
}

impl<'a, E> Rows<'_, 'a, E> {
    fn push(&mut self, path: Path<'_>, value: Value<'a>, before: Before<'_>, text: Text<'a>) -> Result<(), E> {
        (self.each)(&Row { path, layout: value.layout(), text, has_changed: before.differs(value) })
    }

    fn line(&mut self, path: Path<'_>, value: Value<'a>, before: Before<'_>) -> Result<(), E> {
        let text = Text::Line(value, self.elements);
        self.push(path, value, before, text)
    }

    fn add(&mut self, path: Path<'_>, value: Value<'a>, before: Before<'_>) -> Result<(), E> {
        if fits_one_line(value, self.elements) {
            return self.line(path, value, before);
        }
        match value.look() {
            Node::Struct(fields) => self.fields(&path, None, fields, before),
            Node::List(list) => self.list(&path, value, list, before),
            Node::Variant(name, fields) => {
                self.push(path, value, before, Text::Name(name))?;
                self.fields(&Path::Field(&path, name), Some(name), fields, before)
            }
            Node::Something(inside) => {
                self.push(path, value, before, Text::Name("Some"))?;
                let was = before.part(|before| match before {
                    Node::Something(before) => Some(before),
                    _ => None,
                });
                self.add(Path::Field(&Path::Field(&path, "Some"), "0"), inside, was)
            }
            _ => self.line(path, value, before),
        }
    }

    fn fields(
        &mut self,
        path: &Path<'_>,
        variant: Option<&str>,
        fields: Fields<'a>,
        before: Before<'_>,
    ) -> Result<(), E> {
        for (i, (name, value)) in fields.iter().enumerate() {
            let was = before.part(|before| match before {
                Node::Struct(before) => before.iter().nth(i).map(|field| field.1),
                Node::Variant(name, before) if Some(name) == variant => before.iter().nth(i).map(|field| field.1),
                _ => None,
            });
            self.add(Path::Field(path, name), value, was)?;
        }
        Ok(())
    }

    fn list(&mut self, path: &Path<'_>, whole: Value<'a>, list: List<'a>, before: Before<'_>) -> Result<(), E> {
        let was = before.list();
        let shown = list.len().min(self.elements);
        for (i, value) in list.iter().take(shown).enumerate() {
            let before = match (before, was.and_then(|was| was.skip(i).iter().next())) {
                (Before::Unknown, _) => Before::Unknown,
                (_, None) => Before::Nothing,
                (_, Some(was)) => Before::Was(was),
            };
            let path = Path::Element(path, i);
            match value.look() {
                // One line each, because arrays of small structs would fill the screen otherwise.
                Node::Struct(fields) if fields.len() <= 4 && fields.iter().all(|field| is_small(field.1)) => {
                    self.line(path, value, before)?;
                }
                _ => self.add(path, value, before)?,
            }
        }
        if shown < list.len() {
            let rest = list.skip(shown);
            let has_changed = match before {
                Before::Unknown => false,
                _ => was.is_none_or(|was| !was.skip(shown).same(rest)),
            };
            let (path, text) = (Path::From(path, shown), Text::More(rest.len()));
            (self.each)(&Row { path, layout: whole.layout(), text, has_changed })?;
        }
        Ok(())
    }
}

/// Whether the value is shown on one line: single values, arrays of them, small variants. Of an array, the elements that are shown
/// decide.
fn fits_one_line(value: Value<'_>, elements: usize) -> bool {
    match value.look() {
        Node::List(list) if list.is_numbers() => true,
        Node::List(list) => list.iter().take(elements.max(1)).all(|value| match value.look() {
            Node::List(_) => fits_one_line(value, elements),
            _ => is_leaf(value),
        }),
        Node::Struct(fields) => fields.len() == 0,
        Node::Something(inside) => is_small(inside),
        Node::Variant(_, fields) => fields.len() <= 3 && fields.iter().all(|field| is_small(field.1)),
        _ => true,
    }
}

fn is_leaf(value: Value<'_>) -> bool {
    match value.look() {
        Node::List(_) | Node::Struct(_) | Node::Bytes(_) | Node::Something(_) => false,
        Node::Variant(_, fields) => fields.len() == 0,
        _ => true,
    }
}

/// Whether it is a leaf, or an option of one.
fn is_small(value: Value<'_>) -> bool {
    match value.look() {
        Node::Something(inside) => is_leaf(inside),
        _ => is_leaf(value),
    }
}

/// Bytes that are text are shown as numbers from this length on.
pub(super) const LETTERS: usize = 4096;

/// Bytes that are ASCII text, followed by zeros to the end, as names in arrays are.
fn letters(list: List<'_>) -> Option<&str> {
    let bytes = list.as_bytes()?;
    let end = bytes.iter().rposition(|&byte| byte != 0)? + 1;
    let is_text = (2..=LETTERS).contains(&end) && bytes[..end].iter().all(|byte| (b' '..=b'~').contains(byte));
    std::str::from_utf8(&bytes[..end]).ok().filter(|_| is_text)
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Text::Line(value, elements) => write_line(f, *value, *elements),
            Text::Name(name) => f.write_str(name),
            Text::More(len) => write!(f, "... {len} more"),
        }
    }
}

fn write_line(f: &mut Formatter<'_>, value: Value<'_>, elements: usize) -> fmt::Result {
    match value.look() {
        Node::List(list) => {
            if let Some(letters) = letters(list) {
                return write!(f, "{letters:?}");
            }
            f.write_str("[")?;
            for (i, value) in list.iter().take(elements).enumerate() {
                f.write_str(if i == 0 { "" } else { ", " })?;
                write_line(f, value, elements)?;
            }
            more(f, list.len(), elements, ", ")?;
            f.write_str("]")
        }
        Node::Text(text) => {
            let end = (0..=LETTERS.min(text.len())).rfind(|&end| text.is_char_boundary(end)).unwrap_or(0);
            let shown = &text[..end];
            write!(f, "{shown:?}")?;
            more(f, text.len(), shown.len(), " ")
        }
        Node::Bytes(bytes) => {
            for (i, byte) in bytes.iter().take(2 * elements).enumerate() {
                write!(f, "{}{byte:02x}", if i == 0 { "" } else { " " })?;
            }
            more(f, bytes.len(), 2 * elements, " ")
        }
        Node::Something(inside) => {
            f.write_str("Some(")?;
            write_line(f, inside, elements)?;
            f.write_str(")")
        }
        Node::Struct(fields) => write_fields(f, "", fields, elements),
        Node::Variant(name, fields) => write_fields(f, name, fields, elements),
        _ => write!(f, "{value}"),
    }
}

fn more(f: &mut Formatter<'_>, len: usize, shown: usize, separator: &str) -> fmt::Result {
    match len.checked_sub(shown) {
        None | Some(0) => Ok(()),
        Some(more) => write!(f, "{}... {more} more", if shown == 0 { "" } else { separator }),
    }
}

/// On one line, however long.
impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.look() {
            Node::Unsigned(number) => write!(f, "{number}"),
            Node::Signed(number) => write!(f, "{number}"),
            // As `Debug` does it: the fewest digits that read back as this number, and exponents for large and small ones.
            Node::Single(number) => write!(f, "{number:?}"),
            Node::Double(number) => write!(f, "{number:?}"),
            Node::Bool(bool) => write!(f, "{bool}"),
            Node::Char(char) => write!(f, "{char:?}"),
            Node::Nothing => f.write_str("None"),
            Node::Something(inside) => write!(f, "Some({inside})"),
            Node::Text(text) => write!(f, "{text:?}"),
            Node::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Node::Skipped => f.write_str("not read"),
            Node::List(list) => {
                f.write_str("[")?;
                for (i, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Node::Empty(len) => write!(f, "{len} without bytes"),
            Node::Struct(fields) => write_fields(f, "", fields, usize::MAX),
            Node::Variant(name, fields) => write_fields(f, name, fields, usize::MAX),
            Node::Invalid { found, expected } => write!(f, "INVALID {found:#x}, expected {expected}"),
        }
    }
}

/// `Circle { radius: 3 }`, `Square(4)`, `Nowhere`; all elements of arrays if so many are `usize::MAX`.
fn write_fields(f: &mut Formatter<'_>, name: &str, fields: Fields<'_>, elements: usize) -> fmt::Result {
    f.write_str(name)?;
    if fields.len() == 0 {
        return if name.is_empty() { f.write_str("{}") } else { Ok(()) };
    }
    let is_tuple = fields.are_numbered();
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
        if elements == usize::MAX { write!(f, "{value}") } else { write_line(f, value, elements) }?;
    }
    f.write_str(if is_tuple { ")" } else { " }" })
}
