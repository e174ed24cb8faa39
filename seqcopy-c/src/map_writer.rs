//! [`seqcopy_map_writer`] changes a map. [`seqcopy_entry`] is a handle to one of its entries.

use core::ffi::{c_char, c_int, c_void};
use std::path::Path;

use seqcopy_shm::untyped::{Entry, MapWriter};
use seqcopy_shm::{Options, Schema};

use crate::call::{Argument, call};
use crate::handle::{Opaque, end};
use crate::map_reader::{ABSENT, seqcopy_map_reader};
use crate::reader::Named;
use crate::region::seqcopy_options;
use crate::status::{Failure, argument, fail, seqcopy_status, seqcopy_status::SEQCOPY_ABSENT};

/// The writer of a map, of which there is one at a time. One thread at a time uses it.
pub struct seqcopy_map_writer {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_map_writer {
    type Of = MapWriter;
    const NAME: &str = "the writer";
}

type Make = fn(&Path, &Schema, usize, &Options) -> Result<MapWriter, Failure>;

/// The number of slots of a new map.
fn slots(capacity: usize) -> Result<u64, Failure> {
    let none = || argument(format!("the capacity in the options is {capacity}: set it, from 1 to 3758096384 entries"));
    MapWriter::slots_for(capacity).map_or_else(none, Ok)
}

fn open(make: Make, (path, schema, options): &Named) -> Result<MapWriter, Failure> {
    let (path, schema) = (path.path()?, schema.schema()?);
    let (options, capacity) = options.read()?;
    make(path, &schema, capacity, &options)
}

/// Creates a map with the types of a schema, that of a slot, and becomes its writer. The options have its capacity.
/// Fails if there is something at the path. On failure `*writer` is null.
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
    // SAFETY: a path, a schema and options, and a place for a writer (I4 private).
    let (named, writer) = unsafe { ((path, (schema, schema_len), options), writer).given() };
    writer.open(|| open(make, &named))
}

/// For a program that is started again and again: takes over the map if its writer has ended, and creates it if it is
/// not there.
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
    // SAFETY: a path, a schema and options, and a place for a writer (I4 private).
    let (named, writer) = unsafe { ((path, (schema, schema_len), options), writer).given() };
    writer.open(|| open(make, &named))
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
    // SAFETY: a path, a schema and options, and a place for a writer (I4 private).
    let (named, writer) = unsafe { ((path, (schema, schema_len), options), writer).given() };
    writer.open(|| open(make, &named))
}

/// Sets the value of a key: as one generation, or as part of a batch that was begun. `SEQCOPY_FULL` if there is no
/// space for another key. An equal value is a generation, too.
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
    // SAFETY: a writer that this thread alone uses, a key and a value (I4 private, I10 handle).
    let (writer, key, value) = unsafe { (writer, (key, key_size), (value, value_size)).given() };
    writer.with(|map| {
        let [key_size, value_size] = map.sizes();
        let (key, value) = (key.get(key_size, "the key")?, value.get(value_size, "the value")?);
        Ok(map.insert(key, value)?)
    })
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
    // SAFETY: a writer that this thread alone uses, and a key (I4 private, I10 handle).
    let (writer, key) = unsafe { (writer, (key, key_size)).given() };
    writer.with(|map| Ok(map.remove(key.get(map.sizes()[0], "the key")?)?))
}

/// The value of a key in the newest generation, with the changes of a batch that was begun: as
/// `seqcopy_map_reader_get`.
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
    let (key, value) = ((key, key_size), (value, value_size));
    // SAFETY: a writer that this thread alone uses, a key, and places for a value and a generation (I4 private, I10
    // handle).
    let (writer, key, mut value, mut generation) = unsafe { (writer, key, value, generation).given() };
    writer.with(|map| {
        let [key_size, value_size] = map.sizes();
        let (key, value) = (key.get(key_size, "the key")?, value.get(value_size, "the value")?);
        let Some(stamp) = map.get(key, value)? else { return fail(seqcopy_status::SEQCOPY_ABSENT, ABSENT) };
        Ok(generation.put_if_asked(stamp.to_bits()))
    })
}

/// Begins a batch: readers see what is inserted and removed from here to `seqcopy_map_writer_commit` at once. Fails if
/// one was begun before.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_begin(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses (I10 handle).
    let writer = unsafe { writer.given() };
    writer.with(
        |map| {
            if map.begin() { Ok(()) } else { argument("a batch was begun before: commit or discard it first") }
        },
    )
}

/// Publishes a batch as one generation, unless nothing was changed in it. A key that found no space is not in it:
/// `seqcopy_map_writer_insert` has said so.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_commit(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses (I10 handle).
    unsafe { writer.given() }.with(|map| match map.commit() {
        Some(result) => Ok(result?),
        None => argument("no batch was begun: call seqcopy_map_writer_begin first"),
    })
}

/// Ends a batch without its changes.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_discard(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses (I10 handle).
    unsafe { writer.given() }.with(|map| Ok(map.discard()))
}

/// Wakes the threads of all processes that wait for this map. A system call
/// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_wake(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses (I10 handle).
    unsafe { writer.given() }.with(|map| Ok(map.wake()))
}

/// How many entries the newest generation has, with the changes of a batch that was begun; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_len(writer: *const seqcopy_map_writer) -> usize {
    // SAFETY: a writer that was not closed (I10 handle).
    unsafe { writer.given() }.look(0, MapWriter::len)
}

/// How many entries there can be; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_capacity(writer: *const seqcopy_map_writer) -> usize {
    // SAFETY: a writer that was not closed (I10 handle).
    unsafe { writer.given() }.look(0, MapWriter::capacity)
}

