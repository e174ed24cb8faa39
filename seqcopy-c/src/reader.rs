//! [`seqcopy_reader`]: reads values and slices.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null;
use std::path::Path;

use seqcopy_shm::Region;
use seqcopy_shm::untyped::__foreign::Direct;
use seqcopy_shm::untyped::{BytesError, Reader};
use seqcopy_shm::{Error, Options, ReadValueError, Schema};

use crate::call::{self, borrow, bytes_mut, call, extent, put, put_if_asked};
use crate::handle::{self, Opaque, end, look, renew, share};
use crate::options::{self, seqcopy_options};
use crate::region::{Reading, Watching, duplicate, seqcopy_region};
use crate::status::{Failure, argument, seqcopy_status};

/// A reader of a value, or of slices. Any number of threads may use it, while none frees it or calls `reopen_if_removed`.
pub struct seqcopy_reader {
    /// A name for a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_reader {
    type Of = Reading<Reader>;
    const NAME: &str = "the reader";

    fn direct(reader: &Reading<Reader>) -> Option<Direct> {
        reader.__direct()
    }
}

/// Whether it has the type of this schema: null stands for any.
///
/// # Safety
/// The contract of [`call::schema`].
pub(crate) unsafe fn require(region: &Region, schema: *const c_void, len: usize) -> Result<(), Failure> {
    if schema.is_null() && len == 0 {
        return Ok(());
    }
    // SAFETY: this function's contract.
    Ok(region.require_type(&unsafe { call::schema(schema, len) }?)?)
}

/// What `open` makes of a path, a schema and options.
///
/// # Safety
/// The contract of [`seqcopy_reader_open`].
pub(crate) unsafe fn by_fields<'p, R: Watching>(
    path: *const c_char,
    (schema, len): (*const c_void, usize),
    options: *const seqcopy_options,
    open: impl FnOnce(&'p Path, &Schema, &Options) -> Result<R, Error>,
) -> Result<Reading<R>, Failure> {
    // SAFETY: this function's contract.
    let path = unsafe { call::path(path) }?;
    // SAFETY: this function's contract.
    let schema = unsafe { call::schema(schema, len) }?;
    // SAFETY: this function's contract.
    let (options, _) = unsafe { options::read(options) }?;
    Ok(Reading::of(open(path, &schema, &options)?))
}

/// Opens a region, to read it. Compares its type with a schema of `schema_len` bytes; null and 0 take any type. `options` may be null. On
/// failure `*reader` is null.
///
/// # Safety
/// * `path` is null, or a text with a 0 at its end.
/// * `schema` is null, or readable for `schema_len` bytes; `options` is null, or leads to options.
/// * `reader` is null, or writable.
///
/// ```
/// use seqcopy_c::*;
/// use std::ptr::{null, null_mut};
///
/// let mut reader = null_mut();
/// // SAFETY: a text with a 0, and a local.
/// let status = unsafe { seqcopy_reader_open(c"/dev/shm/there-is-none".as_ptr(), null(), 0, null(), &mut reader) };
/// assert_eq!((status, reader), (seqcopy_status::SEQCOPY_NOT_FOUND, null_mut()));
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_open(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    reader: *mut *mut seqcopy_reader,
) -> seqcopy_status {
    let open = || {
        // SAFETY: this function's contract.
        let path = unsafe { call::path(path) }?;
        // SAFETY: this function's contract.
        let (options, _) = unsafe { options::read(options) }?;
        let reader = Reader::open_with(path, &options)?;
        // SAFETY: this function's contract.
        unsafe { require(reader.region(), schema, schema_len) }.map(|()| Reading::of(reader))
    };
    // SAFETY: this function's contract.
    unsafe { handle::open(reader, open) }
}

