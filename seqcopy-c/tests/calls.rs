//! What the functions do with what a caller should not pass, and what is left of a handle afterwards.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use common::{At, bytes, message};
use seqcopy::{SeqCopy, SeqStr, Validate};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::seqcopy_waited::*;
use seqcopy_c::*;
use seqcopy_shm::untyped::MapReader;
use seqcopy_shm::{self as shm, Reader, Schema};

mod common;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Quote {
    open: bool,
    at: u64,
    name: SeqStr<4>,
}

const SIZE: usize = size_of::<Quote>();

fn quote(at: u64) -> Quote {
    Quote { open: true, at, name: SeqStr::literal("abc") }
}

fn value(quote: &Quote) -> *const c_void {
    std::ptr::from_ref(quote).cast()
}

fn writer(at: &At) -> *mut seqcopy_writer {
    let schema = Schema::of::<Quote>();
    let ((schema, len), mut writer) = (bytes(&schema), null_mut());
    // SAFETY: locals.
    let status = unsafe { seqcopy_writer_open_or_create(at.1.as_ptr(), schema, len, null(), &raw mut writer) };
    assert_eq!(status, SEQCOPY_OK, "{}", message());
    writer
}

#[test]
fn null_is_refused_everywhere() {
    // SAFETY: null is what the functions allow.
    let statuses = unsafe {
        [
            seqcopy_options_init(null_mut(), size_of::<seqcopy_options>()),
            seqcopy_writer_create(null(), null(), 0, null(), null_mut()),
            seqcopy_writer_open_or_create(null(), null(), 0, null(), null_mut()),
            seqcopy_writer_take_over(null(), null(), 0, null(), null_mut()),
            seqcopy_writer_write(null_mut(), null(), 0),
            seqcopy_writer_write_elements(null_mut(), null(), 0, 0),
            seqcopy_writer_read(null_mut(), null_mut(), 0),
            seqcopy_writer_begin(null_mut(), null_mut()),
            seqcopy_writer_end(null_mut()),
            seqcopy_writer_wake(null_mut()),
            seqcopy_writer_share(null_mut(), null_mut()),
            seqcopy_writer_restore_if_removed(null_mut(), null_mut()),
            seqcopy_writer_close(null_mut()),
            seqcopy_writer_free(null_mut()),
            seqcopy_reader_open(null(), null(), 0, null(), null_mut()),
            seqcopy_reader_from_fd(-1, null(), 0, null_mut()),
            seqcopy_reader_read(null(), null_mut(), 0, null_mut()),
            seqcopy_reader_try_read(null(), null_mut(), 0, null_mut()),
            seqcopy_reader_read_if_changed(null(), null_mut(), 0, null_mut(), null_mut()),
            seqcopy_reader_read_elements(null(), null_mut(), 0, 0, null_mut(), null_mut()),
            seqcopy_reader_reopen_if_removed(null_mut(), null_mut()),
            seqcopy_reader_free(null_mut()),
            seqcopy_region_wait(null(), 0, 0, null_mut()),
            seqcopy_region_owner(null(), null_mut()),
            seqcopy_region_schema(null(), null_mut(), null_mut()),
            seqcopy_region_share(null(), null_mut()),
            seqcopy_map_writer_create(null(), null(), 0, null(), null_mut()),
            seqcopy_map_writer_open_or_create(null(), null(), 0, null(), null_mut()),
            seqcopy_map_writer_take_over(null(), null(), 0, null(), null_mut()),
            seqcopy_map_writer_insert(null_mut(), null(), 0, null(), 0),
            seqcopy_map_writer_remove(null_mut(), null(), 0),
            seqcopy_map_writer_get(null_mut(), null(), 0, null_mut(), 0, null_mut()),
            seqcopy_map_writer_begin(null_mut()),
            seqcopy_map_writer_commit(null_mut()),
            seqcopy_map_writer_discard(null_mut()),
            seqcopy_map_writer_wake(null_mut()),
            seqcopy_map_writer_share(null_mut(), null_mut()),
            seqcopy_map_writer_restore_if_removed(null_mut(), null_mut()),
            seqcopy_map_writer_close(null_mut()),
            seqcopy_map_writer_free(null_mut()),
            seqcopy_map_reader_open(null(), null(), 0, null(), null_mut()),
            seqcopy_map_reader_from_fd(-1, null(), 0, null_mut()),
            seqcopy_map_reader_get(null(), null(), 0, null_mut(), 0, null_mut()),
            seqcopy_map_reader_entries(null(), null_mut()),
            seqcopy_map_reader_reopen_if_removed(null_mut(), null_mut()),
            seqcopy_map_reader_free(null_mut()),
            seqcopy_entries_next(null_mut(), null_mut(), 0, null_mut(), 0, null_mut()),
            seqcopy_entries_free(null_mut()),
            seqcopy_map_reader_entry(null(), null(), 0, null_mut()),
            seqcopy_map_writer_entry(null_mut(), null(), 0, null_mut()),
            seqcopy_map_reader_read_entry(null(), null(), null_mut(), 0, null_mut()),
            seqcopy_map_writer_insert_entry(null_mut(), null(), null(), 0),
            seqcopy_entry_free(null_mut()),
        ]
    };
    for (index, status) in statuses.iter().enumerate() {
        assert_eq!(*status, SEQCOPY_ARGUMENT, "{index}");
    }
    assert!(message().contains("null") && seqcopy_last_status() == SEQCOPY_ARGUMENT);
    // SAFETY: as above.
    let numbers = unsafe {
        [
            seqcopy_region_version(null()),
            seqcopy_writer_version(null()),
            seqcopy_map_writer_generation(null()),
            seqcopy_map_writer_len(null()) as u64,
            seqcopy_map_writer_capacity(null()) as u64,
            seqcopy_entries_len(null()) as u64,
            seqcopy_entries_generation(null()),
            seqcopy_reader_capacity(null()) as u64,
            seqcopy_reader_region(null()).addr() as u64,
            seqcopy_map_reader_region(null()).addr() as u64,
            u64::from(seqcopy_region_is_closed(null())),
            u64::from(seqcopy_region_is_removed(null())),
            u64::from(seqcopy_writer_was_created(null())),
            u64::from(seqcopy_map_writer_was_created(null())),
            seqcopy_region_writer_state(null(), null_mut()) as u64,
        ]
    };
    assert_eq!(numbers, [0; 15]);
}

