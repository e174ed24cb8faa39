//! What the functions say of a region: its writer, its type and its owner, what may be required of it, and each way in
//! which it can't be opened.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::ffi::c_void;
use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::ptr::{null, null_mut};
use std::thread;
use std::time::{Duration, Instant};

use common::{At, bytes, message, options, overwrite, read, reader, write, writer};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::seqcopy_waited::*;
use seqcopy_c::seqcopy_writer_state::{SEQCOPY_WRITER_ALIVE, SEQCOPY_WRITER_ENDED, SEQCOPY_WRITER_NEVER};
use seqcopy_c::*;
use seqcopy_shm::untyped::MapReader;
use seqcopy_shm::{Options, Schema, Uid};

mod common;

fn opened(at: &At) -> seqcopy_status {
    let mut reader = null_mut();
    // SAFETY: locals.
    let status = unsafe { seqcopy_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader) };
    assert!(status == SEQCOPY_OK || reader.is_null() && !message().is_empty());
    // SAFETY: null, or what was opened.
    assert_eq!(unsafe { seqcopy_reader_free(&raw mut reader) }, SEQCOPY_OK);
    assert_eq!(seqcopy_last_status() == status, status != SEQCOPY_OK);
    status
}

#[test]
fn a_region_tells_its_writer_its_owner_and_its_type() {
    let at = At::new("tells");
    let mut writer = writer(&at, null());
    let mut reader = reader(&at);
    let (mut pid, mut owner, mut schema, mut len) = (7, 7, null(), 0);
    // SAFETY: the handles are open until they are freed, and the places are locals.
    unsafe {
        assert!(seqcopy_writer_was_created(writer) && seqcopy_writer_version(writer) == 0);
        let region = seqcopy_reader_region(reader);
        assert_eq!(seqcopy_region_writer_state(region, &raw mut pid), SEQCOPY_WRITER_ALIVE);
        assert_eq!(seqcopy_region_owner(region, &raw mut owner), SEQCOPY_OK);
        assert_eq!((pid, owner), (std::process::id(), Uid::effective().as_raw()));
        assert_eq!(seqcopy_region_schema(region, &raw mut schema, &raw mut len), SEQCOPY_OK);
        assert_eq!(std::slice::from_raw_parts(schema, len), Schema::of::<u64>().as_bytes());
        assert_eq!(write(writer, 5), SEQCOPY_OK);
        assert_eq!((seqcopy_writer_version(writer), seqcopy_region_version(region)), (1, 1));
        assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
        assert_eq!(seqcopy_region_writer_state(region, &raw mut pid), SEQCOPY_WRITER_ENDED);
        assert!(pid == 0 && !seqcopy_region_is_closed(region) && !seqcopy_region_is_removed(region));
        // A program that does not record itself is not known.
        overwrite(&at, &[0; 36], 132);
        assert_eq!(seqcopy_region_writer_state(region, null_mut()), SEQCOPY_WRITER_NEVER);
        let mut other = self::writer(&at, null());
        assert!(!seqcopy_writer_was_created(other) && seqcopy_writer_version(other) == 1);
        assert_eq!(seqcopy_writer_close(&raw mut other), SEQCOPY_OK);
        assert!(seqcopy_region_is_closed(region) && seqcopy_region_is_removed(region));
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
}

#[test]
fn a_wait_lasts_as_long_as_it_may() {
    let at = At::new("wait");
    let (mut writer, mut reader) = (writer(&at, null()), reader(&at));
    let (mut waited, began) = (SEQCOPY_WAITED_NEWER, Instant::now());
    // SAFETY: the reader is open until it is freed, and the places are locals.
    unsafe {
        let region = seqcopy_reader_region(reader);
        assert_eq!(seqcopy_region_wait(region, 0, 30_000_000, &raw mut waited), SEQCOPY_OK);
        assert!(waited == SEQCOPY_WAITED_TIME_OUT && began.elapsed() >= Duration::from_millis(30));
    }
    for wakes in [true, false] {
        // As an address: handles are for any thread, one at a time for a writer.
        let [of_reader, began] = [reader as usize, usize::from(wakes)];
        let waits = thread::spawn(move || {
            let (reader, mut waited) = (of_reader as *const seqcopy_reader, SEQCOPY_WAITED_TIME_OUT);
            // SAFETY: open until this thread has ended; a local.
            unsafe {
                let region = seqcopy_reader_region(reader);
                let known = seqcopy_region_version(region);
                assert_eq!(known, 1 - began as u64);
                assert_eq!(seqcopy_region_wait(region, known, u64::MAX, &raw mut waited), SEQCOPY_OK);
            }
            waited
        });
        thread::sleep(Duration::from_millis(50));
        if wakes {
            assert_eq!(write(writer, 5), SEQCOPY_OK);
            // SAFETY: open.
            assert_eq!(unsafe { seqcopy_writer_wake(writer) }, SEQCOPY_OK);
        } else {
            // SAFETY: open.
            assert_eq!(unsafe { seqcopy_writer_close(&raw mut writer) }, SEQCOPY_OK);
        }
        assert_eq!(waits.join().unwrap(), if wakes { SEQCOPY_WAITED_NEWER } else { SEQCOPY_WAITED_CLOSED });
    }
    // SAFETY: open.
    assert_eq!(unsafe { seqcopy_reader_free(&raw mut reader) }, SEQCOPY_OK);
}

#[test]
fn descriptors_stay_the_callers() {
    let mut writer = Options::new().create_memfd::<u64>("c").unwrap();
    writer.write(7).unwrap();
    let fd = writer.share().unwrap();
    let mut reader = null_mut();
    // SAFETY: a descriptor that is open, and locals.
    unsafe {
        assert_eq!(seqcopy_reader_from_fd(fd.as_raw_fd(), null(), 0, &raw mut reader), SEQCOPY_OK, "{}", message());
        assert_eq!(read(reader), (SEQCOPY_OK, 7));
        let mut shared = 5;
        assert_eq!(seqcopy_region_share(seqcopy_reader_region(reader), &raw mut shared), SEQCOPY_OK);
        assert!(shared > fd.as_raw_fd());
        drop(OwnedFd::from_raw_fd(shared));
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
        // It is as open as before.
        assert!(fd.as_fd().try_clone_to_owned().is_ok());
        assert_eq!(seqcopy_region_share(null(), &raw mut shared), SEQCOPY_ARGUMENT);
        assert_eq!(shared, -1);
        assert_eq!(seqcopy_reader_from_fd(-1, null(), 0, &raw mut reader), SEQCOPY_ARGUMENT);
        assert_eq!(message(), "-1 is not a descriptor");
    }
}

#[test]
fn what_is_required_of_a_region_is_looked_at() {
    let (value, map) = (At::new("required-value"), At::new("required-map"));
    let (mut of_value, of_map) = (writer(&value, null()), seqcopy_shm::MapWriter::<u8, u8>::create(&map.0, 4).unwrap());
    // What belongs to root is trusted by all.
    let mut owner = Uid::effective().as_raw();
    if owner == 0 {
        owner = 65_533;
        for at in [&value, &map] {
            std::os::unix::fs::chown(&at.0, Some(owner), None).unwrap();
        }
    }
    let mut required = options();
    required.require_owner = true;
    for is_owner in [true, false] {
        required.owner = owner + u32::from(!is_owner);
        let expected = if is_owner { SEQCOPY_OK } else { SEQCOPY_NOT_TRUSTED };
        let (mut reader, mut map_reader) = (null_mut(), null_mut());
        // SAFETY: locals.
        unsafe {
            let status = seqcopy_reader_open(value.1.as_ptr(), null(), 0, &raw const required, &raw mut reader);
            let of_map = seqcopy_map_reader_open(map.1.as_ptr(), null(), 0, &raw const required, &raw mut map_reader);
            assert_eq!((status, of_map), (expected, expected));
            if is_owner {
                let mut found = 7;
                assert_eq!(seqcopy_region_owner(seqcopy_reader_region(reader), &raw mut found), SEQCOPY_OK);
                assert_eq!(found, owner);
            }
            assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
            assert_eq!(seqcopy_map_reader_free(&raw mut map_reader), SEQCOPY_OK);
        }
    }
    of_map.close().unwrap();
    // SAFETY: open.
    assert_eq!(unsafe { seqcopy_writer_close(&raw mut of_value) }, SEQCOPY_OK);
}

#[test]
fn another_type_is_replaced_where_that_is_asked_for() {
    let at = At::new("replaced");
    let mut before = writer(&at, null());
    // SAFETY: open.
    assert_eq!(unsafe { seqcopy_writer_free(&raw mut before) }, SEQCOPY_OK);
    let (schema, mut asked) = (Schema::of::<[u32; 3]>(), options());
    let ((schema, len), mut writer) = (bytes(&schema), null_mut());
    for (replaces, expected) in [(false, SEQCOPY_OTHER_TYPE), (true, SEQCOPY_OK)] {
        asked.replace_other_type = replaces;
        // SAFETY: locals.
        let status =
            unsafe { seqcopy_writer_open_or_create(at.1.as_ptr(), schema, len, &raw const asked, &raw mut writer) };
        assert_eq!((status, writer.is_null()), (expected, !replaces), "{}", message());
    }
    // SAFETY: open.
    assert_eq!(unsafe { seqcopy_writer_close(&raw mut writer) }, SEQCOPY_OK);
}

#[test]
fn elements_are_as_many_and_as_large_as_the_type_says() {
    let at = At::new("elements");
    drop(Options::new().capacity(4).create::<[u16]>(&at.0).unwrap());
    let region = seqcopy_shm::Region::open(&at.0).unwrap();
    let ((schema, len), mut reader) = (bytes(region.schema()), reader(&at));
    let mut writer = null_mut();
    let (mut elements, mut count) = ([1u16, 2, 3, 4, 5], 0);
    // SAFETY: locals, and elements of an array.
    unsafe {
        assert_eq!(seqcopy_writer_take_over(at.1.as_ptr(), schema, len, null(), &raw mut writer), SEQCOPY_OK);
        let write = |size, count| seqcopy_writer_write_elements(writer, elements.as_ptr().cast(), size, count);
        assert_eq!((write(2, 4), write(2, 5)), (SEQCOPY_OK, SEQCOPY_TOO_LONG));
        assert_eq!(message(), "5 elements, where there is space for 4");
        assert_eq!(
            (write(4, 2), write(0, 2), write(2, usize::MAX)),
            (SEQCOPY_ARGUMENT, SEQCOPY_ARGUMENT, SEQCOPY_TOO_LONG)
        );
        assert_eq!(seqcopy_writer_write_elements(writer, null(), 2, 0), SEQCOPY_OK);
        assert_eq!((write(2, 3), seqcopy_writer_version(writer)), (SEQCOPY_OK, 3));
        elements.fill(0);
        let mut read = |size, capacity| {
            seqcopy_reader_read_elements(
                reader,
                elements.as_mut_ptr().cast(),
                size,
                capacity,
                &raw mut count,
                null_mut(),
            )
        };
        assert_eq!((read(1, 5), read(4, 2), read(2, usize::MAX)), (SEQCOPY_ARGUMENT, SEQCOPY_ARGUMENT, SEQCOPY_OK));
        assert_eq!((count, seqcopy_reader_capacity(reader), seqcopy_reader_capacity(null())), (3, 4, 0));
        assert_eq!(seqcopy_writer_close(&raw mut writer), SEQCOPY_OK);
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
    assert_eq!(elements, [1, 2, 3, 0, 0]);
}

#[test]
fn a_map_tells_generations_and_its_type() {
    let at = At::new("map-tells");
    drop(seqcopy_shm::MapWriter::<u32, u64>::create(&at.0, 4).unwrap());
    let there = MapReader::open(&at.0).unwrap();
    let ((schema, len), mut asked) = (bytes(there.region().schema()), options());
    let other = Schema::of::<u32>();
    let (mut writer, mut reader, mut entries) = (null_mut(), null_mut(), null_mut());
    let (mut key, mut value, mut generation) = (7u32, 70u64, 0);
    let of_key: *mut c_void = (&raw mut key).cast();
    let of_value: *mut c_void = (&raw mut value).cast();
    // SAFETY: locals, as long as is said.
    unsafe {
        let open = |asked: &seqcopy_options, writer| {
            seqcopy_map_writer_open_or_create(at.1.as_ptr(), schema, len, asked, writer)
        };
        assert_eq!(open(&asked, &raw mut writer), SEQCOPY_ARGUMENT, "no capacity");
        asked.capacity = 100;
        assert_eq!(open(&asked, &raw mut writer), SEQCOPY_OK);
        assert!(!seqcopy_map_writer_was_created(writer) && seqcopy_map_writer_capacity(writer) == 7);
        assert_eq!(seqcopy_map_writer_insert(writer, of_key, 4, of_value, 8), SEQCOPY_OK);
        let newest = seqcopy_map_writer_generation(writer);
        assert_eq!(seqcopy_map_writer_free(&raw mut writer), SEQCOPY_OK);
        asked.replace_smaller = true;
        assert_eq!(open(&asked, &raw mut writer), SEQCOPY_OK);
        assert_eq!((seqcopy_map_writer_capacity(writer), seqcopy_map_writer_len(writer)), (112, 1));
        assert_eq!(seqcopy_map_writer_get(writer, of_key, 4, of_value, 8, &raw mut generation), SEQCOPY_OK);
        assert_eq!((value, generation), (70, newest));

        let (schema, len) = bytes(&other);
        let status = seqcopy_map_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader);
        assert_eq!((status, reader.is_null()), (SEQCOPY_OTHER_TYPE, true));
        assert_eq!(seqcopy_map_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader), SEQCOPY_OK);
        generation = 0;
        assert_eq!(seqcopy_map_reader_get(reader, of_key, 4, of_value, 8, &raw mut generation), SEQCOPY_OK);
        assert_eq!(generation, newest);
        assert_eq!(seqcopy_map_reader_entries(reader, &raw mut entries), SEQCOPY_OK);
        assert_eq!(seqcopy_entries_generation(entries), seqcopy_map_writer_generation(writer));
        (key, value, generation) = (0, 0, 0);
        // A place of another size: the entry is there still.
        for (of_key_size, of_value_size, expected) in
            [(0, 8, SEQCOPY_ARGUMENT), (4, 7, SEQCOPY_ARGUMENT), (4, 8, SEQCOPY_OK), (4, 8, SEQCOPY_END)]
        {
            let status =
                seqcopy_entries_next(entries, of_key, of_key_size, of_value, of_value_size, &raw mut generation);
            assert_eq!(status, expected);
        }
        assert_eq!((key, value, generation), (7, 70, newest));
        assert_eq!(seqcopy_entries_free(&raw mut entries), SEQCOPY_OK);

        let of_writer = writer as usize;
        let mut waited = SEQCOPY_WAITED_TIME_OUT;
        let region = seqcopy_map_reader_region(reader);
        let known = seqcopy_region_version(region);
        let changes = thread::spawn(move || {
            let (writer, key, value) = (of_writer as *mut seqcopy_map_writer, 8u32, 80u64);
            thread::sleep(Duration::from_millis(50));
            let status = seqcopy_map_writer_insert(writer, (&raw const key).cast(), 4, (&raw const value).cast(), 8);
            (status, seqcopy_map_writer_wake(writer))
        });
        assert_eq!(seqcopy_region_wait(region, known, u64::MAX, &raw mut waited), SEQCOPY_OK);
        assert!(waited == SEQCOPY_WAITED_NEWER && changes.join().unwrap() == (SEQCOPY_OK, SEQCOPY_OK));
        fs::remove_file(&at.0).unwrap();
        let (mut restored, mut reopened) = (false, false);
        assert_eq!(seqcopy_map_writer_restore_if_removed(writer, &raw mut restored), SEQCOPY_OK);
        assert_eq!(seqcopy_map_reader_reopen_if_removed(reader, &raw mut reopened), SEQCOPY_OK);
        assert!(restored && reopened);
        assert_eq!(seqcopy_map_reader_get(reader, of_key, 4, of_value, 8, null_mut()), SEQCOPY_OK);
        // Left for the next one.
        assert_eq!(seqcopy_map_writer_free(&raw mut writer), SEQCOPY_OK);
        assert_eq!(seqcopy_map_reader_get(reader, of_key, 4, of_value, 8, null_mut()), SEQCOPY_OK);
        assert_eq!(seqcopy_map_reader_free(&raw mut reader), SEQCOPY_OK);
    }
}

