//! The atomics that the crate uses itself: core's, or those of the model checker loom. The only file that names either.

#[cfg(not(all(loom, feature = "loom")))]
mod chosen {
    pub(crate) use core::hint::spin_loop;
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize};

    /// Yields the processor if there is an operating system, else spins.
    #[inline]
    pub(crate) fn yield_now() {
        #[cfg(feature = "std")]
        std::thread::yield_now();
        #[cfg(not(feature = "std"))]
        spin_loop();
    }

    /// Memory that another thread finds by a pointer. Here nothing; loom checks that its creation happens-before each
    /// look.
    pub(crate) struct Tracked;

    impl Tracked {
        #[inline(always)]
        pub(crate) fn new() -> Self {
            Tracked
        }

        #[inline(always)]
        #[allow(clippy::unused_self)] // loom's has something to look at
        pub(crate) fn look(&self) {}
    }
}

#[cfg(all(loom, feature = "loom"))]
mod chosen {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
    pub(crate) use loom::thread::{yield_now, yield_now as spin_loop};

    pub(crate) struct Tracked(loom::cell::UnsafeCell<()>);

    impl Tracked {
        pub(crate) fn new() -> Self {
            let cell = loom::cell::UnsafeCell::new(());
            cell.with_mut(|_| ());
            Tracked(cell)
        }

        pub(crate) fn look(&self) {
            self.0.with(|_| ());
        }
    }
}

pub(crate) use chosen::*;
pub(crate) use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Waits a little after `failed` attempts: spins at first, and yields the processor later.
#[cold]
pub(crate) fn snooze(failed: &mut u32) {
    *failed = failed.saturating_add(1);
    if *failed <= 64 { spin_loop() } else { yield_now() }
}
