//! [`MapKey`], the types that can be keys of a map, and the hash of a key. [`Query`]: a key that is looked up, and
//! where a handle found it last.
//!
//! ```text
//! fold(a, b) = the low 64 bits of the 128-bit product a * b, xor the high 64 bits
//! h = seed xor (number of bytes)
//! for each 8 bytes of the key:        h = fold(h xor (these as a little-endian number), FULL)
//! if 1 to 7 bytes are left:           h = fold(h xor (these, with zeros after them, the same way), REST)
//! at the end:                         h = fold(h, REST)
//! ```
//!
//! Without the last step, keys in arithmetic progression (timestamps, grids, pairs) are an arithmetic progression of
//! products too, and under some seeds crowd in a few slots.
//!
//! The search for a key begins at slot `h` modulo the number of slots. Std's `Hash` is not used, because what a type
//! feeds to it may differ between two builds.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;

use seqcopy::layout::{Scalar, Shape};
use seqcopy::{Layout, Validate};

/// Types that can be keys of a map between processes: those that are [`Validate`] and `Eq`, and whose equal values have
/// equal bytes.
///
/// Two keys are the same if their bytes are: a reader hashes and compares the bytes of its own key, and never trusts
/// those that it finds. So a key must have bytes that determine what it is, and nothing else. This is checked when the
/// program is compiled, where a map is opened or created:
///
/// * no padding: write a field for it (`reserved: [u8; 3]`), and choose the `N` of a [`SeqStr<N>`](seqcopy::SeqStr) or
///   [`SeqVec`](seqcopy::SeqVec) without any: for text a multiple of 4;
/// * no floating-point number, since 0.0 equals -0.0: use an integer, or its `to_bits`;
/// * no enum with fields: use a struct of a tag and fields;
/// * no skipped field.
///
/// Integers, `bool`, `char`, enums without fields, arrays and structs of these are keys. `Eq` itself is never called;
/// it should mean the same as equality of bytes. That of a `SeqStr` compares the text alone; after it are zeros, unless
/// another process wrote something else there, and then it is another key. That of a `SeqVec` compares the elements in
/// use; after them is what was removed from it, so build a key from nothing rather than with `pop`, `truncate` or
/// `clear`.
///
/// ```
/// use seqcopy::{SeqCopy, SeqStr, Validate};
/// use seqcopy_shm::MapKey;
///
/// #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Route { network: [u8; 4], bits: u8, reserved: [u8; 3] }
///
/// fn is_key<K: MapKey>() {}
/// is_key::<Route>();
/// is_key::<SeqStr<28>>();
/// is_key::<[u64; 2]>();
/// ```
///
/// A key with padding is refused:
///
/// ```compile_fail,E0080
/// # use seqcopy::{SeqCopy, Validate};
/// # use seqcopy_shm::MapReader;
/// #[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Route { network: u32, bits: u8 }
///
/// let reader = MapReader::<Route, u64>::open("/dev/shm/routes");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a key of a map between processes",
    label = "not a key",
    note = "a key is a type that derives `SeqCopy`, `Validate`, `PartialEq` and `Eq`, such as an integer, a `SeqStr<N>`, or a struct of such fields",
    note = "`String` and `&str` are not keys: use a `seqcopy::SeqStr<N>`",
    note = "floating-point numbers are not keys: use an integer, or `to_bits`"
)]
pub trait MapKey: Validate + Eq {}

#[diagnostic::do_not_recommend]
impl<K: Validate + Eq> MapKey for K {}

/// Stops the compilation if values of that type do not have bytes of their own.
#[track_caller]
pub(super) const fn assert_key(key: &Layout) {
    if let Some(why) = why_not_a_key(key) {
        panic!("{}", why);
    }
}

/// Why values of a type do not have bytes of their own, and what to do; `None` if they have.
pub(super) const fn why_not_a_key(key: &Layout) -> Option<&'static str> {
    if has_skipped(key) {
        return Some("a key of a map can't have skipped fields: a reader would not find them again: remove the field");
    }
    if key.has_enum_with_fields() {
        return Some(
            "a key of a map can't have an enum with fields, whose bytes depend on the variant: use a struct of a tag and fields",
        );
    }
    if key.has_pointers() {
        return Some(
            "a key of a map can't have a pointer, which means nothing in another process: use a number or a text",
        );
    }
    if !key.is_padding_free() {
        return Some(
            "a key of a map can't have padding, whose bytes are not part of it: write a field for it, such as `reserved: [u8; 3]`; for \
             a `SeqStr<N>` choose an `N` that is a multiple of 4",
        );
    }
    if has_float(key) {
        return Some(
            "a key of a map can't have a floating-point number, because 0.0 equals -0.0: use an integer, or its `to_bits`",
        );
    }
    None
}

