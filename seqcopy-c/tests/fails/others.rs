//! Failures of other kinds: paths, bytes that are not valid, maps that are full, values that are damaged.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;

use super::*;

/// What opens: the handle is null after a failure, whatever was there before, and the path is as it was.
#[test]
fn what_opens() {
    let (of_value, of_map) =
        (Schema::of::<Flag>(), untyped::MapReader::open(&map("schema").0).unwrap().region().schema().clone());
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
        "seqcopy_reader_open_by_fields": seqcopy_reader_open_by_fields, of_value, nothing, value;
        "seqcopy_map_writer_create": seqcopy_map_writer_create, of_map, other, removed;
        "seqcopy_map_writer_open_or_create": seqcopy_map_writer_open_or_create, of_map, other, removed;
        "seqcopy_map_writer_take_over": seqcopy_map_writer_take_over, of_map, nothing, a_map;
        "seqcopy_map_reader_open": seqcopy_map_reader_open, of_map, nothing, a_map;
        "seqcopy_map_reader_open_by_fields": seqcopy_map_reader_open_by_fields, of_map, nothing, a_map;
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
    are_as_written("what_opens", include_str!("said/what_opens.txt"));
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
    are_as_written("with_bytes_that_are_not_valid", include_str!("said/with_bytes_that_are_not_valid.txt"));
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
    let state = |_: &mut u32| (reader.len().unwrap(), reader.region().version());
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
    are_as_written("in_a_map", include_str!("said/in_a_map.txt"));
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
    // What is known is not read again.
    on.value = Out::marked();
    let to = on.value();
    // SAFETY: as above.
    let status =
        unsafe { seqcopy_reader_read_if_changed(on.handle, to, SIZE, place(&mut on.number), place(&mut on.flag)) };
    assert_eq!((status, on.flag.bytes(), on.value.is_marked()), (SEQCOPY_OK, vec![0], true));
    free(handle);
    are_as_written("a_value_that_is_damaged", include_str!("said/a_value_that_is_damaged.txt"));
}
