//! Two words, one stored before the payload and one after it: the shared memory of rFactor 2
//! (`rF2SharedMemoryMapPlugin` 3.7, `Include/MappedBuffer.h`). Windows' `KSYSTEM_TIME` has the same shape.
//!
//! A reader looks at `end` first and at `begin` last. The plugin's own reader (`ReadUpdate`) does it the other way
//! round, so that a write that begins after its first look and is not over at its second one passes.

use core::sync::atomic::{AtomicU32, Ordering, fence};

use seqcopy::seq_count::read_by;
use seqcopy::{ReadError, SeqCopy, Validate, raw};

/// A payload.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
#[allow(missing_docs)] // the names of the header
pub struct Telemetry {
    pub elapsed: f64,
    pub rpm: f64,
    pub gear: i32,
    pub lap: i32,
}

/// A mapped buffer.
#[derive(Clone, Copy, Debug)]
pub struct Buffer<'a> {
    begin: &'a AtomicU32,
    end: &'a AtomicU32,
    payload: *mut Telemetry,
}

// SAFETY: what the pointer leads to is accessed by `raw` only, for as long as it is mapped.
unsafe impl Send for Buffer<'_> {}
// SAFETY: as above.
unsafe impl Sync for Buffer<'_> {}

impl<'a> Buffer<'a> {
    /// # Safety
    /// `payload` is mapped for `'a`, initialised, and derived as [`raw::load`] says; this program accesses it by this
    /// type only.
    pub unsafe fn new(begin: &'a AtomicU32, end: &'a AtomicU32, payload: *mut Telemetry) -> Self {
        Buffer { begin, end, payload }
    }

    /// One attempt.
    ///
    /// # Errors
    /// [`ReadError::Torn`] while the plugin writes: try again.
    pub fn try_read(self) -> Result<Telemetry, ReadError> {
        let (bits, _) = read_by(
            || Ok(self.end.load(Ordering::Relaxed)),
            // SAFETY: mapped, and initialised.
            |_| Ok(unsafe { raw::load(self.payload) }),
            || Ok(self.begin.load(Ordering::Relaxed)),
            |&end, begin| end == begin,
        )?;
        Ok(bits.value())
    }

    /// Begins a write.
    ///
    /// # Safety
    /// There is one writer, which ends it by [`end`](Self::end).
    pub unsafe fn begin(self) {
        self.begin.store(self.end.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        // A reader that sees the payload sees `begin`.
        fence(Ordering::Release);
    }

    /// Ends a write.
    ///
    /// # Safety
    /// After [`begin`](Self::begin); the payload is writable.
    pub unsafe fn end(self, value: &Telemetry) {
        // SAFETY: this function's contract.
        unsafe { raw::store(self.payload, value) };
        // A reader that sees `end` sees the payload.
        self.end.store(self.begin.load(Ordering::Relaxed), Ordering::Release);
    }
}
