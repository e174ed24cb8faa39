//! [`ForkGuard`]: the mark of a writer, which tells a fork of the process that made it, and that pages of its region were lost.

#[cfg(target_os = "linux")]
pub(crate) use linux::ForkGuard;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::ForkGuard;

/// A page that the system clears in a forked process (`madvise(2)`, `MADV_WIPEONFORK`): so the check costs a load per write, not a
/// system call. The signal handler that replaces lost pages (`lost`) marks it as well.
#[cfg(target_os = "linux")]
mod linux {
    use core::ptr::{NonNull, null_mut};

    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

    use super::super::lost::{self, MAY_WRITE};
    use std::sync::atomic::AtomicU8;
    use std::sync::atomic::Ordering::Relaxed;

    const PAGE: usize = 4096;
    /// What the system puts there in a fork.
    const FORKED: u8 = 0;

    #[derive(Debug)]
    pub(crate) struct ForkGuard(NonNull<AtomicU8>);

    // SAFETY: a page of its own (I8 mapping), accessed atomically.
    unsafe impl Send for ForkGuard {}
    // SAFETY: as above.
    unsafe impl Sync for ForkGuard {}

    impl ForkGuard {
        pub(crate) fn new() -> std::io::Result<Self> {
            // SAFETY: a new mapping at a place that the system chooses touches nothing that exists (I8 mapping).
            let page =
                unsafe { mmap_anonymous(null_mut(), PAGE, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) };
            let page = page?;
            let fork_guard = ForkGuard(NonNull::new(page.cast()).expect("the system maps nothing at address 0"));
            // SAFETY: the page just mapped (I8 mapping).
            unsafe { madvise(page, PAGE, Advice::LinuxWipeOnFork) }?;
            fork_guard.flag().store(MAY_WRITE, Relaxed);
            Ok(fork_guard)
        }

        /// The mark.
        pub(crate) fn flag(&self) -> &AtomicU8 {
            // SAFETY: mapped, cleared by the system, accessed atomically only (P7 from_ptr).
            unsafe { self.0.as_ref() }
        }

        #[inline(always)]
        pub(crate) fn is_forked(&self) -> bool {
            self.flag().load(Relaxed) == FORKED
        }

        /// [`MAY_WRITE`], `LOST`, or what the system puts there in a fork.
        #[inline(always)]
        pub(crate) fn mark(&self) -> u8 {
            self.flag().load(Relaxed)
        }
    }

    impl Drop for ForkGuard {
        fn drop(&mut self) {
            lost::forget(self.flag());
            // SAFETY: this type's own mapping, whose address no one has any more (I8 mapping).
            let _ = unsafe { munmap(self.0.as_ptr().cast(), PAGE) };
        }
    }
}

/// The process id: a system call per check.
#[cfg(not(target_os = "linux"))]
mod other {
    use super::super::lost::MAY_WRITE;
    use std::sync::atomic::AtomicU8;

    #[derive(Debug)]
    pub(crate) struct ForkGuard(u32);

    impl ForkGuard {
        #[allow(clippy::unnecessary_wraps)] // the one for Linux can fail
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(ForkGuard(std::process::id()))
        }

        pub(crate) fn is_forked(&self) -> bool {
            std::process::id() != self.0
        }

        /// Where the loss of a page would be marked.
        #[allow(clippy::unused_self)] // the one for Linux has its own
        pub(crate) fn flag(&self) -> &AtomicU8 {
            static NONE: AtomicU8 = AtomicU8::new(0);
            &NONE
        }

        /// [`MAY_WRITE`], or 0 in a fork.
        pub(crate) fn mark(&self) -> u8 {
            if self.is_forked() { 0 } else { MAY_WRITE }
        }
    }
}