#[test]
fn sizes_and_null_values_are_refused_and_nothing_is_written() {
    let at = At::new("sizes");
    let mut writer = writer(&at);
    let good = quote(1);
    // SAFETY: the writer is open; sizes that are not that of the type are not accessed.
    unsafe {
        assert_eq!(seqcopy_writer_write(writer, value(&good), SIZE), SEQCOPY_OK);
        for size in [0, SIZE - 1, SIZE + 1, usize::MAX] {
            assert_eq!(seqcopy_writer_write(writer, value(&good), size), SEQCOPY_ARGUMENT, "{size}");
        }
        assert_eq!(
            message(),
            format!(
                "the value has {SIZE} bytes by the region's type, not {}: is the header of another type?",
                usize::MAX
            )
        );
        assert_eq!(seqcopy_writer_write(writer, null(), SIZE), SEQCOPY_ARGUMENT);
        assert_eq!(message(), "the value is null");
        let mut bad = [0u8; SIZE];
        bad[0] = 2;
        assert_eq!(seqcopy_writer_write(writer, bad.as_ptr().cast(), SIZE), SEQCOPY_INVALID);
        assert!(message().contains("`open` at byte 0 is 0x2, expected a `bool`"), "{}", message());
        assert_eq!((seqcopy_writer_version(writer), Reader::open(&at.0).unwrap().read()), (1, Ok(good)));
        assert_eq!(seqcopy_writer_write_elements(writer, value(&good), 8, 1), SEQCOPY_ARGUMENT);
        assert_eq!(message(), "the region's values are no slices");

        let schema = Schema::of::<u32>();
        let ((schema, len), mut reader) = (bytes(&schema), null_mut());
        assert_eq!(seqcopy_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader), SEQCOPY_OTHER_TYPE);
        assert!(reader.is_null() && message().contains("struct `Quote` there, u32 here"), "{}", message());
        assert_eq!(seqcopy_reader_open(at.1.as_ptr(), schema, 20, null(), &raw mut reader), SEQCOPY_DAMAGED);
        assert_eq!(seqcopy_reader_open(at.1.as_ptr(), schema, usize::MAX, null(), &raw mut reader), SEQCOPY_ARGUMENT);
        assert_eq!(seqcopy_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader), SEQCOPY_OK);
        let mut found = MaybeUninit::<Quote>::zeroed();
        for size in [0, SIZE - 1, SIZE + 1, usize::MAX] {
            let to = found.as_mut_ptr().cast();
            for call in 0..3 {
                let status = match call {
                    0 => seqcopy_reader_read(reader, to, size, null_mut()),
                    1 => seqcopy_reader_try_read(reader, to, size, null_mut()),
                    _ => seqcopy_writer_read(writer, to, size),
                };
                let words =
                    format!("has {SIZE} bytes by the region's type, not {size}: is the header of another type?");
                assert!(status == SEQCOPY_ARGUMENT && message().ends_with(&words), "{call}: {}", message());
            }
        }
        assert_eq!(seqcopy_reader_read(reader, found.as_mut_ptr().cast(), SIZE, null_mut()), SEQCOPY_OK);
        assert_eq!(found.assume_init(), good);
        let mut count = 7;
        let status = seqcopy_reader_read_elements(reader, found.as_mut_ptr().cast(), 8, 1, &raw mut count, null_mut());
        assert_eq!((status, count), (SEQCOPY_ARGUMENT, 0));
        assert_eq!(seqcopy_writer_close(&raw mut writer), SEQCOPY_OK);
        // The second time it is null.
        assert!(writer.is_null() && seqcopy_writer_close(&raw mut writer) == SEQCOPY_OK);
        assert_eq!(seqcopy_writer_write(writer, value(&good), SIZE), SEQCOPY_ARGUMENT);
        assert_eq!(seqcopy_reader_read(reader, found.as_mut_ptr().cast(), SIZE, null_mut()), SEQCOPY_CLOSED);
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
        assert!(reader.is_null() && seqcopy_reader_free(&raw mut reader) == SEQCOPY_OK);
    }
}

