//! [`Inspected`]: the header, schema and state of a file, read by system calls and checked.
//!
//! Nothing is mapped for that, so whatever other processes do to the file meanwhile, the worst that happens is an error.

use std::io::{Error as IoError, ErrorKind as IoKind, Result as IoResult};
use std::mem::MaybeUninit;

use crate::error::{LENGTH, io, mismatch};
use crate::header::{HEADER_BYTES, RawHeader, State};
use crate::mapping::mmap::LEAST;
use crate::sys::file::{Kind, first_hole, is_in_huge_pages, read_at, read_at_into, status};
use crate::sys::{AsHandle, Handle};
use crate::{Error, ErrorKind, Header, Schema, Uid};

/// A region that passed every check that can be made without its values.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// A private copy, which is used from here on, however the original changes.
    pub(crate) header: Header,
    pub(crate) schema: Schema,
    /// Whether it was closed when it was inspected.
    pub(crate) is_closed: bool,
    pub(crate) uid: Uid,
}

impl Inspected {
    /// Inspects a file, before it is mapped or read. Refuses regions of other formats than these.
    pub(crate) fn of(file: &Handle, formats: &'static [u32]) -> Result<Inspected, Error> {
        let (uid, len) = regular(file)?;
        if is_in_huge_pages(file) {
            return Err(ErrorKind::HugePages.into());
        }
        // Accessing a page that was never written could fail; and if it is read instead, it holds no writer's value.
        let hole = first_hole(file).unwrap_or(len);
        if hole < LEAST as u64 {
            return Err(ErrorKind::Hole { at: hole }.into());
        }
        let raw = bytes_at::<HEADER_BYTES>(file, 0).map_err(io("read its header"))?;
        let header = Header::check(&RawHeader::from_bytes(&raw), len, formats)?;
        if hole < header.size() {
            return Err(ErrorKind::Hole { at: hole }.into());
        }
        let mut schema: Vec<u8> = std::vec![0; header.layout.schema_len];
        read_exact_at(file, &mut schema, header.schema_offset()).map_err(io("read its schema"))?;
        let schema = Schema::decode(&schema)?;
        let state = u32::from_ne_bytes(bytes_at(file, header.state_offset()).map_err(io("read its state"))?);
        agree(&header, &schema, state)?;
        let word = u64::from_ne_bytes(bytes_at(file, header.word_offset()).map_err(io("read its word"))?);
        let is_closed = State::is_closed(state, word);
        Ok(Inspected { header, schema, is_closed, uid })
    }
}

/// Owner and length of a file, if it is a regular one and long enough for a header.
fn regular(file: impl AsHandle) -> Result<(Uid, u64), Error> {
    let found = status(file).map_err(io("query its status"))?;
    if found.kind != Kind::File {
        return Err(ErrorKind::NotRegularFile.into());
    }
    if found.len < LEAST as u64 {
        return Err(mismatch(LENGTH, std::format!("at least {LEAST}"), found.len));
    }
    Ok((Uid::from_raw(found.owner), found.len))
}

/// Whether header, schema and state agree, each being valid by itself: the last check of a region of any type.
fn agree(header: &Header, schema: &Schema, state: u32) -> Result<(), Error> {
    if schema.fingerprint() != header.fingerprint() {
        let (header, schema) = (header.fingerprint(), schema.fingerprint());
        return Err(ErrorKind::Fingerprint { header, schema }.into());
    }
    let (size, align) = schema.size_and_align();
    if (size, align) != (header.payload_size(), header.payload_align()) {
        let there = std::format!("{} and {}", header.payload_size(), header.payload_align());
        return Err(mismatch("size and alignment", std::format!("{size} and {align}"), there));
    }
    if state != State::OPEN && state != State::CLOSED {
        return Err(mismatch("state", "1 (open) or 2 (closed)", state));
    }
    Ok(())
}

/// This many bytes.
pub(crate) fn bytes_at<const N: usize>(file: impl AsHandle, at: u64) -> IoResult<[u8; N]> {
    let mut bytes = [0; N];
    read_exact_at(file, &mut bytes, at).map(|()| bytes)
}

/// Fills `to`.
pub(crate) fn read_exact_at(file: impl AsHandle, to: &mut [u8], at: u64) -> IoResult<()> {
    exactly(to.len(), |done| read_at(&file, &mut to[done..], at + done as u64))
}

/// The same for bytes that need not be initialised before; they are afterwards.
pub(crate) fn read_exact_into(file: impl AsHandle, to: &mut [MaybeUninit<u8>], at: u64) -> IoResult<()> {
    exactly(to.len(), |done| read_at_into(&file, &mut to[done..], at + done as u64))
}

/// Calls `read` with the number of bytes read so far, until there are `len` of them.
fn exactly(len: usize, mut read: impl FnMut(usize) -> IoResult<usize>) -> IoResult<()> {
    let mut done = 0;
    while done < len {
        match read(done) {
            Ok(0) => return Err(IoError::new(IoKind::UnexpectedEof, "it was truncated meanwhile")),
            Ok(more) => done += more,
            Err(error) if error.kind() == IoKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
