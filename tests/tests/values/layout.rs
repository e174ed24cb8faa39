//! The layout, copies and the compiler agree on where the data of every type is.

#[cfg(target_pointer_width = "64")]
use core::mem::MaybeUninit;
use core::mem::offset_of;

use seqcopy::layout::{Access, AccessKind, Scalar, Shape, Variant};
use seqcopy::{Aligned8, Layout, SeqCopy, SeqOption};
use seqcopy_tests::accesses;
use seqcopy_tests::corpus::Sample;
#[cfg(target_pointer_width = "64")]
use seqcopy_tests::has_vectors;

fn accesses_are_counted<T: Sample>() {
    for base in [align_of::<T>(), 1, 8].into_iter().filter(|base| *base >= align_of::<T>() || !T::LAYOUT.has_pointers())
    {
        assert_eq!(T::LAYOUT.access_count(base), accesses(T::LAYOUT, base).len(), "{}", T::LAYOUT.name());
    }
}

fn layout_equals_compiler<T: Sample>() {
    let layout = T::LAYOUT;
    assert_eq!((layout.size(), layout.align()), (size_of::<T>(), align_of::<T>()), "{}", layout.name());
}

fn accesses_partition_the_data<T: Sample>() {
    let layout = T::LAYOUT;
    for base in [1, 2, 4, 8, 16] {
        if base > layout.align() && layout.size() % base != 0 || layout.has_pointers() && base < layout.align() {
            continue;
        }
        let mut covered = vec![0u8; layout.size()];
        for Access { offset, width, kind, .. } in seqcopy_tests::accesses(layout, base) {
            assert!(width.is_power_of_two() && width <= size_of::<usize>());
            assert_eq!(offset % width, 0, "{} at base {base}: {offset} is not a multiple of {width}", layout.name());
            assert!(width <= base, "{} at base {base}: too wide", layout.name());
            assert!(kind != AccessKind::Pointer || width == size_of::<usize>());
            covered[offset..offset + width].iter_mut().for_each(|byte| *byte += 1);
        }
        for hole in layout.holes().flatten() {
            assert_eq!(covered[hole], 0, "{} at base {base}: byte {hole} is padding and is accessed", layout.name());
            covered[hole] = 1;
        }
        assert!(covered.iter().all(|&byte| byte == 1), "{} at base {base}: {covered:?}", layout.name());
    }
}

macro_rules! each {
    ($($type:ty),* $(,)?) => {
        #[test]
        #[cfg_attr(all(miri, target_arch = "x86_64"), ignore = "only computes, as the native test does")]
        fn accesses_are_as_many_as_are_counted() {
            $(accesses_are_counted::<$type>();)*
        }

        #[test]
        #[cfg(seqcopy_traced)]
        fn copies_make_the_accesses_of_the_list() {
            $(traced::copies_follow_the_list::<$type>();)*
        }

        #[test]
        fn size_and_alignment_are_the_compilers() {
            $(layout_equals_compiler::<$type>();)*
        }

        #[test]
        #[cfg_attr(all(miri, target_arch = "x86_64"), ignore = "only computes, as the native test does")]
        fn accesses_cover_each_data_byte_once_and_no_padding() {
            $(accesses_partition_the_data::<$type>();)*
        }
    };
}

seqcopy_tests::corpus!(each);

macro_rules! offsets {
    ($($type:ident { $($field:tt),* })*) => {$(
        let fields = $type::LAYOUT.fields();
        let expected = [$((stringify!($field), offset_of!($type, $field))),*];
        assert_eq!(fields.iter().map(|field| (field.name(), field.offset())).collect::<Vec<_>>(), expected);
    )*};
}

#[test]
fn offsets_are_the_compilers() {
    offsets! {
        Padded { a, b, c, d, e, f, g }
        Tuple { 0, 1, 2 }
        Rusty { a, b, c, d, e, f }
        Nested { first, flag, padded, unit, last }
        Packed { a, b, c, d }
        Packed2 { a, b, c }
        PackedPointer { a, b, c }
        Wide { a, b }
        WithSkip { word, a, reserved, b }
        WithAs { a, at }
        Telemetry { at, cores, mode, online, battery, disks, state, check }
    }
}