#[test]
fn a_slice_that_does_not_fit_says_how_long_it_is() {
    let at = At::new("slice");
    let mut writer = shm::Options::new().capacity(9).create::<[u16]>(&at.0).unwrap();
    writer.write_from(&[1, 2, 3]).unwrap();
    let (mut reader, mut count, mut version) = (null_mut(), 7, 7);
    let mut found = [8u16; 4];
    // SAFETY: the reader is open until it is freed, and the places are locals.
    unsafe {
        assert_eq!(seqcopy_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader), SEQCOPY_OK);
        let mut read = |capacity: usize| {
            let place = if capacity == 0 { null_mut() } else { found.as_mut_ptr().cast() };
            let status = seqcopy_reader_read_elements(reader, place, 2, capacity, &raw mut count, &raw mut version);
            (status, count, version)
        };
        assert_eq!(read(0), (SEQCOPY_TOO_LONG, 3, 7));
        assert_eq!(read(2), (SEQCOPY_TOO_LONG, 3, 7));
        assert_eq!(message(), "the value has 3 elements, but there is space for 2 only");
        assert_eq!(read(4), (SEQCOPY_OK, 3, 1));
        writer.close().unwrap();
        assert_eq!(read(4), (SEQCOPY_CLOSED, 0, 1));
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
    assert_eq!(found, [1, 2, 3, 8]);
}

