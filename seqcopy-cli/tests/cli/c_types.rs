//! Types that are hard to declare in C.

use std::fs;
use std::num::{NonZeroI8, NonZeroU32};

use seqcopy::{SeqStr, SeqVec};

use super::compiler::{C, CPP, workshop};
use super::*;

/// A field of each kind; `fields.c` prints them.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Everything {
    flag: bool,
    nothing: [u64; 0],
    signs: Signs,
    wide: u128,
    floats: [[f32; 3]; 2],
    letter: char,
    mode: Mode,
    depth: Depth,
    class: u16,
    some: SeqOption<u64>,
    inner: SeqOption<Inner>,
    shape: Shape,
    big: Big,
    packed: Packed,
    line: Line,
    raised: Raised,
    id: NonZeroU32,
    maybe: Option<NonZeroI8>,
    name: SeqStr<7>,
    levels: SeqVec<u16, 3>,
    switches: SeqVec<bool, 2>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Signs(i8, i16, i32, i64);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    Calm,
    VeryFast = 200,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i64)]
#[allow(dead_code)] // what C makes of the extremes
enum Depth {
    Lowest = i64::MIN,
    Below = -5,
    Highest = i64::MAX,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Inner {
    small: u8,
    mode: Mode,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u16)]
#[allow(dead_code)]
enum Shape {
    Point,
    Circle { radius: f64, parts: [u16; 3] },
    Tag(bool),
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u64)]
#[allow(dead_code)]
enum Big {
    Empty(),
    Packed(Packed),
    Last(bool, u32) = 0xffff_ffff_ffff_ffff,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, packed)]
struct Packed {
    a: u8,
    b: u32,
    c: u16,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, align(64))]
struct Line {
    x: u8,
}

/// The array has an alignment, but no bytes.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Raised {
    small: u8,
    align: [u32; 0],
}

pub(super) fn everything() -> Everything {
    Everything {
        flag: true,
        nothing: [],
        signs: Signs(-1, -2, -3, -4),
        wide: (5 << 64) + 6,
        floats: [[0.0, 1.5, 0.0], [0.0, 0.0, 2.5]],
        letter: 'ß',
        mode: Mode::VeryFast,
        depth: Depth::Below,
        class: 9,
        some: Some(10).into(),
        inner: Some(Inner { small: 11, mode: Mode::Calm }).into(),
        shape: Shape::Circle { radius: 3.5, parts: [0, 12, 0] },
        big: Big::Last(true, 13),
        packed: Packed { a: 14, b: 15, c: 16 },
        line: Line { x: 17 },
        raised: Raised { small: 18, align: [] },
        id: NonZeroU32::MIN,
        maybe: NonZeroI8::new(-1),
        // As long as can be.
        name: SeqStr::literal("größe"),
        levels: SeqVec::from([19, 20, 21]),
        switches: SeqVec::from([true]),
    }
}

// More types, which are compiled but not read.

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(non_snake_case)]
struct Größe {
    int: u8,
    r#struct: u16,
    größte: u32,
    __hidden: u64,
    Upper: bool,
    tag: Mode,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(non_camel_case_types)]
struct int {
    a: Generic<u8>,
    b: Generic<[u16; 2]>,
    c: [SeqOption<SeqOption<bool>>; 3],
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Generic<T> {
    value: T,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, packed(2))]
struct Tight {
    a: u8,
    deep: [Generic2; 2],
    wide: i128,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Generic2 {
    a: u8,
    b: u16,
}

// Names that the header defines itself.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Status {
    region: region,
    read: Read,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(non_camel_case_types)]
struct region {
    copy: u8,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i32)]
#[allow(dead_code, clippy::upper_case_acronyms)]
enum Read {
    OK = i32::MIN,
    Ok = -1,
    Torn = i32::MAX,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, align(32))]
struct Aligned(Inside);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)]
enum Inside {
    None,
    Value { tag: u8, bytes: [u8; 3] },
}

/// The same in C as another enum.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i8)]
enum Sign {
    Below = -1,
}

#[test]
fn headers_can_be_included_side_by_side() {
    let workshop = workshop();
    let mut includes = String::new();
    let mut add = |place: &Place, name: Option<&str>, number: usize| {
        let mut arguments = vec!["header", place.path()];
        arguments.extend(name.into_iter().flat_map(|name| ["--name", name]));
        let file = format!("h{number}.h");
        fs::write(workshop.0.join(&file), shows(&arguments)).unwrap();
        // Twice, because of the include guard.
        includes += &["#include \"", &file, "\"\n"].concat().repeat(2);
    };
    let mode = Mode::Calm;
    let sizes = Größe { int: 1, r#struct: 2, größte: 3, __hidden: 4, Upper: true, tag: mode };
    let (a, b) = (Generic { value: 1 }, Generic { value: [2; 2] });
    let tight = Tight { a: 1, deep: [Generic2 { a: 1, b: 2 }; 2], wide: -1 };
    let status = Status { region: region { copy: 1 }, read: Read::Ok };
    add(&Place::with(1, sizes).0, None, 1);
    add(&Place::with(2, int { a, b, c: [Some(Some(true).into()).into(); 3] }).0, None, 2);
    add(&Place::with(4, tight).0, None, 3);
    add(&Place::with(2, status).0, None, 4);
    add(&Place::with(2, Aligned(Inside::Value { tag: 1, bytes: [2; 3] })).0, None, 5);
    add(&Place::with(2, 5u64).0, None, 6);
    add(&Place::with(1, [[1u8; 3]; 5]).0, Some("matrix"), 7);
    add(&Place::with(2, [SeqOption::Some([7u8; 600]); 4]).0, Some("blocks"), 8);
    add(&Place::with(2, Mode::VeryFast).0, Some("mode"), 9);
    add(&Place::with(2, Inside::None).0, Some("inside"), 14);
    add(&Place::with(2, std::cmp::Ordering::Less).0, Some("ordering"), 15);
    add(&Place::with(2, Sign::Below).0, Some("sign"), 16);
    add(&Place::with(2, -1i128).0, Some("huge"), 10);
    add(&Place::with(2, everything()).0, None, 11);
    add(&Place::with(2, pose()).0, None, 12);
    add(&Place::with(2, 'x').0, Some("letter"), 13);

    let source = workshop.0.join("all.c");
    includes += "int main(void)\n{\n    return 0;\n}\n";
    fs::write(&source, includes).unwrap();
    for compiler in [C, CPP] {
        if compiler.is_there() {
            compiler.compile(&workshop.0, &source, None);
        }
    }
}