/// Opens a region whose type has every field of this schema's, by name and with the same type, wherever it lies: so a program goes on when
/// a field is added to the type, or moved. Values, or elements, are read as those of the schema; `*reader` follows to a newer region by the
/// fields, too. Otherwise as `seqcopy_reader_open`.
///
/// # Safety
/// The contract of [`seqcopy_reader_open`].
///
/// ```
/// use seqcopy_c::*;
/// use std::ptr::{null, null_mut};
///
/// let mut reader = null_mut();
/// // SAFETY: a text with a 0, and a local.
/// let status = unsafe { seqcopy_reader_open_by_fields(c"/dev/shm/there-is-none".as_ptr(), null(), 0, null(), &mut reader) };
/// assert_eq!((status, reader), (seqcopy_status::SEQCOPY_ARGUMENT, null_mut()));
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_open_by_fields(
    path: *const c_char,
    schema: *const c_void,
    schema_len: usize,
    options: *const seqcopy_options,
    reader: *mut *mut seqcopy_reader,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    let open = || unsafe { by_fields(path, (schema, schema_len), options, Reader::open_by_fields) };
    // SAFETY: this function's contract.
    unsafe { handle::open(reader, open) }
}

/// `seqcopy_reader_open` by a descriptor, which stays the caller's. Its file has to be sealed against shrinking.
///
/// # Safety
/// The contract of [`seqcopy_reader_open`]; `fd` is an open descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_from_fd(
    fd: c_int,
    schema: *const c_void,
    schema_len: usize,
    reader: *mut *mut seqcopy_reader,
) -> seqcopy_status {
    let open = || {
        let reader = Reader::from_fd(duplicate(fd)?)?;
        // SAFETY: this function's contract.
        unsafe { require(reader.region(), schema, schema_len) }.map(|()| Reading::of(reader))
    };
    // SAFETY: this function's contract.
    unsafe { handle::open(reader, open) }
}

/// The region that it reads: its version, its writer, and waiting. Null for null.
///
/// # Safety
/// `reader` is null, or one that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_region(reader: *const seqcopy_reader) -> *const seqcopy_region {
    // SAFETY: this function's contract.
    unsafe { look(reader, null(), Reading::region) }
}

/// Reads the value: `size` is that of the type. Its version is stored to `*version`, which may be null. Padding of `*value` stays as it is. On
/// failure the other bytes are unspecified.
///
/// Makes up to 10,000 attempts, for at most a quarter of a second; with two buffers or more one is mostly enough.
///
/// # Safety
/// `reader` is null, or one that was not freed; `value` is null, or writable for `size` bytes; `version` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_read(
    reader: *const seqcopy_reader,
    value: *mut c_void,
    size: usize,
    version: *mut u64,
) -> seqcopy_status {
    // What mostly happens, without a word of why it might not.
    // SAFETY: this function's contract.
    if let Some(reader) = unsafe { share(reader) }.ok().filter(|reader| !value.is_null() && size == reader.__size()) {
        // SAFETY: this function's contract; as many bytes as a type has.
        let value = unsafe { core::slice::from_raw_parts_mut(value.cast(), size) };
        if let Some(found) = reader.__read_at_once(value) {
            // SAFETY: this function's contract.
            unsafe { put_if_asked(version, found.to_bits()) };
            return seqcopy_status::SEQCOPY_OK;
        }
    }
    // SAFETY: this function's contract.
    unsafe { read_again(reader, value, size, version) }
}

/// # Safety
/// The contract of [`seqcopy_reader_read`].
#[cold]
unsafe extern "C" fn read_again(
    reader: *const seqcopy_reader,
    value: *mut c_void,
    size: usize,
    version: *mut u64,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { read(reader, value, size, version, true) })
}

/// `seqcopy_reader_read`, by a single attempt: wait-free.
///
/// # Safety
/// The contract of [`seqcopy_reader_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_try_read(
    reader: *const seqcopy_reader,
    value: *mut c_void,
    size: usize,
    version: *mut u64,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    call(|| unsafe { read(reader, value, size, version, false) })
}

/// # Safety
/// The contract of [`seqcopy_reader_read`].
#[cold]
unsafe fn read(
    reader: *const seqcopy_reader,
    value: *mut c_void,
    size: usize,
    version: *mut u64,
    retries: bool,
) -> Result<(), Failure> {
    // SAFETY: this function's contract.
    let reader = unsafe { share(reader) }?;
    // SAFETY: this function's contract.
    let value = unsafe { bytes_mut(value, size, reader.__size(), "the value") }?;
    let found = if retries { reader.read_into(value) } else { reader.try_read_into(value) }?;
    // SAFETY: this function's contract.
    unsafe { put_if_asked(version, found.to_bits()) };
    Ok(())
}