/// The offset of a field of a variant, from its address.
fn offset_in<T, F>(whole: &T, field: &F) -> usize {
    core::ptr::from_ref(field).addr() - core::ptr::from_ref(whole).addr()
}

#[test]
fn variants_are_laid_out_as_the_compiler_does() {
    fn variant_offsets(layout: &Layout, index: usize) -> Vec<usize> {
        let Shape::Enum { payload, variants, .. } = layout.shape() else { panic!("not an enum with fields") };
        variants[index].fields().iter().map(|field| payload + field.offset()).collect()
    }
    let value = Choice::Mixed { a: 1, b: true, c: 2 };
    let Choice::Mixed { a, b, c } = &value else { panic!() };
    assert_eq!(variant_offsets(Choice::LAYOUT, 2), [offset_in(&value, a), offset_in(&value, b), offset_in(&value, c)]);
    let value = StyleC::A(1, 2);
    let StyleC::A(a, b) = &value else { panic!() };
    assert_eq!(variant_offsets(StyleC::LAYOUT, 0), [offset_in(&value, a), offset_in(&value, b)]);
    let value = GenericChoice::One(Padded::new(1));
    let GenericChoice::One(one) = &value else { panic!() };
    assert_eq!(variant_offsets(GenericChoice::<Padded>::LAYOUT, 0), [offset_in(&value, one)]);
    let value = WithPointer::Pair(1, None);
    let WithPointer::Pair(a, b) = &value else { panic!() };
    assert_eq!(variant_offsets(WithPointer::LAYOUT, 2), [offset_in(&value, a), offset_in(&value, b)]);
    let value = SeqOption::Some(1u64);
    let SeqOption::Some(some) = &value else { panic!() };
    assert_eq!(variant_offsets(SeqOption::<u64>::LAYOUT, 1), [offset_in(&value, some)]);
}

#[test]
fn discriminants_are_the_compilers() {
    let values = |layout: &Layout| layout.variants().iter().map(Variant::value).collect::<Vec<_>>();
    assert_eq!(values(Mode::LAYOUT), [0, 1, 7]);
    assert_eq!(values(Sparse::LAYOUT), [-300, 0, 300]);
    assert_eq!(values(Level::LAYOUT), [i128::from(u64::MAX), 0]);
    assert_eq!(values(Choice::LAYOUT), [0, 1, 9, 10]);
    assert_eq!(values(StyleC::LAYOUT), [-5, -4, -3]);
}

/// A run that begins at an odd offset.
#[derive(SeqCopy)]
#[repr(C)]
#[cfg(target_pointer_width = "64")]
struct Behind<const N: usize> {
    #[seqcopy(skip)]
    hole: MaybeUninit<u8>,
    bytes: [u8; N],
}

