//! [`Evil`]: regions that pass every check of the library, and are built to cost a program that shows them memory and
//! time.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::tree::START;
use seqcopy_tests::regions::{lay_out, lay_out_map};

/// A region of a type, and the byte that fills its payload.
pub(crate) struct Evil {
    pub(crate) name: &'static str,
    schemas: [Vec<u8>; 2],
    size: usize,
    align: usize,
    fill: [u8; 2],
    /// The number of slots if it is a map; the type is that of a slot then.
    slots: Option<usize>,
}

/// A name, an offset, a type.
type Field = (String, usize, Node);

/// A node of a schema, with its size and its alignment.
#[derive(Clone)]
struct Node(Vec<u8>, usize, usize);

fn number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u64).to_le_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend(text.bytes());
}

fn node(kind: u8, size: usize, align: usize) -> Node {
    let mut bytes = vec![kind];
    number(&mut bytes, size);
    number(&mut bytes, align);
    Node(bytes, size, align)
}

/// A number, or plain bytes, which have a name.
fn leaf(kind: u8, size: usize) -> Node {
    let mut made = node(kind, size, 1);
    if kind == b'#' {
        text(&mut made.0, "P");
    }
    made
}

fn array(element: &Node, len: usize) -> Node {
    let mut node = node(b'[', element.1 * len, element.2);
    number(&mut node.0, len);
    node.0.extend(&element.0);
    node
}

/// Fields at their offsets.
fn fields(bytes: &mut Vec<u8>, fields: &[Field]) {
    number(bytes, fields.len());
    for (name, offset, node) in fields {
        text(bytes, name);
        number(bytes, *offset);
        bytes.extend(&node.0);
    }
}

fn structure(name: &str, list: &[Field], size: usize, align: usize) -> Node {
    let mut node = node(b'{', size, align);
    text(&mut node.0, name);
    fields(&mut node.0, list);
    node
}

/// An enum with a tag of `tag` bytes, followed by variants with these fields.
fn choice(kind: u8, name: &str, size: usize, tag: usize, variants: &[(String, Vec<Field>)]) -> Node {
    let mut made = node(kind, size, 1);
    text(&mut made.0, name);
    made.0.extend(node(b'u', tag, 1).0);
    number(&mut made.0, tag);
    number(&mut made.0, variants.len());
    for (i, (name, list)) in variants.iter().enumerate() {
        text(&mut made.0, name);
        number(&mut made.0, i);
        fields(&mut made.0, list);
    }
    made
}

fn tags(name: &str, size: usize, count: usize) -> Node {
    let mut node = node(b'e', size, size);
    text(&mut node.0, name);
    number(&mut node.0, count);
    for i in 0..count {
        text(&mut node.0, &format!("v{i}"));
        number(&mut node.0, i);
        number(&mut node.0, 0);
    }
    node
}

fn schema(node: &Node) -> Vec<u8> {
    [START, &node.0].concat()
}

impl Evil {
    /// Two regions of one type that differ in every byte.
    fn of(name: &'static str, node: &Node, fill: [u8; 2]) -> Evil {
        let schema = schema(node);
        Evil { name, schemas: [schema.clone(), schema], size: node.1, align: node.2, fill, slots: None }
    }

    /// Two maps of one type, whose entries all have the same key.
    fn map(name: &'static str, key: &Node, value: &Node, slots: usize) -> Evil {
        let after = (8 + key.1).next_multiple_of(8);
        let parts = [("stamp", 0, &node(b'u', 8, 8)), ("key", 8, key), ("value", after, value)];
        let parts = parts.map(|(name, offset, node)| (name.to_owned(), offset, node.clone()));
        let slot = structure("Slot", &parts, (after + value.1).next_multiple_of(8), 8);
        Evil { slots: Some(slots), ..Evil::of(name, &slot, [1, 2]) }
    }

    /// Writes a map of two tables, of which the newest is full. The other is zeros, which are written, too: a file with
    /// holes is refused.
    fn put_map(&self, file: &File, slots: usize, which: usize) {
        const PART: usize = 1 << 20;
        let schema = &self.schemas[which];
        let (header, first, stride) = lay_out_map(schema, self.size, self.align, 2, slots, 7);
        file.write_all_at(&header, 0).expect("written");
        for (start, fill) in [(first, self.fill[which]), (first + stride, 0)] {
            let part = vec![fill; PART];
            for at in (start..start + stride).step_by(PART) {
                file.write_all_at(&part[..PART.min(start + stride - at)], at as u64).expect("written");
            }
        }
        file.write_all_at(schema, (first + 2 * stride) as u64).expect("written");
        file.write_all_at(&1u32.to_ne_bytes(), 128).expect("written");
        file.write_all_at(&2u64.to_ne_bytes(), 192).expect("written");
    }

    /// Writes one of the two, with a single buffer or with a map of two tables, large ones in parts.
    pub(crate) fn put(&self, path: &Path, which: usize) {
        const PART: usize = 1 << 20;
        let _ = std::fs::remove_file(path);
        let file = File::options().write(true).create_new(true).open(path).expect("a file");
        if let Some(slots) = self.slots {
            return self.put_map(&file, slots, which);
        }
        let schema = &self.schemas[which];
        let (header, first, after) = lay_out(schema, self.size, self.align, 1);
        file.write_all_at(&header, 0).expect("written");
        let part = vec![self.fill[which]; PART];
        for at in (first..first + self.size).step_by(PART) {
            let len = PART.min(first + self.size - at);
            file.write_all_at(&part[..len], at as u64).expect("written");
        }
        // Zeros up to the schema, so that the file has no hole.
        file.write_all_at(&vec![0; after - first - self.size], (first + self.size) as u64).expect("written");
        file.write_all_at(schema, after as u64).expect("written");
        file.write_all_at(&1u32.to_ne_bytes(), 128).expect("written");
        file.write_all_at(&2u64.to_ne_bytes(), 192).expect("written");
    }
}

