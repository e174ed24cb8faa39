//! [`seqcopy_map_writer`]: changes a map.

use core::ffi::{c_char, c_int, c_void};
use std::path::Path;

use seqcopy_shm::untyped::MapWriter;
use seqcopy_shm::{Options, Schema};

use crate::call::{self, bytes, bytes_mut, put_if_asked};
use crate::handle::{self, Opaque, end, look, renew, use_of, with};
use crate::map_reader::ABSENT;
use crate::options::{self, seqcopy_options};
use crate::region::put_fd;
use crate::status::{Failure, argument, fail, seqcopy_status};

/// The writer of a map, of which there is one at a time. One thread at a time uses it.
pub struct seqcopy_map_writer {
    /// A name for a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_map_writer {
    type Of = MapWriter;
    const NAME: &str = "the writer";
}

type Make = fn(&Path, &Schema, usize, &Options) -> Result<MapWriter, Failure>;

/// How many slots a new map has.
fn slots(capacity: usize) -> Result<u64, Failure> {
    let none = || argument(format!("the capacity in the options is {capacity}: set it, from 1 to 3758096384 entries"));
    MapWriter::slots_for(capacity).map_or_else(none, Ok)
}

/// # Safety
/// The contract of [`seqcopy_map_writer_create`].
unsafe fn open(
    make: Make,
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_map_writer,
) -> seqcopy_status {
    let open = || {
        // SAFETY: this function's contract.
        let path = unsafe { call::path(path) }?;
        // SAFETY: this function's contract.
        let schema = unsafe { call::schema(schema, schema_len) }?;
        // SAFETY: this function's contract.
        let (options, capacity) = unsafe { options::read(options) }?;
        make(path, &schema, capacity, &options)
    };
    // SAFETY: this function's contract.
    unsafe { handle::open(writer, open) }
}

/// Creates a map with the types of a schema, that of a slot, and becomes its writer. The options have its capacity. Fails if there is
/// something at the path. On failure `*writer` is null.
///
/// # Safety
/// * `path` is null, or a text with a 0 at its end.
/// * `schema` is null, or readable for `schema_len` bytes; `options` is null, or leads to options.
/// * `writer` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_create(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_map_writer,
) -> seqcopy_status {
    let make: Make = |path, schema, capacity, options| Ok(MapWriter::create(path, schema, slots(capacity)?, options)?);
    // SAFETY: this function's contract.
    unsafe { open(make, path, schema, schema_len, options, writer) }
}

/// For a program that is started again and again: takes over the map if its writer has ended, and creates it if it is not there.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_open_or_create(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_map_writer,
) -> seqcopy_status {
    let make: Make =
        |path, schema, capacity, options| Ok(MapWriter::open_or_create(path, schema, slots(capacity)?, options)?);
    // SAFETY: this function's contract.
    unsafe { open(make, path, schema, schema_len, options, writer) }
}

/// Becomes the writer of a map that is there, and whose writer has ended. It keeps its capacity.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_take_over(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_map_writer,
) -> seqcopy_status {
    let make: Make = |path, schema, _, options| Ok(MapWriter::take_over(path, schema, options)?);
    // SAFETY: this function's contract.
    unsafe { open(make, path, schema, schema_len, options, writer) }
}

/// Sets the value of a key: as one generation, or as part of a batch that was begun. `SEQCOPY_FULL` if there is no space for another key.
/// Does nothing if that is its value.
///
/// # Safety
/// * `writer` is null, or one that was not closed, and no other thread uses it.
/// * `key` is null, or readable for `key_size` bytes; `value` is null, or readable for `value_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_insert(
    writer: *mut seqcopy_map_writer,
    key: *const c_void,
    key_size: usize,
    value: *const c_void,
    value_size: usize,
) -> seqcopy_status {
    let insert = |map: &mut MapWriter| {
        let [of_key, of_value] = map.key_and_value();
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, of_key.size(), "the key") }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes(value, value_size, of_value.size(), "the value") }?;
        Ok(map.insert(key, value)?)
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, insert) }
}