#[test]
#[cfg(target_pointer_width = "64")]
fn runs_are_merged_into_the_widest_words() {
    // Offset and width of each access; adjacent bytes that vector instructions copy count as one.
    let accesses = |layout: &'static Layout, base| {
        let mut accesses: Vec<(usize, usize)> = Vec::new();
        let mut in_vectors = false;
        for access in seqcopy_tests::accesses(layout, base) {
            let is_vector = access.kind == AccessKind::Vector;
            match accesses.last_mut() {
                Some(last) if in_vectors && is_vector && last.0 + last.1 == access.offset => last.1 += 1,
                _ => accesses.push((access.offset, access.width)),
            }
            in_vectors = is_vector;
        }
        accesses
    };
    let widths = |layout, base| accesses(layout, base).into_iter().map(|access| access.1).collect::<Vec<_>>();
    let either = |by_vectors: &[usize], by_words: &[usize]| if has_vectors() { by_vectors } else { by_words }.to_vec();
    // u8 | u64 u32 u16 [u16; 5] bool | f32: the last two are separated by padding.
    assert_eq!(widths(Padded::LAYOUT, 8), either(&[1, 25, 4], &[1, 8, 8, 8, 1, 4]));
    assert_eq!(widths(<[u8; 29]>::LAYOUT, 8), either(&[29], &[8, 8, 8, 4, 1]));
    assert_eq!(widths(<[u8; 16]>::LAYOUT, 1), either(&[16], &[1; 16]));
    // Too short for vectors; then too short up to the first aligned word, long enough after it.
    assert_eq!(widths(<[u8; 15]>::LAYOUT, 8), [8, 4, 2, 1]);
    let after = |len| match len {
        22 => accesses(Behind::<22>::LAYOUT, 8),
        _ => accesses(Behind::<23>::LAYOUT, 8),
    };
    assert_eq!(after(22), [(1, 1), (2, 2), (4, 4), (8, 8), (16, 4), (20, 2), (22, 1)]);
    assert_eq!(after(23)[..3], [(1, 1), (2, 2), (4, 4)]);
    assert_eq!(after(23)[3..], if has_vectors() { vec![(8, 16)] } else { vec![(8, 8), (16, 8)] });
    assert_eq!(widths(AllWidths::LAYOUT, 8), [8, 4, 2, 1]);
    assert_eq!(widths(Packed2::LAYOUT, 2), either(&[1, 20], &[1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]));
    // A run ends at each pointer, and another begins after it.
    assert_eq!(widths(<(u32, *const u8, u32, u32)>::LAYOUT, 8).iter().sum::<usize>(), 20);
    // Elements with padding are all partitioned alike.
    let both = accesses(<[Gappy; 2]>::LAYOUT, 8);
    let (first, second) = both.split_at(both.len() / 2);
    assert!(first.iter().map(|(offset, width)| (offset + size_of::<Gappy>(), *width)).eq(second.iter().copied()));
}

#[test]
#[cfg_attr(miri, ignore = "only computes")]
fn long_lists_of_accesses_are_complete() {
    let word = size_of::<usize>();
    let dense = accesses(<[u64; 1000]>::LAYOUT, 8);
    let is_vector = dense[0].kind == AccessKind::Vector;
    assert_eq!(dense.len(), if is_vector { 8000 } else { 8000 / word });
    let padded = accesses(<[Padded; 100]>::LAYOUT, align_of::<Padded>());
    assert!(padded.windows(2).all(|pair| pair[0].offset + pair[0].width <= pair[1].offset));
}

/// In the order of declaration it has gaps, so where it has none, the fields lie in another order, and a walk over them
/// jumps.
type Reordered = (u8, u32, u8, u16);

#[test]
fn a_type_without_gaps_is_one_run_in_any_order() {
    if !Reordered::LAYOUT.is_padding_free() {
        // The order is the compiler's choice, and may be random.
        return;
    }
    let places: Vec<_> =
        accesses(Reordered::LAYOUT, 4).into_iter().map(|access| (access.offset, access.width)).collect();
    assert_eq!(places, [(0, 4), (4, 4)]);
}

/// Copies make the accesses of the list: `ci/traces.sh` has both forms.
#[cfg(seqcopy_traced)]
mod traced {
    use seqcopy::{Aligned8, SeqCopy, SeqOption};
    use seqcopy_tests::corpus::{Padded, Sample};
    use seqcopy_tests::traced::{loads_follow_the_list, stores_follow_the_list};

    use super::Reordered;

    pub(super) fn copies_follow_the_list<T: Sample>() {
        load_follows_the_list::<T>();
        for value in T::samples() {
            assert_eq!(stores_follow_the_list(&value), Ok(()), "{}", T::LAYOUT.name());
        }
    }

    fn load_follows_the_list<T: SeqCopy>() {
        assert_eq!(loads_follow_the_list::<T>(), Ok(()), "{}", T::LAYOUT.name());
    }

    #[test]
    fn loads_of_long_types_and_of_those_in_any_order_follow_the_list() {
        load_follows_the_list::<Aligned8<[u64; 1000]>>();
        load_follows_the_list::<[Padded; 100]>();
        load_follows_the_list::<Reordered>();
        load_follows_the_list::<core::num::Wrapping<Reordered>>();
        load_follows_the_list::<Aligned8<Reordered>>();
        // As a field: next to a pointer, in padding, in an array whose elements have padding, in a variant, in one of
        // its own kind.
        load_follows_the_list::<(Reordered, *const u8, u8)>();
        load_follows_the_list::<(u64, Reordered, u8)>();
        load_follows_the_list::<[(u8, Reordered); 3]>();
        load_follows_the_list::<SeqOption<Reordered>>();
        load_follows_the_list::<SeqOption<(u16, Reordered)>>();
        load_follows_the_list::<(u16, (Reordered, [Reordered; 2]), u16)>();
    }
}

