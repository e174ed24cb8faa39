//! [`seqcopy_map_writer`]: changes a map.

use core::ffi::{c_char, c_int, c_void};
use std::collections::BTreeMap;
use std::path::Path;

use seqcopy::Layout;
use seqcopy_shm::untyped::MapWriter;
use seqcopy_shm::{Options, Schema};

use crate::call::{self, Handle, borrow, bytes, bytes_mut, call, put_if_asked, take};
use crate::map_reader::absent;
use crate::options::{self, seqcopy_options};
use crate::region::put_fd;
use crate::status::{Failure, argument, seqcopy_status};

/// The writer of a map, of which there is one at a time. One thread at a time uses it.
pub struct seqcopy_map_writer(Handle<Open>);

struct Open {
    writer: MapWriter,
    /// What is set, and what is removed, since `begin`.
    batch: Option<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
}

impl Open {
    /// The types of keys and of values.
    fn types(&self) -> [&Layout; 2] {
        let [_, key, value] = self.writer.schema().layout().fields() else { unreachable!("that of a slot") };
        [key.layout(), value.layout()]
    }

    /// Makes a change, or notes it for `commit`.
    fn change(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        for (layout, bytes) in self.types().into_iter().zip([Some(key), value]) {
            let checked = bytes.map_or(Ok(()), |bytes| layout.validate(bytes));
            checked.map_err(|error| Failure { status: seqcopy_status::SEQCOPY_INVALID, message: error.to_string() })?;
        }
        match &mut self.batch {
            Some(batch) => _ = batch.insert(key.to_vec(), value.map(<[u8]>::to_vec)),
            None => match value {
                Some(value) => self.writer.change([(key, value)].into_iter(), [].into_iter())?,
                None => self.writer.change([].into_iter(), [key].into_iter())?,
            },
        }
        Ok(())
    }
}

type Make = fn(&Path, &Schema, usize, &Options) -> Result<MapWriter, Failure>;

/// How many slots a new map has.
fn slots(capacity: usize) -> Result<u64, Failure> {
    match MapWriter::slots_for(capacity) {
        Some(slots) => Ok(slots),
        None => argument(format!("the capacity in the options is {capacity}: set it, from 1 to 3758096384 entries")),
    }
}

/// # Safety
/// As for [`seqcopy_map_writer_create`].
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
        let writer = make(path, &schema, capacity, &options)?;
        Ok(seqcopy_map_writer(Handle::new(Open { writer, batch: None })))
    };
    // SAFETY: this function's contract.
    unsafe { call::open(writer, open) }
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

/// The same for a program that is started again and again: takes over the map if its writer has ended, and creates it if it is not there.
///
/// # Safety
/// As for [`seqcopy_map_writer_create`].
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
/// As for [`seqcopy_map_writer_create`].
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

/// # Safety
/// `writer` is null, or one that was not closed, and no other thread uses it.
unsafe fn with<R>(
    writer: *mut seqcopy_map_writer,
    work: impl FnOnce(&mut Open) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // SAFETY: this function's contract.
    let handle = unsafe { borrow(writer, "the writer") }?;
    // SAFETY: this function's contract.
    unsafe { handle.0.with(work) }
}

/// # Safety
/// As for [`with`].
unsafe fn look<R>(writer: *const seqcopy_map_writer, none: R, look: impl FnOnce(&MapWriter) -> R) -> R {
    // SAFETY: this function's contract.
    let Ok(handle) = (unsafe { borrow(writer, "the writer") }) else { return none };
    // SAFETY: this function's contract.
    unsafe { handle.0.look(|open| look(&open.writer)) }
}

/// Sets the value of a key: as one generation, or as part of a batch that was begun. `SEQCOPY_FULL` if there is no space for another key.
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
    let insert = |open: &mut Open| {
        let [of_key, of_value] = open.types();
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, of_key.size(), "the key") }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes(value, value_size, of_value.size(), "the value") }?;
        open.change(key, Some(value))
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, insert) })
}

