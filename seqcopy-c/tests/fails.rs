//! Each function that returns a status, with a handle that is null, and then with one: what is in the places of a caller that it would
//! write to, and that the same call succeeds. Then failures of other kinds, with what the header says of these places.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::ffi::{c_int, c_void};
use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::ptr::{null, null_mut};

use common::{At, bytes};
use seqcopy::{SeqCopy, Validate};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::*;
use seqcopy_harness::{Out, fails};
use seqcopy_shm::{MapWriter, Options, Region, Schema, Writer, untyped};

mod common;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Flag {
    at: u64,
    ok: u64,
    last: bool,
}

const SIZE: usize = size_of::<Flag>();

/// A region, a handle of it, and the places of a caller, all marked.
struct On<H> {
    at: At,
    handle: *mut H,
    /// In the place of the handle while it is null.
    kept: *mut H,
    value: Out<Flag>,
    number: Out<u64>,
    flag: Out<bool>,
    fd: Out<c_int>,
    pointer: Out<*mut c_void>,
    key: u32,
    size: usize,
}

type Places = [bool; 5];

impl<H> On<H> {
    fn of(name: &str, at: At, handle: *mut H) -> Self {
        assert!(!handle.is_null(), "{name}");
        let (value, number, flag, fd, pointer) =
            (Out::marked(), Out::marked(), Out::marked(), Out::marked(), Out::marked());
        On { at, handle: null_mut(), kept: handle, value, number, flag, fd, pointer, key: 1, size: SIZE }
    }

    fn value(&mut self) -> *mut c_void {
        self.value.place().as_mut_ptr().cast()
    }

    fn key(&self) -> *const c_void {
        (&raw const self.key).cast()
    }

    /// Which places have not been written to.
    fn places(&mut self) -> Places {
        [
            self.value.is_marked(),
            self.number.is_marked(),
            self.flag.is_marked(),
            self.fd.is_marked(),
            self.pointer.is_marked(),
        ]
    }
}