/// Reads the value if its version is another than `*known`, which is set to it; `*changed` says whether it was read. 0 is no version: then
/// any value is read. On failure `*known` is as it was, and `*changed` false.
///
/// # Safety
/// The contract of [`seqcopy_reader_read`]; `known` is null, or readable and writable; `changed` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_read_if_changed(
    reader: *const seqcopy_reader,
    value: *mut c_void,
    size: usize,
    known: *mut u64,
    changed: *mut bool,
) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        unsafe { put(changed, false) }?;
        // SAFETY: this function's contract.
        let of = Reader::region(unsafe { share(reader) }?);
        // SAFETY: this function's contract.
        if *unsafe { borrow(known, "the known version") }? == of.version().to_bits() && !of.is_closed() {
            return Ok(());
        }
        // SAFETY: this function's contract.
        unsafe { read(reader, value, size, known, true) }?;
        // SAFETY: this function's contract.
        unsafe { put(changed, true) }
    })
}

/// The most elements of slices whose elements have this size.
pub(crate) fn capacity_of(schema: &Schema, element_size: usize) -> Result<usize, Failure> {
    match Schema::slice_of(schema.layout()).map(|(_, element, capacity)| (element.size(), capacity)) {
        None => argument("the region's values are no slices"),
        Some((size, capacity)) if size == element_size && size != 0 => Ok(capacity),
        Some((size, _)) => argument(format!("an element has {size} bytes by the region's type, not {element_size}")),
    }
}

/// Reads the elements of a slice to a place for `capacity` elements of `element_size` bytes. `*count` becomes how many there are, also where
/// there is no space for them: `SEQCOPY_TOO_LONG`. On other failures it is 0.
///
/// # Safety
/// `reader` is null, or one that was not freed; `elements` is null, or writable for as many; `count` and `version` are null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_read_elements(
    reader: *const seqcopy_reader,
    elements: *mut c_void,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
    version: *mut u64,
) -> seqcopy_status {
    call(|| {
        // SAFETY: this function's contract.
        unsafe { put(count, 0) }?;
        // SAFETY: this function's contract.
        let reader = unsafe { share(reader) }?;
        let len = extent(elements, capacity.min(capacity_of(reader.schema(), element_size)?), element_size)?;
        // SAFETY: this function's contract.
        let elements = if len == 0 { &mut [] } else { unsafe { bytes_mut(elements, len, len, "the elements") }? };
        let read = reader.read_elements_into(elements);
        if let Err(BytesError::NotRead(ReadValueError::Length(found))) = &read {
            // SAFETY: this function's contract.
            unsafe { put(count, found.len()) }?;
        }
        let (found, at) = read?;
        // SAFETY: this function's contract.
        unsafe { put_if_asked(version, at.to_bits()) };
        // SAFETY: this function's contract.
        unsafe { put(count, found) }
    })
}

/// The most elements that a slice of this region can have; 0 if its values are no slices.
///
/// # Safety
/// `reader` is null, or one that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_capacity(reader: *const seqcopy_reader) -> usize {
    // SAFETY: this function's contract.
    unsafe { look(reader, 0, |reader| reader.slice().map_or(0, |(_, capacity)| capacity)) }
}

/// If the region was removed, and there is a new one at its path, of the same type: reads that from now on. `*reopened` says whether that is
/// so, and is false on failure. After that there are new versions, which begin with 1.
///
/// # Safety
/// `reader` is null, or one that no other thread uses during the call; `reopened` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_reopen_if_removed(
    reader: *mut seqcopy_reader,
    reopened: *mut bool,
) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { renew(reader, reopened, Reading::reopen_if_removed) }
}

/// Frees a reader, and sets `*reader` to null; does nothing if it is null.
///
/// # Safety
/// `reader` is null, or leads to null or to a reader that no other thread uses, and none will.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_free(reader: *mut *mut seqcopy_reader) -> seqcopy_status {
    // SAFETY: this function's contract.
    unsafe { end(reader, |_| Ok(())) }
}
