//! Headers that are not to be believed. These run under Miri as well.

use std::string::ToString;
use std::time::SystemTime;

use super::*;

fn sample() -> (RawHeader, u64) {
    let plan = Plan::of(48, 8, 4, 100).unwrap();
    (Header::raw(&plan, 7, SystemTime::UNIX_EPOCH), plan.size as u64)
}

fn bytes(raw: &RawHeader) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes.copy_from_slice(MaybeInvalid::from_ref(raw).as_bytes());
    bytes
}

use crate::MaybeInvalid;

#[test]
fn what_was_made_is_believed() {
    for cells in [1, 2, 4, 65536] {
        for align in [1, 2, 8, 64, 4096] {
            let plan = Plan::of(3 * align, align, cells, 33).unwrap();
            let raw = Header::raw(&plan, 99, SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123));
            let header = Header::check(&raw, plan.size as u64).unwrap();
            assert_eq!((header.plan, header.fingerprint()), (plan, 99));
            assert_eq!(plan.place.offset % align.max(8), 0);
            assert!(plan.place.offset >= Control::WORD + 8);
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed_or_harmless() {
    let (raw, len) = sample();
    let good = Header::check(&raw, len).unwrap();
    for at in 0..HEADER_BYTES {
        for bit in 0..8 {
            let mut bytes = bytes(&raw);
            bytes[at] ^= 1 << bit;
            match Header::check(&RawHeader::from_bytes(&bytes), len) {
                Err(error) => assert!(error.to_string().contains("should be"), "{error}"),
                // The fingerprint is held against the schema later; the time of making says nothing about places.
                Ok(header) => {
                    assert_eq!(header.plan, good.plan, "byte {at}");
                    assert!((16..24).contains(&at) || (96..108).contains(&at), "byte {at}");
                }
            }
        }
    }
}

#[test]
fn a_region_is_as_long_as_it_says() {
    let (raw, len) = sample();
    assert!(Header::check(&raw, len).is_ok());
    // Files may be longer: some systems round.
    assert!(Header::check(&raw, len + 1).is_ok());
    for short in [0, 1, HEADER_BYTES as u64, len - 1] {
        let error = Header::check(&raw, short).unwrap_err().to_string();
        assert_eq!(
            error,
            std::format!(
                "this is no region of this machine: its length of the file should be at least {len}, found {short}"
            )
        );
    }
}

#[test]
fn numbers_that_overflow_are_refused() {
    for (size, align, cells, schema) in [
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
        assert!(Plan::of(size, align, cells, schema).is_err(), "{size} {align} {cells} {schema}");
    }
}

#[test]
fn foreign_machines_are_refused_by_name() {
    let (raw, len) = sample();
    let says = |change: &dyn Fn(&mut RawHeader)| {
        let mut raw = raw;
        change(&mut raw);
        Header::check(&raw, len).unwrap_err().to_string()
    };
    assert!(
        says(&|raw| raw.magic = *b"ELF\x7f\x1b[2J")
            .contains(r#"its magic should be "seqcopy\x01", found "ELF\x7f\x1b[2J""#)
    );
    assert!(says(&|raw| raw.byte_order ^= 3).contains("byte order should be"));
    assert!(says(&|raw| raw.format = 2).contains("format should be 1, found 2"));
    assert!(says(&|raw| raw.pointer_width = 4).contains("width of a pointer should be 8, found 4"));
    assert!(says(&|raw| raw.created_nanos = 1_000_000_000).contains("time of making"));
    assert!(says(&|raw| raw.created_seconds = u64::MAX).contains("time of making"));
}