/// Removes a key: as one generation, or as part of a batch that was begun. Does nothing if it has no entry.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_remove(
    writer: *mut seqcopy_map_writer,
    key: *const c_void,
    key_size: usize,
) -> seqcopy_status {
    let remove = |open: &mut Open| {
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, open.types()[0].size(), "the key") }?;
        open.change(key, None)
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, remove) })
}

/// The value of a key in the newest generation, without the changes of a batch: as `seqcopy_map_reader_get`.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`]; `value` is null, or writable for `value_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_get(
    writer: *mut seqcopy_map_writer,
    key: *const c_void,
    key_size: usize,
    value: *mut c_void,
    value_size: usize,
    generation: *mut u64,
) -> seqcopy_status {
    let get = |open: &mut Open| {
        let [of_key, of_value] = open.types();
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, of_key.size(), "the key") }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes_mut(value, value_size, of_value.size(), "the value") }?;
        let Some((found, stamp)) = open.writer.get(key) else { return Err(absent()) };
        value.copy_from_slice(found);
        // SAFETY: this function's contract.
        unsafe { put_if_asked(generation, stamp.to_bits()) };
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, get) })
}

/// Begins a batch: readers see what is inserted and removed from here to `seqcopy_map_writer_commit` at once. Fails if one was begun before.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_begin(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    let begin = |open: &mut Open| {
        if open.batch.is_some() {
            return argument("a batch was begun before: commit or discard it first");
        }
        open.batch = Some(BTreeMap::new());
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, begin) })
}

/// Publishes a batch as one generation. The last change of a key counts. `SEQCOPY_FULL` if some keys found no space: the rest is published.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_commit(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    let commit = |open: &mut Open| {
        let Some(batch) = open.batch.take() else {
            return argument("no batch was begun: call seqcopy_map_writer_begin first");
        };
        let set = batch.iter().filter_map(|(key, value)| Some((&key[..], value.as_deref()?)));
        let removed = batch.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| &key[..]);
        Ok(open.writer.change(set, removed)?)
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, commit) })
}

/// Ends a batch without its changes.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_discard(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    let discard = |open: &mut Open| {
        open.batch = None;
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, discard) })
}

/// Wakes the threads of all processes that wait for this map. A system call.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_wake(writer: *mut seqcopy_map_writer) -> seqcopy_status {
    let wake = |open: &mut Open| {
        open.writer.wake();
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, wake) })
}

/// How many entries the newest generation has; 0 for null.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_len(writer: *const seqcopy_map_writer) -> usize {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, MapWriter::len) }
}

/// How many entries there can be; 0 for null.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_capacity(writer: *const seqcopy_map_writer) -> usize {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, MapWriter::capacity) }
}

/// The number of the newest generation; 0 for null.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_generation(writer: *const seqcopy_map_writer) -> u64 {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, |writer| writer.generation().to_bits()) }
}

/// Whether this writer created the map, rather than take it over.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_was_created(writer: *const seqcopy_map_writer) -> bool {
    // SAFETY: this function's contract.
    unsafe { look(writer, false, MapWriter::was_created) }
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`]; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_share(writer: *mut seqcopy_map_writer, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: this function's contract.
    let share = |open: &mut Open| unsafe { put_fd(fd, || Ok(open.writer.share()?)) };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, share) })
}

/// Puts the map back if its file was removed: `*restored`, which may be null, says whether that was so.
///
/// # Safety
/// As for [`seqcopy_map_writer_insert`]; `restored` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_restore_if_removed(
    writer: *mut seqcopy_map_writer,
    restored: *mut bool,
) -> seqcopy_status {
    let restore = |open: &mut Open| {
        let is_restored = open.writer.restore_if_removed()?;
        // SAFETY: this function's contract.
        unsafe { put_if_asked(restored, is_restored) };
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, restore) })
}

/// Closes the map: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_close(writer: *mut *mut seqcopy_map_writer) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        let Some(seqcopy_map_writer(handle)) = unsafe { take(writer) }? else { return Ok(()) };
        Ok(handle.into_inner().writer.close()?)
    })
}

/// Ends the writer, and leaves the map for the next one. `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// As for [`seqcopy_map_writer_close`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_map_writer_free(writer: *mut *mut seqcopy_map_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { take(writer) }.map(drop))
}
