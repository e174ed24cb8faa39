//! The reference clock in shared memory of NTP daemons (chrony 4.6, `refclock_shm.c`; ntpd, `refclock_shm.c`; gpsd
//! writes it), in its mode 1.
//!
//! Its word is no sequence lock. A reader asks whether `count` is the same before and after, not whether it is even, so
//! a read that begins and ends inside of one write is accepted. Only `valid`, which a writer clears first and sets
//! last, keeps such reads away, and it does not if the reader looked at it before. That is the protocol, which a reader
//! here can't repair: writers begin at any number.

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicI32, Ordering};

use seqcopy::raw::Page;
use seqcopy::seq_count::{Parity, read_by};
use seqcopy::{ReadError, SeqCopy, Validate};

/// `struct shmTime` of a 64-bit system.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
#[allow(missing_docs)] // the names of the header
pub struct ShmTime {
    pub mode: i32,
    /// Written as `Parity`, but read as any number.
    #[seqcopy(word = Parity<u32>)]
    pub count: MaybeUninit<u32>,
    pub clock_sec: i64,
    pub clock_usec: i32,
    pub receive_sec: i64,
    pub receive_usec: i32,
    pub leap: i32,
    pub precision: i32,
    pub samples: i32,
    /// Changes without the word: readers clear it.
    #[seqcopy(skip)]
    pub valid: MaybeUninit<i32>,
    pub clock_nsec: u32,
    pub receive_nsec: u32,
    pub dummy: [i32; 8],
}

const _: () = assert!(size_of::<ShmTime>() == 96);

/// A mapped segment.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    time: Page<'a, ShmTime>,
    valid: &'a AtomicI32,
}

impl<'a> Segment<'a> {
    /// # Safety
    /// The contract of [`Page::from_ptr`]; the segment is writable, because readers clear `valid`, which is accessed
    /// atomically.
    pub unsafe fn new(segment: *mut ShmTime) -> Self {
        // SAFETY: inside of the segment.
        let valid = unsafe { &raw mut (*segment).valid };
        // SAFETY: mapped and aligned; the page skips it.
        let valid: &'a AtomicI32 = unsafe { AtomicI32::from_ptr(valid.cast()) };
        // SAFETY: this function's contract.
        Segment { time: unsafe { Page::from_ptr(segment) }, valid }
    }

    /// Takes the sample. `None`: no sample, or not of mode 1.
    ///
    /// # Errors
    /// [`ReadError::Torn`] if the count changed meanwhile.
    pub fn take(self) -> Result<Option<ShmTime>, ReadError> {
        if self.valid.load(Ordering::Acquire) != 1 {
            return Ok(None);
        }
        let count = || Ok(self.time.count().load());
        let (bits, _) = read_by(count, |_| Ok(self.time.load()), count, |&before, after| before == after)?;
        self.valid.store(0, Ordering::Release);
        let time = bits.value();
        Ok((time.mode == 1).then_some(time))
    }

    /// Gives a sample.
    ///
    /// # Safety
    /// There is no other writer.
    pub unsafe fn put(self, time: &ShmTime) {
        self.valid.store(0, Ordering::Relaxed);
        // SAFETY: this function's contract; the segment is writable by that of `new`.
        unsafe { self.time.write(time) };
        self.valid.store(1, Ordering::Release);
    }
}