fn ok(status: seqcopy_status) -> Result<(), seqcopy_status> {
    if status == SEQCOPY_OK { Ok(()) } else { Err(status) }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as `fails` has it
fn addr<T>(handle: &*mut T) -> usize {
    handle.addr()
}

fn place<T>(of: &mut Out<T>) -> *mut T {
    of.place().as_mut_ptr()
}

/// Bytes of a value, as the functions take them.
fn flag() -> Flag {
    Flag { at: 1, ok: 1, last: true }
}

macro_rules! with_null {
    ($make:expr; $($name:literal: $call:expr;)*) => {$({
        let (at, handle) = $make($name);
        let mut on = On::of($name, at, handle);
        // SAFETY: handles that are open or null, and places of this test.
        let call = |on: &mut On<_>| ok(unsafe { ($call)(on) });
        // What says whether, and descriptors, are set whatever happens; the rest is as it was.
        let mut left = [true; 5];
        if let Some(at) = [(2, "changed"), (2, "removed"), (2, "wait"), (3, "share")].iter().find(|(_, of)| $name.ends_with(of)) {
            left[at.0] = false;
        }
        let (error, ()) = fails($name, &mut on, call, On::places, Some(left), |on| {
            assert!(on.flag.is_marked() || on.flag.bytes() == [0], "{}", $name);
            assert!(on.fd.is_marked() || on.fd.bytes() == (-1i32).to_ne_bytes(), "{}", $name);
            on.handle = on.kept;
        });
        assert_eq!(error, SEQCOPY_ARGUMENT, "{}", $name);
        if !on.fd.is_marked() {
            // SAFETY: what was given out, by the functions that share.
            drop(unsafe { OwnedFd::from_raw_fd(place(&mut on.fd).read()) });
        }
        if !on.handle.is_null() {
            free(on.handle);
        }
    })*};
}

/// Frees a handle of any kind.
trait Free {
    /// # Safety
    /// As of the function.
    unsafe fn free(at: *mut *mut Self) -> seqcopy_status;
}

macro_rules! free {
    ($($type:ty: $free:ident;)*) => {$(
        impl Free for $type {
            unsafe fn free(at: *mut *mut Self) -> seqcopy_status {
                // SAFETY: the caller's.
                unsafe { $free(at) }
            }
        }
    )*};
}

free! {
    seqcopy_writer: seqcopy_writer_free;
    seqcopy_reader: seqcopy_reader_free;
    seqcopy_map_writer: seqcopy_map_writer_free;
    seqcopy_map_reader: seqcopy_map_reader_free;
    seqcopy_entries: seqcopy_entries_free;
}

fn free<H: Free>(mut handle: *mut H) {
    // SAFETY: opened by this test, and used no more.
    assert_eq!((unsafe { H::free(&raw mut handle) }, handle), (SEQCOPY_OK, null_mut()));
}

fn region(name: &str) -> At {
    let at = At::new(name);
    Writer::<Flag>::create(&at.0).unwrap().write(flag()).unwrap();
    at
}

fn map(name: &str) -> At {
    let at = At::new(name);
    MapWriter::<u32, Flag>::create(&at.0, 4).unwrap().insert(1, flag()).unwrap();
    at
}

fn slice(name: &str) -> At {
    let at = At::new(name);
    Options::new().capacity(4).create::<[bool]>(&at.0).unwrap().write_from(&[true; 3]).unwrap();
    at
}

macro_rules! opened {
    ($(fn $name:ident($at:ident) -> $type:ty { $open:ident, $schema:expr })*) => {$(
        fn $name($at: At) -> (At, *mut $type) {
            let (schema, mut handle) = ($schema, null_mut());
            let (start, len) = bytes(&schema);
            // SAFETY: locals.
            assert_eq!(unsafe { $open($at.1.as_ptr(), start, len, null(), &raw mut handle) }, SEQCOPY_OK);
            ($at, handle)
        }
    )*};
}

opened! {
    fn writer(at) -> seqcopy_writer { seqcopy_writer_take_over, Region::open(&at.0).unwrap().schema().clone() }
    fn reader(at) -> seqcopy_reader { seqcopy_reader_open, Region::open(&at.0).unwrap().schema().clone() }
    fn map_writer(at) -> seqcopy_map_writer { seqcopy_map_writer_take_over, untyped::MapReader::open(&at.0).unwrap().watch().schema().clone() }
    fn map_reader(at) -> seqcopy_map_reader { seqcopy_map_reader_open, untyped::MapReader::open(&at.0).unwrap().watch().schema().clone() }
}

fn entries(at: At) -> (At, *mut seqcopy_entries) {
    let (at, reader) = map_reader(at);
    let mut all = null_mut();
    // SAFETY: locals.
    assert_eq!(unsafe { seqcopy_map_reader_entries(reader, &raw mut all) }, SEQCOPY_OK);
    free(reader);
    (at, all)
}

#[test]
fn with_a_handle_that_is_null() {
    let good = flag();
    let of = (&raw const good).cast::<c_void>();
    with_null! {
        |name: &str| writer(region(name));
        "seqcopy_writer_write": |on: &mut On<_>| seqcopy_writer_write(on.handle, of, SIZE);
        "seqcopy_writer_read": |on: &mut On<_>| { let to = on.value(); seqcopy_writer_read(on.handle, to, SIZE) };
        "seqcopy_writer_begin": |on: &mut On<_>| seqcopy_writer_begin(on.handle, place(&mut on.pointer));
        "seqcopy_writer_wake": |on: &mut On<_>| seqcopy_writer_wake(on.handle);
        "seqcopy_writer_share": |on: &mut On<_>| seqcopy_writer_share(on.handle, place(&mut on.fd));
        "seqcopy_writer_restore_if_removed": |on: &mut On<_>| seqcopy_writer_restore_if_removed(on.handle, place(&mut on.flag));
    }
    with_null! {
        |name: &str| reader(region(name));
        "seqcopy_reader_read": |on: &mut On<_>| { let to = on.value(); seqcopy_reader_read(on.handle, to, SIZE, place(&mut on.number)) };
        "seqcopy_reader_try_read": |on: &mut On<_>| { let to = on.value(); seqcopy_reader_try_read(on.handle, to, SIZE, place(&mut on.number)) };
        "seqcopy_reader_read_if_changed": |on: &mut On<_>| { let to = on.value(); seqcopy_reader_read_if_changed(on.handle, to, SIZE, place(&mut on.number), place(&mut on.flag)) };
        "seqcopy_reader_reopen_if_removed": |on: &mut On<_>| seqcopy_reader_reopen_if_removed(on.handle, place(&mut on.flag));
        "seqcopy_region_wait": |on: &mut On<_>| seqcopy_region_wait(seqcopy_reader_region(on.handle), 0, 0, place(&mut on.flag));
        "seqcopy_region_owner": |on: &mut On<_>| seqcopy_region_owner(seqcopy_reader_region(on.handle), place(&mut on.number).cast());
        "seqcopy_region_schema": |on: &mut On<_>| { let (schema, len) = (place(&mut on.pointer).cast(), place(&mut on.number).cast()); seqcopy_region_schema(seqcopy_reader_region(on.handle), schema, len) };
        "seqcopy_region_share": |on: &mut On<_>| seqcopy_region_share(seqcopy_reader_region(on.handle), place(&mut on.fd));
    }
    with_null! {
        |name: &str| map_writer(map(name));
        "seqcopy_map_writer_insert": |on: &mut On<_>| seqcopy_map_writer_insert(on.handle, on.key(), 4, of, SIZE);
        "seqcopy_map_writer_remove": |on: &mut On<_>| seqcopy_map_writer_remove(on.handle, on.key(), 4);
        "seqcopy_map_writer_get": |on: &mut On<_>| { let to = on.value(); seqcopy_map_writer_get(on.handle, on.key(), 4, to, SIZE, place(&mut on.number)) };
        "seqcopy_map_writer_begin": |on: &mut On<_>| seqcopy_map_writer_begin(on.handle);
        "seqcopy_map_writer_discard": |on: &mut On<_>| seqcopy_map_writer_discard(on.handle);
        "seqcopy_map_writer_wake": |on: &mut On<_>| seqcopy_map_writer_wake(on.handle);
        "seqcopy_map_writer_share": |on: &mut On<_>| seqcopy_map_writer_share(on.handle, place(&mut on.fd));
        "seqcopy_map_writer_restore_if_removed": |on: &mut On<_>| seqcopy_map_writer_restore_if_removed(on.handle, place(&mut on.flag));
    }
    with_null! {
        |name: &str| map_reader(map(name));
        "seqcopy_map_reader_get": |on: &mut On<_>| { let to = on.value(); seqcopy_map_reader_get(on.handle, on.key(), 4, to, SIZE, place(&mut on.number)) };
        "seqcopy_map_reader_reopen_if_removed": |on: &mut On<_>| seqcopy_map_reader_reopen_if_removed(on.handle, place(&mut on.flag));
    }
    with_null! {
        |name: &str| entries(map(name));
        "seqcopy_entries_next": |on: &mut On<_>| { let to = on.value(); seqcopy_entries_next(on.handle, (&raw mut on.key).cast(), 4, to, SIZE, place(&mut on.number)) };
    }
    // These take the place of a handle, which is null at first: a place that is null is refused.
    macro_rules! with_a_null_place {
        ($($name:literal: $make:expr, $call:ident;)*) => {$({
            let (at, handle) = $make($name);
            let mut on = (handle, null_mut());
            // SAFETY: a handle that is open, or null.
            let call = |on: &mut (*mut _, *mut *mut _)| ok(unsafe { $call(on.1) });
            fails($name, &mut on, call, |on| on.0, None, |on| on.1 = &raw mut on.0);
            assert!(on.0.is_null(), "{}", $name);
            drop(at);
        })*};
    }
    with_a_null_place! {
        "seqcopy_writer_close": |name| writer(region(name)), seqcopy_writer_close;
        "seqcopy_writer_free": |name| writer(region(name)), seqcopy_writer_free;
        "seqcopy_reader_free": |name| reader(region(name)), seqcopy_reader_free;
        "seqcopy_map_writer_close": |name| map_writer(map(name)), seqcopy_map_writer_close;
        "seqcopy_map_writer_free": |name| map_writer(map(name)), seqcopy_map_writer_free;
        "seqcopy_map_reader_free": |name| map_reader(map(name)), seqcopy_map_reader_free;
        "seqcopy_entries_free": |name| entries(map(name)), seqcopy_entries_free;
    }
    let (at, reader) = map_reader(map("entries"));
    let mut on = (null_mut(), 8 as *mut seqcopy_entries);
    // SAFETY: a reader that is open, or null.
    let all = |on: &mut (*mut _, *mut _)| ok(unsafe { seqcopy_map_reader_entries(on.0, &raw mut on.1) });
    fails("seqcopy_map_reader_entries", &mut on, all, |on| on.1.addr(), Some(0), |on| on.0 = reader);
    free(on.1);
    free(reader);
    drop(at);
    let mut on = (Out::<seqcopy_options>::marked(), 8);
    // SAFETY: a local.
    let init = |on: &mut (Out<_>, usize)| ok(unsafe { seqcopy_options_init(place(&mut on.0), on.1) });
    fails("seqcopy_options_init", &mut on, init, |on| on.0.is_marked(), None, |on| on.1 = size_of::<seqcopy_options>());
}

/// What opens: the handle is null after a failure, whatever was there before, and the path is as it was.
#[test]
fn what_opens() {
    let (of_value, of_map) =
        (Schema::of::<Flag>(), untyped::MapReader::open(&map("schema").0).unwrap().watch().schema().clone());
    macro_rules! opens {
        ($($name:literal: $call:ident, $schema:ident, $before:expr, $mend:expr;)*) => {$({
            let (at, (schema, len)) = (At::new($name), bytes(&$schema));
            // SAFETY: a local.
            let mut options = unsafe {
                let mut options = Out::marked();
                seqcopy_options_init(place(&mut options), size_of::<seqcopy_options>());
                place(&mut options).read()
            };
            options.capacity = if stringify!($schema) == "of_map" { 4 } else { 0 };
            $before(&at);
            let mut handle = 8 as *mut _;
            // SAFETY: locals.
            let open = |handle: &mut *mut _| ok(unsafe { $call(at.1.as_ptr(), schema, len, &raw const options, handle) });
            let state = |handle: &mut *mut _| (addr(handle), fs::read(&at.0).ok());
            fails($name, &mut handle, open, state, Some((0, fs::read(&at.0).ok())), |_| $mend(&at));
            free(handle);
        })*};
    }
    let nothing = |_: &At| ();
    let other = |at: &At| fs::write(&at.0, "no region").unwrap();
    let removed = |at: &At| fs::remove_file(&at.0).unwrap();
    let value = |at: &At| drop(Writer::<Flag>::create(&at.0).unwrap());
    let a_map = |at: &At| drop(MapWriter::<u32, Flag>::create(&at.0, 4).unwrap());
    opens! {
        "seqcopy_writer_create": seqcopy_writer_create, of_value, other, removed;
        "seqcopy_writer_open_or_create": seqcopy_writer_open_or_create, of_value, other, removed;
        "seqcopy_writer_take_over": seqcopy_writer_take_over, of_value, nothing, value;
        "seqcopy_reader_open": seqcopy_reader_open, of_value, nothing, value;
        "seqcopy_map_writer_create": seqcopy_map_writer_create, of_map, other, removed;
        "seqcopy_map_writer_open_or_create": seqcopy_map_writer_open_or_create, of_map, other, removed;
        "seqcopy_map_writer_take_over": seqcopy_map_writer_take_over, of_map, nothing, a_map;
        "seqcopy_map_reader_open": seqcopy_map_reader_open, of_map, nothing, a_map;
    }
    // By a descriptor: of a file that can shrink, and then of one that is sealed.
    let (file, value, map) = (
        File::open("/proc/self/exe").unwrap(),
        Options::new().create_memfd::<Flag>("seqcopy-c").unwrap(),
        Options::new().create_map_memfd::<u32, Flag>("seqcopy-c", 4).unwrap(),
    );
    let shared = [value.share().unwrap(), map.share().unwrap()];
    let mut on = (file.as_raw_fd(), 8 as *mut seqcopy_reader);
    // SAFETY: locals.
    let open = |on: &mut (c_int, _)| ok(unsafe { seqcopy_reader_from_fd(on.0, null(), 0, &raw mut on.1) });
    fails("seqcopy_reader_from_fd", &mut on, open, |on| on.1.addr(), Some(0), |on| on.0 = shared[0].as_raw_fd());
    free(on.1);
    let mut on = (file.as_raw_fd(), 8 as *mut seqcopy_map_reader);
    // SAFETY: locals.
    let open = |on: &mut (c_int, _)| ok(unsafe { seqcopy_map_reader_from_fd(on.0, null(), 0, &raw mut on.1) });
    fails("seqcopy_map_reader_from_fd", &mut on, open, |on| on.1.addr(), Some(0), |on| on.0 = shared[1].as_raw_fd());
    free(on.1);
}

#[test]
fn with_bytes_that_are_not_valid() {
    // What is begun stays so until it is valid, and nothing is published.
    let (at, handle) = writer(region("end"));
    let mut begun = null_mut::<c_void>();
    // SAFETY: the writer is open, and the address it gives out is used until `end` has succeeded.
    unsafe {
        assert_eq!(seqcopy_writer_begin(handle, &raw mut begun), SEQCOPY_OK);
        begun.cast::<u8>().add(16).write(7);
    }
    let mut on = On::of("end", at, handle);
    on.handle = handle;
    // SAFETY: as above.
    let end = |on: &mut On<_>| ok(unsafe { seqcopy_writer_end(on.handle) });
    let state = |on: &mut On<seqcopy_writer>| fs::read(&on.at.0).unwrap();
    // SAFETY: as above.
    fails("seqcopy_writer_end", &mut on, end, state, None, |_| unsafe { begun.cast::<u8>().add(16).write(0) });
    let mut bad = [0u8; SIZE];
    bad[16] = 7;
    let mut on = (handle, bad);
    // SAFETY: as above.
    let write = |on: &mut (_, [u8; SIZE])| ok(unsafe { seqcopy_writer_write(on.0, on.1.as_ptr().cast(), SIZE) });
    // SAFETY: as above.
    let version = |_: &mut (_, [u8; SIZE])| unsafe { seqcopy_writer_version(handle) };
    fails("seqcopy_writer_write", &mut on, write, version, None, |on| on.1[16] = 0);
    free(handle);
    // Elements.
    let (at, handle) = writer(slice("elements"));
    let mut on = [1u8, 7];
    // SAFETY: the writer is open.
    let write = |on: &mut [u8; 2]| ok(unsafe { seqcopy_writer_write_elements(handle, on.as_ptr().cast(), 1, 2) });
    fails("seqcopy_writer_write_elements", &mut on, write, |_| fs::read(&at.0).unwrap(), None, |on| on[1] = 1);
    free(handle);
    let (at, handle) = reader(at);
    let mut on = On::of("elements", at, handle);
    (on.handle, on.size) = (handle, 1);
    let read = |on: &mut On<_>| {
        let to = on.value();
        // SAFETY: the reader is open, and the place is longer.
        ok(unsafe { seqcopy_reader_read_elements(on.handle, to, 1, on.size, place(&mut on.number).cast(), null_mut()) })
    };
    // How many there are is told, also where there is no space.
    let told = |on: &mut On<seqcopy_reader>| on.number.bytes();
    fails("seqcopy_reader_read_elements", &mut on, read, told, Some(2u64.to_ne_bytes().to_vec()), |on| on.size = 2);
    free(handle);
}

#[test]
fn in_a_map() {
    let (at, handle) = map_writer(map("full"));
    let reader = untyped::MapReader::open(&at.0).unwrap();
    let good = flag();
    let insert = |key: &u32| {
        // SAFETY: the writer is open.
        ok(unsafe {
            seqcopy_map_writer_insert(handle, std::ptr::from_ref(key).cast(), 4, (&raw const good).cast(), SIZE)
        })
    };
    // SAFETY: the writer is open.
    let capacity = u32::try_from(unsafe { seqcopy_map_writer_capacity(handle) }).unwrap();
    (2..=capacity).for_each(|key| insert(&key).unwrap());
    let mut key = 999;
    let state = |_: &mut u32| (reader.len().unwrap(), reader.watch().version());
    let remove = |_: &mut u32| {
        let first = 1u32;
        // SAFETY: the writer is open.
        assert_eq!(unsafe { seqcopy_map_writer_remove(handle, (&raw const first).cast(), 4) }, SEQCOPY_OK);
    };
    let (error, ()) = fails("seqcopy_map_writer_insert", &mut key, |key| insert(key), state, None, remove);
    assert_eq!(error, SEQCOPY_FULL);
    // Nothing was begun.
    // SAFETY: the writer is open.
    let commit = |_: &mut u32| ok(unsafe { seqcopy_map_writer_commit(handle) });
    let begin = |_: &mut u32| {
        // SAFETY: as above.
        assert_eq!(unsafe { seqcopy_map_writer_begin(handle) }, SEQCOPY_OK);
    };
    fails("seqcopy_map_writer_commit", &mut key, commit, state, None, begin);
    free(handle);
    // The key is not there, and then it is.
    let (at, reader) = map_reader(at);
    let mut on = On::of("absent", at, reader);
    (on.handle, on.key) = (reader, 1);
    let get = |on: &mut On<_>| {
        let to = on.value();
        // SAFETY: the reader is open.
        ok(unsafe { seqcopy_map_reader_get(on.handle, on.key(), 4, to, SIZE, place(&mut on.number)) })
    };
    let (error, ()) = fails("seqcopy_map_reader_get", &mut on, get, |on| on.number.is_marked(), None, |on| on.key = 2);
    assert_eq!(error, SEQCOPY_ABSENT);
    free(reader);
}

#[test]
fn a_value_that_is_damaged() {
    let at = region("damaged");
    let before = fs::read(&at.0).unwrap();
    let mark: Vec<u8> = [1u64, 1].iter().flat_map(|number| number.to_ne_bytes()).collect();
    let offset = before.windows(16).position(|part| part == mark).unwrap() as u64 + 16;
    let put = |path: &std::path::Path, byte: u8| {
        File::options().write(true).open(path).unwrap().write_all_at(&[byte], offset).unwrap();
    };
    let (at, handle) = reader(at);
    let mut on = On::of("damaged", at, handle);
    on.handle = handle;
    // The version stays as it was; that of a read of what has changed is the known one.
    let state = |on: &mut On<seqcopy_reader>| on.number.bytes();
    macro_rules! reads {
        ($($name:literal: $call:expr;)*) => {$(
            put(&on.at.0, 7);
            on.number = Out::marked();
            // SAFETY: the reader is open, and the places are this test's.
            let call = |on: &mut On<_>| ok(unsafe { ($call)(on) });
            let (error, ()) = fails($name, &mut on, call, state, None, |on| put(&on.at.0, 1));
            assert_eq!((error, on.number.bytes()), (SEQCOPY_INVALID, 1u64.to_ne_bytes().to_vec()), "{}", $name);
        )*};
    }
    reads! {
        "seqcopy_reader_read": |on: &mut On<_>| { let to = on.value(); seqcopy_reader_read(on.handle, to, SIZE, place(&mut on.number)) };
        "seqcopy_reader_try_read": |on: &mut On<_>| { let to = on.value(); seqcopy_reader_try_read(on.handle, to, SIZE, place(&mut on.number)) };
        "seqcopy_reader_read_if_changed": |on: &mut On<_>| { let to = on.value(); seqcopy_reader_read_if_changed(on.handle, to, SIZE, place(&mut on.number), place(&mut on.flag)) };
    }
    free(handle);
}

/// Each function of the header that returns a status is tried above, but for these, which can't fail by what a caller does.
#[test]
fn every_function_is_tried() {
    let header = include_str!("../include/seqcopy.h");
    let tried = include_str!("fails.rs");
    let mut number = 0;
    for line in header.lines() {
        let Some((name, _)) = line.strip_prefix("enum seqcopy_status ").and_then(|rest| rest.split_once('(')) else {
            continue;
        };
        if ["seqcopy_regions_survive_truncation", "seqcopy_last_status"].contains(&name) {
            continue;
        }
        number += 1;
        assert!(tried.contains(&format!("\"{name}\"")), "{name} is not tried with `fails`");
    }
    assert!(number >= 48, "only {number} functions");
}