#[test]
fn each_failure_to_open_has_a_status() {
    let at = At::new("fails");
    let made = || {
        let _ = fs::remove_file(&at.0);
        let mut writer = writer(&at, null());
        // SAFETY: open.
        assert_eq!(unsafe { seqcopy_writer_free(&raw mut writer) }, SEQCOPY_OK);
    };
    assert_eq!(opened(&at), SEQCOPY_NOT_FOUND);
    fs::create_dir(&at.0).unwrap();
    assert_eq!(opened(&at), SEQCOPY_FOREIGN);
    fs::remove_dir(&at.0).unwrap();
    made();
    assert_eq!(opened(&at), SEQCOPY_OK);
    overwrite(&at, &[9], 8);
    assert_eq!(opened(&at), SEQCOPY_FOREIGN, "another format");
    made();
    overwrite(&at, b"SEQ", 0);
    assert_eq!(opened(&at), SEQCOPY_FOREIGN, "another file");
    fs::write(&at.0, [0; 100]).unwrap();
    assert_eq!(opened(&at), SEQCOPY_FOREIGN, "too short for a header");
    made();
    overwrite(&at, &[1; 8], 16);
    assert_eq!(opened(&at), SEQCOPY_DAMAGED, "another fingerprint");
    made();
    File::options().write(true).open(&at.0).unwrap().set_len(260).unwrap();
    assert_eq!(opened(&at), SEQCOPY_SHORT);
    // A type by another version of schemas.
    let mut schema = Schema::of::<u64>().as_bytes().to_vec();
    let version = schema.windows(8).position(|text| text == b"schema 1").unwrap() + 7;
    schema[version] = b'2';
    made();
    let mut reader = null_mut();
    // SAFETY: locals.
    unsafe {
        let mut open =
            || seqcopy_reader_open(at.1.as_ptr(), schema.as_ptr().cast(), schema.len(), null(), &raw mut reader);
        assert_eq!(open(), SEQCOPY_FOREIGN, "{}", message());
    }
}

