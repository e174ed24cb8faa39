//! [`seqcopy_writer`]: writes values and slices.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;
use std::path::Path;

use seqcopy_shm::untyped::__foreign::Direct;
use seqcopy_shm::untyped::Writer;
use seqcopy_shm::{Error, Options, Schema};

use crate::call::{self, bytes, bytes_mut, extent, put};
use crate::handle::{self, Opaque, end, look, renew, use_of, with};
use crate::options::{self, seqcopy_options};
use crate::reader::capacity_of;
use crate::region::put_fd;
use crate::status::{argument, fail, seqcopy_status, seqcopy_status::SEQCOPY_TOO_LONG};

/// The writer of a region, of which there is one at a time. One thread at a time uses it.
pub struct seqcopy_writer {
    /// A name for a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_writer {
    type Of = Open;
    const NAME: &str = "the writer";

    fn direct(open: &Open) -> Option<Direct> {
        open.writer.__direct()
    }
}

pub(crate) struct Open {
    writer: Writer,
    /// Between `begin` and `end`.
    begun: bool,
    buf: Vec<u8>,
}

/// Memory for a value, aligned as its type. It stays where it is.
fn aligned<'b>(buf: &'b mut Vec<u8>, writer: &Writer) -> &'b mut [u8] {
    let (size, align) = (writer.__size(), writer.region().schema().layout().align());
    buf.resize(size + align - 1, 0);
    let start = buf.as_ptr().align_offset(align);
    &mut buf[start..start + size]
}

/// # Safety
/// The contract of [`seqcopy_writer_create`].
unsafe fn open<'p>(
    make: fn(&'p Path, &Schema, &Options) -> Result<Writer, Error>,
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_writer,
) -> seqcopy_status {
    let open = || {
        // SAFETY: this function's contract.
        let path = unsafe { call::path(path) }?;
        // SAFETY: this function's contract.
        let schema = unsafe { call::schema(schema, schema_len) }?;
        // SAFETY: this function's contract.
        let (options, capacity) = unsafe { options::read(options) }?;
        let sized = if capacity == 0 { Some(schema) } else { schema.with_capacity(capacity) };
        let Some(schema) = sized else { return argument("a capacity is for slices, and must be less than 2^32") };
        Ok(Open { writer: make(path, &schema, &options)?, begun: false, buf: Vec::new() })
    };
    // SAFETY: this function's contract.
    unsafe { handle::open(writer, open) }
}

/// Creates a region for values of the type of a schema, and becomes its writer. Fails if there is something at the path. `options` may be
/// null. On failure `*writer` is null.
///
/// # Safety
/// * `path` is null, or a text with a 0 at its end.
/// * `schema` is null, or readable for `schema_len` bytes; `options` is null, or leads to options.
/// * `writer` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_create(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_writer,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { open(Writer::create, path, schema, schema_len, options, writer) }
}

/// For a program that is started again and again: takes over the region if its writer has ended, and creates it if it is not there.
///
/// # Safety
/// The contract of [`seqcopy_writer_create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_open_or_create(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_writer,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { open(Writer::open_or_create, path, schema, schema_len, options, writer) }
}

/// Becomes the writer of a region that is there, and whose writer has ended.
///
/// # Safety
/// The contract of [`seqcopy_writer_create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_take_over(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_writer,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { open(Writer::take_over, path, schema, schema_len, options, writer) }
}

/// Publishes a value: `size` is that of the type. Wait-free. Padding is not written, nor what has no meaning in the value. Nothing is written
/// if it is not a value of the type.
///
/// # Safety
/// `writer` is null, or one that was not closed, and no other thread uses it; `value` is null, or readable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_write(
    writer: *mut seqcopy_writer,
    value: *const c_void,
    size: usize,
) -> seqcopy_status {
    // What mostly happens, without a word of why it might not.
    // SAFETY: this function's contract.
    if let Some(handle) = unsafe { handle::of(writer).as_ref() }.filter(|_| !value.is_null()) {
        let write = |open: &mut Open| {
            // SAFETY: this function's contract; as many bytes as a type has.
            let value = || unsafe { core::slice::from_raw_parts(value.cast(), size) };
            Ok(size == open.writer.__size() && open.writer.__write_at_once(value()))
        };
        // SAFETY: this function's contract.
        if let Ok(true) = unsafe { handle.use_by(write) } {
            return seqcopy_status::SEQCOPY_OK;
        }
    }
    // SAFETY: this function's contract.
    unsafe { write(writer, value, size) }
}

