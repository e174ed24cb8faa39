//! Handles to entries: what they find after removals and insertions, and in a map with other keys.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::ptr::{null, null_mut};

use common::{At, bytes};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;
use seqcopy_shm as shm;
use seqcopy_shm::untyped::MapReader;

mod common;

/// A handle finds its key after it was removed and is back, in a map with other keys nothing or an error, and by
/// whichever reader or writer.
#[test]
fn a_handle_to_an_entry() {
    let (at, other) = (At::new("entry"), At::new("entry-other"));
    drop(shm::MapWriter::<u32, u64>::create(&at.0, 14).unwrap());
    drop(shm::MapWriter::<[bool; 4], u64>::create(&other.0, 14).unwrap());
    let open = |at: &At| {
        let (mut writer, mut reader) = (null_mut(), null_mut());
        let there = MapReader::open(&at.0).unwrap();
        let (schema, len) = bytes(there.region().schema());
        // SAFETY: locals, as long as is said.
        unsafe {
            assert_eq!(seqcopy_map_writer_take_over(at.1.as_ptr(), schema, len, null(), &raw mut writer), SEQCOPY_OK);
            assert_eq!(seqcopy_map_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader), SEQCOPY_OK);
        }
        (writer, reader)
    };
    let [(writer, reader), (of_bools, reads_bools)] = [&at, &other].map(open);
    // SAFETY: locals, and handles that are open.
    unsafe {
        let (mut found, mut generation, mut entries) = (0u64, 0, [null_mut(); 14]);
        for (n, entry) in (0u32..14).zip(&mut entries) {
            let key = (&raw const n).cast();
            let made = match n % 2 {
                0 => seqcopy_map_reader_entry(reader, key, 4, entry),
                _ => seqcopy_map_writer_entry(writer, key, 4, entry),
            };
            assert_eq!(made, SEQCOPY_OK);
            let read = seqcopy_map_reader_read_entry(reader, *entry, (&raw mut found).cast(), 8, &raw mut generation);
            assert_eq!(read, SEQCOPY_ABSENT);
        }
        for round in 1..5u64 {
            for (key, &entry) in (0u32..14).zip(&entries) {
                let value = u64::from(key) + round;
                assert_eq!(seqcopy_map_writer_insert_entry(writer, entry, (&raw const value).cast(), 8), SEQCOPY_OK);
            }
            for (key, &entry) in (0u32..14).zip(&entries) {
                let removed = key % 3 == 1;
                if removed {
                    assert_eq!(seqcopy_map_writer_remove(writer, (&raw const key).cast(), 4), SEQCOPY_OK);
                }
                let read =
                    seqcopy_map_reader_read_entry(reader, entry, (&raw mut found).cast(), 8, &raw mut generation);
                assert_eq!(read, if removed { SEQCOPY_ABSENT } else { SEQCOPY_OK });
                assert!(
                    removed || found == u64::from(key) + round && generation <= seqcopy_map_writer_generation(writer)
                );
            }
        }
        // Key 0 is four times `false` there, and 2 is no key.
        let (value, to) = (5u64, (&raw mut found).cast());
        assert_eq!(seqcopy_map_writer_insert_entry(of_bools, entries[0], (&raw const value).cast(), 8), SEQCOPY_OK);
        assert_eq!(
            seqcopy_map_writer_insert_entry(of_bools, entries[2], (&raw const value).cast(), 8),
            SEQCOPY_INVALID
        );
        assert_eq!(seqcopy_map_reader_read_entry(reads_bools, entries[0], to, 8, null_mut()), SEQCOPY_OK);
        assert_eq!(seqcopy_map_reader_read_entry(reads_bools, entries[2], to, 8, null_mut()), SEQCOPY_ABSENT);
        assert_eq!((found, seqcopy_map_writer_len(of_bools)), (5, 1));
        assert_eq!(seqcopy_map_reader_read_entry(reader, entries[0], to, 4, null_mut()), SEQCOPY_ARGUMENT);
        for mut entry in entries {
            assert_eq!(seqcopy_entry_free(&raw mut entry), SEQCOPY_OK);
        }
        for (mut writer, mut reader) in [(writer, reader), (of_bools, reads_bools)] {
            assert_eq!(seqcopy_map_reader_free(&raw mut reader), SEQCOPY_OK);
            assert_eq!(seqcopy_map_writer_close(&raw mut writer), SEQCOPY_OK);
        }
    }
}
