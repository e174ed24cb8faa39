//! What reads of a value answer: each way in which they fail, the file under them truncated, and a version that is
//! known.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::fs::File;
use std::ptr::null;

use common::{At, options, overwrite, read, reader, write, writer};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;

mod common;

#[test]
fn each_failure_to_read_has_a_status() {
    let at = At::new("read-fails");
    let mut single = options();
    single.buffers = 1;
    let (mut writer, mut reader) = (writer(&at, &raw const single), reader(&at));
    assert_eq!(read(reader).0, SEQCOPY_EMPTY);
    assert_eq!((write(writer, 5), read(reader)), (SEQCOPY_OK, (SEQCOPY_OK, 5)));
    // A write that has begun, of a writer that is alive, and of one that is not.
    overwrite(&at, &3u64.to_ne_bytes(), 192);
    assert_eq!(read(reader).0, SEQCOPY_BUSY);
    // SAFETY: open.
    assert_eq!(unsafe { seqcopy_writer_free(&raw mut writer) }, SEQCOPY_OK);
    assert_eq!(read(reader).0, SEQCOPY_WRITER_GONE);
    // SAFETY: open.
    assert_eq!(unsafe { seqcopy_reader_free(&raw mut reader) }, SEQCOPY_OK);
}

#[test]
fn a_truncated_region_is_neither_read_nor_written() {
    let at = At::new("truncated");
    assert_eq!(seqcopy_survive_truncation(), SEQCOPY_OK);
    let (mut writer, mut reader) = (writer(&at, null()), reader(&at));
    assert_eq!((write(writer, 5), read(reader)), (SEQCOPY_OK, (SEQCOPY_OK, 5)));
    File::options().write(true).open(&at.0).unwrap().set_len(0).unwrap();
    assert_eq!(read(reader).0, SEQCOPY_TRUNCATED);
    let first = write(writer, 6);
    assert!(first == SEQCOPY_OK || first == SEQCOPY_TRUNCATED, "the write that finds it may be lost");
    assert_eq!(write(writer, 7), SEQCOPY_TRUNCATED);
    // SAFETY: open.
    unsafe {
        assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
}

/// Known already, newer, and over: which is told also where the version is the one that is known.
#[test]
fn a_value_is_read_if_it_is_another() {
    let at = At::new("changed");
    let mut writer = writer(&at, null());
    let mut reader = reader(&at);
    let (mut value, mut known, mut changed) = (7u64, 0, true);
    // SAFETY: the handles are open until they are freed, and the places are locals.
    unsafe {
        assert_eq!(write(writer, 5), SEQCOPY_OK);
        let read = |value: &mut u64, known: &mut u64, changed: &mut bool| {
            seqcopy_reader_read_if_changed(reader, (&raw mut *value).cast(), 8, &raw mut *known, &raw mut *changed)
        };
        assert_eq!(read(&mut value, &mut known, &mut changed), SEQCOPY_OK);
        assert_eq!((value, known, changed), (5, 1, true));
        value = 7;
        assert_eq!(read(&mut value, &mut known, &mut changed), SEQCOPY_OK);
        assert_eq!((value, known, changed), (7, 1, false));
        assert_eq!((write(writer, 6), read(&mut value, &mut known, &mut changed)), (SEQCOPY_OK, SEQCOPY_OK));
        assert_eq!((value, known, changed), (6, 2, true));
        assert_eq!(seqcopy_writer_close(&raw mut writer), SEQCOPY_OK);
        value = 7;
        assert_eq!(read(&mut value, &mut known, &mut changed), SEQCOPY_CLOSED);
        assert_eq!((value, known, changed), (7, 2, false));
        // The word of a region that is over is that of an empty one.
        known = 0;
        assert_eq!(read(&mut value, &mut known, &mut changed), SEQCOPY_CLOSED);
        assert_eq!((value, known, changed), (7, 0, false));
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
}
