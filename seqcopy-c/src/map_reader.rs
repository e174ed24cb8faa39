//! [`seqcopy_map_reader`] looks up entries of a map. [`seqcopy_entries`] are all entries of one generation.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null;

use seqcopy_shm::untyped::Entries;
use seqcopy_shm::untyped::MapReader;

use crate::call::{Argument, call};
use crate::handle::{Opaque, end};
use crate::reader::{by_fields, from_fd, typed};
use crate::region::seqcopy_options;
use crate::region::{Reading, seqcopy_region};
use crate::status::{
    fail, seqcopy_status,
    seqcopy_status::{SEQCOPY_ABSENT, SEQCOPY_END},
};

/// A reader of a map. Any number of threads may use it, while none frees it or calls `reopen_if_removed`.
pub struct seqcopy_map_reader {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_map_reader {
    type Of = Reading<MapReader>;
    const NAME: &str = "the reader";
}

/// The entries of one generation of a map: a copy. One thread at a time uses it.
pub struct seqcopy_entries {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_entries {
    type Of = Unread;
    const NAME: &str = "the list of entries";
}

pub(crate) struct Unread {
    entries: Entries,
    next: usize,
}

/// Opens a map, to read it. Compares its types with a schema, that of a slot; null and 0 take any. `options` may be
/// null. On failure `*reader` is null.
///
/// # Safety
/// The contract of [`seqcopy_reader_open`](crate::seqcopy_reader_open).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_open(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    reader: *mut *mut seqcopy_map_reader,
) -> seqcopy_status {
    // SAFETY: a path, a schema and options, and a place for a reader (I4 private).
    let (named, reader) = unsafe { ((path, (schema, schema_len), options), reader).given() };
    reader.open(|| typed(&named, MapReader::open_with))
}

/// Opens a map whose values have every field of those of the schema, that of a slot, as `seqcopy_reader_open_by_fields`
/// opens a region; its keys have the same bytes as those of the schema. Otherwise as `seqcopy_map_reader_open`.
///
/// # Safety
/// The contract of [`seqcopy_reader_open`](crate::seqcopy_reader_open).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_open_by_fields(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    reader: *mut *mut seqcopy_map_reader,
) -> seqcopy_status {
    // SAFETY: a path, a schema and options, and a place for a reader (I4 private).
    let (named, reader) = unsafe { ((path, (schema, schema_len), options), reader).given() };
    reader.open(|| by_fields(&named, MapReader::open_by_fields))
}

/// `seqcopy_map_reader_open` by a descriptor, which stays the caller's. Its file has to be sealed against shrinking.
///
/// # Safety
/// The contract of [`seqcopy_map_reader_open`]; `fd` is an open descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_from_fd(
    fd: c_int,
    schema: *const c_void,
    schema_len: usize,
    reader: *mut *mut seqcopy_map_reader,
) -> seqcopy_status {
    // SAFETY: an open descriptor, a schema, and a place for a reader (I4 private).
    let (of, reader) = unsafe { ((fd, (schema, schema_len)), reader).given() };
    reader.open(|| from_fd(&of, MapReader::from_fd))
}

/// The region that it reads: its generation, its writer, and waiting. Null for null.
///
/// # Safety
/// `reader` is null, or one that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_region(reader: *const seqcopy_map_reader) -> *const seqcopy_region {
    // SAFETY: a reader that was not freed (I10 handle).
    unsafe { reader.given() }.look(null(), Reading::region)
}

