//! Types that are hard to name or to lay out in C.

#![allow(nonstandard_style, clippy::upper_case_acronyms)] // the names are the point of these types
#![allow(dead_code)] // C programs read the fields

use std::error::Error;
use std::num::{NonZeroI8, NonZeroU32};

use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec, Validate};

use super::Regions;

/// Fields whose names are macros, keywords, functions and types in C.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Names {
    st_atime: u64,
    st_mtime: u64,
    st_ctime: u64,
    open: bool,
    close: bool,
    errno: u8,
    class: u16,
    linux: u32,
    uint8_t: u8,
    r#static: u8,
    EOF: i16,
    NULL: i8,
    assert: i8,
    Größe: f32,
    O_RDONLY: [u8; 3],
    tag: Map,
    Names_Map: Map,
    all_bytes: (),
    stdin: u8,
    unix: u8,
    major: u8,
    minor: u8,
    bool: bool,
    offsetof: u8,
    defined: u8,
    packed: u8,
    aligned: u8,
    SEQCOPY_NAMES_MAP_TAG_SHARED: u8,
}

/// Without a prefix, its tags would be `MAP_SHARED` and so on.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Map {
    Shared = 7,
    Private = 9,
    HUGETLB,
    FAILED,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i16)]
enum O {
    Rdonly = -300,
    RDONLY = 0,
    Cloexec = 300,
}

/// Without a prefix, the function that opens a region would be called `shm_open`.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct shm {
    unlink: u8,
    shm: u32,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct stat {
    stat: SeqOption<shm>,
    region: [stat_region; 2],
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u8)]
enum stat_region {
    payload { tag: u8, payload: u32 },
    tag(u16),
    errno,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, packed)]
struct Packed {
    a: u8,
    b: u64,
    c: [u16; 3],
    d: SeqOption<u32>,
    e: u128,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, align(64))]
struct Line(u8, Option<NonZeroI8>, NonZeroU32);

/// Elements of 20 bytes in a struct that is aligned to 8: the first numbers of every other element could be accessed as
/// a word of 8 bytes, those of the elements between them can't.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Strided(u64, [Gap; 5]);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Gap(u8, [u32; 4]);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(i64)]
enum Extreme {
    Low(u8, i128) = -9_223_372_036_854_775_808,
    High { nothing: [u64; 0], deep: [[SeqOption<char>; 2]; 0], line: Line } = 9_223_372_036_854_775_807,
    Middle = -1,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u64)]