/// Removes a key: as one generation, or as part of a batch that was begun. Does nothing if it has no entry.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_remove(
    writer: *mut seqcopy_map_writer,
    key: *const c_void,
    key_size: usize,
) -> seqcopy_status {
    let remove = |map: &mut MapWriter| {
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, map.key_and_value()[0].size(), "the key") }?;
        Ok(map.remove(key)?)
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, remove) }
}

/// The value of a key in the newest generation, with the changes of a batch that was begun: as `seqcopy_map_reader_get`.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`]; `value` is null, or writable for `value_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_get(
    writer: *mut seqcopy_map_writer,
    key: *const c_void,
    key_size: usize,
    value: *mut c_void,
    value_size: usize,
    generation: *mut u64,
) -> seqcopy_status {
    let get = |map: &mut MapWriter| {
        let [of_key, of_value] = map.key_and_value();
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, of_key.size(), "the key") }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes_mut(value, value_size, of_value.size(), "the value") }?;
        let Some(stamp) = map.get(key, value)? else { return fail(seqcopy_status::SEQCOPY_ABSENT, ABSENT) };
        // SAFETY: this function's contract.
        unsafe { put_if_asked(generation, stamp.to_bits()) };
        Ok(())
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, get) }
}

/// Begins a batch: readers see what is inserted and removed from here to `seqcopy_map_writer_commit` at once. Fails if one was begun before.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_begin(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    let begun = "a batch was begun before: commit or discard it first";
    let begin = |map: &mut MapWriter| if map.begin() { Ok(()) } else { argument(begun) };
    // SAFETY: this function's contract.
    unsafe { with(writer, begin) }
}

/// Publishes a batch as one generation, unless nothing was changed in it. A key that found no space is not in it: `seqcopy_map_writer_insert` has
/// said so.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_commit(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    let commit = |map: &mut MapWriter| match map.commit() {
        Some(result) => Ok(result?),
        None => argument("no batch was begun: call seqcopy_map_writer_begin first"),
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, commit) }
}

/// Ends a batch without its changes.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_discard(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { with(writer, |map| Ok(map.discard())) }
}

/// Wakes the threads of all processes that wait for this map. A system call.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_wake(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { with(writer, |map| Ok(map.wake())) }
}

/// How many entries the newest generation has, with the changes of a batch that was begun; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_len(writer: *const seqcopy_map_writer) -> usize {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, MapWriter::len) }
}

/// How many entries there can be; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_capacity(writer: *const seqcopy_map_writer) -> usize {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, MapWriter::capacity) }
}

/// The number of the newest generation; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_generation(writer: *const seqcopy_map_writer) -> u64 {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, |writer| writer.generation().to_bits()) }
}

/// Whether this writer created the map, rather than take it over.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_was_created(writer: *const seqcopy_map_writer) -> bool {
    // SAFETY: this function's contract.
    unsafe { look(writer, false, MapWriter::was_created) }
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
/// failure `*fd` is -1.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`]; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_share(writer: *mut seqcopy_map_writer, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: this function's contract.
    let share = || unsafe { use_of(writer, |map: &mut MapWriter| Ok(map.share()?)) };
    // SAFETY: this function's contract.
    call::call(|| unsafe { put_fd(fd, share) })
}

/// Puts the map back if its file was removed: `*restored`, which may be null, says whether that was so, and is false on
/// failure.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`]; `restored` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_restore_if_removed(
    writer: *mut seqcopy_map_writer,
    restored: *mut bool,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { renew(writer, restored, MapWriter::restore_if_removed) }
}

/// Closes the map: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_close(writer: *mut *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { end(writer, MapWriter::close) }
}

/// Ends the writer, and leaves the map for the next one. `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_close`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_free(writer: *mut *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { end(writer, |_| Ok(())) }
}
