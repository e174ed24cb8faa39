//! [`seqcopy_writer`] writes values and slices.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;
use std::path::Path;

use seqcopy_shm::untyped::__foreign::Direct;
use seqcopy_shm::untyped::Writer;
use seqcopy_shm::{Error, Options, Schema};

use crate::call::{Argument, Bytes, Mut, call};
use crate::handle::{Opaque, end};
use crate::reader::{Named, capacity_of};
use crate::region::seqcopy_options;
use crate::status::{Failure, argument, fail, seqcopy_status, seqcopy_status::SEQCOPY_TOO_LONG};

/// The writer of a region, of which there is one at a time. One thread at a time uses it.
pub struct seqcopy_writer {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_writer {
    type Of = Open;
    const NAME: &str = "the writer";

    fn direct(open: &Open) -> Option<Direct> {
        Some(open.writer.__direct())
    }
}

pub(crate) struct Open {
    writer: Writer,
    /// Whether the call is between `begin` and `end`.
    begun: bool,
    buf: Vec<u8>,
}

/// Memory for a value, with the alignment of its type. It keeps its address.
fn aligned<'b>(buf: &'b mut Vec<u8>, writer: &Writer) -> &'b mut [u8] {
    let (size, align) = (writer.__size(), writer.region().schema().layout().align());
    buf.resize(size + align - 1, 0);
    let start = buf.as_ptr().align_offset(align);
    &mut buf[start..start + size]
}

fn open<'p>(
    make: fn(&'p Path, &Schema, &Options) -> Result<Writer, Error>,
    (path, schema, options): &'p Named,
) -> Result<Open, Failure> {
    let (path, schema) = (path.path()?, schema.schema()?);
    let (options, capacity) = options.read()?;
    let sized = if capacity == 0 { Some(schema) } else { schema.with_capacity(capacity) };
    let Some(schema) = sized else { return argument("a capacity is for slices, and must be less than 2^32") };
    Ok(Open { writer: make(path, &schema, &options)?, begun: false, buf: Vec::new() })
}

/// Creates a region for values of the type of a schema, and becomes its writer. Fails if there is something at the
/// path. `options` may be null. On failure `*writer` is null.
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
    // SAFETY: a path, a schema and options, and a place for a writer (I4 private).
    let (named, writer) = unsafe { ((path, (schema, schema_len), options), writer).given() };
    writer.open(|| open(Writer::create, &named))
}

/// For a program that is started again and again: takes over the region if its writer has ended, and creates it if it
/// is not there.
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
    // SAFETY: a path, a schema and options, and a place for a writer (I4 private).
    let (named, writer) = unsafe { ((path, (schema, schema_len), options), writer).given() };
    writer.open(|| open(Writer::open_or_create, &named))
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
    // SAFETY: a path, a schema and options, and a place for a writer (I4 private).
    let (named, writer) = unsafe { ((path, (schema, schema_len), options), writer).given() };
    writer.open(|| open(Writer::take_over, &named))
}

/// Publishes a value: `size` is that of the type. Wait-free. Padding is not written, nor what has no meaning in the
/// value. Nothing is written if it is not a value of the type.
///
/// # Safety
/// `writer` is null, or one that was not closed, and no other thread uses it; `value` is null, or readable for `size`
/// bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_write(
    writer: *mut seqcopy_writer,
    value: *const c_void,
    size: usize,
) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, and a value (I4 private, I10 handle).
    let (writer, value) = unsafe { (writer, (value, size)).given() };
    // The usual way, which does not find out why it might fail.
    let at_once = |open: &mut Open| {
        let value = value.of_size(open.writer.__size());
        Ok(value.is_some_and(|value| open.writer.__write_at_once(value)))
    };
    if let Ok(true) = writer.use_of(at_once) { seqcopy_status::SEQCOPY_OK } else { write(writer, value) }
}

#[cold]
#[allow(improper_ctypes_definitions)] // no function of the header: it is `extern "C"` for not unwinding
extern "C" fn write(writer: Mut<seqcopy_writer>, value: Bytes) -> seqcopy_status {
    writer.with(|open| Ok(open.writer.write_bytes(value.get(open.writer.__size(), "the value")?)?))
}

