//! Sleeping on the sequence word of a mapped region, and waking the processes that sleep there. Linux and Android have
//! a futex, macOS has a similar call, and other systems sleep for short times.
//!
//! The word has 64 bits and a futex 32, so it is the word's low half, which every write changes. The kernel identifies
//! it by file and offset, not by address, and only reads it to put a thread to sleep. So a mapping that can't be
//! written will do.
//!
//! **No wake-up is lost** (`FUTEX_WAIT` and `FUTEX_WAKE` in futex(2)):
//!
//! ```text
//! writer                                    reader
//! f1  word = next (w4, l3 of the protocol)   g1  seen = word; return if that is a newer value
//! f2  wake every thread that is queued       g2  queue, and sleep, if the low half of the word is still that of `seen`
//! ```
//!
//! The kernel compares and queues in g2, and wakes in f2, each under one lock, with full barriers; f2 follows f1 in the
//! program. If g2 comes first, f2 finds the reader in the queue. If f2 comes first, g2 finds the word of f1, which
//! differs, and the reader returns to g1. A reader may sleep on a busy word, too: the end of that write changes it.
//! `verify/models/genmc/wait_region.c` has these steps, and how wake-ups are lost without each of them.
//!
//! A reader of several regions takes g1 for each, and then g2 for each in one call (`futex_waitv`): the kernel compares
//! and queues one word after another, and a wake-up of one that is queued already ends the call, as does one that
//! differs.
//!
//! A third process that maps the region, read-only too, can end the sleep in g2, which sends the reader to g1. And it
//! can move the reader to the queue of another word (`FUTEX_REQUEUE`), where f2 does not find it. So every sleep has a
//! limit (`wait.rs`), after which the reader is at g1: there it returns if f1 came before that.
//!
//! The low half is the same again after 2^31 writes (2^32 of a latch). If exactly this many end between g1 and g2 and
//! none after them, the reader sleeps until that limit, and returns then, as g1 compares all 64 bits.

use std::io::Result;
use std::os::fd::AsFd;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time since some fixed moment in the past. This clock never goes backwards.
pub(crate) fn now() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // this clock is never negative
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// What a sleep needs of a region's file. Nothing: the kernel finds it by the address of the word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place;

impl Place {
    #[allow(clippy::unnecessary_wraps)] // as on Windows
    pub(crate) fn of(_: impl AsFd) -> Result<Place> {
        Ok(Place)
    }
}

/// The sequence word on which threads sleep.
pub(crate) type Bell<'a> = &'a AtomicU64;

/// The sequence word of a region. Windows needs the count of its wake-ups, too.
pub(crate) fn bell<'a>(word: &'a AtomicU64, _wakes: impl FnOnce() -> &'a AtomicU64, _: Place) -> Bell<'a> {
    word
}

/// A word on which no thread sleeps.
pub(crate) fn no_bell(word: &AtomicU64) -> Bell<'_> {
    word
}

/// A sequence word, and the value that was seen there.
pub(crate) type Seen<'a> = (Bell<'a>, u64);

/// The maximum number of words on which a thread can sleep at once (`FUTEX_WAITV_MAX`).
pub(crate) const MOST: usize = 128;

/// Sleeps until any process calls [`wake`] for one of these words, of which there are at most [`MOST`]. It also returns
/// when the time is over, and may return for no reason. Returns at once if the low half of a word differs from what was
/// seen.
pub(crate) fn sleep_on(words: &[Seen<'_>], time: Duration) {
    let slept = match *words {
        [(word, seen)] => system::sleep_on(word, seen, time),
        _ => system::sleep_on_any(words, time),
    };
    if !slept {
        std::thread::sleep(time.min(LOOK));
    }
}

/// Whether the system can put a thread to sleep on several words.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn takes_several() -> bool {
    let word = AtomicU64::new(1);
    // Neither word is what it is said to be, so the thread does not sleep.
    system::sleep_on_any(&[(&word, 0); 2], Duration::ZERO)
}

/// Wakes every thread of every process that sleeps on this word.
pub(crate) fn wake(word: Bell<'_>) {
    system::wake(word);
}

/// How often the word is loaded if the system has no such wait, or refuses it.
pub(crate) const LOOK: Duration = Duration::from_millis(1);

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::sync::atomic::{AtomicU32, AtomicU64};
    use std::time::Duration;

    use rustix::io::Errno;
    use rustix::thread::futex::{
        Flags, Timespec, Wait, WaitFlags, WaitPtr, WaitvFlags, wait, waitv, wake as futex_wake,
    };
    use rustix::time::{ClockId, clock_gettime};

    use super::Seen;

    /// Only for the system.
    fn low_half(word: &AtomicU64) -> &AtomicU32 {
        let offset = if cfg!(target_endian = "big") { 4 } else { 0 };
        // SAFETY: inside of the word, aligned, inside the `UnsafeCell` of an atomic (P18 shared-ref). This program
        // never accesses the word in this width (P2 mixed-size): only its address goes to the system, whose comparison
        // is like a load of the whole word.
        unsafe { &*word.as_ptr().wrapping_byte_add(offset).cast() }
    }

    /// Whether the system has put the thread to sleep, or found that this is not needed.
    pub(super) fn sleep_on(word: &AtomicU64, seen: u64, time: Duration) -> bool {
        let Ok(time) = Timespec::try_from(time) else { return false };
        #[allow(clippy::cast_possible_truncation)] // the low half
        let seen = seen as u32;
        // Not private, because other processes wake.
        match wait(low_half(word), Flags::empty(), seen, Some(&time)) {
            Ok(()) | Err(Errno::AGAIN | Errno::INTR | Errno::TIMEDOUT) => true,
            // For example, a filter of system calls refuses it.
            Err(_) => false,
        }
    }

    /// Does the same as [`sleep_on`] for several words, with a call of Linux 5.16.
    pub(super) fn sleep_on_any(words: &[Seen<'_>], time: Duration) -> bool {
        let now = clock_gettime(ClockId::Monotonic);
        let Some(until) = Timespec::try_from(time).ok().and_then(|time| now.checked_add(time)) else { return false };
        let mut waits = [Wait::new(); super::MOST];
        let waits = &mut waits[..words.len()];
        for (wait, (word, seen)) in waits.iter_mut().zip(words) {
            wait.val = seen & u64::from(u32::MAX);
            wait.uaddr = WaitPtr::new(low_half(word).as_ptr().cast());
            // Not private, because other processes wake.
            wait.flags = WaitFlags::SIZE_U32;
        }
        let slept = waitv(waits, WaitvFlags::empty(), Some(&until), ClockId::Monotonic);
        matches!(slept, Ok(_) | Err(Errno::AGAIN | Errno::INTR | Errno::TIMEDOUT))
    }

    pub(super) fn wake(word: &AtomicU64) {
        // The system reads the number as a signed one. If it refuses the call, it also refuses the sleeps, and sleeping
        // threads look again by themselves.
        let _ = futex_wake(low_half(word), Flags::empty(), i32::MAX.unsigned_abs());
    }
}

