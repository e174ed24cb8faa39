//! Structs of larger pieces: what the other kinds have, side by side in one type.

use super::kinds::{Kind, string, strings, with_arrays};
use super::tree::{Byte, Tree, WORD, fields_of};

/// One to three letters for each piece: how many bytes, and of what.
fn bytes(text: &str) -> Vec<Byte> {
    let mut bytes = Vec::new();
    for part in text.split(' ') {
        let (kind, count) = part.split_at(1);
        let byte = match kind {
            "d" => Byte::Data,
            "s" => Byte::Skipped,
            "p" => Byte::Pointer,
            _ => Byte::Padding,
        };
        let count = count.parse().expect("a number");
        bytes.extend(core::iter::repeat_n(byte, if byte == Byte::Pointer { WORD } else { count }));
    }
    bytes
}

/// The pieces. Those with a pointer begin with it or have it at a multiple of a word.
fn pieces() -> Vec<Tree> {
    let of = |text: &str| Tree::of(&bytes(text));
    let word = |text: &str| {
        let mut all = bytes(text);
        all.resize(WORD, Byte::Padding);
        all.extend([Byte::Pointer].repeat(WORD));
        Tree::of(&all)
    };
    let variant = |text: &str, start| fields_of(&bytes(text), start);
    let small = Tree::Enum { size: 6, tag: 1, payload: 0, variants: vec![Vec::new(), variant("d3", 2)] };
    let pointer = Tree::Enum {
        size: 2 * WORD,
        tag: 1,
        payload: 0,
        variants: vec![vec![(WORD, Tree::Pointer)], variant("d2", 1)],
    };
    vec![
        Tree::Data(1),
        Tree::Data(3),
        Tree::Data(17),
        Tree::Skipped(1),
        Tree::Pointer,
        of("s2"),
        of("d1 .2 d1"),
        of("d9 .6 d4"),
        of("d2 s1 d2"),
        of("d9 .3 d9 s1 d1"),
        word("d3"),
        of("p1 d1"),
        of("d2 .1").array(3),
        of("d5 .3").array(3),
        small.array(2),
        pointer,
    ]
}

/// Padding comes before pieces with pointers, and before every third piece.
pub(crate) fn sequences(most: u32) -> Kind {
    let pieces = pieces();
    Kind {
        name: format!("sequences of {most} of {} pieces", pieces.len()),
        count: strings(pieces.len(), most),
        make: Box::new(move |number, each| {
            let (mut size, mut fields) = (0usize, Vec::new());
            for (index, letter) in string(number, pieces.len()).enumerate() {
                let piece = &pieces[letter];
                if piece.has_pointers() {
                    size = size.next_multiple_of(WORD);
                } else if index % 3 == 2 {
                    size += 2;
                }
                fields.push((size, piece.clone()));
                size += piece.size();
            }
            if fields.iter().any(|(_, field)| field.has_pointers()) {
                // As the compiler lays types out, so that the elements of an array are aligned.
                size = size.next_multiple_of(WORD);
            }
            with_arrays(&Tree::Struct { size, fields }, each);
        }),
    }
}
