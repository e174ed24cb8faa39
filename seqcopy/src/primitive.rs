//! The atomics and the waiting primitives that the crate uses. Only this file chooses between the atomics of core, of
//! the model checker loom, and the traced ones (`traced.rs`).
//!
//! Under `--cfg loom` the words and claims are loom's. The bytes of payloads never are, because loom supports neither
//! accesses by address nor accesses of different sizes to the same memory: the models have their own
//! [`Payload`](crate::lock::Payload).

/// The atomics of payload bytes: those of core, or traced ones.
pub(crate) mod bytes {
    pub(crate) use core::sync::atomic::AtomicPtr;
    #[cfg(all(target_pointer_width = "64", not(seqcopy_traced)))]
    pub(crate) use core::sync::atomic::AtomicU64;
    #[cfg(not(seqcopy_traced))]
    pub(crate) use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32};

    #[cfg(seqcopy_traced)]
    pub(crate) use crate::traced::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};
}

pub(crate) use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

#[cfg(not(all(loom, feature = "loom")))]
mod chosen {
    #[cfg(all(target_has_atomic = "64", not(seqcopy_traced)))]
    pub(crate) use core::sync::atomic::AtomicU64;
    #[cfg(not(seqcopy_traced))]
    pub(crate) use core::sync::atomic::{AtomicU16, AtomicU32, AtomicUsize, fence};

    #[cfg(seqcopy_traced)]
    pub(crate) use crate::traced::{AtomicU8 as AtomicClaim, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, fence};

    /// The byte of the write claim. Only this byte needs a compare-and-swap.
    #[cfg(all(any(target_has_atomic = "8", not(feature = "portable-atomic")), not(seqcopy_traced)))]
    pub(crate) use core::sync::atomic::AtomicU8 as AtomicClaim;
    #[cfg(all(not(target_has_atomic = "8"), feature = "portable-atomic"))]
    pub(crate) use portable_atomic::AtomicU8 as AtomicClaim;

    /// Hints to the processor that this is a spin loop.
    #[inline]
    pub(crate) fn spin_loop() {
        core::hint::spin_loop();
    }

    /// Yields the processor if there is an operating system, otherwise spins.
    #[inline]
    pub(crate) fn yield_now() {
        #[cfg(feature = "std")]
        std::thread::yield_now();
        #[cfg(not(feature = "std"))]
        spin_loop();
    }
}

#[cfg(all(loom, feature = "loom"))]
mod chosen {
    pub(crate) use loom::sync::atomic::{AtomicU8 as AtomicClaim, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, fence};
    pub(crate) use loom::thread::{yield_now, yield_now as spin_loop};
}

pub(crate) use chosen::*;

/// The crate `event-listener`, or the models' stand-in for it.
#[cfg(all(feature = "wait-tasks", not(all(test, loom))))]
pub(crate) mod event {
    pub(crate) use event_listener::{Event, EventListener};
}
#[cfg(all(test, loom))]
pub(crate) use crate::models::stand_ins::event_listener as event;

/// Makes a constructor `const`, except under loom, whose atomics cannot be created in constants. Tokens are handed on
/// as they are, so that errors about a bound quote the constructor and not this macro.
macro_rules! const_fn {
    ($(#[$attribute:meta])* $visibility:vis const $($function:tt)*) => {
        #[cfg(not(loom))]
        $(#[$attribute])*
        $visibility const $($function)*

        #[cfg(loom)]
        $(#[$attribute])*
        $visibility $($function)*
    };
}
pub(crate) use const_fn;

/// How many waits spin before further ones yield.
const SPINS: u32 = 64;

/// Waits a little after `failed` attempts: spins at first, and yields the processor later.
#[cold]
#[inline(never)]
pub(crate) extern "C" fn snooze(failed: u32) {
    if failed <= SPINS { spin_loop() } else { yield_now() }
}

/// Counts failed attempts, and waits longer after more of them. The name and the behaviour are those of crossbeam's
/// `Backoff`.
#[derive(Default)]
pub(crate) struct Backoff(u32);

impl Backoff {
    /// Inlined, so that only the number is passed on, not the address of the caller's counter.
    #[inline(always)]
    pub(crate) fn snooze(&mut self) {
        self.0 = self.0.saturating_add(1);
        snooze(self.0);
    }
}
