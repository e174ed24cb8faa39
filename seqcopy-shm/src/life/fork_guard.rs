//! [`ForkGuard`]: whether this process is the one that made the guard, or a fork of it.

use crate::Error;

#[cfg(target_os = "linux")]
pub(crate) use linux::ForkGuard;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::ForkGuard;

/// A page that the system clears in a forked process (`madvise(2)`, `MADV_WIPEONFORK`): so the check costs a load per write, not a
/// system call.
#[cfg(target_os = "linux")]
mod linux {
    use core::ptr::{NonNull, null_mut};

    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

    use super::Error;
    use crate::error::io;
    use std::sync::atomic::AtomicU8;
    use std::sync::atomic::Ordering::Relaxed;

    const PAGE: usize = 4096;

    #[derive(Debug)]
    pub(crate) struct ForkGuard(NonNull<AtomicU8>);

    // SAFETY: a page of its own (I8 mapping), accessed atomically.
    unsafe impl Send for ForkGuard {}
    // SAFETY: as above.
    unsafe impl Sync for ForkGuard {}

    impl ForkGuard {
        pub(crate) fn new() -> Result<Self, Error> {
            // SAFETY: a new mapping at a place that the system chooses touches nothing that exists (I8 mapping).
            let page =
                unsafe { mmap_anonymous(null_mut(), PAGE, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) };
            let page = page.map_err(io("map a page"))?;
            let fork_guard = ForkGuard(NonNull::new(page.cast()).expect("the system maps nothing at address 0"));
            // SAFETY: the page just mapped (I8 mapping).
            unsafe { madvise(page, PAGE, Advice::LinuxWipeOnFork) }.map_err(io("mark a page"))?;
            fork_guard.flag().store(1, Relaxed);
            Ok(fork_guard)
        }

        fn flag(&self) -> &AtomicU8 {
            // SAFETY: mapped, cleared by the system, accessed atomically only (P7 from_ptr).
            unsafe { self.0.as_ref() }
        }

        #[inline(always)]
        pub(crate) fn is_forked(&self) -> bool {
            self.flag().load(Relaxed) == 0
        }
    }

    impl Drop for ForkGuard {
        fn drop(&mut self) {
            // SAFETY: this type's own mapping, whose address was never given away (I8 mapping).
            let _ = unsafe { munmap(self.0.as_ptr().cast(), PAGE) };
        }
    }
}

/// The process id: a system call per check.
#[cfg(not(target_os = "linux"))]
mod other {
    use super::Error;

    #[derive(Debug)]
    pub(crate) struct ForkGuard(u32);

    impl ForkGuard {
        #[allow(clippy::unnecessary_wraps)] // the one for Linux can fail
        pub(crate) fn new() -> Result<Self, Error> {
            Ok(ForkGuard(std::process::id()))
        }

        pub(crate) fn is_forked(&self) -> bool {
            std::process::id() != self.0
        }
    }
}