const fn has_float(layout: &Layout) -> bool {
    match layout.shape() {
        Shape::Scalar(scalar) => matches!(scalar, Scalar::Float),
        Shape::Array { element, len, .. } => len > 0 && has_float(element),
        _ => {
            let fields = layout.fields();
            let mut i = 0;
            while i < fields.len() {
                if has_float(fields[i].layout()) {
                    return true;
                }
                i += 1;
            }
            false
        }
    }
}

const fn has_skipped(layout: &Layout) -> bool {
    match layout.shape() {
        Shape::Skipped => layout.size() > 0,
        Shape::Array { element, len, .. } => len > 0 && has_skipped(element),
        _ => {
            let fields = layout.fields();
            let mut i = 0;
            while i < fields.len() {
                if has_skipped(fields[i].layout()) {
                    return true;
                }
                i += 1;
            }
            false
        }
    }
}

const FULL: u64 = 0xa076_1d64_78bd_642f;
const REST: u64 = 0xe703_7ed1_a0b4_28db;

#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // both halves are used
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a key's bytes.
#[inline(always)]
pub(super) fn hash(seed: u64, key: &[u8]) -> u64 {
    let mut hash = seed ^ key.len() as u64;
    let mut words = key.chunks_exact(8);
    for word in &mut words {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        hash = fold(hash ^ u64::from_le_bytes(bytes), FULL);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let mut bytes = [0; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        hash = fold(hash ^ u64::from_le_bytes(bytes), REST);
    }
    fold(hash, REST)
}

/// A key to search for, and the slot where a handle found it last, if there is a handle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'k> {
    pub(super) key: &'k [u8],
    pub(super) last: Option<&'k LastSlot>,
    /// Whether the search looks only at the slot where the key was found last.
    pub(super) is_only_there: bool,
}

impl<'k> Query<'k> {
    /// A search without a handle.
    #[inline(always)]
    pub(super) fn for_key(key: &'k [u8]) -> Self {
        Query { key, last: None, is_only_there: false }
    }

    /// A search that begins in the slot where the key was found last.
    #[inline(always)]
    pub(super) fn at(key: &'k [u8], last: &'k LastSlot) -> Self {
        Query { key, last: Some(last), is_only_there: false }
    }

    /// The first part of this search, which is short. With a handle it looks at one slot only, so the key may be
    /// elsewhere. Without one it is the whole search.
    #[inline(always)]
    pub(super) fn first_look(self) -> Self {
        Query { is_only_there: self.last.is_some(), ..self }
    }
}

/// The slot where a key was found last. Any number is allowed, because it is masked, and the key in the slot is
/// compared.
#[derive(Debug, Default)]
pub(super) struct LastSlot(AtomicUsize);

impl LastSlot {
    #[inline(always)]
    pub(super) fn get(&self) -> usize {
        self.0.load(Relaxed)
    }

    #[inline(always)]
    pub(super) fn set(&self, slot: usize) {
        self.0.store(slot, Relaxed);
    }
}

impl Clone for LastSlot {
    fn clone(&self) -> Self {
        LastSlot(AtomicUsize::new(self.get()))
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation)] // the low bits of a hash
mod tests {
    use super::{assert_key, hash};
    use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Padded(u32, u8);
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Floats([f32; 2]);