/// The number of the newest generation; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_generation(writer: *const seqcopy_map_writer) -> u64 {
    // SAFETY: a writer that was not closed (I10 handle).
    unsafe { writer.given() }.look(0, |writer| writer.generation().to_bits())
}

/// Whether this writer created the map, rather than take it over.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_was_created(writer: *const seqcopy_map_writer) -> bool {
    // SAFETY: a writer that was not closed (I10 handle).
    unsafe { writer.given() }.look(false, MapWriter::was_created)
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
/// failure `*fd` is -1.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_insert`]; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_share(writer: *mut seqcopy_map_writer, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, and a place for a descriptor (I4 private, I10 handle).
    let (writer, mut fd) = unsafe { (writer, fd).given() };
    call(|| fd.put_fd(|| writer.use_of(|map| Ok(map.share()?))))
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
    // SAFETY: a writer that this thread alone uses, and a place for an answer (I4 private, I10 handle).
    let (writer, restored) = unsafe { (writer, restored).given() };
    writer.renew(restored, MapWriter::restore_if_removed)
}

/// Closes the map: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does
/// nothing if it is null.
///
/// # Safety
/// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_close(writer: *mut *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: a writer that is not used again, or null (I10 handle).
    unsafe { end(writer, MapWriter::close) }
}

/// Ends the writer, and leaves the map for the next one. `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// The contract of [`seqcopy_map_writer_close`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_free(writer: *mut *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: a writer that is not used again, or null (I10 handle).
    unsafe { end(writer, |_| Ok(())) }
}

/// A handle to an entry of a map: a key, and where its entry was found last. Looked at there first, an entry is found
/// without a search as long as it has not moved. It belongs to no reader and no writer, and finds the key in each state
/// of each map with such keys. Any number of threads may use it, while none frees it.
pub struct seqcopy_entry {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_entry {
    type Of = Entry;
    const NAME: &str = "the entry";
}

/// A handle to the entry of a key, which need not have one yet. The caller frees it. On failure `*entry` is null.
///
/// # Safety
/// * `reader` is null, or one that was not freed.
/// * `key` is null, or readable for `key_size` bytes; `entry` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_entry(
    reader: *const seqcopy_map_reader,
    key: *const c_void,
    key_size: usize,
    entry: *mut *mut seqcopy_entry,
) -> seqcopy_status {
    // SAFETY: a reader that was not freed, a key, and a place for an entry (I4 private, I10 handle).
    let (reader, key, entry) = unsafe { (reader, (key, key_size), entry).given() };
    entry.open(|| {
        let reader = reader.share()?;
        Ok(reader.entry(key.get(reader.sizes()[0], "the key")?)?)
    })
}

/// A handle to the entry of a key, of a writer: as `seqcopy_map_reader_entry`.
///
/// # Safety
/// * `writer` is null, or one that was not closed, and no other thread uses it.
/// * `key` is null, or readable for `key_size` bytes; `entry` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_entry(
    writer: *mut seqcopy_map_writer,
    key: *const c_void,
    key_size: usize,
    entry: *mut *mut seqcopy_entry,
) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, a key, and a place for an entry (I4 private, I10 handle).
    let (writer, key, entry) = unsafe { (writer, (key, key_size), entry).given() };
    entry.open(|| writer.use_of(|map| Ok(map.entry(key.get(map.sizes()[0], "the key")?)?)))
}

/// Reads an entry, which is found without a search if it is still where it was. Otherwise as `seqcopy_map_reader_get`.
///
/// # Safety
/// * `reader` is null, or one that was not freed; `entry` is null, or one that was not freed.
/// * `value` is null, or writable for `value_size` bytes; `generation` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_reader_read_entry(
    reader: *const seqcopy_map_reader,
    entry: *const seqcopy_entry,
    value: *mut c_void,
    value_size: usize,
    generation: *mut u64,
) -> seqcopy_status {
    // SAFETY: a reader and an entry that were not freed, and places for a value and a generation (I4 private, I10
    // handle).
    let (reader, entry, mut value, mut generation) =
        unsafe { (reader, entry, (value, value_size), generation).given() };
    call(|| {
        let reader = reader.share()?;
        let entry = entry.share()?;
        let value = value.get(reader.sizes()[1], "the value")?;
        let Some(stamp) = reader.read_entry(entry, value)? else { return fail(SEQCOPY_ABSENT, ABSENT) };
        Ok(generation.put_if_asked(stamp.to_bits()))
    })
}

/// Sets the value of an entry, which is found without a search if it is still where it was. Otherwise as
/// `seqcopy_map_writer_insert`.
///
/// # Safety
/// * `writer` is null, or one that was not closed, and no other thread uses it; `entry` is null, or one that was not
///   freed.
/// * `value` is null, or readable for `value_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_insert_entry(
    writer: *mut seqcopy_map_writer,
    entry: *const seqcopy_entry,
    value: *const c_void,
    value_size: usize,
) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, an entry that was not freed, and a value (I4 private, I10 handle).
    let (writer, entry, value) = unsafe { (writer, entry, (value, value_size)).given() };
    writer.with(|map| {
        let entry = entry.share()?;
        Ok(map.insert_entry(entry, value.get(map.sizes()[1], "the value")?)?)
    })
}

/// Frees a handle to an entry, and sets `*entry` to null; does nothing if it is null.
///
/// # Safety
/// `entry` is null, or leads to null or to one that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entry_free(entry: *mut *mut seqcopy_entry) -> seqcopy_status {
    // SAFETY: an entry that is not used again, or null (I10 handle).
    unsafe { end(entry, |_| Ok(())) }
}
