//! The header of a region: 128 bytes that never change once the region can be found, and how they are checked.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 8 | magic: `seqcopy` and the byte 1 |
//! | 8 | 4 | format: 1, or 2 for a map |
//! | 12 | 1 | byte order: 1 little-endian, 2 big-endian |
//! | 13 | 1 | width of a pointer in bytes: 8 |
//! | 14 | 2 | zeros |
//! | 16 | 8 | fingerprint of the schema |
//! | 24 | 8 | size of the region |
//! | 32 | 8 | size of the payload's type |
//! | 40 | 4 | its alignment |
//! | 44 | 4 | buffers: 1 (a single buffer), or 2, 4, 8, .. (a latch) |
//! | 48 | 8 | offset of the first buffer |
//! | 56 | 8 | distance between buffers |
//! | 64 | 8 | offset of the schema |
//! | 72 | 8 | its length |
//! | 80 | 8 | offset of the sequence word |
//! | 88 | 8 | offset of the state word |
//! | 96 | 8 | time of creation: seconds since 1970 |
//! | 104 | 4 | and nanoseconds |
//! | 108 | 4 | zeros |
//! | 112 | 8 | the number of slots of a map; otherwise zeros |
//! | 120 | 8 | the seed of the hash of a map; otherwise zeros |
//!
//! The words that change follow it ([`Control`]), the buffers and the schema. All numbers are in the byte order that
//! the header names. [`RegionLayout`] computes every offset from the type, the number of buffers and the length of the
//! schema, and a header is accepted only if it has the same: no offset that another process wrote is ever used.

use std::time::{Duration, SystemTime};

mod layout;

use crate::error::{Error, ErrorKind, MAGIC_BYTES, mismatch};
use crate::schema::{Schema, VersionError};
use layout::MIN_SLOTS;

pub(crate) use layout::{BufferLayout, RegionLayout, table_header};

use seqcopy::{SeqCopy, Validate};

pub(crate) const MAGIC: [u8; 8] = *b"seqcopy\x01";
/// A region with one value.
pub(crate) const FORMAT: u32 = 1;
/// A region with a map.
pub(crate) const MAP_FORMAT: u32 = 2;
const BYTE_ORDER: u8 = if cfg!(target_endian = "little") { 1 } else { 2 };
#[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
const POINTER_WIDTH: u8 = size_of::<usize>() as u8;

/// The header as it is in the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct RawHeader {
    pub(crate) magic: [u8; 8],
    pub(crate) format: u32,
    pub(crate) byte_order: u8,
    pub(crate) pointer_width: u8,
    pub(crate) zeros: [u8; 2],
    pub(crate) fingerprint: u64,
    pub(crate) size: u64,
    pub(crate) payload_size: u64,
    pub(crate) payload_align: u32,
    pub(crate) buffers: u32,
    pub(crate) buffer_offset: u64,
    pub(crate) buffer_stride: u64,
    pub(crate) schema_offset: u64,
    pub(crate) schema_len: u64,
    pub(crate) word_offset: u64,
    pub(crate) state_offset: u64,
    pub(crate) created_seconds: u64,
    pub(crate) created_nanos: u32,
    pub(crate) more_zeros: u32,
    pub(crate) slots: u64,
    pub(crate) seed: u64,
}

pub(crate) const HEADER_BYTES: usize = 128;

impl RawHeader {
    /// Parses a private copy of the bytes.
    pub(crate) fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> RawHeader {
        // SAFETY: integers only, without padding, for which all bit patterns are valid (P5 scalar).
        unsafe { core::mem::transmute(*bytes) }
    }
}

/// The words after the header, which change. The sequence word is in the cache line of the first buffer. The other
/// words are written when a writer comes or goes, and have a cache line of their own.
#[derive(Debug)]
pub(crate) struct Control;

impl Control {
    /// `u32`: [`State`].
    pub(crate) const STATE: usize = 128;
    /// `u32`: the process id of the last writer. Only a hint.
    pub(crate) const WRITER: usize = 132;
    /// `u64`: when that process started, in the system's own unit, so that a later process with the same id is told
    /// apart. 0 if not known, all ones after it has stopped writing.
    pub(crate) const WRITER_BEGAN: usize = 136;
    /// `u64`: the number of writers so far, including the current one.
    pub(crate) const WRITERS: usize = 144;
    /// `u64`: the namespaces to which that process id and start time belong. 0 if not known.
    pub(crate) const WRITER_SPACE: usize = 152;
    /// `u64`: the mark of the last writer's program, or 0.
    pub(crate) const WRITER_MARK: usize = 160;
    /// `u64`: the number of wake-ups so far, on Windows. 0 elsewhere.
    pub(crate) const WAKES: usize = 168;
    /// `u64`: the sequence word.
    pub(crate) const WORD: usize = 192;
    /// The end of these words. The schema can begin here if the type has no bytes.
    pub(crate) const END: usize = 200;
}

