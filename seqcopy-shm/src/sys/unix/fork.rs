//! [`ForkGuard`] has a byte that says whether this process may write. It is 0 in a process that was forked from the
//! writer's, and changes when the region loses pages.

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(crate) use counted::ForkGuard;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(crate) use wiped::ForkGuard;

/// A page that the system clears in a forked process (`madvise(2)`, `MADV_WIPEONFORK`; `minherit(2)`, `INHERIT_ZERO`).
/// So the check costs a load per write, and no system call. The signal handler that replaces lost pages (`lost`) sets
/// the mark, too.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
mod wiped {
    use core::ptr::{NonNull, null_mut};

    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

    use super::super::lost::{self, MAY_WRITE};
    use std::sync::atomic::AtomicU8;
    use std::sync::atomic::Ordering::Relaxed;

    const PAGE: usize = 4096;
    /// The system's value in a forked process.
    const FORKED: u8 = 0;

    #[derive(Debug)]
    pub(crate) struct ForkGuard(NonNull<AtomicU8>);

    // SAFETY: a page of its own (I8 mapping), accessed atomically.
    unsafe impl Send for ForkGuard {}
    // SAFETY: its one byte is atomic, whichever threads load it (I4 private).
    unsafe impl Sync for ForkGuard {}

    impl ForkGuard {
        pub(crate) fn new() -> std::io::Result<Self> {
            // SAFETY: a new mapping at a place that the system chooses touches nothing that exists (I8 mapping).
            let page =
                unsafe { mmap_anonymous(null_mut(), PAGE, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) };
            let page = page?;
            let fork_guard = ForkGuard(NonNull::new(page.cast()).expect("the system maps nothing at address 0"));
            // SAFETY: the page just mapped (I8 mapping).
            unsafe { wipe_on_fork(page) }?;
            fork_guard.flag().store(MAY_WRITE, Relaxed);
            Ok(fork_guard)
        }

        /// The byte of the mark.
        pub(crate) fn flag(&self) -> &AtomicU8 {
            // SAFETY: mapped, cleared by the system, accessed atomically only (P7 from_ptr).
            unsafe { self.0.as_ref() }
        }

        #[inline(always)]
        pub(crate) fn is_forked(&self) -> bool {
            self.flag().load(Relaxed) == FORKED
        }

        /// [`MAY_WRITE`], `LOST`, or the system's value in a forked process.
        #[inline(always)]
        pub(crate) fn mark(&self) -> u8 {
            self.flag().load(Relaxed)
        }
    }

    /// # Safety
    /// The page was mapped, and is not used yet.
    #[cfg(not(target_os = "freebsd"))]
    unsafe fn wipe_on_fork(page: *mut core::ffi::c_void) -> rustix::io::Result<()> {
        use rustix::mm::{Advice, madvise};
        // SAFETY: a page of this module's, by this function's contract (I4 private).
        unsafe { madvise(page, PAGE, Advice::LinuxWipeOnFork) }
    }

    /// # Safety
    /// The contract of `enter`.
    #[cfg(target_os = "freebsd")]
    unsafe fn wipe_on_fork(page: *mut core::ffi::c_void) -> std::io::Result<()> {
        use nix::libc::{INHERIT_ZERO, minherit};
        // SAFETY: a page of this module's, by this function's contract (I4 private).
        if unsafe { minherit(page, PAGE, INHERIT_ZERO) } == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }

    impl Drop for ForkGuard {
        fn drop(&mut self) {
            lost::forget(self.flag());
            // SAFETY: this type's own mapping, whose address no one has any more (I8 mapping).
            let _ = unsafe { munmap(self.0.as_ptr().cast(), PAGE) };
        }
    }
}

/// Counts the forks that led to this process, with a handler that `fork` calls in the child (`pthread_atfork`). This
/// costs two loads per write. A process that is made with another system call has no threads that write before it
/// executes a program.
#[cfg(any(test, not(any(target_os = "linux", target_os = "android", target_os = "freebsd"))))]
#[cfg_attr(any(target_os = "linux", target_os = "android", target_os = "freebsd"), allow(dead_code))] // tested where it can be
mod counted {
    use super::super::lost::MAY_WRITE;
    use std::io::{Error, Result};
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering::Relaxed;
    use std::sync::atomic::{AtomicU8, AtomicUsize};

    use nix::libc::{c_int, pthread_atfork};

    /// A handler changes it, in a process with one thread. It is an addition to an atomic, which a handler may make.
    static FORKS: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn forked() {
        FORKS.fetch_add(1, Relaxed);
    }

    #[derive(Debug)]
    pub(crate) struct ForkGuard {
        forks: usize,
        mark: AtomicU8,
    }

    impl ForkGuard {
        pub(crate) fn new() -> Result<Self> {
            static REGISTERED: OnceLock<c_int> = OnceLock::new();
            // SAFETY: a function that lives as long as the program, and does what may be done in a process that was
            // just forked (I4 private).
            match *REGISTERED.get_or_init(|| unsafe { pthread_atfork(None, None, Some(forked)) }) {
                0 => Ok(ForkGuard { forks: FORKS.load(Relaxed), mark: AtomicU8::new(MAY_WRITE) }),
                error => Err(Error::from_raw_os_error(error)),
            }
        }

        #[inline(always)]
        pub(crate) fn is_forked(&self) -> bool {
            FORKS.load(Relaxed) != self.forks
        }

        /// The byte in which the loss of a page is noted.
        pub(crate) fn flag(&self) -> &AtomicU8 {
            &self.mark
        }

        /// [`MAY_WRITE`], `LOST`, or 0 in a forked process.
        #[inline(always)]
        pub(crate) fn mark(&self) -> u8 {
            if self.is_forked() { 0 } else { self.mark.load(Relaxed) }
        }
    }
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use super::{counted, wiped};
    use nix::libc::{_exit, fork, waitpid};

    /// All kinds of guards that this system can run: their marks in a process, in its child, and in the child's child.
    #[test]
    fn each_kind_of_guard_notices_a_fork_and_one_of_a_fork() {
        let (wiped, counted) = (wiped::ForkGuard::new().unwrap(), counted::ForkGuard::new().unwrap());
        let marks = || [wiped.mark(), counted.mark()];
        let child = |check: &dyn Fn() -> bool| {
            // SAFETY: what the child does takes no lock that another thread may have, and then it ends (I4 private).
            let pid = unsafe { fork() };
            assert!(pid >= 0);
            if pid == 0 {
                let code = i32::from(!check());
                // SAFETY: ends the child, without handlers of the parent (I4 private).
                unsafe { _exit(code) };
            }
            let mut status = 1;
            // SAFETY: a local (I4 private).
            assert_eq!(unsafe { waitpid(pid, &raw mut status, 0) }, pid);
            status == 0
        };
        assert_eq!(marks(), [1, 1]);
        assert!(child(&|| marks() == [0, 0] && wiped.is_forked() && counted.is_forked()));
        // A writer of the forked process belongs to that process, and not to its child.
        let of_a_fork = || {
            let Ok(own) = counted::ForkGuard::new() else { return false };
            own.mark() == 1 && child(&|| own.mark() == 0 && marks() == [0, 0])
        };
        assert!(child(&of_a_fork));
        assert_eq!(marks(), [1, 1]);
        assert!(!wiped.is_forked() && !counted.is_forked());
        counted.flag().store(2, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(counted.mark(), 2, "a lost page");
    }
}