enum Wide {
    First = 0,
    Last = u64::MAX,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Layouts {
    packed: [Packed; 3],
    lines: [Line; 2],
    extreme: [Extreme; 3],
    wide: Wide,
    zero: [u64; 0],
    end: u8,
}

/// Types with the names and the fields of the library's, whose values mean something else.
mod namesakes {
    use seqcopy::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqStr {
        pub(super) len: u32,
        pub(super) bytes: [u8; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct SeqVec {
        pub(super) len: u32,
        pub(super) elements: [u8; 4],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, u8)]
    pub(super) enum SeqOption {
        None,
        Some(u16),
    }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Namesakes {
    text: SeqStr<4>,
    no_text: namesakes::SeqStr,
    list: SeqVec<u8, 4>,
    no_list: namesakes::SeqVec,
    option: SeqOption<u16>,
    no_option: namesakes::SeqOption,
}

/// Fields whose types follow no pattern.
macro_rules! fields {
    ($($name:ident: $kind:ty),* $(,)?) => {
        #[derive(Clone, Copy, SeqCopy, Validate)]
        #[repr(C)]
        struct Irregular {
            $($name: $kind,)*
        }

        impl Irregular {
            #[allow(clippy::cast_possible_truncation)] // only some of its bits
            fn new(seed: u64) -> Self {
                let mut state = seed;
                Irregular { $($name: {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) as $kind
                },)* }
            }
        }
    };
}

#[rustfmt::skip]
fields! {
    f0: u16, f1: u16, f2: u32, f3: u64, f4: u8, f5: u8, f6: u64, f7: u32, f8: u16, f9: u16, f10: u64, f11: u64,
    f12: u64, f13: u16, f14: u16, f15: u16, f16: u64, f17: u8, f18: u8, f19: u16, f20: u8, f21: u32, f22: u8, f23: u32,
    f24: u64, f25: u64, f26: u64, f27: u64, f28: u64, f29: u16, f30: u32, f31: u8, f32: u8, f33: u16, f34: u64,
    f35: u16, f36: u32, f37: u64, f38: u32, f39: u64, f40: u64, f41: u32, f42: u64, f43: u16, f44: u32, f45: u8,
    f46: u32, f47: u16, f48: u32, f49: u8, f50: u16, f51: u32, f52: u32, f53: u8, f54: u8, f55: u64, f56: u64, f57: u8,
    f58: u32, f59: u8, f60: u64, f61: u16, f62: u8, f63: u32, f64: u64, f65: u64, f66: u8, f67: u8, f68: u8, f69: u64,
    f70: u32, f71: u32, f72: u16, f73: u8, f74: u32, f75: u8, f76: u8, f77: u8, f78: u8, f79: u16, f80: u64, f81: u32,
    f82: u32, f83: u16, f84: u8, f85: u32, f86: u32, f87: u32, f88: u16, f89: u64, f90: u64, f91: u64, f92: u64,
    f93: u8, f94: u32, f95: u64, f96: u16, f97: u32, f98: u64, f99: u32, f100: u32, f101: u32, f102: u8, f103: u64,
    f104: u32, f105: u8, f106: u64, f107: u16, f108: u8, f109: u32, f110: u64, f111: u32, f112: u32, f113: u32,
    f114: u64, f115: u8, f116: u8, f117: u8, f118: u32, f119: u32, f120: u64, f121: u32, f122: u32, f123: u16,
    f124: u32, f125: u16, f126: u32, f127: u32, f128: u32, f129: u32, f130: u64, f131: u8, f132: u8, f133: u16,
    f134: u32, f135: u16, f136: u32, f137: u16, f138: u32, f139: u16, f140: u64, f141: u8, f142: u8, f143: u32,
    f144: u32, f145: u16, f146: u64, f147: u16, f148: u8, f149: u32,
}

/// An array of 1,000 elements. Its header must not be 1,000 times as long.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Thousand([Irregular; 1000]);

pub(super) fn add(regions: &mut Regions) -> Result<(), Box<dyn Error>> {
    let names = |tag| Names {
        st_atime: 1,
        st_mtime: 2,
        st_ctime: 3,
        open: true,
        close: false,
        errno: 4,
        class: 5,
        linux: 6,
        uint8_t: 7,
        r#static: 8,
        EOF: -9,
        NULL: -10,
        assert: -11,
        Größe: 12.5,
        O_RDONLY: [13, 14, 15],
        tag,
        Names_Map: Map::HUGETLB,
        all_bytes: (),
        stdin: 16,
        unix: 17,
        major: 18,
        minor: 19,
        bool: true,
        offsetof: 20,
        defined: 21,
        packed: 22,
        aligned: 23,
        SEQCOPY_NAMES_MAP_TAG_SHARED: 24,
    };
    regions.add("Names", [names(Map::Shared), names(Map::FAILED)])?;
    regions.add("Map", [Map::Shared, Map::Private, Map::HUGETLB, Map::FAILED])?;
    regions.add("O", [O::Rdonly, O::RDONLY, O::Cloexec])?;
    let one = shm { unlink: 1, shm: 2 };
    regions.add("shm", [one])?;
    let parts = [stat_region::payload { tag: 3, payload: 4 }, stat_region::tag(5), stat_region::errno];
    let some = |i: usize, stat: Option<shm>| stat { stat: stat.into(), region: [parts[i], parts[(i + 1) % 3]] };
    regions.add("stat", [some(0, None), some(1, Some(one)), some(2, Some(one))])?;

    let packed = |d: Option<u32>| Packed { a: 1, b: u64::MAX, c: [2, 3, 4], d: d.into(), e: u128::MAX - 5 };
    let line = Line(1, NonZeroI8::new(-1), NonZeroU32::MIN);
    let kinds = [Extreme::Low(1, -2), Extreme::High { nothing: [], deep: [], line }, Extreme::Middle];
    let layouts = |i: usize| Layouts {
        packed: [packed(None), packed(Some(6)), packed(None)],
        lines: [line; 2],
        extreme: [kinds[i], kinds[(i + 1) % 3], kinds[(i + 2) % 3]],
        wide: if i == 0 { Wide::First } else { Wide::Last },
        zero: [],
        end: 7,
    };
    regions.add("Layouts", [layouts(0), layouts(1), layouts(2)])?;
    let strided = |n: u8| Strided(n.into(), [1, 2, 3, 4, 5].map(|i| Gap(n, [i, i << 8, i << 16, i << 24])));
    regions.add("Strided", [strided(1), strided(2)])?;
    let namesakes = |option: Option<u16>, no_option| Namesakes {
        text: SeqStr::literal("one"),
        no_text: namesakes::SeqStr { len: 99, bytes: [0xff; 4] },
        list: SeqVec::from([1, 2, 3, 4]),
        no_list: namesakes::SeqVec { len: 98, elements: [5; 4] },
        option: option.into(),
        no_option,
    };
    let both = [namesakes(None, namesakes::SeqOption::Some(1)), namesakes(Some(2), namesakes::SeqOption::None)];
    regions.add("Namesakes", both)?;
    let thousand = Thousand(std::array::from_fn(|i| Irregular::new(i as u64)));
    regions.add("Thousand", vec![thousand])?;
    Ok(())
}