/// The values of the state word. 0 means that the region is being created, and no other process can find it.
#[derive(Debug)]
pub(crate) struct State;

impl State {
    pub(crate) const NONE: u32 = 0;
    pub(crate) const OPEN: u32 = 1;
    /// Closed if the sequence word is 0, too. With any other word the region is open: its writer died before it had
    /// closed it.
    pub(crate) const CLOSED: u32 = 2;

    /// Whether a region with this state and this sequence word is closed.
    pub(crate) fn is_closed(state: u32, word: u64) -> bool {
        state == State::CLOSED && word == 0
    }
}

/// The header of a region, checked.
///
/// ```
/// # use seqcopy_shm::{self as shm, Region, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-header-{}", std::process::id()));
/// let _writer = Writer::<[u64; 3]>::create(&path)?;
/// let region = Region::open(&path)?;
/// let header = region.header();
/// assert_eq!((header.format(), header.payload_size(), header.buffers()), (1, 24, 2));
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub(crate) layout: RegionLayout,
    fingerprint: u64,
    /// The seed of a map's hash. 0 for other regions.
    seed: u64,
    created: SystemTime,
}

impl Header {
    /// The header of a new region. `seed` is that of a map, and 0 for other regions.
    pub(crate) fn raw(layout: &RegionLayout, fingerprint: u64, seed: u64, created: SystemTime) -> RawHeader {
        let created = created.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        RawHeader {
            magic: MAGIC,
            format: layout.format(),
            byte_order: BYTE_ORDER,
            pointer_width: POINTER_WIDTH,
            zeros: [0; 2],
            fingerprint,
            size: layout.size as u64,
            payload_size: layout.payload_size as u64,
            #[allow(clippy::cast_possible_truncation)] // at most 4096
            payload_align: layout.payload_align as u32,
            buffers: layout.buffers,
            buffer_offset: layout.buffer_layout.offset as u64,
            buffer_stride: layout.buffer_layout.stride as u64,
            schema_offset: layout.schema_offset as u64,
            schema_len: layout.schema_len as u64,
            word_offset: Control::WORD as u64,
            state_offset: Control::STATE as u64,
            created_seconds: created.as_secs(),
            created_nanos: created.subsec_nanos(),
            more_zeros: 0,
            slots: layout.slots,
            seed,
        }
    }

    /// Accepts a header only if it has one of these formats, every field has the required value, and a file of `len`
    /// bytes holds the whole region.
    pub(crate) fn parse(raw: &RawHeader, len: u64, formats: &'static [u32]) -> Result<Header, Error> {
        if raw.magic != MAGIC {
            let text = |bytes: [u8; 8]| format!("\"{}\"", bytes.escape_ascii());
            return Err(mismatch(MAGIC_BYTES, text(MAGIC), text(raw.magic)));
        }
        // Checked before any field that is wider than a byte.
        match raw.byte_order {
            BYTE_ORDER => {}
            other if other == BYTE_ORDER ^ 3 => return Err(VersionError::ByteOrder.into()),
            other => return Err(mismatch("byte order", "1 or 2", other)),
        }
        if !formats.contains(&raw.format) {
            return Err(VersionError::Format { expected: formats[0], found: raw.format }.into());
        }
        match raw.pointer_width {
            POINTER_WIDTH => {}
            found if [2, 4, 8].contains(&found) => {
                return Err(VersionError::PointerWidth { expected: POINTER_WIDTH, found }.into());
            }
            other => return Err(mismatch("width of a pointer", POINTER_WIDTH, other)),
        }
        // The header claims to be of this version and of this kind of machine.
        let expect = |what, expected: u64, found: u64| {
            if found == expected { Ok(()) } else { Err(mismatch(what, expected, found)) }
        };
        let sizes = || {
            let size = usize::try_from(raw.payload_size).ok()?;
            Some((size, usize::try_from(raw.payload_align).ok()?, usize::try_from(raw.schema_len).ok()?))
        };
        let Some((size, align, schema_len)) = sizes() else {
            return Err(mismatch("size of the payload", "a size that fits into memory", raw.payload_size));
        };
        let layout = if raw.format == MAP_FORMAT {
            RegionLayout::of_map(size, align, raw.buffers, raw.slots, schema_len)?
        } else {
            RegionLayout::from_sizes(size, align, raw.buffers, schema_len)?
        };
        let planned = Header::raw(&layout, raw.fingerprint, raw.seed, SystemTime::UNIX_EPOCH);
        expect("offset of the first buffer", planned.buffer_offset, raw.buffer_offset)?;
        expect("distance between buffers", planned.buffer_stride, raw.buffer_stride)?;
        expect("offset of the schema", planned.schema_offset, raw.schema_offset)?;
        expect("offset of the word", planned.word_offset, raw.word_offset)?;
        expect("offset of the state", planned.state_offset, raw.state_offset)?;
        expect("size of the region", planned.size, raw.size)?;
        if len < raw.size {
            return Err(ErrorKind::Truncated { expected: raw.size, found: len }.into());
        }
        let created = Duration::from_secs(raw.created_seconds);
        let created = created.checked_add(Duration::from_nanos(raw.created_nanos.into()));
        let created = created.and_then(|created| SystemTime::UNIX_EPOCH.checked_add(created));
        let Some(created) = created.filter(|_| raw.created_nanos < 1_000_000_000) else {
            return Err(mismatch("time of creation", "a valid time", raw.created_seconds));
        };
        let is_zero = raw.zeros == [0; 2] && raw.more_zeros == 0;
        if !is_zero || (raw.format == FORMAT && (raw.slots, raw.seed) != (0, 0)) {
            return Err(mismatch("reserved bytes", "zeros", "something else"));
        }
        Ok(Header { layout, fingerprint: raw.fingerprint, seed: raw.seed, created })
    }