/// `os_sync_wait_on_address` of macOS 14.4 and iOS 17.4. It is looked up at run time, because programs run on older
/// systems, too. It compares all 64 bits.
#[cfg(target_vendor = "apple")]
mod system {
    use core::ffi::{CStr, c_int, c_void};
    use core::mem::transmute;
    use std::sync::OnceLock;
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use nix::libc::{
        EINTR, ETIMEDOUT, OS_CLOCK_MACH_ABSOLUTE_TIME, OS_SYNC_WAIT_ON_ADDRESS_SHARED, OS_SYNC_WAKE_BY_ADDRESS_SHARED,
        RTLD_DEFAULT, dlsym,
    };

    type Wait = unsafe extern "C" fn(*mut c_void, u64, usize, u32, u32, u64) -> c_int;
    type Wake = unsafe extern "C" fn(*mut c_void, usize, u32) -> c_int;

    /// Both calls, or none.
    fn calls() -> Option<(Wait, Wake)> {
        static CALLS: OnceLock<Option<(Wait, Wake)>> = OnceLock::new();
        let find = |name: &CStr| {
            // SAFETY: a text that ends (I4 private).
            let found = unsafe { dlsym(RTLD_DEFAULT, name.as_ptr()) };
            (!found.is_null()).then_some(found)
        };
        *CALLS.get_or_init(|| {
            let wait = find(c"os_sync_wait_on_address_with_timeout")?;
            let wake = find(c"os_sync_wake_by_address_all")?;
            // SAFETY: the system's header gives the function of this name this type (I4 private).
            let wait = unsafe { transmute::<*mut c_void, Wait>(wait) };
            // SAFETY: the system's header gives the function of this name this type (I4 private).
            let wake = unsafe { transmute::<*mut c_void, Wake>(wake) };
            Some((wait, wake))
        })
    }

    /// Whether the system has put the thread to sleep, or found that this is not needed.
    pub(super) fn sleep_on(word: &AtomicU64, seen: u64, time: Duration) -> bool {
        let Some((wait, _)) = calls() else { return false };
        // The call refuses a time of 0.
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        // SAFETY: a word that is borrowed; the system loads it, and stores nothing (P2 mixed-size: all of it).
        let waits = unsafe {
            wait(word.as_ptr().cast(), seen, 8, OS_SYNC_WAIT_ON_ADDRESS_SHARED, OS_CLOCK_MACH_ABSOLUTE_TIME, time)
        };
        waits >= 0 || matches!(std::io::Error::last_os_error().raw_os_error(), Some(ETIMEDOUT | EINTR))
    }

    /// This system has no sleep on several words.
    pub(super) fn sleep_on_any(_: &[super::Seen<'_>], _: Duration) -> bool {
        false
    }

    pub(super) fn wake(word: &AtomicU64) {
        if let Some((_, wake)) = calls() {
            // SAFETY: a word that is borrowed; to the system it is an address only (P2 mixed-size).
            let _ = unsafe { wake(word.as_ptr().cast(), 8, OS_SYNC_WAKE_BY_ADDRESS_SHARED) };
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    pub(super) fn sleep_on(_: &AtomicU64, _: u64, _: Duration) -> bool {
        false
    }

    pub(super) fn sleep_on_any(_: &[super::Seen<'_>], _: Duration) -> bool {
        false
    }

    pub(super) fn wake(_: &AtomicU64) {}
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use std::sync::atomic::AtomicU32;

    use rustix::io::Errno;
    use rustix::thread::futex::{Wait, WaitFlags, WaitPtr, WaitvFlags, waitv};
    use rustix::time::ClockId;

    /// The kernel accepts exactly this many words and finds that they have changed. It refuses one more.
    #[test]
    fn as_many_words_as_the_kernel_takes() {
        let word = AtomicU32::new(1);
        let mut wait = Wait::new();
        wait.uaddr = WaitPtr::new(word.as_ptr().cast());
        wait.flags = WaitFlags::SIZE_U32;
        let all = [wait; super::MOST + 1];
        let said = |waits: &[Wait]| waitv(waits, WaitvFlags::empty(), None, ClockId::Monotonic).unwrap_err();
        if said(&all[..1]) != Errno::NOSYS {
            assert_eq!([said(&all[..super::MOST]), said(&all)], [Errno::AGAIN, Errno::INVAL]);
        }
    }
}
