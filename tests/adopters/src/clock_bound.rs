//! `ClockBound`'s segment, layout version 2 (clock-bound-shm 2.0.3): the bounds of the error of a clock, which a daemon
//! writes.

use seqcopy::seq_count::{ParitySkipZero, SeqCount};
use seqcopy::{InvalidValue, ReadError, SeqCopy, Validate, raw};

/// How good the clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
#[allow(missing_docs)] // the names of the header
pub enum ClockStatus {
    Unknown,
    Synchronized,
    FreeRunning,
    Disrupted,
}

/// What the word protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
#[allow(missing_docs)] // the names of the header
pub struct ErrorBound {
    pub as_of: [i64; 2],
    pub void_after: [i64; 2],
    pub bound_nsec: i64,
    pub disruption_marker: u64,
    pub max_drift_ppb: u32,
    pub clock_status: ClockStatus,
    pub disruption_support: bool,
    pub padding: [u8; 7],
}

/// The whole segment. Its version changes without the generation, so it is no [`Page`](seqcopy::raw::Page).
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
#[allow(missing_docs)] // the names of the header
pub struct Segment {
    pub magic: [u32; 2],
    pub size: u32,
    pub version: u16,
    pub generation: u16,
    pub bound: ErrorBound,
}

const _: () = assert!(size_of::<Segment>() == 80 && core::mem::offset_of!(Segment, generation) == 14);

/// A mapped segment.
#[derive(Clone, Copy, Debug)]
pub struct Mapped<'a> {
    /// 16 bits: 2^15 writes make it wrap. The daemon writes once in a second.
    generation: &'a SeqCount<ParitySkipZero<u16>>,
    bound: *mut ErrorBound,
}

// SAFETY: what the pointer leads to is accessed by `raw` only, for as long as the segment is mapped.
unsafe impl Send for Mapped<'_> {}
// SAFETY: as above.
unsafe impl Sync for Mapped<'_> {}

impl Mapped<'_> {
    /// # Safety
    /// `segment` is mapped for `'a`, initialised, and derived as [`raw::load`] says. This program accesses it by this
    /// type only.
    pub unsafe fn new(segment: *mut Segment) -> Self {
        // SAFETY: inside of the segment.
        let generation = unsafe { &raw const (*segment).generation };
        // SAFETY: inside of the segment.
        let bound = unsafe { &raw mut (*segment).bound };
        // SAFETY: this function's contract.
        Mapped { generation: unsafe { SeqCount::from_ptr(generation) }, bound }
    }

    /// One attempt.
    ///
    /// # Errors
    /// While the daemon writes, or before it has: try again. Inside: bits that are not a value.
    pub fn try_read(self) -> Result<Result<ErrorBound, InvalidValue>, ReadError> {
        // SAFETY: mapped, and initialised.
        let (bits, _) = self.generation.try_read(|| unsafe { raw::load(self.bound) })?;
        Ok(bits.validate())
    }

    /// Writes as the daemon does.
    ///
    /// # Safety
    /// The segment is writable, and there is no other writer.
    pub unsafe fn write(self, bound: &ErrorBound) {
        // SAFETY: mapped, and initialised.
        let store = || unsafe { raw::store(self.bound, bound) };
        // SAFETY: this function's contract.
        unsafe { self.generation.write(store) };
    }
}
