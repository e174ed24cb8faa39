//! [`seqcopy_entry`]: a handle to an entry of a map.

use core::ffi::c_void;

use seqcopy_shm::untyped::Entry;

use crate::call::{Argument, call};
use crate::handle::{Opaque, end};
use crate::map_reader::{ABSENT, seqcopy_map_reader};
use crate::map_writer::seqcopy_map_writer;
use crate::status::{fail, seqcopy_status, seqcopy_status::SEQCOPY_ABSENT};

/// A handle to an entry of a map: a key, and where its entry was found last. Looked at there first, an entry is found without a search as long as
/// it has not moved. It belongs to no reader and no writer, and finds the key in each state of each map with such keys. Any number of threads
/// may use it, while none frees it.
pub struct seqcopy_entry {
    /// A name for a `Handle`.
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
        Ok(reader.entry(key.get(reader.key_and_value()[0].size(), "the key")?)?)
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
    entry.open(|| writer.use_of(|map| Ok(map.entry(key.get(map.key_and_value()[0].size(), "the key")?)?)))
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
    // SAFETY: a reader and an entry that were not freed, and places for a value and a generation (I4 private, I10 handle).
    let (reader, entry, mut value, mut generation) =
        unsafe { (reader, entry, (value, value_size), generation).given() };
    call(|| {
        let reader = reader.share()?;
        let entry = entry.share()?;
        let value = value.get(reader.key_and_value()[1].size(), "the value")?;
        let Some(stamp) = reader.read_entry(entry, value)? else { return fail(SEQCOPY_ABSENT, ABSENT) };
        Ok(generation.put_if_asked(stamp.to_bits()))
    })
}

/// Sets the value of an entry, which is found without a search if it is still where it was. Otherwise as `seqcopy_map_writer_insert`.
///
/// # Safety
/// * `writer` is null, or one that was not closed, and no other thread uses it; `entry` is null, or one that was not freed.
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
        Ok(map.insert_entry(entry, value.get(map.key_and_value()[1].size(), "the value")?)?)
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