#[test]
fn queries_about_padding_and_pointers() {
    assert!(<[u32; 4]>::LAYOUT.is_padding_free() && !Padded::LAYOUT.is_padding_free());
    assert!(!AllWidths::LAYOUT.is_padding_free() && Packed::LAYOUT.fields().len() == 4);
    assert!(!WithSkip::LAYOUT.is_padding_free(), "skipped bytes are not data");
    assert!(!Choice::LAYOUT.is_padding_free() && !SeqOption::<u8>::LAYOUT.is_padding_free());
    // An empty array has no padding.
    assert!(<[Padded; 0]>::LAYOUT.is_padding_free() && !<[Padded; 1]>::LAYOUT.is_padding_free());
    assert!(<u128>::LAYOUT.is_padding_free() && Empty::LAYOUT.is_padding_free());
    assert!(WithPointer::LAYOUT.has_pointers() && !Choice::LAYOUT.has_pointers());
    assert!(Telemetry::LAYOUT.has_enum_with_fields() && !Nested::LAYOUT.has_enum_with_fields());
    assert!(Telemetry::LAYOUT.is_specified() && !Rusty::LAYOUT.is_specified());
    assert!(!<(u8, u8)>::LAYOUT.is_specified() && !<[(u8,); 2]>::LAYOUT.is_specified());
    assert!(matches!(char::LAYOUT.shape(), Shape::Scalar(Scalar::Char)));
    // A word that is a pointer in one variant is one in all: the partition must not depend on the value.
    let pointers = accesses(WithPointer::LAYOUT, align_of::<WithPointer>())
        .into_iter()
        .filter(|access| access.kind == AccessKind::Pointer);
    assert_eq!(pointers.count(), 1);
}

