//! Types with a field of each kind, for tests, and the whole text that is generated of them, which is compared with
//! files that people read.

use core::num::{NonZeroI8, NonZeroI16, NonZeroI64, NonZeroU16, NonZeroU32};

use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec, Validate};

use crate::Bindings;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Sample {
    open: bool,
    mode: Mode,
    level: i16,
    ratio: f32,
    letter: char,
    id: NonZeroU16,
    parent: Option<NonZeroU32>,
    limit: SeqOption<f64>,
    outline: Outline,
    wide: u128,
    history: [u16; 40],
    legs: [Leg; 3],
    name: SeqStr<7>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
pub(super) enum Mode {
    Calm = 0,
    Fast = 3,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // only its layout is used
pub(super) enum Outline {
    Nowhere,
    Circle { radius: u32, filled: bool },
    Square(u16),
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Leg {
    id: u8,
    length: u32,
    ready: SeqOption<Leap>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Leap {
    height: u16,
    far: bool,
}

/// What [`Sample`] does not have.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, align(32))]
#[allow(non_snake_case)] // as the name of another member
struct Rare {
    r#int: i8,
    _1: i32,
    padding_at_1: u16,
    Payload: i64,
    all_bytes: u64,
    errno: Ids,
    signed_wide: i128,
    flags: [[bool; 2]; 3],
    nothing: (),
    level: Level,
    far: Far,
    message: Message,
    list: SeqVec<Pair, 2>,
    packed: Packed,
    sparse: Sparse,
    #[seqcopy(skip)]
    skipped: core::mem::MaybeUninit<[u16; 3]>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i32)]
#[allow(dead_code)] // only its layout is used
enum Level {
    Least = i32::MIN,
    Below = -7,
    Most = i32::MAX,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i64)]
#[allow(dead_code)] // only its layout is used
enum Far {
    Least = i64::MIN,
    Most = i64::MAX,
}

/// Larger than all that C has of it: an array without elements is no member.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // only its layout is used
enum Sparse {
    Aligned([u64; 0]),
    Some(bool),
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u16)]
#[allow(dead_code)] // only its layout is used
enum Message {
    Nothing = 1,
    Default { tag: u8, payload: u32 } = 300,
    Pair(Pair) = 65535,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Ids(NonZeroI64, Option<NonZeroI8>);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Pair(u8, u64);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, packed)]
struct Packed {
    first: u8,
    then: u32,
}

/// Runs of words of a small alignment, once and several times.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Low {
    marks: [u8; 3],
    is_on: bool,
    levels: [u16; 5],
    pairs: [Near; 2],
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Near {
    from: [u16; 3],
    is_on: bool,
}

/// Lines of a header, but for the bytes of its schema, which other tests compare.
fn text(bindings: Result<Bindings, crate::Error>) -> String {
    let header = bindings.unwrap().c_header().unwrap();
    let is_of_bytes =
        |line: &str| line.starts_with("    ") && line.trim().chars().all(|c| c.is_ascii_digit() || ", ".contains(c));
    header.lines().filter(|line| line.is_empty() || !is_of_bytes(line)).flat_map(|line| [line, "\n"]).collect()
}

#[track_caller]
fn is_as_written(name: &str, written: &str, now: &str) {
    seqcopy_harness::is_as_written(&format!("{}/src/written/{name}", env!("CARGO_MANIFEST_DIR")), written, now);
}

/// The whole of one, and of two others what differs from type to type.
#[test]
#[cfg_attr(miri, ignore = "compares with a file")]
fn headers_are_as_they_were() {
    is_as_written("map.h", include_str!("written/map.h"), &text(Bindings::of_map::<SeqStr<12>, Leg>()));
    let [rare, low] = [Bindings::of::<Rare>(), Bindings::of::<Low>()].map(text);
    let (_, declared) = rare.split_once("/* `Ids` */").expect("a type");
    let (declared, _) = declared.split_once("\n#pragma pop_macro").expect("its end");
    let mut all = format!(
        "/* Parts of the headers of `Rare` and `Low` in samples.rs, as they were when they were read last. */\n{declared}"
    );
    for header in [&rare, &low] {
        for function in header.split("\n\n") {
            let is_own = ["_copy(", "_store(", "_bits_are_valid"]
                .iter()
                .any(|name| function.lines().next().is_some_and(|line| line.contains(name)));
            if is_own && function.starts_with("static inline") {
                all.extend(["\n", function, "\n"]);
            }
        }
    }
    is_as_written("rare.h", include_str!("written/rare.h"), &all);
}

/// One of each kind of number, with a sign and without.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Numbers {
    any: u16,
    any_signed: i16,
    some: NonZeroU16,
    some_signed: NonZeroI16,
    perhaps: Option<NonZeroU16>,
    perhaps_signed: Option<NonZeroI16>,
    letter: char,
    ratio: f64,
    is_on: bool,
}

#[test]
fn members_say_which_numbers_they_may_have() {
    let header = text(Bindings::of::<Numbers>());
    let members: Vec<&str> = header.lines().skip_while(|line| !line.contains(" any;")).take(9).map(str::trim).collect();
    let wanted = "uint16_t any;
        int16_t any_signed;
        uint16_t some; /* never 0 */
        int16_t some_signed; /* never 0 */
        uint16_t perhaps; /* 0: none */
        int16_t perhaps_signed; /* 0: none */
        uint32_t letter; /* a Unicode scalar value */
        double ratio;
        bool is_on;";
    assert_eq!(members, wanted.lines().map(str::trim).collect::<Vec<_>>());
}