    /// The header that a region of this type would have, with two buffers; of a map also with the fewest slots. For
    /// programs that describe a region before there is one.
    ///
    /// # Errors
    /// If such a region would be larger than memory.
    ///
    /// ```
    /// # use seqcopy_shm::{Header, Schema};
    /// let header = Header::planned(&Schema::of::<u64>(), false)?;
    /// assert_eq!((header.format(), header.buffers()), (1, 2));
    /// # Ok::<(), seqcopy_shm::Error>(())
    /// ```
    #[doc(hidden)]
    pub fn planned(schema: &Schema, is_map: bool) -> Result<Header, Error> {
        let ((size, align), schema_len) = (schema.size_and_align(), schema.as_bytes().len());
        let layout = if is_map {
            RegionLayout::of_map(size, align, 2, MIN_SLOTS, schema_len)?
        } else {
            RegionLayout::from_sizes(size, align, 2, schema_len)?
        };
        Ok(Header { layout, fingerprint: schema.fingerprint(), seed: 0, created: SystemTime::UNIX_EPOCH })
    }

    /// The version of the format: 1 for a region with one value, 2 for one with a [map](crate::MapWriter).
    #[must_use]
    pub fn format(&self) -> u32 {
        self.layout.format()
    }

    /// The number of slots in each buffer of a map, of which it uses up to seven eighths; 0 if the region has one
    /// value.
    #[must_use]
    pub fn slots(&self) -> u64 {
        self.layout.slots
    }

    /// Size of the region in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.layout.size as u64
    }

    /// Size of the payload's type in bytes; of a map, that of one slot.
    #[must_use]
    pub fn payload_size(&self) -> usize {
        self.layout.payload_size
    }

    /// Alignment of the payload's type; of a map, that of a slot.
    #[doc(hidden)]
    #[must_use]
    pub fn payload_align(&self) -> usize {
        self.layout.payload_align
    }

    /// The number of buffers: 1 is a single buffer, whose readers wait during a write; more are a latch.
    #[must_use]
    pub fn buffers(&self) -> u32 {
        self.layout.buffers
    }

    /// [`Layout::fingerprint`](seqcopy::Layout::fingerprint) of the payload's type.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Offset of the first buffer in bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn buffer_offset(&self) -> u64 {
        self.layout.buffer_layout.offset as u64
    }

    /// Distance between buffers in bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn buffer_stride(&self) -> u64 {
        self.layout.buffer_layout.stride as u64
    }

    /// Offset of the sequence word, a `u64`.
    #[doc(hidden)]
    #[must_use]
    pub fn word_offset(&self) -> u64 {
        Control::WORD as u64
    }

    /// Offset of the state word, a `u32`: 1 open, 2 closed (if the sequence word is 0 as well).
    #[doc(hidden)]
    #[must_use]
    pub fn state_offset(&self) -> u64 {
        Control::STATE as u64
    }

    /// Offset of the schema in bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn schema_offset(&self) -> u64 {
        self.layout.schema_offset as u64
    }

    /// Length of the schema in bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn schema_len(&self) -> u64 {
        self.layout.schema_len as u64
    }

    /// The seed of the hash of a map's keys; 0 if the region has one value.
    #[doc(hidden)]
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// When the region was created.
    #[doc(hidden)]
    #[must_use]
    pub fn created(&self) -> SystemTime {
        self.created
    }
}

#[cfg(test)]
mod tests;
