//! [`forked`]: a part of a test in a process of its own.

use nix::libc::_exit;
use nix::unistd::{ForkResult, Pid, fork};

/// Runs this in a process that is forked from this one, and ends it: with 0, or with 1 after a panic. The caller waits
/// for it.
///
/// # Panics
/// If the system forks none.
#[must_use]
pub fn forked(body: impl FnOnce()) -> Pid {
    // SAFETY: the child makes no use of locks that another thread of this process could hold, but for those of the
    // allocator, which glibc takes care of (P15 fork).
    match unsafe { fork() }.expect("a process") {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            // It does not stay if the test is killed, where the system has that.
            #[cfg(target_os = "linux")]
            let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
            let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).is_ok();
            // SAFETY: ends the process, without what the parent would do at its end.
            unsafe { _exit(i32::from(!done)) }
        }
    }
}