#[test]
fn what_is_begun_is_seen_when_it_ends() {
    let at = At::new("begin");
    let mut writer = writer(&at);
    let mut place: *mut c_void = null_mut();
    // SAFETY: the writer is open, and the address it gives out is used until the next call.
    unsafe {
        assert_eq!(seqcopy_writer_end(writer), SEQCOPY_ARGUMENT);
        assert_eq!(seqcopy_writer_begin(writer, &raw mut place), SEQCOPY_OK);
        assert_eq!(place.cast::<Quote>().read(), Quote { open: false, at: 0, name: SeqStr::new() });
        assert!(place.cast::<Quote>().is_aligned());
        place.cast::<Quote>().write(quote(5));
        assert_eq!(seqcopy_writer_version(writer), 0);
        place.cast::<u8>().write(9);
        assert_eq!(seqcopy_writer_end(writer), SEQCOPY_INVALID);
        // Begun again, it is zeros again, and nothing of what was refused.
        assert_eq!(seqcopy_writer_begin(writer, &raw mut place), SEQCOPY_OK);
        assert_eq!(place.cast::<Quote>().read(), Quote { open: false, at: 0, name: SeqStr::new() });
        place.cast::<Quote>().write(quote(5));
        assert_eq!(seqcopy_writer_end(writer), SEQCOPY_OK);
        assert_eq!((seqcopy_writer_end(writer), seqcopy_writer_version(writer)), (SEQCOPY_ARGUMENT, 1));
        assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
        assert!(writer.is_null() && seqcopy_writer_free(&raw mut writer) == SEQCOPY_OK);
    }
    // The next one goes on from there.
    let mut writer = self::writer(&at);
    let mut found = MaybeUninit::<Quote>::zeroed();
    // SAFETY: as above, and a local of that size.
    unsafe {
        assert!(!seqcopy_writer_was_created(writer));
        assert_eq!(seqcopy_writer_read(writer, found.as_mut_ptr().cast(), SIZE), SEQCOPY_OK);
        assert_eq!(found.assume_init(), quote(5));
        assert_eq!(seqcopy_writer_begin(writer, &raw mut place), SEQCOPY_OK);
        assert_eq!(place.cast::<Quote>().read(), quote(5));
        assert_eq!(seqcopy_writer_close(&raw mut writer), SEQCOPY_OK);
    }
}

#[test]
fn a_second_writer_and_a_second_thread_are_refused() {
    let at = At::new("two");
    let mut one = writer(&at);
    let mut two = null_mut();
    let schema = Schema::of::<Quote>();
    let (schema, len) = bytes(&schema);
    // SAFETY: locals.
    unsafe {
        assert_eq!(seqcopy_writer_open_or_create(at.1.as_ptr(), schema, len, null(), &raw mut two), SEQCOPY_HAS_WRITER);
        assert_eq!(seqcopy_writer_create(at.1.as_ptr(), schema, len, null(), &raw mut two), SEQCOPY_EXISTS);
        assert!(two.is_null() && message().contains(at.0.to_str().unwrap()), "{}", message());
    }
    // A thread that is in a call, of a handle of our own.
    let (reader, mut waited) = (At::new("none"), SEQCOPY_WAITED_NEWER);
    let mut none = null_mut();
    // SAFETY: locals.
    unsafe {
        assert_eq!(seqcopy_reader_open(reader.1.as_ptr(), null(), 0, null(), &raw mut none), SEQCOPY_NOT_FOUND);
        let mut reader = null_mut();
        assert_eq!(seqcopy_reader_open(at.1.as_ptr(), null(), 0, null(), &raw mut reader), SEQCOPY_OK);
        let region = seqcopy_reader_region(reader);
        assert_eq!(seqcopy_region_wait(region, 0, 1_000_000, &raw mut waited), SEQCOPY_OK);
        assert_eq!(waited, SEQCOPY_WAITED_TIME_OUT);
        assert_eq!(seqcopy_writer_write(one, value(&quote(1)), SIZE), SEQCOPY_OK);
        assert_eq!(seqcopy_region_wait(region, 0, 1_000_000, &raw mut waited), SEQCOPY_OK);
        assert!(waited == SEQCOPY_WAITED_NEWER && seqcopy_region_version(region) == 1);
        let mut pid = 0;
        assert_eq!(seqcopy_region_writer_state(region, &raw mut pid), seqcopy_writer_state::SEQCOPY_WRITER_ALIVE);
        assert_eq!(pid, std::process::id());
        assert_eq!(seqcopy_writer_close(&raw mut one), SEQCOPY_OK);
        assert!(seqcopy_region_is_closed(region) && seqcopy_region_is_removed(region));
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
    }
}