/// The byte string of `Layout::fingerprint`, implemented a second time from the documentation.
fn documented_bytes(node: &[u8]) -> Vec<u8> {
    let mut bytes = 16u64.to_le_bytes().to_vec();
    bytes.extend(b"seqcopy schema 1");
    bytes.push(u8::try_from(size_of::<usize>()).unwrap());
    bytes.push(if cfg!(target_endian = "little") { b'<' } else { b'>' });
    bytes.extend(node);
    bytes
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn numbers(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[derive(Clone, Copy, SeqCopy)]
// SAFETY: a number.
#[seqcopy(unsafe(plain))]
#[allow(dead_code)]
struct Celsius32(u32);

#[derive(Clone, Copy, SeqCopy)]
// SAFETY: a number.
#[seqcopy(unsafe(plain))]
#[allow(dead_code)]
struct Kelvin32(u32);

#[test]
fn the_fingerprint_is_the_documented_one() {
    let u32_node = [vec![b'u'], numbers(&[4, 4])].concat();
    assert_eq!(u32::LAYOUT.fingerprint(), fnv(&documented_bytes(&u32_node)));
    let array = [vec![b'['], numbers(&[8, 4, 2]), u32_node.clone()].concat();
    assert_eq!(<[u32; 2]>::LAYOUT.fingerprint(), fnv(&documented_bytes(&array)));
    let plain = [vec![b'#'], numbers(&[4, 4, 9]), b"Celsius32".to_vec()].concat();
    assert_eq!(Celsius32::LAYOUT.fingerprint(), fnv(&documented_bytes(&plain)));
    assert_ne!(Celsius32::LAYOUT.fingerprint(), Kelvin32::LAYOUT.fingerprint(), "two plain types of one size");
    let mode = [
        vec![b'e'],
        numbers(&[1, 1, 4]),
        b"Mode".to_vec(),
        numbers(&[3, 3]),
        b"Off".to_vec(),
        numbers(&[0, 0, 2]),
        b"On".to_vec(),
        numbers(&[1, 0, 4]),
        b"Auto".to_vec(),
        numbers(&[7, 0]),
    ]
    .concat();
    assert_eq!(Mode::LAYOUT.fingerprint(), fnv(&documented_bytes(&mode)));
    let option = [
        vec![b'o'],
        numbers(&[8, 4, 9]),
        b"SeqOption".to_vec(),
        [vec![b'u'], numbers(&[1, 1])].concat(),
        numbers(&[4, 2, 4]),
        b"None".to_vec(),
        numbers(&[0, 0, 4]),
        b"Some".to_vec(),
        numbers(&[1, 1, 1]),
        b"0".to_vec(),
        numbers(&[0]),
        u32_node,
    ]
    .concat();
    assert_eq!(SeqOption::<u32>::LAYOUT.fingerprint(), fnv(&documented_bytes(&option)));
}

#[test]
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
fn fingerprints_have_their_golden_values() {
    // These must not change: regions written by one version are read by another.
    let golden = [
        (u64::LAYOUT, 0x1356_3351_633c_d962),
        (<[f32; 3]>::LAYOUT, 0xe779_feff_8167_305f),
        (Padded::LAYOUT, 0x042d_4a1f_80bc_fbc1),
        (Choice::LAYOUT, 0xe60a_e881_22ee_35f6),
        (Telemetry::LAYOUT, 0x5133_4a7a_378b_e0d0),
        (Celsius32::LAYOUT, 0xdaf0_45bf_dd70_dd5a),
    ];
    for (layout, expected) in golden {
        assert_eq!(layout.fingerprint(), expected, "{}: {:#018x}", layout.name(), layout.fingerprint());
    }
}

#[test]
fn different_types_have_different_fingerprints() {
    macro_rules! each {
        ($($type:ty),* $(,)?) => {
            [$((stringify!($type), <$type as SeqCopy>::LAYOUT.fingerprint())),*]
        };
    }
    let all = each!(
        u8,
        i8,
        u16,
        u32,
        f32,
        char,
        u64,
        i64,
        f64,
        bool,
        [u8; 2],
        [u16; 1],
        Padded,
        Nested,
        Gappy,
        Mode,
        Sparse,
        Choice,
        StyleC,
        Outer,
        SeqOption<u8>,
        SeqOption<u16>,
        Telemetry,
        core::num::NonZeroU8,
        Option<core::num::NonZeroU32>,
        WithSkip,
        *const u8,
        core::ptr::NonNull<u8>
    );
    for (i, (name, fingerprint)) in all.iter().enumerate() {
        for (other, same) in &all[..i] {
            assert_ne!(fingerprint, same, "{name} and {other}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "only computes")]
fn accesses_of_huge_arrays_are_listed_in_linear_time() {
    // 200,000 padded elements, in an array of arrays and after another field: quadratic time would be minutes.
    const ELEMENTS: usize = 1000;
    #[derive(SeqCopy)]
    #[repr(C)]
    struct Huge {
        first: u8,
        many: [[Gappy; ELEMENTS]; 200],
        last: u16,
    }
    let one = <[Gappy; 1]>::LAYOUT.access_count(8);
    let mut offset = 0;
    let mut count = 0;
    Huge::LAYOUT.each_access(8, |access| {
        assert!(count == 0 || access.offset > offset, "accesses ascend");
        offset = access.offset;
        count += 1;
    });
    // Where there are vectors the whole is one span, and its last field two bytes.
    let last = if <[u64; 2]>::LAYOUT.access_count(8) == 16 { 2 } else { 1 };
    assert_eq!(count, 1 + ELEMENTS * 200 * one + last);
    assert_eq!(Huge::LAYOUT.access_count(8), count);
    // By arithmetic.
    #[cfg(target_pointer_width = "64")]
    assert_eq!(<[[Gappy; 1 << 20]; 1 << 16]>::LAYOUT.access_count(8), one << 36);
    #[cfg(target_pointer_width = "32")]
    assert_eq!(<[[Gappy; 1 << 12]; 1 << 12]>::LAYOUT.access_count(8), one << 24);
    assert_eq!(offset, core::mem::offset_of!(Huge, last) + last - 1);
}
