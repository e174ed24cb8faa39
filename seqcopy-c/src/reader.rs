//! [`seqcopy_reader`] reads values and slices.

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null;
use std::os::fd::OwnedFd;
use std::path::Path;

use seqcopy_shm::untyped::__foreign::{AnyReader, Direct};
use seqcopy_shm::untyped::{BytesError, Reader};
use seqcopy_shm::{Error, Options, ReadValueError, Schema};

use crate::call::{Argument, Bytes, BytesMut, Const, Descriptor, Mut, call};
use crate::handle::{Opaque, end};
use crate::region::seqcopy_options;
use crate::region::{Reading, seqcopy_region};
use crate::status::{Failure, argument, seqcopy_status};

/// A reader of a value, or of slices. Any number of threads may use it, while none frees it or calls
/// `reopen_if_removed`.
pub struct seqcopy_reader {
    /// C sees only a pointer to it, which is a `Handle`.
    _opaque: [u8; 0],
}

impl Opaque for seqcopy_reader {
    type Of = Reading<Reader>;
    const NAME: &str = "the reader";

    fn direct(reader: &Reading<Reader>) -> Option<Direct> {
        reader.__direct()
    }
}

/// The arguments that open a reader: a path, a schema, and options.
pub(crate) type Named = (Const<c_char>, Bytes, Const<seqcopy_options>);

/// Opens a reader with `open`, and compares its type with the schema.
pub(crate) fn typed<'p, R: AnyReader>(
    (path, schema, options): &'p Named,
    open: impl FnOnce(&'p Path, &Options) -> Result<R, Error>,
) -> Result<Reading<R>, Failure> {
    let reader = open(path.path()?, &options.read()?.0)?;
    schema.require(reader.region()).map(|()| Reading::of(reader))
}

/// Opens a reader with `open`, which reads the fields of the schema.
pub(crate) fn by_fields<'p, R: AnyReader>(
    (path, schema, options): &'p Named,
    open: impl FnOnce(&'p Path, &Schema, &Options) -> Result<R, Error>,
) -> Result<Reading<R>, Failure> {
    Ok(Reading::of(open(path.path()?, &schema.schema()?, &options.read()?.0)?))
}

/// Opens a reader with `open` through a descriptor, and compares its type with the schema.
pub(crate) fn from_fd<R: AnyReader>(
    (fd, schema): &(Descriptor, Bytes),
    open: impl FnOnce(OwnedFd) -> Result<R, Error>,
) -> Result<Reading<R>, Failure> {
    let reader = open(fd.duplicate()?)?;
    schema.require(reader.region()).map(|()| Reading::of(reader))
}

/// Opens a region, to read it. Compares its type with a schema of `schema_len` bytes; null and 0 take any type.
/// `options` may be null. On failure `*reader` is null.
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
    // SAFETY: a path, a schema and options, and a place for a reader (I4 private).
    let (named, reader) = unsafe { ((path, (schema, schema_len), options), reader).given() };
    reader.open(|| typed(&named, Reader::open_with))
}

/// Opens a region whose type has every field of this schema's, by name and with the same type, wherever it lies: so a
/// program goes on when a field is added to the type, or moved. Values, or elements, are read as those of the schema;
/// `*reader` follows to a newer region by the fields, too. Otherwise as `seqcopy_reader_open`.
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
    // SAFETY: a path, a schema and options, and a place for a reader (I4 private).
    let (named, reader) = unsafe { ((path, (schema, schema_len), options), reader).given() };
    reader.open(|| by_fields(&named, Reader::open_by_fields))
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
    // SAFETY: an open descriptor, a schema, and a place for a reader (I4 private).
    let (of, reader) = unsafe { ((fd, (schema, schema_len)), reader).given() };
    reader.open(|| from_fd(&of, Reader::from_fd))
}

/// The region that it reads: its version, its writer, and waiting. Null for null.
///
/// # Safety
/// `reader` is null, or one that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_region(reader: *const seqcopy_reader) -> *const seqcopy_region {
    // SAFETY: a reader that was not freed (I10 handle).
    unsafe { reader.given() }.look(null(), Reading::region)
}

/// Reads the value: `size` is that of the type. Its version is stored to `*version`, which may be null. Padding of
/// `*value` stays as it is. On failure the other bytes are unspecified.
///
/// Makes up to 10,000 attempts, for at most a quarter of a second; with two buffers or more one is mostly enough.
///
/// # Safety
/// `reader` is null, or one that was not freed; `value` is null, or writable for `size` bytes; `version` is null, or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_read(
    reader: *const seqcopy_reader,
    value: *mut c_void,
    size: usize,
    version: *mut u64,
) -> seqcopy_status {
    // SAFETY: a reader that was not freed, and places for a value and a version (I4 private, I10 handle).
    let (reader, mut value, mut version) = unsafe { (reader, (value, size), version).given() };
    // The usual way, which does not find out why it might fail.
    let at_once = reader.share().ok().and_then(|reader| reader.__read_at_once(value.of_size(reader.__size())?));
    let Some(found) = at_once else { return read_again(reader, value, version) };
    version.put_if_asked(found.to_bits());
    seqcopy_status::SEQCOPY_OK
}

