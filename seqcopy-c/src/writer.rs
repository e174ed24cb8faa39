//! [`seqcopy_writer`]: writes values and slices.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::{NonNull, null_mut};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::path::Path;

use seqcopy_shm::untyped::Writer;
use seqcopy_shm::{Error, Options, Schema};

use crate::call::{self, Handle, borrow, bytes, bytes_mut, call, extent, put, put_if_asked, take};
use crate::options::{self, seqcopy_options};
use crate::region::put_fd;
use crate::status::{Failure, argument, seqcopy_status};

/// The writer of a region, of which there is one at a time. One thread at a time uses it.
pub struct seqcopy_writer(Handle<Open>);

struct Open {
    writer: Writer,
    /// Between `begin` and `end`.
    begun: bool,
    buf: Option<AlignedBuf>,
}

/// Memory for a value that the caller changes in place.
struct AlignedBuf {
    at: NonNull<u8>,
    layout: Layout,
}

impl AlignedBuf {
    fn of(schema: &Schema) -> AlignedBuf {
        let layout = schema.layout();
        let layout = Layout::from_size_align(layout.size().max(1), layout.align()).expect("a type has them");
        // SAFETY: of one byte at least (P9 layout).
        let at = unsafe { alloc_zeroed(layout) };
        let Some(at) = NonNull::new(at) else { handle_alloc_error(layout) };
        AlignedBuf { at, layout }
    }

    fn bytes(&mut self, size: usize) -> &mut [u8] {
        // SAFETY: allocated for as many, initialised, and borrowed exclusively (I4 private).
        unsafe { core::slice::from_raw_parts_mut(self.at.as_ptr(), size.min(self.layout.size())) }
    }
}

impl Drop for AlignedBuf {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, once (P9 layout, I4 private).
        unsafe { dealloc(self.at.as_ptr(), self.layout) };
    }
}

// SAFETY: the memory is this buffer's own (I4 private).
unsafe impl Send for AlignedBuf {}

type Make = fn(&Path, &Schema, &Options) -> Result<Writer, Error>;

/// # Safety
/// As for [`seqcopy_writer_create`].
unsafe fn open(
    make: Make,
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
        let schema = match capacity {
            0 => schema,
            _ => match schema.with_capacity(capacity) {
                Some(schema) => schema,
                None => return argument("a capacity is for slices, and must be less than 2^32"),
            },
        };
        let writer = make(path, &schema, &options)?;
        Ok(seqcopy_writer(Handle::new(Open { writer, begun: false, buf: None })))
    };
    // SAFETY: this function's contract.
    unsafe { call::open(writer, open) }
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
    unsafe {
        open(|path, schema, options| Writer::create(path, schema, options), path, schema, schema_len, options, writer)
    }
}

/// The same for a program that is started again and again: takes over the region if its writer has ended, and creates it if it is not there.
///
/// # Safety
/// As for [`seqcopy_writer_create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_open_or_create(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_writer,
) -> seqcopy_status {
    let make: Make = |path, schema, options| Writer::open_or_create(path, schema, options);
    // SAFETY: this function's contract.
    unsafe { open(make, path, schema, schema_len, options, writer) }
}

/// Becomes the writer of a region that is there, and whose writer has ended.
///
/// # Safety
/// As for [`seqcopy_writer_create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_take_over(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    writer: *mut *mut seqcopy_writer,
) -> seqcopy_status {
    let make: Make = |path, schema, options| Writer::take_over(path, schema, options);
    // SAFETY: this function's contract.
    unsafe { open(make, path, schema, schema_len, options, writer) }
}

/// # Safety
/// `writer` is null, or one that was not closed, and no other thread uses it.
#[inline]
unsafe fn with<R>(
    writer: *mut seqcopy_writer,
    work: impl FnOnce(&mut Open) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // SAFETY: this function's contract.
    let handle = unsafe { borrow(writer, "the writer") }?;
    // SAFETY: this function's contract.
    unsafe { handle.0.with(work) }
}

/// # Safety
/// As for [`with`].
unsafe fn look<R>(writer: *const seqcopy_writer, none: R, look: impl FnOnce(&Writer) -> R) -> R {
    // SAFETY: this function's contract.
    let Ok(handle) = (unsafe { borrow(writer, "the writer") }) else { return none };
    // SAFETY: this function's contract.
    unsafe { handle.0.look(|open| look(&open.writer)) }
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
    if let Some(writer) = unsafe { writer.as_ref() }.filter(|_| !value.is_null()) {
        let write = |open: &mut Open| {
            // SAFETY: this function's contract; as many bytes as a type has.
            size == open.writer.__size()
                && open.writer.__write_at_once(unsafe { core::slice::from_raw_parts(value.cast(), size) })
        };
        // SAFETY: this function's contract.
        if unsafe { writer.0.at_once(write) } {
            return seqcopy_status::SEQCOPY_OK;
        }
    }
    let write = |open: &mut Open| {
        // SAFETY: this function's contract.
        let value = unsafe { bytes(value, size, open.writer.header().payload_size(), "the value") }?;
        Ok(open.writer.write_bytes(value)?)
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, write) })
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
        let Some((_, element, capacity)) = Schema::__slice_of(open.writer.schema().layout()) else {
            return argument("the region's values are no slices");
        };
        if element.size() != element_size {
            return argument(format!(
                "an element has {} bytes by the region's type, not {element_size}",
                element.size()
            ));
        }
        if count > capacity {
            let message = format!("{count} elements, where there is space for {capacity}");
            return Err(Failure { status: seqcopy_status::SEQCOPY_TOO_LONG, message });
        }
        let len = extent(elements, count, element_size)?;
        // SAFETY: this function's contract.
        let elements = if len == 0 { &[] } else { unsafe { bytes(elements, len, len, "the elements") }? };
        Ok(open.writer.write_elements(elements)?)
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, write) })
}

