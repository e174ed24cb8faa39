//! Headers that must be refused. These tests run under Miri as well.

use std::time::SystemTime;

use super::*;
use crate::ErrorKind;
use seqcopy::MaybeInvalid;

fn sample() -> (RawHeader, u64) {
    let layout = RegionLayout::from_sizes(48, 8, 4, 100).unwrap();
    (Header::raw(&layout, 7, 0, SystemTime::UNIX_EPOCH), layout.size as u64)
}

fn bytes(raw: &RawHeader) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes.copy_from_slice(MaybeInvalid::from_ref(raw).as_bytes());
    bytes
}

#[test]
fn headers_of_this_library_are_accepted() {
    for buffers in [1, 2, 4, 65536] {
        for align in [1, 2, 8, 64, 4096] {
            let layout = RegionLayout::from_sizes(3 * align, align, buffers, 33).unwrap();
            let raw = Header::raw(&layout, 99, 0, SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123));
            let header = Header::parse(&raw, layout.size as u64, &[FORMAT]).unwrap();
            assert_eq!((header.layout, header.fingerprint()), (layout, 99));
            assert_eq!(layout.buffer_layout.offset % align.max(8), 0);
            assert!(layout.buffer_layout.offset >= Control::WORD + 8);
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed_or_harmless() {
    let (raw, len) = sample();
    let good = Header::parse(&raw, len, &[FORMAT]).unwrap();
    for at in 0..HEADER_BYTES {
        for bit in (0..8).step_by(if cfg!(miri) { 7 } else { 1 }) {
            let mut bytes = bytes(&raw);
            bytes[at] ^= 1 << bit;
            match Header::parse(&RawHeader::from_bytes(&bytes), len, &[FORMAT]) {
                Err(error) => {
                    let is_version = matches!(error.kind(), ErrorKind::Version(_));
                    let words = match at {
                        _ if is_version => " expected, ",
                        0..8 => ", expected \"seqcopy",
                        _ => "should be",
                    };
                    assert!(error.to_string().contains(words), "{error}");
                }
                // The fingerprint is compared with the schema later; the time of creation has no influence on offsets.
                Ok(header) => {
                    assert_eq!(header.layout, good.layout, "byte {at}");
                    assert!((16..24).contains(&at) || (96..108).contains(&at), "byte {at}");
                }
            }
        }
    }
}

#[test]
fn a_region_is_as_long_as_it_says() {
    let (raw, len) = sample();
    assert!(Header::parse(&raw, len, &[FORMAT]).is_ok());
    // A file may be longer: some systems round its length up.
    assert!(Header::parse(&raw, len + 1, &[FORMAT]).is_ok());
    for short in [0, 1, HEADER_BYTES as u64, len - 1] {
        let error = Header::parse(&raw, short, &[FORMAT]).unwrap_err().to_string();
        assert_eq!(
            error,
            std::format!(
                "the file was truncated: it has {short} bytes, expected at least {len}: have the region created again"
            )
        );
    }
}

#[test]
fn numbers_that_overflow_are_refused() {
    for (size, align, buffers, schema) in [
        (usize::MAX, 8, 2, 0),
        (usize::MAX / 2, 1, 4, 0),
        (isize::MAX as usize, 1, 1, 0),
        (8, 3, 2, 0),
        (8, 8192, 2, 0),
        (8, 8, 0, 0),
        (8, 8, 3, 0),
        (8, 8, 1 << 17, 0),
        (8, 8, 2, usize::MAX),
    ] {
        assert!(RegionLayout::from_sizes(size, align, buffers, schema).is_err(), "{size} {align} {buffers} {schema}");
    }
}

#[test]
fn other_versions_are_said_to_be_regions_and_what_to_do() {
    let (raw, len) = sample();
    let says = |change: &dyn Fn(&mut RawHeader)| {
        let mut raw = raw;
        change(&mut raw);
        // The fields after it are of another version too: they are not checked.
        raw.buffers = 3;
        let error = Header::parse(&raw, len, &[FORMAT]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Version(_)));
        error.to_string()
    };
    let is_region = "this is a region of another";
    for (said, what, remedy) in [
        (
            says(&|raw| raw.format = 3),
            "version: format 1 expected, format 3 found: ",
            "build both programs with the same version",
        ),
        (says(&|raw| raw.byte_order ^= 3), "kind of machine: ", "read it on a machine of that byte order"),
        (says(&|raw| raw.pointer_width = 4), "pointers of 8 bytes expected, of 4 found", "for the same width"),
    ] {
        assert!(said.starts_with(is_region) && said.contains(what) && said.contains(remedy), "{said}");
    }
    // Its format is in the other byte order, which is checked first.
    let other = |raw: &mut RawHeader| (raw.byte_order, raw.format) = (raw.byte_order ^ 3, raw.format.swap_bytes());
    assert!(says(&other).contains("-endian expected"));
}

#[test]
fn foreign_machines_are_refused_by_name() {
    let (raw, len) = sample();
    let says = |change: &dyn Fn(&mut RawHeader)| {
        let mut raw = raw;
        change(&mut raw);
        Header::parse(&raw, len, &[FORMAT]).unwrap_err().to_string()
    };
    assert!(
        says(&|raw| raw.magic = *b"ELF\x7f\x1b[2J")
            .contains(r#"its first 8 bytes are "ELF\x7f\x1b[2J", expected "seqcopy\x01""#)
    );
    assert!(says(&|raw| raw.byte_order = 7).contains("byte order should be 1 or 2, found 7"));
    assert!(says(&|raw| raw.pointer_width = 7).contains("width of a pointer should be 8, found 7"));
    assert!(says(&|raw| raw.created_nanos = 1_000_000_000).contains("time of creation"));
    assert!(says(&|raw| raw.created_seconds = u64::MAX).contains("time of creation"));
}

#[test]
fn headers_of_maps_are_checked_like_those_of_values() {
    for (align, buffers, slots) in [(8, 2, 8), (16, 4, 64), (4096, 65536, 8), (64, 2, 1 << 32)] {
        let layout = RegionLayout::of_map(3 * align, align, buffers, slots, 33).unwrap();
        let raw = Header::raw(&layout, 99, 5, SystemTime::UNIX_EPOCH);
        assert_eq!(raw.format, MAP_FORMAT);
        let header = Header::parse(&raw, layout.size as u64, &[MAP_FORMAT]).unwrap();
        assert_eq!((header.layout, header.slots(), header.seed), (layout, slots, 5));
        assert_eq!((layout.buffer_layout.offset % align, layout.buffer_layout.stride % align.max(64)), (0, 0));
        assert!(layout.buffer_layout.stride >= table_header(align) + 3 * align * usize::try_from(slots).unwrap());
    }
    for (size, align, buffers, slots) in [
        (24, 8, 1, 8),
        (24, 8, 3, 8),
        (24, 8, 2, 0),
        (24, 8, 2, 4),
        (24, 8, 2, 9),
        (24, 8, 2, 1 << 33),
        (1 << 30, 8, 1 << 16, 1 << 32),
    ] {
        assert!(RegionLayout::of_map(size, align, buffers, slots, 0).is_err(), "{size} {align} {buffers} {slots}");
    }
    let layout = RegionLayout::of_map(24, 8, 2, 8, 33).unwrap();
    let raw = Header::raw(&layout, 99, 5, SystemTime::UNIX_EPOCH);
    for at in 0..HEADER_BYTES {
        let mut bytes = bytes(&raw);
        bytes[at] ^= 1;
        let checked = Header::parse(&RawHeader::from_bytes(&bytes), layout.size as u64, &[MAP_FORMAT]);
        // Fingerprint, time of creation, seed.
        let is_free = (16..24).contains(&at) || (96..108).contains(&at) || at >= 120;
        // The times of Windows end in the year 30828.
        let is_free = is_free && !(cfg!(windows) && (101..104).contains(&at));
        assert_eq!(checked.is_ok(), is_free, "byte {at}");
    }
}

#[test]
fn values_and_maps_are_told_apart_by_name() {
    let (value, len) = sample();
    let error = Header::parse(&value, len, &[MAP_FORMAT]).unwrap_err().to_string();
    assert!(error.contains("one value") && error.contains("`Reader`"), "{error}");
    let layout = RegionLayout::of_map(24, 8, 2, 8, 33).unwrap();
    let map = Header::raw(&layout, 99, 5, SystemTime::UNIX_EPOCH);
    let error = Header::parse(&map, layout.size as u64, &[FORMAT]).unwrap_err().to_string();
    assert!(error.contains("a map") && error.contains("`MapReader`"), "{error}");
    // A value whose header has slots.
    let mut odd = value;
    odd.slots = 8;
    assert!(Header::parse(&odd, len, &[FORMAT]).unwrap_err().to_string().contains("reserved bytes"));
}
