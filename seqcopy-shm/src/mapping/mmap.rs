//! [`Mmap`]: a mapped file. [`survive_truncation`]: lets a process survive when a mapped file loses its pages. This
//! module has the unsafe code of regions, except for the copies.
//!
//! Other processes change this memory, so it is accessed by pointers and atomics only, never by a reference to bytes
//! that another process may write (`docs/reference/soundness.md`, "Between processes").

use core::ptr::NonNull;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::error::{Error, LENGTH, io, mismatch};
use crate::mapping::header::{Control, HEADER_BYTES, RawHeader, State};
use crate::primitive::{AtomicU32, AtomicU64, fence, untraced};
use crate::sys::file::{map, unmap};
use crate::sys::process::{Identity, NO_MORE};
use crate::sys::{AsHandle, lost, wait as futex};
use seqcopy::raw;

/// A mapping of at least a header and its [`Control`], unmapped on drop.
#[derive(Debug)]
pub(crate) struct Mmap {
    start: NonNull<u8>,
    len: usize,
    writable: bool,
    place: futex::Place,
}

// SAFETY: memory that is accessed atomically, or before any other thread or process has it; unmapped by its one owner
// (I8 mapping).
unsafe impl Send for Mmap {}
// SAFETY: accessed atomically, whichever threads do so at once (I8 mapping).
unsafe impl Sync for Mmap {}

/// The size of the part that every region has: header and control words.
pub(crate) const LEAST: usize = Control::END;

impl Mmap {
    /// Maps the first `len` bytes, shared with every other mapping of the file.
    pub(crate) fn new(file: impl AsHandle, len: usize, writable: bool) -> Result<Mmap, Error> {
        if len < LEAST {
            return Err(mismatch(LENGTH, std::format!("at least {LEAST}"), len));
        }
        let place = futex::Place::of(&file).map_err(io("query its status"))?;
        let start = map(file, len, writable).map_err(io("map it"))?;
        lost::enter(start.as_ptr(), len, writable);
        Ok(Mmap { start, len, writable, place })
    }

    /// A pointer to the byte at an offset. Every access to the memory goes through here.
    ///
    /// # Panics
    /// If the `len` bytes from there on do not lie inside the mapping.
    pub(crate) fn at(&self, offset: usize, len: usize) -> *mut u8 {
        assert!(offset <= self.len && len <= self.len - offset, "inside the mapping");
        // SAFETY: inside the mapping, which was just asserted (I8 mapping).
        unsafe { self.start.as_ptr().add(offset) }
    }

    /// Writes the header of a region that no other process can find yet.
    pub(crate) fn set_header(&self, header: &RawHeader) {
        assert!(self.writable, "a writer's mapping");
        // SAFETY: inside the mapping, writable, page-aligned (I8 mapping); no other process can find it yet.
        unsafe { raw::store(self.at(0, HEADER_BYTES).cast(), header) };
    }

    fn word32(&self, offset: usize) -> &AtomicU32 {
        // SAFETY: inside the mapping, aligned, since mappings begin at pages and the offsets of `Control` are multiples
        // of 8; accessed in this width only (P7 from_ptr). Loads are relaxed and 4 bytes wide, as read-only memory
        // demands (P13 read-only).
        unsafe { &*self.at(offset, 4).cast() }
    }

    fn word64(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: inside the mapping, aligned and accessed in this width only, as `word32`, with 8 bytes (P7 from_ptr,
        // P13 read-only: 64-bit targets).
        unsafe { &*self.at(offset, 8).cast() }
    }

    /// The sequence word.
    pub(crate) fn word(&self) -> &std::sync::atomic::AtomicU64 {
        untraced(self.word64(Control::WORD))
    }

    /// The sequence word, for threads that sleep on it.
    pub(crate) fn bell(&self) -> futex::Bell<'_> {
        futex::bell(self.word(), || untraced(self.word64(Control::WAKES)), self.place)
    }

    /// Wakes the threads of all processes that sleep on the sequence word. Only the process that created the region, or
    /// holds the writer lock, may call it.
    pub(crate) fn wake(&self) {
        futex::wake(self.bell());
    }

    /// The state word. Everything that the writer did before it set this state happens-before the return.
    pub(crate) fn state(&self) -> u32 {
        let state = self.word32(Control::STATE).load(Relaxed);
        fence(Acquire);
        state
    }

    /// Whether the region was closed.
    pub(crate) fn is_closed(&self) -> bool {
        State::is_closed(self.state(), self.word64(Control::WORD).load(Relaxed))
    }

    /// Whether the region's memory was replaced by zeros, which happens in a process that survives truncation. No
    /// region that can be found has this state.
    pub(crate) fn is_truncated(&self) -> bool {
        lost::is_installed() && self.state() == State::NONE
    }

    /// From now on, the loss of a page is noted in the writer's mark.
    pub(crate) fn mark_if_lost(&self, guard: &std::sync::atomic::AtomicU8) {
        lost::set_guard(self.start.as_ptr(), guard);
    }