/// The last published value, for a writer that goes on from it: as `seqcopy_reader_read`.
///
/// # Safety
/// As for [`seqcopy_writer_write`]; `value` is null, or writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_read(
    writer: *mut seqcopy_writer,
    value: *mut c_void,
    size: usize,
) -> seqcopy_status {
    let read = |open: &mut Open| {
        // SAFETY: this function's contract.
        let value = unsafe { bytes_mut(value, size, open.writer.header().payload_size(), "the value") }?;
        Ok(open.writer.read_into(value)?)
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, read) })
}

/// Begins to change the last value in place: `*value` becomes the address of a copy of it, of zeros before the first, aligned as the type.
/// `seqcopy_writer_end` publishes that. Readers see nothing of it before.
///
/// # Safety
/// As for [`seqcopy_writer_write`]; `value` is null, or writable. The address is valid until the next call with this writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_begin(writer: *mut seqcopy_writer, value: *mut *mut c_void) -> seqcopy_status {
    let begin = |open: &mut Open| {
        // SAFETY: this function's contract.
        unsafe { put(value, null_mut()) }?;
        let size = open.writer.header().payload_size();
        let buf = open.buf.get_or_insert_with(|| AlignedBuf::of(open.writer.schema()));
        if open.writer.read_into(buf.bytes(size)).is_err() {
            buf.bytes(size).fill(0);
        }
        open.begun = true;
        // SAFETY: this function's contract.
        unsafe { put(value, buf.at.as_ptr().cast()) }
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, begin) })
}

/// Publishes what `seqcopy_writer_begin` gave out. If that is not a value of the type, nothing is written, and it can be changed further.
///
/// # Safety
/// As for [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_end(writer: *mut seqcopy_writer) -> seqcopy_status {
    let end = |open: &mut Open| {
        let size = open.writer.header().payload_size();
        let Open { writer, begun: true, buf: Some(buf) } = open else {
            return argument("nothing was begun: call seqcopy_writer_begin first");
        };
        writer.write_bytes(buf.bytes(size))?;
        open.begun = false;
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, end) })
}

/// Wakes the threads of all processes that wait for this region. A system call.
///
/// # Safety
/// As for [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_wake(writer: *mut seqcopy_writer) -> seqcopy_status {
    let wake = |open: &mut Open| {
        open.writer.wake();
        Ok(())
    };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, wake) })
}

/// How many values have been published; 0 for null.
///
/// # Safety
/// As for [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_version(writer: *const seqcopy_writer) -> u64 {
    // SAFETY: this function's contract.
    unsafe { look(writer, 0, |writer| writer.version().to_bits()) }
}

/// Whether this writer created the region, rather than take it over.
///
/// # Safety
/// As for [`seqcopy_writer_write`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_was_created(writer: *const seqcopy_writer) -> bool {
    // SAFETY: this function's contract.
    unsafe { look(writer, false, Writer::was_created) }
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it.
///
/// # Safety
/// As for [`seqcopy_writer_write`]; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_share(writer: *mut seqcopy_writer, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: this function's contract.
    let share = |open: &mut Open| unsafe { put_fd(fd, || Ok(open.writer.share()?)) };
    // SAFETY: this function's contract.
    call(|| unsafe { with(writer, share) })
}

/// Puts the region back if its file was removed: `*restored`, which may be null, says whether that was so. Readers that notice open the new
/// one.
///
/// # Safety
/// As for [`seqcopy_writer_write`]; `restored` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_restore_if_removed(
    writer: *mut seqcopy_writer,
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

/// Closes the region: readers get `SEQCOPY_CLOSED` from now on, its path is removed, and `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// `writer` is null, or leads to null or to a writer that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_close(writer: *mut *mut seqcopy_writer) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        let Some(seqcopy_writer(handle)) = unsafe { take(writer) }? else { return Ok(()) };
        Ok(handle.into_inner().writer.close()?)
    })
}

/// Ends the writer, and leaves the region for the next one: readers keep the last value. `*writer` becomes null. Does nothing if it is null.
///
/// # Safety
/// As for [`seqcopy_writer_close`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_writer_free(writer: *mut *mut seqcopy_writer) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { take(writer) }.map(drop))
}
