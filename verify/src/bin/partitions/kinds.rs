//! All types of a kind, by number.

use super::tree::{Byte, Tree, WORD, fields_of};

/// Makes the types with a number, and passes them on.
type Make = Box<dyn Fn(usize, &mut dyn FnMut(&Tree)) + Sync>;

/// A set of types.
pub(crate) struct Kind {
    pub(crate) name: String,
    /// How many numbers there are.
    pub(crate) count: usize,
    pub(crate) make: Make,
}

/// Every kind; `all`, or the part that takes seconds.
pub(crate) fn kinds(all: bool) -> Vec<Kind> {
    let of = |whole: u32, part: u32| if all { whole } else { part };
    vec![
        data_and_padding(of(20, 12)),
        single_bytes(of(14, 9)),
        with_skipped(1, of(12, 7)),
        with_skipped(5, of(8, 5)),
        pointers(of(32, 24)),
        enums(1, of(8, 6)),
        enums(2, of(8, 6)),
        enums(4, of(8, 6)),
        enums_with_skipped(of(6, 4)),
        enums_with_pointers(all),
        orders(1, of(4, 3)),
        orders(5, of(4, 3)),
        arrays_inside(of(8, 5)),
        super::pieces::sequences(of(4, 3)),
    ]
}

/// A type, and arrays of two and three.
pub(crate) fn with_arrays(tree: &Tree, each: &mut dyn FnMut(&Tree)) {
    each(tree);
    each(&tree.array(2));
    each(&tree.array(3));
}

/// The digits of a number: `len` of them, the last one first.
fn digits(mut number: usize, radix: usize, len: usize) -> impl Iterator<Item = usize> {
    (0..len).map(move |_| {
        let digit = number % radix;
        number /= radix;
        digit
    })
}

/// How many strings of at most `longest` letters there are, not counting the empty one.
pub(crate) fn strings(letters: usize, longest: u32) -> usize {
    (1..=longest).map(|len| letters.pow(len)).sum()
}

/// The one with a number, as numbers of letters.
pub(crate) fn string(mut number: usize, letters: usize) -> impl Iterator<Item = usize> {
    let (mut len, mut with_len) = (1, letters);
    while number >= with_len {
        number -= with_len;
        with_len *= letters;
        len += 1;
    }
    digits(number, letters, len)
}

const LETTERS: [Byte; 3] = [Byte::Data, Byte::Padding, Byte::Skipped];

/// The string with a number as bytes, of which each letter is `unit`.
fn bytes(number: usize, letters: usize, unit: usize) -> Vec<Byte> {
    string(number, letters).flat_map(|letter| core::iter::repeat_n(LETTERS[letter], unit)).collect()
}

fn data_and_padding(longest: u32) -> Kind {
    Kind {
        name: format!("data and padding, to {longest} B"),
        count: strings(2, longest),
        make: Box::new(|number, each| with_arrays(&Tree::of(&bytes(number, 2, 1)), each)),
    }
}

/// The same, in which neighbouring fields are joined to runs.
fn single_bytes(longest: u32) -> Kind {
    Kind {
        name: format!("fields of one byte, to {longest} B"),
        count: strings(2, longest),
        make: Box::new(|number, each| with_arrays(&Tree::of_single_bytes(&bytes(number, 2, 1)), each)),
    }
}

fn with_skipped(unit: usize, longest: u32) -> Kind {
    let name = if unit == 1 { String::new() } else { format!("{unit} times ") };
    Kind {
        name: format!("data, padding, skipped, to {name}{longest} B"),
        count: strings(3, longest),
        make: Box::new(move |number, each| with_arrays(&Tree::of(&bytes(number, 3, unit)), each)),
    }
}

/// What lies between pointers, a word long.
fn words() -> Vec<Vec<Byte>> {
    let of = |byte: &dyn Fn(usize) -> Byte| (0..WORD).map(byte).collect();
    let data_if = |is: bool| if is { Byte::Data } else { Byte::Padding };
    let mut words = vec![of(&|_| Byte::Pointer), of(&|_| Byte::Data), of(&|_| Byte::Padding)];
    words.push(of(&|at| data_if(at == 0)));
    words.push(of(&|at| data_if(at == WORD - 1)));
    // For 32-bit words that is all: there are twice as many.
    if WORD == 8 {
        words.extend((2..WORD).map(|len| of(&|at| data_if(at < len))));
        words.extend((2..WORD).map(|len| of(&|at| data_if(at >= len))));
        words.push(of(&|at| data_if(at % 2 == 0)));
        words.push(of(&|at| data_if(at % 4 == 3)));
        words.push(of(&|at| data_if(at == 0 || at == 7)));
        words.push(of(&|_| Byte::Skipped));
        words.push(of(&|at| if at < 4 { Byte::Skipped } else { Byte::Data }));
        words.push(of(&|at| if at < 5 { Byte::Data } else { Byte::Skipped }));
    }
    words
}

/// With a pointer in every set of the places where one fits.
fn pointers(longest: u32) -> Kind {
    let words = words();
    Kind {
        name: format!("pointers at every place, to {longest} B"),
        count: strings(words.len(), longest / u32::try_from(WORD).expect("small")),
        make: Box::new(move |number, each| {
            let bytes: Vec<Byte> = string(number, words.len()).flat_map(|word| words[word].clone()).collect();
            if bytes.contains(&Byte::Pointer) {
                with_arrays(&Tree::of(&bytes), each);
            }
        }),
    }
}