#[cold]
#[allow(improper_ctypes_definitions)] // no function of the header: it is `extern "C"` for not unwinding
extern "C" fn read_again(reader: Const<seqcopy_reader>, mut value: BytesMut, mut version: Mut<u64>) -> seqcopy_status {
    call(|| read(&reader, &mut value, &mut version, true))
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
    // SAFETY: a reader that was not freed, and places for a value and a version (I4 private, I10 handle).
    let (reader, mut value, mut version) = unsafe { (reader, (value, size), version).given() };
    call(|| read(&reader, &mut value, &mut version, false))
}

#[cold]
fn read(
    reader: &Const<seqcopy_reader>,
    value: &mut BytesMut,
    version: &mut Mut<u64>,
    retries: bool,
) -> Result<(), Failure> {
    let reader = reader.share()?;
    let value = value.get(reader.__size(), "the value")?;
    let found = if retries { reader.read_into(value) } else { reader.try_read_into(value) }?;
    Ok(version.put_if_asked(found.to_bits()))
}

/// Reads the value if its version is another than `*known`, which is set to it; `*changed` says whether it was read. 0
/// is no version: then any value is read. On failure `*known` is as it was, and `*changed` false.
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
    let last = (known.cast_const(), known);
    // SAFETY: a reader that was not freed, and places for a value, a version that is read and written, and an answer
    // (I4 private, I10 handle).
    let (reader, mut value, (known, mut found), mut changed) =
        unsafe { (reader, (value, size), last, changed).given() };
    call(|| {
        changed.put(false)?;
        let of = Reader::region(reader.share()?);
        if known.get("the known version")? == of.version().to_bits() && !of.is_closed() {
            return Ok(());
        }
        read(&reader, &mut value, &mut found, true)?;
        changed.put(true)
    })
}

/// The maximum number of elements, for slices whose elements have this size.
pub(crate) fn capacity_of(schema: &Schema, element_size: usize) -> Result<usize, Failure> {
    match Schema::slice_of(schema.layout()).map(|(_, element, capacity)| (element.size(), capacity)) {
        None => argument("the region's values are no slices"),
        Some((size, capacity)) if size == element_size && size != 0 => Ok(capacity),
        Some((size, _)) => {
            argument(format!("the size of an element is {size} by the region's type, not {element_size}"))
        }
    }
}

/// Reads the elements of a slice to a place for `capacity` elements of `element_size` bytes. `*count` becomes how many
/// there are, also where there is no space for them: `SEQCOPY_TOO_LONG`. On other failures it is 0.
///
/// # Safety
/// `reader` is null, or one that was not freed; `elements` is null, or writable for as many; `count` and `version` are
/// null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_read_elements(
    reader: *const seqcopy_reader,
    elements: *mut c_void,
    element_size: usize,
    capacity: usize,
    count: *mut usize,
    version: *mut u64,
) -> seqcopy_status {
    let elements = (elements, element_size.saturating_mul(capacity));
    // SAFETY: a reader that was not freed, and places for as many elements, their number and a version (I4 private, I10
    // handle).
    let (reader, mut elements, mut count, mut version) = unsafe { (reader, elements, count, version).given() };
    call(|| {
        count.put(0)?;
        let reader = reader.share()?;
        let len = capacity.min(capacity_of(reader.schema(), element_size)?) * element_size;
        let read = reader.read_elements_into(elements.elements(len)?);
        if let Err(BytesError::NotRead(ReadValueError::Length(found))) = &read {
            count.put(found.len())?;
        }
        let (found, at) = read?;
        version.put_if_asked(at.to_bits());
        count.put(found)
    })
}

/// The most elements that a slice of this region can have; 0 if its values are no slices.
///
/// # Safety
/// `reader` is null, or one that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_capacity(reader: *const seqcopy_reader) -> usize {
    // SAFETY: a reader that was not freed (I10 handle).
    unsafe { reader.given() }.look(0, |reader| reader.slice().map_or(0, |(_, capacity)| capacity))
}

/// If the region was removed, and there is a new one at its path, of the same type: reads that from now on. `*reopened`
/// says whether that is so, and is false on failure. After that there are new versions, which begin with 1.
///
/// # Safety
/// `reader` is null, or one that no other thread uses during the call; `reopened` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_reader_reopen_if_removed(
    reader: *mut seqcopy_reader,
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
pub unsafe extern "C" fn seqcopy_reader_free(reader: *mut *mut seqcopy_reader) -> seqcopy_status {
    // SAFETY: a reader that is not used again, or null (I10 handle).
    unsafe { end(reader, |_| Ok(())) }
}
