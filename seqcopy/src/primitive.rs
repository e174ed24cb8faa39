//! The atomics that the crate uses: the only file that would choose another implementation of them (a model
//! checker's, say). No other file names `core::sync::atomic`.

#[cfg(target_has_atomic = "64")]
pub(crate) use core::sync::atomic::AtomicU64;
pub(crate) use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};
pub(crate) use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32, fence};

/// Tells the processor that this is a waiting loop.
#[cfg(target_has_atomic = "64")]
#[inline]
pub(crate) fn relax() {
    core::hint::spin_loop();
}

/// Gives the processor to somebody else where there is an operating system to ask, else only relaxes.
#[cfg(target_has_atomic = "64")]
#[inline]
pub(crate) fn give_way() {
    #[cfg(feature = "std")]
    std::thread::yield_now();
    #[cfg(not(feature = "std"))]
    relax();
}