/// Publishes a slice of `count` elements of `element_size` bytes.
///
/// # Safety
/// `writer` is null, or one that was not closed, and no other thread uses it; `elements` is null, or readable for as
/// many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_write_elements(
    writer: *mut seqcopy_writer,
    elements: *const c_void,
    element_size: usize,
    count: usize,
) -> seqcopy_status {
    let elements = (elements, element_size.saturating_mul(count));
    // SAFETY: a writer that this thread alone uses, and as many elements (I4 private, I10 handle).
    let (writer, elements) = unsafe { (writer, elements).given() };
    writer.with(|open| {
        let capacity = capacity_of(open.writer.region().schema(), element_size)?;
        if count > capacity {
            return fail(SEQCOPY_TOO_LONG, format!("{count} elements, where there is space for {capacity}"));
        }
        Ok(open.writer.write_elements(elements.elements(count * element_size)?)?)
    })
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
    // SAFETY: a writer that this thread alone uses, and a place for a value (I4 private, I10 handle).
    let (writer, mut value) = unsafe { (writer, (value, size)).given() };
    writer.with(|open| Ok(open.writer.read_into(value.get(open.writer.__size(), "the value")?)?))
}

/// Begins to change the last value in place: `*value` becomes the address of a copy of it, of zeros before the first,
/// aligned as the type. `seqcopy_writer_end` publishes that. Readers see nothing of it before.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `value` is null, or writable. The address is valid until the next call
/// with this writer, and after a `seqcopy_writer_end` that failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_begin(writer: *mut seqcopy_writer, value: *mut *mut c_void) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, and a place for an address (I4 private, I10 handle).
    let (writer, mut value) = unsafe { (writer, value).given() };
    writer.with(|open| {
        value.put(null_mut())?;
        let buf = aligned(&mut open.buf, &open.writer);
        if open.writer.read_into(buf).is_err() {
            buf.fill(0);
        }
        open.begun = true;
        value.put(buf.as_mut_ptr().cast())
    })
}

/// Publishes what `seqcopy_writer_begin` gave out. If that is not a value of the type, nothing is written, and it can
/// be changed further.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_end(writer: *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses (I10 handle).
    unsafe { writer.given() }.with(|open| {
        if !open.begun {
            return argument("nothing was begun: call seqcopy_writer_begin first");
        }
        open.writer.write_bytes(aligned(&mut open.buf, &open.writer))?;
        open.begun = false;
        Ok(())
    })
}

/// Wakes the threads of all processes that wait for this region. A system call
/// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_wake(writer: *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses (I10 handle).
    unsafe { writer.given() }.with(|open| Ok(open.writer.wake()))
}

/// How many values have been published; 0 for null.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_version(writer: *const seqcopy_writer) -> u64 {
    // SAFETY: a writer that was not closed (I10 handle).
    unsafe { writer.given() }.look(0, |open| open.writer.version().to_bits())
}

/// Whether this writer created the region, rather than take it over.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_was_created(writer: *const seqcopy_writer) -> bool {
    // SAFETY: a writer that was not closed (I10 handle).
    unsafe { writer.given() }.look(false, |open| open.writer.was_created())
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
/// failure `*fd` is -1.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_share(writer: *mut seqcopy_writer, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, and a place for a descriptor (I4 private, I10 handle).
    let (writer, mut fd) = unsafe { (writer, fd).given() };
    call(|| fd.put_fd(|| writer.use_of(|open| Ok(open.writer.share()?))))
}

/// Puts the region back if its file was removed: `*restored`, which may be null, says whether that was so, and is false
/// on failure. Readers that notice open the new one.
///
/// # Safety
/// The contract of [`seqcopy_writer_write`]; `restored` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_restore_if_removed(
    writer: *mut seqcopy_writer,
    restored: *mut bool,
) -> seqcopy_status {
    // SAFETY: a writer that this thread alone uses, and a place for an answer (I4 private, I10 handle).
    let (writer, restored) = unsafe { (writer, restored).given() };
    writer.renew(restored, |open| open.writer.restore_if_removed())
}

/// Closes the region: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does
/// nothing if it is null.
///
/// # Safety
/// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_close(writer: *mut *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: a writer that is not used again, or null (I10 handle).
    unsafe { end(writer, |open| open.writer.close()) }
}

/// Ends the writer, and leaves the region for the next one: readers keep the last value. `*writer` becomes null. Does
/// nothing if it is null.
///
/// # Safety
/// The contract of [`seqcopy_writer_close`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_free(writer: *mut *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: a writer that is not used again, or null (I10 handle).
    unsafe { end(writer, |_| Ok(())) }
}