/// Looks up a key: stores the bytes of its value, and the generation that set it to `*generation`, which may be null.
/// `SEQCOPY_ABSENT` if it has no entry; then, and on failure, the bytes of `*value` are unspecified.
///
/// Several look-ups are of one generation if `seqcopy_region_version` is the same before the first and after the last.
///
/// # Safety
/// * `reader` is null, or one that was not freed.
/// * `key` is null, or readable for `key_size` bytes; `value` is null, or writable for `value_size` bytes; `generation`
///   is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_get(
    reader: *const seqcopy_map_reader,
    key: *const c_void,
    key_size: usize,
    value: *mut c_void,
    value_size: usize,
    generation: *mut u64,
) -> seqcopy_status {
    let (key, value) = ((key, key_size), (value, value_size));
    // SAFETY: a reader that was not freed, a key, and places for a value and a generation (I4 private, I10 handle).
    let (reader, key, mut value, mut generation) = unsafe { (reader, key, value, generation).given() };
    call(|| {
        let reader = reader.share()?;
        let [key_size, value_size] = reader.sizes();
        let key = key.get(key_size, "the key")?;
        let value = value.get(value_size, "the value")?;
        let Some(stamp) = reader.get(key, value)? else { return fail(SEQCOPY_ABSENT, ABSENT) };
        Ok(generation.put_if_asked(stamp.to_bits()))
    })
}

pub(crate) const ABSENT: &str = "the key has no entry";

/// Copies all entries of one generation. The caller frees them.
///
/// # Safety
/// `reader` is null, or one that was not freed; `entries` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_entries(
    reader: *const seqcopy_map_reader,
    entries: *mut *mut seqcopy_entries,
) -> seqcopy_status {
    // SAFETY: a reader that was not freed, and a place for entries (I4 private, I10 handle).
    let (reader, entries) = unsafe { (reader, entries).given() };
    entries.open(|| Ok(Unread { entries: reader.share()?.entries()?, next: 0 }))
}

/// How many entries there are; 0 for null.
///
/// # Safety
/// `entries` is null, or some that were not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_len(entries: *const seqcopy_entries) -> usize {
    // SAFETY: entries that were not freed (I10 handle).
    unsafe { entries.given() }.look(0, |it| it.entries.len())
}

/// Which generation they are of; 0 for null.
///
/// # Safety
/// `entries` is null, or some that were not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_generation(entries: *const seqcopy_entries) -> u64 {
    // SAFETY: entries that were not freed (I10 handle).
    unsafe { entries.given() }.look(0, |it| it.entries.generation().to_bits())
}

/// The next entry, in no particular order: its key, its value, and the generation that set it, which may be null.
/// `SEQCOPY_END` after the last.
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
    let (key, value) = ((key, key_size), (value, value_size));
    // SAFETY: entries that this thread alone uses, and places for a key, a value and a generation (I4 private, I10
    // handle).
    let (entries, mut key, mut value, mut generation) = unsafe { (entries, key, value, generation).given() };
    entries.with(|it| {
        let Some((of_key, of_value, stamp)) = it.entries.get(it.next) else {
            return fail(SEQCOPY_END, "there are no more entries");
        };
        key.get(of_key.len(), "the key")?.copy_from_slice(of_key);
        value.get(of_value.len(), "the value")?.copy_from_slice(of_value);
        generation.put_if_asked(stamp.to_bits());
        Ok(it.next += 1)
    })
}

/// Frees entries, and sets `*entries` to null; does nothing if it is null.
///
/// # Safety
/// `entries` is null, or leads to null or to some that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entries_free(entries: *mut *mut seqcopy_entries) -> seqcopy_status {
    // SAFETY: entries that are not used again, or null (I10 handle).
    unsafe { end(entries, |_| Ok(())) }
}

/// If the map was removed, and there is a new one at its path, of the same types: reads that from now on. `*reopened`
/// says whether that is so, and is false on failure. After that, generations begin again.
///
/// # Safety
/// `reader` is null, or one that no other thread uses during the call; `reopened` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_reopen_if_removed(
    reader: *mut seqcopy_map_reader,
    reopened: *mut bool,
) -> seqcopy_status {
    // SAFETY: a reader that this thread alone uses, and a place for an answer (I4 private, I10 handle).
    let (reader, reopened) = unsafe { (reader, reopened).given() };
    reader.renew(reopened, Reading::reopen_if_removed)
}

/// Frees a reader, and sets `*reader` to null; does nothing if it is null.
///
/// # Safety
/// `reader` is null, or leads to null or to a reader that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_free(reader: *mut *mut seqcopy_map_reader) -> seqcopy_status {
    // SAFETY: a reader that is not used again, or null (I10 handle).
    unsafe { end(reader, |_| Ok(())) }
}
