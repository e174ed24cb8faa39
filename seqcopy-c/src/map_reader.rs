//! [`seqcopy_map_reader`] looks up entries of a map; [`seqcopy_entries`] are all of one generation.

use core::ffi::{c_char, c_int, c_void};

use seqcopy_shm::untyped::MapReader;
use seqcopy_shm::{Entries, Schema};

use crate::call::{self, borrow, bytes, bytes_mut, call, put_if_asked, take};
use crate::options::{self, seqcopy_options};
use crate::reader::expected;
use crate::region::{duplicate, seqcopy_region};
use crate::status::{Failure, argument, seqcopy_status};

/// A reader of a map. Any number of threads may use it, while none frees it or calls `reopen_if_removed`.
pub struct seqcopy_map_reader(MapReader);

/// The entries of one generation of a map: a copy. One thread at a time uses it.
pub struct seqcopy_entries {
    entries: Entries,
    next: usize,
}

/// Opens a map, to read it. Compares its types with a schema, that of a slot; null and 0 take any. `options` may be null. On failure
/// `*reader` is null.
///
/// # Safety
/// As for [`seqcopy_reader_open`](crate::seqcopy_reader_open).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_open(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    reader: *mut *mut seqcopy_map_reader,
) -> seqcopy_status {
    let open = || {
        // SAFETY: this function's contract.
        let path = unsafe { call::path(path) }?;
        // SAFETY: this function's contract.
        let (options, _) = unsafe { options::read(options) }?;
        // SAFETY: this function's contract.
        checked(MapReader::open_with(path, &options)?, unsafe { expected(schema, schema_len) }?)
    };
    // SAFETY: this function's contract.
    unsafe { call::open(reader, open) }
}

/// The same by a descriptor, which stays the caller's. Its file has to be sealed against shrinking.
///
/// # Safety
/// As for [`seqcopy_map_reader_open`]; `fd` is an open descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_from_fd(
    fd: c_int,
    schema: *const c_void,
    schema_len: usize,
    reader: *mut *mut seqcopy_map_reader,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    let open = || checked(MapReader::from_fd(duplicate(fd)?)?, unsafe { expected(schema, schema_len) }?);
    // SAFETY: this function's contract.
    unsafe { call::open(reader, open) }
}

fn checked(reader: MapReader, schema: Option<Schema>) -> Result<seqcopy_map_reader, Failure> {
    schema.map_or(Ok(()), |schema| reader.watch().require_type(&schema))?;
    Ok(seqcopy_map_reader(reader))
}

/// The region that it reads: its generation, its writer, and waiting. Null for null.
///
/// # Safety
/// `reader` is null, or one that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_region(reader: *const seqcopy_map_reader) -> *const seqcopy_region {
    // SAFETY: this function's contract.
    unsafe { borrow(reader, "the reader") }.map_or(core::ptr::null(), |reader| crate::region::of(reader.0.watch()))
}

/// Looks up a key: stores the bytes of its value, and the generation that set it to `*generation`, which may be null. `SEQCOPY_ABSENT` if it
/// has no entry; then, and on failure, the bytes of `*value` are unspecified.
///
/// # Safety
/// * `reader` is null, or one that was not freed.
/// * `key` is null, or readable for `key_size` bytes; `value` is null, or writable for `value_size` bytes; `generation` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_get(
    reader: *const seqcopy_map_reader,
    key: *const c_void,
    key_size: usize,
    value: *mut c_void,
    value_size: usize,
    generation: *mut u64,
) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        let seqcopy_map_reader(reader) = unsafe { borrow(reader, "the reader") }?;
        let [of_key, of_value] = reader.key_and_value();
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, of_key.size(), "the key") }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes_mut(value, value_size, of_value.size(), "the value") }?;
        let Some(stamp) = reader.get(key, value)? else { return Err(absent()) };
        // SAFETY: this function's contract.
        unsafe { put_if_asked(generation, stamp.to_bits()) };
        Ok(())
    })
}

#[cold]
pub(crate) fn absent() -> Failure {
    Failure { status: seqcopy_status::SEQCOPY_ABSENT, message: "the key has no entry".to_owned() }
}

/// Copies all entries of one generation. The caller frees them.
///
/// # Safety
/// `reader` is null, or one that was not freed; `entries` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_entries(
    reader: *const seqcopy_map_reader,
    entries: *mut *mut seqcopy_entries,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    let copy = || Ok(seqcopy_entries { entries: unsafe { borrow(reader, "the reader") }?.0.entries()?, next: 0 });
    // SAFETY: this function's contract.
    unsafe { call::open(entries, copy) }
}

/// How many entries there are; 0 for null.
///
/// # Safety
/// `entries` is null, or some that were not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_len(entries: *const seqcopy_entries) -> usize {
    // SAFETY: this function's contract.
    unsafe { borrow(entries, "the entries") }.map_or(0, |it| it.entries.len())
}

/// Which generation they are of; 0 for null.
///
/// # Safety
/// `entries` is null, or some that were not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_generation(entries: *const seqcopy_entries) -> u64 {
    // SAFETY: this function's contract.
    unsafe { borrow(entries, "the entries") }.map_or(0, |it| it.entries.generation().to_bits())
}

/// The next entry, in no particular order: its key, its value, and the generation that set it, which may be null. `SEQCOPY_END` after the
/// last.
///
/// # Safety
/// * `entries` is null, or some that were not freed, and no other thread uses them.
/// * `key` and `value` are null, or writable for these sizes; `generation` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_next(
    entries: *mut seqcopy_entries,
    key: *mut c_void,
    key_size: usize,
    value: *mut c_void,
    value_size: usize,
    generation: *mut u64,
) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract (I4 private).
        let Some(it) = (unsafe { entries.as_mut() }) else { return argument("the entries are null") };
        let Some((of_key, of_value, stamp)) = it.entries.iter().nth(it.next) else {
            let message = "there are no more entries".to_owned();
            return Err(Failure { status: seqcopy_status::SEQCOPY_END, message });
        };
        // SAFETY: this function's contract.
        unsafe { bytes_mut(key, key_size, of_key.len(), "the key") }?.copy_from_slice(of_key);
        // SAFETY: this function's contract.
        unsafe { bytes_mut(value, value_size, of_value.len(), "the value") }?.copy_from_slice(of_value);
        // SAFETY: this function's contract.
        unsafe { put_if_asked(generation, stamp.to_bits()) };
        it.next += 1;
        Ok(())
    })
}

/// Frees entries, and sets `*entries` to null; does nothing if it is null.
///
/// # Safety
/// `entries` is null, or leads to null or to some that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_free(entries: *mut *mut seqcopy_entries) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { take(entries) }.map(drop))
}

/// If the map was removed, and there is a new one at its path, of the same types: reads that from now on. `*reopened` says whether that is so.
///
/// # Safety
/// `reader` is null, or one that no other thread uses during the call; `reopened` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_reopen_if_removed(
    reader: *mut seqcopy_map_reader,
    reopened: *mut bool,
) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract (I4 private).
        let Some(reader) = (unsafe { reader.as_mut() }) else { return argument("the reader is null") };
        let is_new = reader.0.reopen_if_removed()?;
        // SAFETY: this function's contract.
        unsafe { put_if_asked(reopened, is_new) };
        Ok(())
    })
}

/// Frees a reader, and sets `*reader` to null; does nothing if it is null.
///
/// # Safety
/// `reader` is null, or leads to null or to a reader that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_free(reader: *mut *mut seqcopy_map_reader) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { take(reader) }.map(drop))
}