/// Null with a length is no schema, and neither is one without a length: only both are any.
#[test]
fn any_type_is_null_without_a_length() {
    let at = At::new("any");
    let mut writer = writer(&at, null());
    let of = Schema::of::<u64>();
    let (schema, len) = bytes(&of);
    // SAFETY: locals, as long as is said.
    let open = |path, schema, len| unsafe {
        let mut reader = null_mut();
        let status = seqcopy_reader_open(path, schema, len, null(), &raw mut reader);
        assert_eq!(reader.is_null(), status != SEQCOPY_OK);
        seqcopy_reader_free(&raw mut reader);
        status
    };
    assert_eq!([open(at.1.as_ptr(), schema, len), open(at.1.as_ptr(), null(), 0)], [SEQCOPY_OK; 2]);
    for (path, schema, len, why) in [
        (at.1.as_ptr(), null(), 5, "the schema is null"),
        (at.1.as_ptr(), schema, 0, "the schema is damaged at byte 0"),
        (null(), schema, len, "the path is null"),
    ] {
        assert_ne!(open(path, schema, len), SEQCOPY_OK);
        assert!(message().starts_with(why), "{}", message());
    }
    let mut reader = reader(&at);
    let (mut value, mut is_newer) = (7u64, true);
    // SAFETY: a reader that is open, and locals; null is refused.
    unsafe {
        let place: *mut c_void = (&raw mut value).cast();
        let status = seqcopy_reader_read_if_changed(reader, place, 8, null_mut(), &raw mut is_newer);
        assert_eq!((status, is_newer, value), (SEQCOPY_ARGUMENT, false, 7));
        assert_eq!(message(), "the known version is null");
        seqcopy_reader_free(&raw mut reader);
    }
    // SAFETY: a writer that is open.
    assert_eq!(unsafe { seqcopy_writer_close(&raw mut writer) }, SEQCOPY_OK);
}
