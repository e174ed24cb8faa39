//! With a handle that is null, and then with one.

use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::null_mut;

use super::*;

macro_rules! with_null {
    ($make:expr; $($name:literal: $call:expr;)*) => {$({
        let (at, handle) = $make($name);
        let mut on = On::of($name, at, handle);
        // SAFETY: handles that are open or null, and places of this test.
        let call = |on: &mut On<_>| ok(unsafe { ($call)(on) });
        // What says whether, and descriptors, are set whatever happens; the rest is as it was.
        let mut left = [true; 5];
        if let Some(at) = [(2, "changed"), (2, "removed"), (1, "wait"), (3, "share")].iter().find(|(_, of)| $name.ends_with(of)) {
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

/// A handle to the entry of a key.
fn entry(key: u32) -> *mut seqcopy_entry {
    let (at, reader) = map_reader(map("entry"));
    let mut entry = null_mut();
    // SAFETY: locals.
    assert_eq!(unsafe { seqcopy_map_reader_entry(reader, (&raw const key).cast(), 4, &raw mut entry) }, SEQCOPY_OK);
    free(reader);
    drop(at);
    entry
}

/// A notifier with this region.
fn notifier(region: *const seqcopy_region) -> *mut seqcopy_notifier {
    let mut notifier = null_mut();
    // SAFETY: a local, and the region of a reader that is open.
    unsafe {
        assert_eq!(seqcopy_notifier_new(&raw mut notifier), SEQCOPY_OK);
        assert_eq!(seqcopy_notifier_register(notifier, region, 0), SEQCOPY_OK);
    }
    notifier
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
        "seqcopy_region_wait": |on: &mut On<_>| seqcopy_region_wait(seqcopy_reader_region(on.handle), 0, 0, place(&mut on.number).cast());
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
    let (_of_notifier, kept) = reader(region("registered"));
    // SAFETY: a reader that is open until the end.
    let registered = unsafe { seqcopy_reader_region(kept) };
    with_null! {
        |name: &str| (region(name), notifier(registered));
        "seqcopy_notifier_register": |on: &mut On<_>| seqcopy_notifier_register(on.handle, registered, 0);
        "seqcopy_notifier_unregister": |on: &mut On<_>| seqcopy_notifier_unregister(on.handle, registered);
        "seqcopy_notifier_clear": |on: &mut On<_>| seqcopy_notifier_clear(on.handle);
    }
    let entry = entry(1);
    with_null! {
        |name: &str| map_reader(map(name));
        "seqcopy_map_reader_read_entry": |on: &mut On<_>| { let to = on.value(); seqcopy_map_reader_read_entry(on.handle, entry, to, SIZE, place(&mut on.number)) };
    }
    with_null! {
        |name: &str| map_writer(map(name));
        "seqcopy_map_writer_insert_entry": |on: &mut On<_>| seqcopy_map_writer_insert_entry(on.handle, entry, of, SIZE);
    }
    free(entry);
    with_null! {
        |name: &str| entries(map(name));
        "seqcopy_entries_next": |on: &mut On<_>| { let to = on.value(); seqcopy_entries_next(on.handle, (&raw mut on.key).cast(), 4, to, SIZE, place(&mut on.number)) };
    }
    with_a_place_that_is_null(registered);
    free(kept);
    are_as_written("with_a_handle_that_is_null", include_str!("said/with_a_handle_that_is_null.txt"));
}

/// Calls that take the place of a handle, which is null at first: a place that is null is refused. And calls that make
/// a handle.
fn with_a_place_that_is_null(registered: *const seqcopy_region) {
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
        "seqcopy_entry_free": |name| (region(name), self::entry(1)), seqcopy_entry_free;
        "seqcopy_notifier_free": |name| (region(name), notifier(registered)), seqcopy_notifier_free;
    }
    let mut on = (null_mut::<seqcopy_notifier>(), null_mut());
    // SAFETY: null, or a local.
    let new = |on: &mut (_, *mut *mut _)| ok(unsafe { seqcopy_notifier_new(on.1) });
    fails("seqcopy_notifier_new", &mut on, new, |on| on.0.addr(), None, |on| on.1 = &raw mut on.0);
    free(on.0);
    let (at, reader) = map_reader(map("entries"));
    let mut on = (null_mut(), 8 as *mut seqcopy_entries);
    // SAFETY: a reader that is open, or null.
    let all = |on: &mut (*mut _, *mut _)| ok(unsafe { seqcopy_map_reader_entries(on.0, &raw mut on.1) });
    fails("seqcopy_map_reader_entries", &mut on, all, |on| on.1.addr(), Some(0), |on| on.0 = reader);
    free(on.1);
    let mut on = (null_mut(), 8 as *mut seqcopy_entry);
    let of_one = 1u32;
    let key = (&raw const of_one).cast();
    // SAFETY: a reader that is open, or null.
    let entry = |on: &mut (*mut _, *mut _)| ok(unsafe { seqcopy_map_reader_entry(on.0, key, 4, &raw mut on.1) });
    fails("seqcopy_map_reader_entry", &mut on, entry, |on| on.1.addr(), Some(0), |on| on.0 = reader);
    free(on.1);
    free(reader);
    let (at, writer) = map_writer(at);
    let mut on = (null_mut(), 8 as *mut seqcopy_entry);
    // SAFETY: a writer that is open, or null.
    let entry = |on: &mut (*mut _, *mut _)| ok(unsafe { seqcopy_map_writer_entry(on.0, key, 4, &raw mut on.1) });
    fails("seqcopy_map_writer_entry", &mut on, entry, |on| on.1.addr(), Some(0), |on| on.0 = writer);
    free(on.1);
    free(writer);
    drop(at);
    let mut on = (Out::<seqcopy_options>::marked(), 8);
    // SAFETY: a local.
    let init = |on: &mut (Out<_>, usize)| ok(unsafe { seqcopy_options_init(place(&mut on.0), on.1) });
    fails("seqcopy_options_init", &mut on, init, |on| on.0.is_marked(), None, |on| on.1 = size_of::<seqcopy_options>());
}

/// The second handle of a call.
#[test]
fn with_an_entry_that_is_null() {
    let good = flag();
    let of = (&raw const good).cast::<c_void>();
    let ((of_reader, reads), (of_writer, writes)) = (map_reader(map("of an entry")), map_writer(map("of another")));
    with_null! {
        |name: &str| (region(name), entry(1));
        "seqcopy_map_reader_read_entry": |on: &mut On<_>| { let to = on.value(); seqcopy_map_reader_read_entry(reads, on.handle, to, SIZE, place(&mut on.number)) };
        "seqcopy_map_writer_insert_entry": |on: &mut On<_>| seqcopy_map_writer_insert_entry(writes, on.handle, of, SIZE);
    }
    free(reads);
    free(writes);
    drop((of_reader, of_writer));
    are_as_written("with_an_entry_that_is_null", include_str!("said/with_an_entry_that_is_null.txt"));
}