#[test]
fn options_are_those_of_the_same_header() {
    let at = At::new("options");
    let schema = Schema::of::<Quote>();
    let ((schema, len), mut writer) = (bytes(&schema), null_mut());
    let mut options = MaybeUninit::<seqcopy_options>::uninit();
    // SAFETY: locals.
    unsafe {
        assert_eq!(seqcopy_options_init(options.as_mut_ptr(), 8), SEQCOPY_ARGUMENT);
        assert_eq!(seqcopy_options_init(options.as_mut_ptr(), size_of::<seqcopy_options>()), SEQCOPY_OK);
        let mut options = options.assume_init();
        options.size -= 8;
        let create =
            |options: &seqcopy_options, writer| seqcopy_writer_create(at.1.as_ptr(), schema, len, options, writer);
        assert_eq!(create(&options, &raw mut writer), SEQCOPY_ARGUMENT);
        assert!(message().contains("set them by seqcopy_options_init"), "{}", message());
        options.size += 8;
        options.capacity = 5;
        assert_eq!(create(&options, &raw mut writer), SEQCOPY_ARGUMENT);
        options.capacity = 0;
        options.buffers = 3;
        assert!(create(&options, &raw mut writer) != SEQCOPY_OK && writer.is_null());
        options.buffers = 4;
        options.mode = 0o1204;
        assert!(create(&options, &raw mut writer) != SEQCOPY_OK && writer.is_null());
        let end =
            "permissions should be at most 777 in octal, such as `seqcopy_options.mode` 0644, found 1204 in octal";
        assert!(message().ends_with(end), "{}", message());
        options.mode = 0o600;
        assert_eq!(create(&options, &raw mut writer), SEQCOPY_OK);
        assert_eq!(shm::Region::open(&at.0).unwrap().header().buffers(), 4);
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&at.0).unwrap()) & 0o777, 0o600);
        assert_eq!(seqcopy_writer_close(&raw mut writer), SEQCOPY_OK);
    }
}

