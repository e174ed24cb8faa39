//! What is said when a call fails, compared as a whole with files that people read; and what is said of places of
//! another size, and of none.

use std::cell::RefCell;

use super::*;

thread_local! {
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static ALL: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the message of a call that has failed.
pub(super) fn said() {
    let message = common::message();
    // What `At::new` adds to a name is another each time.
    let id = format!("{}.", std::process::id());
    let mut parts = message.split(&id);
    let first = parts.next().unwrap_or_default().to_owned();
    let same = parts.fold(first, |said, part| said + "PID" + part.trim_start_matches(|c: char| c.is_ascii_digit()));
    SAID.with_borrow_mut(|said| said.push(same));
}

/// [`seqcopy_harness::fails`], and what is said is kept.
#[track_caller]
pub(super) fn fails<C: ?Sized, T, E: std::fmt::Debug, S: PartialEq + std::fmt::Debug>(
    name: &str,
    on: &mut C,
    call: impl Fn(&mut C) -> Result<T, E>,
    state: impl Fn(&mut C) -> S,
    left: Option<S>,
    mend: impl FnOnce(&mut C),
) -> (E, T) {
    SAID.take();
    let error = seqcopy_harness::fails(name, on, call, state, left, mend);
    kept(name);
    error
}

fn kept(name: &str) {
    let said = SAID.take();
    assert_eq!(said.len(), 1, "{name}: {said:?}");
    ALL.with_borrow_mut(|all| all.extend([name, ": ", &said[0], "\n"]));
}

/// Compares what this test kept.
#[track_caller]
pub(super) fn are_as_written(test: &str, written: &str) {
    let file = format!("{}/tests/fails/said/{test}.txt", env!("CARGO_MANIFEST_DIR"));
    seqcopy_harness::is_as_written(&file, written, &ALL.take());
}

/// Calls with a key and a value, of a length that is not the type's, and null; what is said is of the one that is
/// wrong.
#[test]
fn of_another_size_and_null() {
    let (_of_writer, writer) = writer(region("writer"));
    let (_of_reader, reader) = reader(region("reader"));
    let (of_map, map_writer) = map_writer(map("map"));
    let (_of_map, map_reader) = map_reader(of_map);
    let (mut entries, mut entry) = (null_mut(), null_mut());
    let (key, good) = (1u32, flag());
    let (key, good) = ((&raw const key).cast::<c_void>(), (&raw const good).cast::<c_void>());
    // SAFETY: handles that are open, and locals.
    unsafe {
        assert_eq!(seqcopy_map_reader_entries(map_reader, &raw mut entries), SEQCOPY_OK);
        assert_eq!(seqcopy_map_reader_entry(map_reader, key, 4, &raw mut entry), SEQCOPY_OK);
    }
    let mut place = [0u8; SIZE];
    let to = place.as_mut_ptr().cast::<c_void>();
    let (mut flag, mut none) = (false, null_mut());
    let flag = &raw mut flag;
    macro_rules! each {
        ($($name:ident: $key:expr, $value:expr, |$k:ident, $k_len:ident, $v:ident, $v_len:ident| $call:expr;)*) => {$(
            // What is null, and each length on both sides of its own.
            let (k, v) = ($key, $value);
            let keys = [(null_mut(), 4), (k, 3), (k, 5)].map(|key| (key, (v, SIZE)));
            let values = [(null_mut(), SIZE), (v, SIZE - 1), (v, SIZE + 1)].map(|value| ((k, 4), value));
            let (keys, values) = (if k.is_null() { &[][..] } else { &keys }, if v.is_null() { &[][..] } else { &values });
            for &(($k, $k_len), ($v, $v_len)) in keys.iter().chain(values) {
                let _ = ($k, $k_len, $v, $v_len);
                SAID.take();
                // SAFETY: handles that are open; places that are null, or as long as the type's: a call with another
                // length reads none.
                assert_eq!(ok(unsafe { $call }), Err(SEQCOPY_ARGUMENT), stringify!($name));
                kept(stringify!($name));
            }
        )*};
    }
    let none_here = null_mut::<c_void>();
    let (key, good) = (key.cast_mut(), good.cast_mut());
    each! {
        seqcopy_writer_write: none_here, good, |_k, _kl, v, vl| seqcopy_writer_write(writer, v, vl);
        seqcopy_writer_read: none_here, to, |_k, _kl, v, vl| seqcopy_writer_read(writer, v, vl);
        seqcopy_reader_read: none_here, to, |_k, _kl, v, vl| seqcopy_reader_read(reader, v, vl, null_mut());
        seqcopy_reader_try_read: none_here, to, |_k, _kl, v, vl| seqcopy_reader_try_read(reader, v, vl, null_mut());
        seqcopy_reader_read_if_changed: none_here, to,
            |_k, _kl, v, vl| seqcopy_reader_read_if_changed(reader, v, vl, &raw mut (*Box::leak(Box::new(0u64))), flag);
        seqcopy_map_writer_insert: key, good, |k, kl, v, vl| seqcopy_map_writer_insert(map_writer, k, kl, v, vl);
        seqcopy_map_writer_remove: key, none_here, |k, kl, _v, _vl| seqcopy_map_writer_remove(map_writer, k, kl);
        seqcopy_map_writer_get: key, to, |k, kl, v, vl| seqcopy_map_writer_get(map_writer, k, kl, v, vl, null_mut());
        seqcopy_map_reader_get: key, to, |k, kl, v, vl| seqcopy_map_reader_get(map_reader, k, kl, v, vl, null_mut());
        seqcopy_map_reader_entry: key, none_here, |k, kl, _v, _vl| seqcopy_map_reader_entry(map_reader, k, kl, &raw mut none);
        seqcopy_map_reader_read_entry: none_here, to,
            |_k, _kl, v, vl| seqcopy_map_reader_read_entry(map_reader, entry, v, vl, null_mut());
        seqcopy_map_writer_insert_entry: none_here, good, |_k, _kl, v, vl| seqcopy_map_writer_insert_entry(map_writer, entry, v, vl);
        seqcopy_entries_next: to, to, |k, kl, v, vl| seqcopy_entries_next(entries, k, kl, v, vl, null_mut());
    }
    // What is begun or not is told, too.
    let done = |name, status| {
        SAID.take();
        assert_eq!(ok(status), Err(SEQCOPY_ARGUMENT), "{name}");
        kept(name);
    };
    // SAFETY: handles that are open.
    unsafe {
        done("seqcopy_writer_end", seqcopy_writer_end(writer));
        done("seqcopy_map_writer_commit", seqcopy_map_writer_commit(map_writer));
        assert_eq!(seqcopy_map_writer_begin(map_writer), SEQCOPY_OK);
        done("seqcopy_map_writer_begin", seqcopy_map_writer_begin(map_writer));
    }
    // Elements of a slice, and of another value.
    let (at, slices) = self::writer(slice("slices"));
    let (_of_slices, elements) = self::reader(at);
    let (mut two, mut count) = ([1u8; 2], 0usize);
    let (to, count) = (two.as_mut_ptr().cast::<c_void>(), &raw mut count);
    // SAFETY: handles that are open; places that are null, or as long as they are said to be.
    unsafe {
        for (place, size) in [(null_mut(), 1), (to, 2), (to, 0)] {
            done("seqcopy_writer_write_elements", seqcopy_writer_write_elements(slices, place, size, 1));
            done(
                "seqcopy_reader_read_elements",
                seqcopy_reader_read_elements(elements, place, size, 1, count, null_mut()),
            );
        }
        done("seqcopy_writer_write_elements", seqcopy_writer_write_elements(writer, to, 1, 2));
        done("seqcopy_reader_read_elements", seqcopy_reader_read_elements(reader, to, 1, 2, count, null_mut()));
    }
    free(slices);
    free(elements);
    free(entries);
    free(entry);
    free(writer);
    free(reader);
    free(map_writer);
    free(map_reader);
    are_as_written("of_another_size_and_null", include_str!("said/of_another_size_and_null.txt"));
}
