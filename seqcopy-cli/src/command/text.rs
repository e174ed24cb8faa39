//! Values as text, with a row for each field and its path. Rows are made one by one while they are written.

use std::fmt;
use std::fmt::{Display, Formatter};

use seqcopy::Layout;
use seqcopy::layout::Path;

use super::field::{same, same_elements};
use super::region::{is_byte, is_number, is_option};

use seqcopy_shm::untyped::{Fields, List, Node, Value};

/// A field, or a part of a value that fits on one line, or an entry of a map.
pub(super) struct Row<'a, 'p> {
    /// `*` if it has changed since the last read, `-` if it is gone.
    pub(super) mark: char,
    pub(super) label: Label<'a, 'p>,
    pub(super) text: Text<'a>,
}

/// The part of a row before its text.
pub(super) enum Label<'a, 'p> {
    /// The path of a field, and its type.
    Field(Path<'p>, &'a Layout),
    Key(Text<'a>),
    None,
}

/// The text of a row.
pub(super) enum Text<'a> {
    /// A value with at most this many elements of each array.
    Line(Value<'a>, usize),
    /// The variant whose fields are in the rows below.
    Name(&'a str),
    /// The number of elements that are not shown.
    More(usize),
}

/// Calls `each` with the rows of a value, with at most `elements` elements of each array. `before` is the previous
/// value, if there was one.
pub(super) fn rows<'a, E>(
    value: Value<'a>,
    before: Option<Value<'_>>,
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
    fn push(&mut self, path: Path<'_>, value: Value<'a>, before: Option<Value<'_>>, text: Text<'a>) -> Result<(), E> {
        let has_changed = before.is_none_or(|before| !same(before, value));
        self.row(path, value.layout(), text, has_changed)
    }

    fn row(&mut self, path: Path<'_>, layout: &'a Layout, text: Text<'a>, has_changed: bool) -> Result<(), E> {
        (self.each)(&Row { mark: if has_changed { '*' } else { ' ' }, label: Label::Field(path, layout), text })
    }

    fn line(&mut self, path: Path<'_>, value: Value<'a>, before: Option<Value<'_>>) -> Result<(), E> {
        self.push(path, value, before, Text::Line(value, self.elements))
    }

    fn add(&mut self, path: Path<'_>, value: Value<'a>, before: Option<Value<'_>>) -> Result<(), E> {
        match value.look() {
            _ if fits_one_line(value, self.elements) => self.line(path, value, before),
            Node::Fields(fields) => {
                if let Some(name) = fields.variant() {
                    self.push(path, value, before, Text::Name(name))?;
                }
                let mut was = before.and_then(|before| match before.look() {
                    Node::Fields(before) if before.variant() == fields.variant() => Some(before.iter()),
                    _ => None,
                });
                let path = fields.path(&path);
                fields.iter().try_for_each(|(name, value)| {
                    let before = was.as_mut().and_then(Iterator::next).map(|field| field.1);
                    self.add(Path::Field(&path, name), value, before)
                })
            }
            Node::List(list) => self.list(&path, value, list, before),
            _ => self.line(path, value, before),
        }
    }

    fn list(&mut self, path: &Path<'_>, whole: Value<'a>, list: List<'a>, before: Option<Value<'_>>) -> Result<(), E> {
        let was = before.and_then(|before| match before.look() {
            Node::List(list) => Some(list),
            _ => None,
        });
        let shown = list.len().min(self.elements);
        for (i, value) in list.iter().take(shown).enumerate() {
            let before = was.and_then(|was| was.skip(i).iter().next());
            let path = Path::Element(path, i);
            // Small structs have one line each, because arrays of them would fill the screen otherwise.
            let is_one_line =
                matches!(value.look(), Node::Fields(fields) if fields.variant().is_none() && are_small(fields, 4));
            if is_one_line { self.line(path, value, before) } else { self.add(path, value, before) }?;
        }
        if shown < list.len() {
            let rest = list.skip(shown);
            let has_changed = was.is_none_or(|was| !same_elements(was.skip(shown), rest));
            self.row(Path::From(path, shown), whole.layout(), Text::More(rest.len()), has_changed)?;
        }
        Ok(())
    }
}

/// Whether the value is shown on one line, as single values, arrays of them, and small variants are. For an array, only
/// the elements that are shown count.
fn fits_one_line(value: Value<'_>, elements: usize) -> bool {
    match value.look() {
        // There may be many numbers, as in images and samples.
        Node::List(list) if is_number(list.element()) => true,
        Node::List(list) => list.iter().take(elements.max(1)).all(|value| match value.look() {
            Node::List(_) => fits_one_line(value, elements),
            _ => is_leaf(value),
        }),
        Node::Fields(fields) if fields.variant().is_none() => fields.is_empty(),
        Node::Fields(fields) => are_small(fields, 3),
        _ => true,
    }
}

fn is_leaf(value: Value<'_>) -> bool {
    match value.look() {
        Node::List(_) | Node::Bytes(_) => false,
        Node::Fields(fields) => fields.variant().is_some() && fields.is_empty(),
        _ => true,
    }
}

/// Whether it is a leaf, or an option of a leaf.
fn is_small(value: Value<'_>) -> bool {
    match value.look() {
        Node::Fields(fields) if is_option(value.layout()) => fields.iter().all(|field| is_leaf(field.1)),
        _ => is_leaf(value),
    }
}

/// Whether there are few of them, and all of them are small.
fn are_small(fields: Fields<'_>, most: usize) -> bool {
    fields.len() <= most && fields.iter().all(|field| is_small(field.1))
}

/// Bytes that are text are shown as numbers from this length on.
pub(super) const LETTERS: usize = 4096;

/// Bytes that are ASCII text, followed by zeros to the end, as names in arrays are.
fn letters(list: List<'_>) -> Option<&str> {
    let bytes = Some(list.bytes()).filter(|_| is_byte(list.element()))?;
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
            let most = elements.saturating_mul(2);
            for (i, byte) in bytes.iter().take(most).enumerate() {
                write!(f, "{}{byte:02x}", if i == 0 { "" } else { " " })?;
            }
            more(f, bytes.len(), most, " ")
        }
        Node::Fields(fields) => write_fields(f, fields, elements),
        Node::Unsigned(number) => write!(f, "{number}"),
        Node::Signed(number) => write!(f, "{number}"),
        // The notation of `Debug`, which has the fewest digits that read back as the same number, and exponents for
        // large and small numbers.
        Node::Single(number) => write!(f, "{number:?}"),
        Node::Double(number) => write!(f, "{number:?}"),
        Node::Bool(bool) => write!(f, "{bool}"),
        Node::Char(char) => write!(f, "{char:?}"),
        Node::Nothing => f.write_str("None"),
        Node::Skipped => f.write_str("not read"),
        Node::Empty(len) => write!(f, "{len} without bytes"),
        Node::Invalid { found, expected } => write!(f, "INVALID {found:#x}, expected {expected}"),
    }
}