/// An enum whose variants have these bytes after the tag; alone, in arrays, and among data in a struct.
fn with_enum(tag: usize, payload: usize, variants: &[Vec<Byte>], each: &mut dyn FnMut(&Tree)) {
    let size = tag + variants[0].len();
    let fields = |bytes: &Vec<Byte>| fields_of(bytes, tag);
    let tree = Tree::Enum { size, tag, payload, variants: variants.iter().map(fields).collect() };
    with_arrays(&tree, each);
    if !tree.has_pointers() {
        let fields = vec![(0, Tree::Data(1)), (1, tree), (1 + size, Tree::Data(2))];
        each(&Tree::Struct { size: size + 3, fields });
    }
}

/// Two variants of every size.
fn enums(tag: usize, longest: u32) -> Kind {
    let most = longest as usize - tag;
    Kind {
        name: format!("enums, tag of {tag}, to {longest} B"),
        count: (0..=most).map(|len| 1 << (2 * len)).sum(),
        make: Box::new(move |number, each| {
            let (mut number, mut len) = (number, 0);
            while number >= 1 << (2 * len) {
                number -= 1 << (2 * len);
                len += 1;
            }
            let mut bits = digits(number, 2, 2 * len).map(|digit| LETTERS[digit]);
            let first: Vec<Byte> = bits.by_ref().take(len).collect();
            with_enum(tag, if number % 2 == 0 { 0 } else { tag }, &[first, bits.collect()], each);
        }),
    }
}

fn enums_with_skipped(size: u32) -> Kind {
    let len = size as usize - 1;
    Kind {
        name: format!("enums, also skipped, of {size} B"),
        count: 9usize.pow(size - 1),
        make: Box::new(move |number, each| {
            let mut letters = digits(number, 3, 2 * len).map(|digit| LETTERS[digit]);
            let first: Vec<Byte> = letters.by_ref().take(len).collect();
            with_enum(1, 1, &[first, letters.collect()], each);
        }),
    }
}

/// In one variant a pointer after any bytes, in the other any bytes; in both orders.
fn enums_with_pointers(all: bool) -> Kind {
    let before = WORD - 1;
    let free = if all { before } else { before.min(4) };
    Kind {
        name: format!("enums with pointers, of {} B", 2 * WORD),
        count: 1 << (free + WORD),
        make: Box::new(move |number, each| {
            let letters: Vec<Byte> = digits(number, 2, free + WORD).map(|digit| LETTERS[digit]).collect();
            let mut with_pointer = letters[..free].to_vec();
            with_pointer.resize(before, Byte::Padding);
            with_pointer.resize(before + WORD, Byte::Pointer);
            let mut other = vec![Byte::Padding; before];
            other.extend_from_slice(&letters[free..]);
            let mut variants = [with_pointer, other];
            with_enum(1, 0, &variants, each);
            variants.reverse();
            with_enum(1, 0, &variants, each);
        }),
    }
}

/// Fields that lie side by side in memory, declared in every order. Each is one of eight, with sizes times `unit`.
fn orders(unit: usize, most: u32) -> Kind {
    let field = move |number: usize| -> (usize, Tree) {
        let of = |letters: &[Byte]| {
            let bytes: Vec<Byte> = letters.iter().flat_map(|&byte| core::iter::repeat_n(byte, unit)).collect();
            Tree::of(&bytes)
        };
        match number {
            0 => (0, Tree::Data(unit)),
            1 => (0, Tree::Data(3 * unit)),
            2 => (unit, Tree::Data(2 * unit)),
            3 => (0, Tree::Skipped(unit)),
            4 => (0, of(&[Byte::Skipped, Byte::Skipped])),
            5 => (0, of(&[Byte::Data, Byte::Padding, Byte::Data])),
            6 => (0, of(&[Byte::Padding, Byte::Data, Byte::Skipped])),
            _ => (unit, of(&[Byte::Data, Byte::Data])),
        }
    };
    Kind {
        name: format!("{most} fields in every order, times {unit}"),
        count: strings(8, most),
        make: Box::new(move |number, each| {
            let (mut size, mut in_memory) = (0, Vec::new());
            for letter in string(number, 8) {
                let (gap, tree) = field(letter);
                in_memory.push((size + gap, tree));
                size = in_memory[in_memory.len() - 1].0 + in_memory[in_memory.len() - 1].1.size();
            }
            permutations(&mut in_memory, 0, &mut |fields| {
                let tree = Tree::Struct { size, fields: fields.to_vec() };
                each(&tree);
                each(&tree.array(2));
            });
        }),
    }
}

fn permutations<T>(items: &mut [T], fixed: usize, each: &mut dyn FnMut(&[T])) {
    if fixed + 1 >= items.len() {
        return each(items);
    }
    for i in fixed..items.len() {
        items.swap(fixed, i);
        permutations(items, fixed + 1, each);
        items.swap(fixed, i);
    }
}

/// Arrays at every offset of a word and one more, with data before and after.
fn arrays_inside(longest: u32) -> Kind {
    Kind {
        name: format!("arrays inside, elements to {longest} B"),
        count: strings(2, longest),
        make: Box::new(|number, each| {
            let element = Tree::of(&bytes(number, 2, 1));
            for offset in 0..=9 {
                for len in [1, 2, 3, 5] {
                    let array = element.array(len);
                    let after = offset + array.size();
                    let fields = vec![(0, Tree::Data(offset)), (offset, array), (after, Tree::Data(1))];
                    each(&Tree::Struct { size: after + 1, fields });
                }
            }
        }),
    }
}
