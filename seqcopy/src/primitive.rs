//! The atomics and waiting primitives that the crate uses. The only file that chooses between core's and the model checker
//! loom's; no other file names either.
//!
//! Under `--cfg loom` the words and claims are loom's. The payload's bytes never are: loom knows no access by address and no
//! two sizes over one memory, so its models bring a payload of their own ([`Payload`](crate::lock::Payload)).

/// The atomics of payload bytes: always core's.
pub(crate) mod bytes {
    #[cfg(target_pointer_width = "64")]
    pub(crate) use core::sync::atomic::AtomicU64;
    pub(crate) use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32};
}

pub(crate) use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

#[cfg(not(loom))]
mod chosen {
    #[cfg(target_has_atomic = "64")]
    pub(crate) use core::sync::atomic::AtomicU64;
    pub(crate) use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, fence};

    /// Tells the processor that this is a waiting loop.
    #[inline]
    pub(crate) fn relax() {
        core::hint::spin_loop();
    }

    /// Gives the processor to somebody else where there is an operating system to ask, else only relaxes.
    #[inline]
    pub(crate) fn give_way() {
        #[cfg(feature = "std")]
        std::thread::yield_now();
        #[cfg(not(feature = "std"))]
        relax();
    }
}

#[cfg(loom)]
mod chosen {
    pub(crate) use loom::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, fence};
    pub(crate) use loom::thread::{yield_now as relax, yield_now as give_way};
}

pub(crate) use chosen::*;

/// How many waits spin before waiting becomes yielding.
const SPINS: u32 = 64;

/// Waits a little after so many failures, longer the more they are.
#[cold]
#[inline(never)]
pub(crate) fn wait(failed: u32) {
    if failed <= SPINS { relax() } else { give_way() }
}

/// Waits longer the more often it is asked.
#[derive(Default)]
pub(crate) struct Patience(u32);

impl Patience {
    /// Inlined, so that only the number is given away, not the address of who counts.
    #[inline(always)]
    pub(crate) fn wait(&mut self) {
        self.0 = self.0.saturating_add(1);
        wait(self.0);
    }
}

/// Makes constructors `const`, except with loom, whose atomics can't be made in constants.
macro_rules! const_fn {
    ($($(#[$attribute:meta])* $visibility:vis const fn $name:ident $(<$($generics:ident),*>)? ($($arguments:tt)*) -> $result:ty $(where $bounded:ident: $bound:path,)? $body:block)*) => {$(
        #[cfg(not(loom))]
        $(#[$attribute])*
        $visibility const fn $name $(<$($generics),*>)? ($($arguments)*) -> $result $(where $bounded: $bound)? $body

        #[cfg(loom)]
        $(#[$attribute])*
        $visibility fn $name $(<$($generics),*>)? ($($arguments)*) -> $result $(where $bounded: $bound)? $body
    )*};
}
pub(crate) use const_fn;
