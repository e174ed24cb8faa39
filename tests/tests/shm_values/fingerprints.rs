//! Fingerprints of slices and maps, which no layout in Rust has: other programs know their regions by these.
//! `values::fingerprints` has those of types.

use seqcopy::SeqStr;
use seqcopy_shm::{MapWriter, Options, Schema};
use seqcopy_tests::corpus::{BothWide, Choice, LongTag, Mode, Padded, SkipsAligned};
use seqcopy_tests::faults::Place;

/// That in the header of a region (format.md).
fn region(make: impl FnOnce(&std::path::Path)) -> u64 {
    let place = Place::new();
    make(&place.at("region"));
    let header = std::fs::read(place.at("region")).unwrap();
    u64::from_ne_bytes(header[16..24].try_into().unwrap())
}

#[test]
fn fingerprints_of_slices_and_maps_are_those_of_every_release() {
    macro_rules! found {
        (@one [$element:ty; $capacity:literal]) => {
            region(|path| drop(Options::new().capacity($capacity).create::<[$element]>(path).unwrap()))
        };
        (@one ($key:ty, $value:ty)) => {
            region(|path| drop(MapWriter::<$key, $value>::create(path, 4).unwrap()))
        };
        ($($of:tt = $fingerprint:literal,)*) => {
            [$((stringify!($of), found!(@one $of), $fingerprint)),*]
        };
    }
    let all: &[(&str, u64, u64)] = &found![
        [u8; 1] = 0x400f_5b9b_2b31_d44b,
        [f64; 100] = 0x2e0a_2b07_ecdc_0943,
        [[bool; 3]; 5] = 0x3745_01b7_7984_005c,
        [Padded; 5] = 0xf502_09d0_8d6e_7573,
        [Choice; 5] = 0x4f24_cf0c_1ca8_cc34,
        [Mode; 5] = 0x63fd_17a1_73d9_362b,
        [LongTag; 5] = 0xf755_1b1d_dc0d_f99c,
        [SkipsAligned; 5] = 0x0da1_2a77_6cd8_8694,
        [BothWide; 5] = 0x1e25_6466_1b76_1da8,
        [SeqStr<4>; 5] = 0x4e39_365c_d1c7_2ce5,
        (u8, u8) = 0xbb0a_c1b0_3bf0_d47c,
        (u64, Padded) = 0x995e_144a_6e6e_bc6b,
        (u32, Choice) = 0x4cd9_392f_4795_191c,
        (i16, SkipsAligned) = 0x96a0_eaab_5591_0421,
        ([u16; 3], LongTag) = 0x9f1d_f8f1_d15e_2f4b,
    ];
    let differing: Vec<_> = all
        .iter()
        .filter(|(_, found, expected)| found != expected)
        .map(|(name, found, _)| format!("{name} = {found:#018x},"))
        .collect();
    assert!(differing.is_empty(), "other programs no longer know these:\n{}", differing.join("\n"));
    assert_eq!(
        region(|path| drop(MapWriter::<u8, u8>::create(path, 400).unwrap())),
        Schema::of_map::<u8, u8>().fingerprint()
    );
}