/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[cold]
unsafe extern "C" fn write(writer: *mut seqcopy_writer, value: *const c_void, size: usize) -> seqcopy_status {
    let write = |open: &mut Open| {
        // SAFETY: this function's contract.
        let value = unsafe { bytes(value, size, open.writer.__size(), "the value") }?;
        Ok(open.writer.write_bytes(value)?)
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, write) }
}

/// Publishes a slice of `count` elements of `element_size` bytes.
///
/// # Safety
/// `writer` is null, or one that was not closed, and no other thread uses it; `elements` is null, or readable for as many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_write_elements(
    writer: *mut seqcopy_writer,
    elements: *const c_void,
    element_size: usize,
    count: usize,
) -> seqcopy_status {
    let write = |open: &mut Open| {
        let capacity = capacity_of(open.writer.region().schema(), element_size)?;
        if count > capacity {
            return fail(SEQCOPY_TOO_LONG, format!("{count} elements, where there is space for {capacity}"));
        }
        let len = extent(elements, count, element_size)?;
        // SAFETY: this function's contract.
        let elements = if len == 0 { &[] } else { unsafe { bytes(elements, len, len, "the elements") }? };
        Ok(open.writer.write_elements(elements)?)
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, write) }
}

/// The last published value, for a writer that goes on from it: as `seqcopy_reader_read`.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `value` is null, or writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_read(
    writer: *mut seqcopy_writer,
    value: *mut c_void,
    size: usize,
) -> seqcopy_status {
    let read = |open: &mut Open| {
        // SAFETY: this function's contract.
        let value = unsafe { bytes_mut(value, size, open.writer.__size(), "the value") }?;
        Ok(open.writer.read_into(value)?)
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, read) }
}

/// Begins to change the last value in place: `*value` becomes the address of a copy of it, of zeros before the first, aligned as the type.
/// `seqcopy_writer_end` publishes that. Readers see nothing of it before.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `value` is null, or writable. The address is valid until the next call with this writer, and after a
/// `seqcopy_writer_end` that failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_begin(writer: *mut seqcopy_writer, value: *mut *mut c_void) -> seqcopy_status {
    let begin = |open: &mut Open| {
        // SAFETY: this function's contract.
        unsafe { put(value, null_mut()) }?;
        let buf = aligned(&mut open.buf, &open.writer);
        if open.writer.read_into(buf).is_err() {
            buf.fill(0);
        }
        open.begun = true;
        // SAFETY: this function's contract.
        unsafe { put(value, buf.as_mut_ptr().cast()) }
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, begin) }
}

/// Publishes what `seqcopy_writer_begin` gave out. If that is not a value of the type, nothing is written, and it can be changed further.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_end(writer: *mut seqcopy_writer) -> seqcopy_status {
    let end = |open: &mut Open| {
        if !open.begun {
            return argument("nothing was begun: call seqcopy_writer_begin first");
        }
        open.writer.write_bytes(aligned(&mut open.buf, &open.writer))?;
        open.begun = false;
        Ok(())
    };
    // SAFETY: this function's contract.
    unsafe { with(writer, end) }
}

/// Wakes the threads of all processes that wait for this region. A system call.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_wake(writer: *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { with(writer, |open| Ok(open.writer.wake())) }
}

/// How many values have been published; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_version(writer: *const seqcopy_writer) -> u64 {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, |open| open.writer.version().to_bits()) }
}

/// Whether this writer created the region, rather than take it over.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_was_created(writer: *const seqcopy_writer) -> bool {
    // SAFETY: this function's contract.
    unsafe { look(writer, false, |open| open.writer.was_created()) }
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
/// failure `*fd` is -1.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_share(writer: *mut seqcopy_writer, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: this function's contract.
    let share = || unsafe { use_of(writer, |open: &mut Open| Ok(open.writer.share()?)) };
    // SAFETY: this function's contract.
    call::call(|| unsafe { put_fd(fd, share) })
}

/// Puts the region back if its file was removed: `*restored`, which may be null, says whether that was so, and is false on
/// failure. Readers that notice open the new one.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `restored` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_restore_if_removed(
    writer: *mut seqcopy_writer,
    restored: *mut bool,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { renew(writer, restored, |open| open.writer.restore_if_removed()) }
}

/// Closes the region: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_close(writer: *mut *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { end(writer, |open| open.writer.close()) }
}

/// Ends the writer, and leaves the region for the next one: readers keep the last value. `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// The contract of [`seqcopy_writer_close`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_free(writer: *mut *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { end(writer, |_| Ok(())) }
}