    /// Publishes a state. Only the process that created the region, or holds the writer lock, may call it.
    pub(crate) fn set_state(&self, state: u32) {
        assert!(self.writable, "a writer's mapping");
        self.word32(Control::STATE).store(state, Release);
    }

    /// The last writer, and the number of writers so far. These are hints.
    pub(crate) fn writer(&self) -> (Identity, u64) {
        let pid = self.word32(Control::WRITER).load(Relaxed);
        let began = self.word64(Control::WRITER_BEGAN).load(Relaxed);
        let space = self.word64(Control::WRITER_SPACE).load(Relaxed);
        (Identity { pid, began, space }, self.word64(Control::WRITERS).load(Relaxed))
    }

    /// The mark of the last writer. It is a hint.
    pub(crate) fn writer_mark(&self) -> u64 {
        self.word64(Control::WRITER_MARK).load(Relaxed)
    }

    /// Records the writer and its mark, as hints. Only the process that holds the writer lock may call it.
    pub(crate) fn set_writer(&self, identity: &Identity, mark: u64) {
        assert!(self.writable, "a writer's mapping");
        let count = self.word64(Control::WRITERS);
        self.word64(Control::WRITER_MARK).store(mark, Relaxed);
        self.word64(Control::WRITER_BEGAN).store(identity.began, Relaxed);
        self.word64(Control::WRITER_SPACE).store(identity.space, Relaxed);
        self.word32(Control::WRITER).store(identity.pid, Relaxed);
        count.store(count.load(Relaxed).wrapping_add(1), Relaxed);
    }

    /// Records that the writer has stopped writing. Only the process that holds the writer lock may call it.
    pub(crate) fn set_writer_gone(&self) {
        assert!(self.writable, "a writer's mapping");
        self.word64(Control::WRITER_BEGAN).store(NO_MORE, Relaxed);
    }

    /// Sets the sequence word. It may be set to 0, "nothing written", so that readers look at the state, or to any
    /// value in a region that no other process can find yet. Only the process that holds the writer lock may call this.
    pub(crate) fn set_word(&self, word: u64) {
        assert!(self.writable, "a writer's mapping");
        self.word64(Control::WORD).store(word, Release);
    }
}

impl Drop for Mmap {
    fn drop(&mut self) {
        lost::leave(self.start.as_ptr());
        // SAFETY: this type's own mapping; no pointer into it is used after this (I8 mapping).
        unsafe { unmap(self.start, self.len) };
    }
}

/// Lets this process live on when the file of a region that it has mapped is truncated, or can't be read any more: its
/// readers get [`ReadValueError::Truncated`](crate::ReadValueError::Truncated) from then on, and its writers
/// [`WriteError::Truncated`](crate::WriteError::Truncated). Without this, such a process is killed by SIGBUS. Costs
/// reads and writes nothing.
///
/// Once for each process, for all regions, those that are open already as well. Calls after the first do nothing.
///
/// # What is promised
/// *A lost page does not kill*, and what replaces it is never taken for a value. A reader whose value lies in other
/// pages is not told, and goes on with it. A write that meets a lost page returns `Ok`, and every later one fails. When
/// that writer is dropped, it closes what is left of the region, so that readers get
/// [`Closed`](crate::ReadValueError::Closed).
///
/// No signal is raised, and there are zeros in a value whose word is intact, where a process truncates the file inside
/// of a page, extends it again, or punches a hole. It could write zeros as well. So a file whose writers are not to be
/// trusted is opened by [`Options::require_owner`](crate::Options::require_owner), sent as a memfd, which is sealed, or
/// read without mapping it, by [`FileReader`](crate::FileReader).
///
/// # Signals
/// Installs a handler of SIGBUS. The one that was there before gets the signals that are not about a region of this
/// library, and the default action still ends the process for these; so does one that another thread installs at the
/// same time. A handler that is installed later should pass on to this one what is not its own, by a call with the same
/// arguments: one that it raises itself has no address, and does what was done before. (Python's `faulthandler` raises:
/// enable it before.) A thread that blocks SIGBUS is killed, as without this.
///
/// A shared library or plugin that this crate is a part of stays loaded from then on, since its handler does.
///
/// # Errors
/// If the system refuses, and on systems other than Linux.
///
/// ```no_run
/// use seqcopy_shm::{self as shm, ReadValueError, Reader};
///
/// shm::survive_truncation()?;
/// let mut reader = Reader::<u64>::open("/dev/shm/counter")?;
/// match reader.read() {
///     Err(ReadValueError::Truncated | ReadValueError::Closed) => _ = reader.reopen_if_removed()?,
///     value => println!("{value:?}"),
/// }
/// # Ok::<(), shm::Error>(())
/// ```
pub fn survive_truncation() -> Result<(), Error> {
    lost::install().map_err(|(doing, error)| io(doing)(error))
}