    /// Every layout is refused for its own reason.
    #[test]
    fn layouts_that_are_not_keys() {
        let refused = |layout: &'static seqcopy::Layout| {
            let panic = std::panic::catch_unwind(|| assert_key(layout)).unwrap_err();
            panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or(panic.downcast_ref::<String>().cloned())
                .unwrap()
        };
        assert!(refused(Padded::LAYOUT).contains("reserved: [u8; 3]"));
        assert!(refused(SeqStr::<7>::LAYOUT).contains("multiple of 4"));
        assert!(refused(Floats::LAYOUT).contains("to_bits"));
        assert!(refused(SeqOption::<u32>::LAYOUT).contains("enum with fields"));
        // An array without elements contains no number.
        for layout in [u64::LAYOUT, <[bool; 3]>::LAYOUT, SeqStr::<12>::LAYOUT, char::LAYOUT, <[f32; 0]>::LAYOUT] {
            assert_key(layout);
        }
    }

    /// Another program computed these, from the page of the format.
    #[test]
    fn golden_vectors() {
        for (seed, key, expected) in [
            (0x0000_0000_0000_0000, &b""[..], 0x0000_0000_0000_0000),
            (0x0000_0000_0000_0000, &b"\x00"[..], 0x8212_b59b_bdbc_c094),
            (0x0000_0000_0000_0001, &b"\x6b\x65\x79"[..], 0xf58e_07da_42a2_ce64),
            (0x0123_4567_89ab_cdef, &b"\x00\x01\x02\x03\x04\x05\x06\x07"[..], 0x857d_fb96_b024_9178),
            (
                0x0123_4567_89ab_cdef,
                &b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"[..],
                0xc8ab_6c2a_ec68_659b,
            ),
            (
                0xffff_ffff_ffff_ffff,
                &b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"[..],
                0x4c10_c896_6097_50e9,
            ),
            (0x0000_0000_0000_0007, &b"\xe8\x03\x00\x00\x00\x00\x00\x00"[..], 0x55f5_e2e7_a3aa_9b3a),
        ] {
            assert_eq!(hash(seed, key), expected, "{seed:#x} {key:?}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "only computes")]
    fn keys_that_differ_by_a_bit_begin_at_other_slots() {
        // 64 numbers in sequence, and 64 that differ in one bit, in 1,024 slots. Random numbers would take about 62
        // slots.
        let places = |hashes: &mut dyn Iterator<Item = u64>| {
            hashes.map(|hash| hash % 1024).collect::<std::collections::BTreeSet<_>>().len()
        };
        for seed in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
            assert!(places(&mut (0u64..64).map(|key| hash(seed, &key.to_le_bytes()))) > 48);
            assert!(places(&mut (0u64..64).map(|bit| hash(seed, &(1u64 << bit).to_le_bytes()))) > 48);
            assert!(
                places(&mut (0u64..64).map(|bit| hash(seed, &[&[0; 8][..], &(1u64 << bit).to_le_bytes()].concat())))
                    > 48
            );
        }
    }

    /// In a table that is seven eighths full, random keys are found after four and a half slots. Ordinary keys are
    /// found after at most twice as many, whatever the seed is.
    #[test]
    #[cfg_attr(miri, ignore = "only computes")]
    fn keys_in_arithmetic_progression_crowd_nowhere() {
        type Key = fn(u64) -> u64;
        let (slots, seeds) = (1 << 14, 20);
        let patterns: [(&str, Key); 14] = [
            ("x, y 32 bits above", |n| n % 120 + ((n / 120) << 32)),
            ("x, y 16 bits above", |n| n % 120 + ((n / 120) << 16)),
            ("milliseconds in nanoseconds", |n| n * 1_000_000),
            ("seconds in nanoseconds since 1970", |n| 1_764_000_000_000_000_000 + n * 1_000_000_000),
            ("n at 36 and 18", |n| (n << 36) + (n << 18)),
            ("addresses 64 apart", |n| 0x7f00_0000_0000 + n * 64),
            ("pages", |n| 0x7f00_0000_0000 + n * 4096),
            ("address, port", |n| (((10 << 24) + n) << 32) + 8080),
            ("a pair of u32", |n| (n << 32) + n),
            ("a pair of u16", |n| (n << 16) + n),
            ("three numbers", |n| (n << 48) + (n << 24) + n),
            ("n at 40 and 20", |n| (n << 40) + (n << 20)),
            ("n at 32 and 0", |n| n * 0x1_0000_0001),
            ("n at 33 and 17", |n| (n << 33) + (n << 17)),
        ];
        for (what, key) in patterns {
            for seed in (1..=seeds).map(|number| hash(number, b"a seed")) {
                let (mut taken, mut probes) = (vec![false; slots], 0);
                let entries = slots / 8 * 7;
                for number in 0..entries as u64 {
                    let mut slot = hash(seed, &key(number).to_le_bytes()) as usize % slots;
                    probes += 1;
                    while taken[slot] {
                        slot = (slot + 1) % slots;
                        probes += 1;
                    }
                    taken[slot] = true;
                }
                assert!(probes <= entries * 9, "{what}, seed {seed:#x}: {probes} slots for {entries} keys");
            }
        }
    }
}