/// All these regions.
#[allow(clippy::too_many_lines)] // a list
pub(crate) fn all() -> Vec<Evil> {
    let (byte, bool, word) = (node(b'u', 1, 1), node(b'b', 1, 1), node(b'u', 8, 8));
    let long = |c: char| c.to_string().repeat(256);
    let named = |name: &str, offset: usize, node: &Node| (name.to_owned(), offset, node.clone());
    // Many rows, each with a path of several kilobytes.
    let pair = structure("q", &[named("z", 0, &bool)], 1, 1);
    let mut deep = structure("p", &[named("x", 0, &bool), named("y", 1, &pair), named("w", 2, &pair)], 3, 1);
    for _ in 0..4 {
        deep = array(&deep, 16);
    }
    for _ in 0..50 {
        deep = structure("s", &[(long('n'), 0, deep.clone())], deep.1, 1);
    }
    let keys: Vec<_> = "abcd".chars().enumerate().map(|(i, c)| (long(c), i, bool.clone())).collect();
    let gap = structure("g", &[named("a", 0, &byte), named("b", 8, &word)], 16, 8);
    let many = |kind: u8, size: usize, stride: usize, count: usize| -> Vec<_> {
        (0..count).map(|i| (format!("f{i}"), i * stride, leaf(kind, size))).collect()
    };
    let irregular: Vec<_> = (0..150).map(|i| (format!("f{i}"), 3 * i + i * i / 50, node(b'u', 1, 1))).collect();
    let variants = |count: usize, size: usize| -> Vec<_> {
        let list = |i: usize| vec![("a".to_owned(), i * 7919 % size, node(b'u', 1, 1))];
        (0..count).map(|i| (format!("V{i}"), list(i))).collect()
    };
    let mut option = byte.clone();
    let mut choices = byte.clone();
    for _ in 0..22 {
        let some = vec![("0".to_owned(), 0, option.clone())];
        let variants = [("None".to_owned(), vec![]), ("Some".to_owned(), some)];
        option = choice(b'o', "SeqOption", option.1 + 1, 1, &variants);
    }
    for _ in 0..60 {
        let inside = vec![("0".to_owned(), 0, choices.clone())];
        choices = choice(b'|', "C", choices.1 + 1, 1, &[("A".to_owned(), inside)]);
    }
    let nothing = structure("N", &many(b'#', 0, 0, 4000), 0, 1);
    let empty: Vec<_> = (0..3000).map(|i| (format!("f{i}"), 0, array(&leaf(b'#', 0), 1 << 40))).collect();
    let mut evil = vec![
        Evil::of("deep", &deep, [0, 1]),
        Evil::of("long keys", &array(&structure("p", &keys, 4, 1), 800_000), [0, 1]),
        Evil::of("invalid tags", &array(&tags("T", 8, 9000), 400_000), [0xff, 0xfe]),
        Evil::of("invalid bools", &array(&bool, 8 << 20), [2, 3]),
        Evil::of("64 MiB", &array(&byte, 64 << 20), [250, 251]),
        Evil::of("96 MiB", &array(&byte, 96 << 20), [250, 251]),
        Evil::of("128 MiB of words", &array(&word, 16 << 20), [0xff, 0xfe]),
        Evil::of("gaps in an array", &array(&gap, 4 << 20), [0xff, 0xfe]),
        Evil::of("an irregular struct in an array", &array(&structure("I", &irregular, 1000, 1), 1000), [1, 2]),
        Evil::of("a struct of gaps", &structure("G", &many(b'u', 1, 2, 5000), 10_000, 1), [1, 2]),
        Evil::of("fields without bytes", &structure("Z", &empty, 1, 1), [1, 2]),
        Evil::of("nothing", &structure("O", &[named("a", 0, &nothing), named("b", 0, &byte)], 1, 1), [1, 2]),
        Evil::of("an enum of many variants", &array(&choice(b'|', "V", 8002, 2, &variants(3800, 8000)), 1000), [0, 1]),
        Evil::of("a large enum", &choice(b'|', "L", (100 << 20) + 2, 2, &variants(3800, 100 << 20)), [0, 1]),
        Evil::of(
            "a small enum of many variants",
            &array(&choice(b'|', "W", 4, 2, &variants(60, 2)), 1 << 20),
            [0, 0xff],
        ),
        Evil::of("options in options", &option, [1, 0]),
        Evil::of("enums in enums", &choices, [0, 1]),
    ];
    // Two types without a common name.
    let [one, other] = ["a", "b"].map(|prefix| {
        let list: Vec<_> = (0..5500).map(|i| (format!("{prefix}{i}"), 0, node(b'_', 0, 1))).collect();
        schema(&structure("T", &list, 1, 1))
    });
    evil.push(Evil { name: "no name in common", schemas: [one, other], size: 1, align: 1, fill: [0, 1], slots: None });
    evil.extend([
        Evil::map("a map of small entries", &word, &byte, 1 << 22),
        Evil::map("a map of fewer small entries", &word, &byte, 1 << 19),
        Evil::map("a map of long keys", &array(&byte, 16 << 10), &byte, 1 << 10),
        Evil::map("a map of longer keys", &array(&byte, 64 << 10), &byte, 1 << 10),
        Evil::map("a map of large values", &word, &array(&byte, 11 << 20), 8),
        Evil::map("a map of large keys", &array(&byte, 20 << 20), &byte, 8),
    ]);
    evil
}
