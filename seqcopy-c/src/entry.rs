//! [`seqcopy_entry`]: a handle to an entry of a map.

use core::ffi::c_void;

use seqcopy_shm::untyped::{Entry, MapWriter};

use crate::call::{bytes, bytes_mut, call, put_if_asked};
use crate::handle::{self, Opaque, end, share, with};
use crate::map_reader::{ABSENT, seqcopy_map_reader};
use crate::map_writer::seqcopy_map_writer;
use crate::status::{Failure, fail, seqcopy_status, seqcopy_status::SEQCOPY_ABSENT};

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
    let make = || {
        // SAFETY: this function's contract.
        let reader = unsafe { share(reader) }?;
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, reader.key_and_value()[0].size(), "the key") }?;
        Ok(reader.entry(key)?)
    };
    // SAFETY: this function's contract.
    unsafe { handle::open(entry, make) }
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
    let make = |map: &mut MapWriter| -> Result<Entry, Failure> {
        // SAFETY: this function's contract.
        let key = unsafe { bytes(key, key_size, map.key_and_value()[0].size(), "the key") }?;
        Ok(map.entry(key)?)
    };
    // SAFETY: this function's contract.
    let make = || unsafe { handle::use_of(writer, make) };
    // SAFETY: this function's contract.
    unsafe { handle::open(entry, make) }
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
    call(|| {
        // SAFETY: this function's contract.
        let reader = unsafe { share(reader) }?;
        // SAFETY: this function's contract.
        let entry = unsafe { share(entry) }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes_mut(value, value_size, reader.key_and_value()[1].size(), "the value") }?;
        let Some(stamp) = reader.read_entry(entry, value)? else { return fail(SEQCOPY_ABSENT, ABSENT) };
        // SAFETY: this function's contract.
        unsafe { put_if_asked(generation, stamp.to_bits()) };
        Ok(())
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
    let insert = |map: &mut MapWriter| {
        // SAFETY: this function's contract.
        let entry = unsafe { share(entry) }?;
        // SAFETY: this function's contract.
        let value = unsafe { bytes(value, value_size, map.key_and_value()[1].size(), "the value") }?;
        Ok(map.insert_entry(entry, value)?)
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, insert) }
}

/// Frees a handle to an entry, and sets `*entry` to null; does nothing if it is null.
///
/// # Safety
/// `entry` is null, or leads to null or to one that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_entry_free(entry: *mut *mut seqcopy_entry) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { end(entry, |_| Ok(())) }
}