#[test]
fn a_batch_of_a_map_is_one_generation() {
    let at = At::new("map");
    drop(shm::MapWriter::<u32, u64>::create(&at.0, 4).unwrap());
    let there = MapReader::open(&at.0).unwrap();
    let (schema, len) = bytes(there.region().schema());
    let mut writer = null_mut();
    let (key, of_key) = (|key: &u32| std::ptr::from_ref(key).cast::<c_void>(), 4);
    let (of, size) = (|value: &u64| std::ptr::from_ref(value).cast::<c_void>(), 8);
    // SAFETY: locals, as long as is said.
    unsafe {
        let mut found = 0u64;
        let to = (&raw mut found).cast();
        assert_eq!(seqcopy_map_writer_take_over(at.1.as_ptr(), schema, len, null(), &raw mut writer), SEQCOPY_OK);
        assert_eq!((seqcopy_map_writer_len(writer), seqcopy_map_writer_capacity(writer)), (0, 7));
        assert_eq!(seqcopy_map_writer_commit(writer), SEQCOPY_ARGUMENT);
        assert_eq!(seqcopy_map_writer_insert(writer, key(&1), of_key, of(&10), size), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_insert(writer, key(&1), of_key, of(&10), 4), SEQCOPY_ARGUMENT);
        let before = seqcopy_map_writer_generation(writer);
        assert_eq!(seqcopy_map_writer_begin(writer), SEQCOPY_OK);
        for n in 2..5 {
            assert_eq!(seqcopy_map_writer_insert(writer, key(&n), of_key, of(&(u64::from(n) * 10)), size), SEQCOPY_OK);
        }
        assert_eq!(seqcopy_map_writer_remove(writer, key(&1), of_key), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_remove(writer, key(&4), of_key), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_begin(writer), SEQCOPY_ARGUMENT);
        assert_eq!((seqcopy_map_writer_generation(writer), seqcopy_map_writer_len(writer)), (before, 2));
        assert_eq!(seqcopy_map_writer_get(writer, key(&3), of_key, to, size, null_mut()), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_get(writer, key(&1), of_key, to, size, null_mut()), SEQCOPY_ABSENT);
        assert_eq!(seqcopy_map_writer_commit(writer), SEQCOPY_OK);
        assert_eq!((seqcopy_map_writer_generation(writer), seqcopy_map_writer_len(writer)), (before + 1, 2));
        assert_eq!(seqcopy_map_writer_get(writer, key(&3), of_key, to, size, null_mut()), SEQCOPY_OK);
        assert_eq!(found, 30);
        assert_eq!(seqcopy_map_writer_get(writer, key(&4), of_key, to, size, null_mut()), SEQCOPY_ABSENT);
        assert_eq!(seqcopy_map_writer_begin(writer), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_remove(writer, key(&3), of_key), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_discard(writer), SEQCOPY_OK);
        for n in 10..15 {
            assert_eq!(seqcopy_map_writer_insert(writer, key(&n), of_key, of(&1), size), SEQCOPY_OK, "{n}");
        }
        assert_eq!(seqcopy_map_writer_insert(writer, key(&15), of_key, of(&1), size), SEQCOPY_FULL);

        let (mut reader, mut all) = (null_mut(), null_mut());
        assert_eq!(seqcopy_map_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader), SEQCOPY_OK);
        let mut generation = 0;
        assert_eq!(seqcopy_map_reader_get(reader, key(&3), of_key, to, size, &raw mut generation), SEQCOPY_OK);
        assert_eq!((found, generation), (30, before + 1));
        assert_eq!(seqcopy_map_reader_get(reader, key(&4), of_key, to, size, null_mut()), SEQCOPY_ABSENT);
        assert_eq!(seqcopy_map_reader_get(reader, key(&4), 5, to, size, null_mut()), SEQCOPY_ARGUMENT);
        assert_eq!(seqcopy_map_reader_entries(reader, &raw mut all), SEQCOPY_OK);
        let (mut at_key, mut sum) = (0u32, 0);
        assert_eq!(seqcopy_entries_len(all), 7);
        let mut next = || seqcopy_entries_next(all, (&raw mut at_key).cast(), 4, to, size, null_mut());
        while next() == SEQCOPY_OK {
            sum += found;
        }
        assert_eq!((next(), sum), (SEQCOPY_END, 20 + 30 + 5));
        assert_eq!(seqcopy_entries_free(&raw mut all), SEQCOPY_OK);
        assert_eq!(seqcopy_map_writer_close(&raw mut writer), SEQCOPY_OK);
        assert_eq!(seqcopy_map_reader_get(reader, key(&3), of_key, to, size, null_mut()), SEQCOPY_CLOSED);
        assert_eq!(seqcopy_map_reader_free(&raw mut reader), SEQCOPY_OK);
    }
}

#[test]
fn what_is_not_opened_is_null() {
    let at = At::new("not_opened");
    let schema = Schema::of::<Quote>();
    let (schema, len) = bytes(&schema);
    // What a caller has not set.
    let (mut reader, mut writer) = (8 as *mut seqcopy_reader, 8 as *mut seqcopy_writer);
    // SAFETY: locals.
    let statuses = unsafe {
        [
            seqcopy_reader_open(at.1.as_ptr(), schema, len, null(), &raw mut reader),
            seqcopy_writer_take_over(at.1.as_ptr(), schema, len, null(), &raw mut writer),
        ]
    };
    assert_eq!(statuses, [SEQCOPY_NOT_FOUND; 2]);
    assert!(reader.is_null() && writer.is_null());
}

#[test]
fn without_options_all_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let at = At::new("mode");
    let mut writer = writer(&at);
    let path = std::path::Path::new(at.1.to_str().unwrap());
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o644);
    // SAFETY: a writer.
    assert_eq!(unsafe { seqcopy_writer_close(&raw mut writer) }, SEQCOPY_OK);
}