fn more(f: &mut Formatter<'_>, len: usize, shown: usize, separator: &str) -> fmt::Result {
    match len.checked_sub(shown) {
        None | Some(0) => Ok(()),
        Some(more) => write!(f, "{}... {more} more", if shown == 0 { "" } else { separator }),
    }
}

/// `Circle { radius: 3 }`, `Square(4)`, `Nowhere`, `{ radius: 3 }`.
fn write_fields(f: &mut Formatter<'_>, fields: Fields<'_>, elements: usize) -> fmt::Result {
    let is_tuple = fields.are_numbered();
    let (open, close) = match (fields.len(), is_tuple, fields.variant()) {
        (0, _, Some(_)) => ("", ""),
        (0, _, None) => ("{", "}"),
        (_, true, _) => ("(", ")"),
        (_, false, None) => ("{ ", " }"),
        (_, false, Some(_)) => (" { ", " }"),
    };
    write!(f, "{}{open}", fields.variant().unwrap_or_default())?;
    for (i, (name, value)) in fields.iter().enumerate() {
        f.write_str(if i == 0 { "" } else { ", " })?;
        if !is_tuple {
            write!(f, "{name}: ")?;
        }
        write_line(f, value, elements)?;
    }
    f.write_str(close)
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::tests::samples::{Sample, image, offset};
    use seqcopy_shm::untyped::Variants;

    #[derive(SeqCopy)]
    #[repr(C, u8)]
    #[allow(dead_code)] // known by its layout
    enum Event {
        Opened { at: u8, by: [u8; 2], id: u8, fee: u8 },
        Closed { at: u8, by: [u8; 2], id: u8, fee: u8 },
    }

    fn changed(before: Option<&[u8]>, now: &[u8]) -> Vec<String> {
        changed_in(Sample::LAYOUT, before, now)
    }

    fn changed_in(layout: &Layout, before: Option<&[u8]>, now: &[u8]) -> Vec<String> {
        let variants = Variants::from_layout(layout);
        let value = |bytes| variants.value(layout, bytes);
        let mut paths = Vec::new();
        let before = value(before.unwrap_or(now));
        let result: Result<(), ()> = rows(value(now), Some(before), 2, &mut |row| {
            if let (Label::Field(path, _), '*') = (&row.label, row.mark) {
                paths.push(path.to_string());
            }
            Ok(())
        });
        assert_eq!(result, Ok(()));
        paths
    }

    /// The longest list of bytes that is shown as text, and a longer one.
    #[test]
    fn long_texts_are_truncated_and_long_bytes_are_numbers() {
        let shown = |layout: &Layout, bytes: &[u8]| {
            let variants = Variants::from_layout(layout);
            Text::Line(variants.value(layout, bytes), 3).to_string()
        };
        for len in [4095, 4096, 4097] {
            let text =
                [&u32::try_from(len).unwrap().to_ne_bytes()[..], &vec![b'a'; len], &vec![0; 5000 - len]].concat();
            let rest = if len > 4096 { " ... 1 more" } else { "" };
            let expected = format!("\"{}\"{rest}", "a".repeat(len.min(4096)));
            assert_eq!(shown(seqcopy::SeqStr::<5000>::LAYOUT, &text), expected);
            let expected = if len > 4096 { "[97, 97, 97, ... 4997 more]".to_owned() } else { expected };
            assert_eq!(shown(<[u8; 5000]>::LAYOUT, &text[4..]), expected);
        }
        let plain = Layout::of_plain("Opaque", 9, 1);
        assert_eq!(shown(&plain, &[0x1f; 9]), "1f 1f 1f 1f 1f 1f ... 3 more");
        // No character is split.
        let text = [&4097u32.to_ne_bytes()[..], &[b'a'; 4095], "ß".as_bytes(), &[0; 903]].concat();
        assert_eq!(shown(seqcopy::SeqStr::<5000>::LAYOUT, &text), format!("\"{}\" ... 2 more", "a".repeat(4095)));
    }

    #[derive(SeqCopy)]
    #[repr(C)]
    #[allow(dead_code)] // known by its layout
    struct Pair(u8, u8);

    #[derive(SeqCopy)]
    #[repr(C, u8)]
    #[allow(dead_code)] // known by its layout
    enum Form {
        Nothing,
        Three(u8, u8, u8),
        Four(u8, u8, u8, u8),
        Option(SeqOption<u8>),
        Pair(Pair),
        List([u8; 2]),
    }

    /// Small parts, and lists of parts without fields, have one line. Others have rows.
    #[test]
    fn what_is_small_has_one_line() {
        let fits = |layout: &Layout, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            bytes.resize(layout.size(), 0);
            let variants = Variants::from_layout(layout);
            fits_one_line(variants.value(layout, &bytes), 9)
        };
        for (variant, is_one) in [(0, true), (1, true), (2, false), (3, true), (4, false), (5, false)] {
            assert_eq!(fits(Form::LAYOUT, &[variant, 1, 1]), is_one, "variant {variant}");
        }
        let forms = <[Form; 2]>::LAYOUT;
        let second = forms.size() / 2;
        for (variants, is_one) in [([0, 0], true), ([0, 1], false), ([1, 0], false), ([1, 1], false)] {
            let bytes = [&[variants[0]][..], &vec![0; second - 1], &[variants[1]]].concat();
            assert_eq!(fits(forms, &bytes), is_one, "{variants:?}");
        }
        assert!(fits(<[[u8; 2]; 3]>::LAYOUT, &[]) && fits(<[u8; 300]>::LAYOUT, &[]) && fits(u8::LAYOUT, &[]));
        assert!(!fits(Pair::LAYOUT, &[]) && fits(<()>::LAYOUT, &[]) && !fits(<[Pair; 2]>::LAYOUT, &[]));
    }

    #[test]
    fn changes_are_found_also_where_they_are_not_shown() {
        let mut bytes = image();
        bytes[offset("level")] ^= 1;
        // The last of 40 elements, of which two are shown.
        bytes[offset("history") + 79] ^= 1;
        // The first of three. The row about the hidden elements stays the same.
        bytes[offset("legs")] ^= 1;
        assert_eq!(changed(Some(&image()), &bytes), ["level", "history", "legs[0]"]);
        assert!(changed(None, &bytes).is_empty());
        // A hidden element: the third of three legs.
        let mut bytes = image();
        bytes[offset("legs") + 2 * leg()] ^= 1;
        assert_eq!(changed(Some(&image()), &bytes), ["legs[2..]"]);
    }

    #[test]
    fn elements_that_are_not_shown_have_changed_if_there_are_more_or_fewer() {
        use seqcopy::SeqVec;
        let list = |len: u32| {
            [&len.to_ne_bytes()[..], &[0, 1, 2, 3, 4, 5].repeat(6)].concat()[..size_of::<SeqVec<Event, 5>>()].to_vec()
        };
        let changed = |before, now| changed_in(SeqVec::<Event, 5>::LAYOUT, Some(&list(before)), &list(now));
        assert!(changed(4, 4).is_empty());
        for (before, now) in [(5, 4), (4, 5), (3, 4)] {
            assert_eq!(changed(before, now).last().map(String::as_str), Some("[2..]"), "{before} to {now}");
        }
    }

    #[test]
    fn the_fields_of_another_variant_are_new() {
        let changed = |before: &[u8], now: &[u8]| changed_in(Event::LAYOUT, Some(before), now);
        assert_eq!(changed(&[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3, 9, 5]), ["", "Opened.id"]);
        assert_eq!(
            changed(&[0, 1, 2, 3, 4, 5], &[1, 1, 2, 3, 4, 5]),
            ["", "Closed.at", "Closed.by", "Closed.id", "Closed.fee"]
        );
    }

    fn leg() -> usize {
        let legs = Sample::LAYOUT.fields().iter().find(|field| field.name() == "legs").expect("a field");
        legs.layout().size() / 3
    }
}
