//! `SeqLatch::read` makes no system call, however often it retries: here it runs in a process that may not make any.

#![cfg(all(target_os = "linux", not(miri)))]

use std::mem::MaybeUninit;
use std::num::NonZero;
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use seqcopy::{SeqLatch, SeqLock};

/// Large enough that many reads concurrent with a writer that never pauses are torn, some hundreds in a row.
type Value = [u64; 32];

/// A lock in memory that a forked child shares.
fn shared<L>(lock: L) -> &'static L {
    let size = NonZero::new(size_of::<L>()).expect("a lock has bytes");
    let flags = MapFlags::MAP_SHARED;
    // SAFETY: a new mapping, of nothing.
    let place =
        unsafe { mmap_anonymous(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, flags) }.expect("memory");
    // SAFETY: large enough, aligned to a page, this process's own, and never unmapped.
    unsafe { place.cast::<MaybeUninit<L>>().as_mut() }.write(lock)
}

/// Reads in a child that is killed at its first system call, while this process writes. Returns how the child ended: by
/// SIGTERM if it still read after a minute.
fn without_system_calls(reads: impl FnOnce(), mut write: impl FnMut(u64)) -> WaitStatus {
    // SAFETY: the child calls nothing but the two system calls below and `reads`, which only reads memory.
    let child = match unsafe { fork() }.expect("a child") {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            // SAFETY: changes this process only. From here on: `read`, `write`, `exit` and `sigreturn`.
            let strict = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
            if strict == 0 {
                reads();
            }
            // SAFETY: ends the only thread. (`_exit` would end the group, which is another call.)
            unsafe { libc::syscall(libc::SYS_exit, if strict == 0 { 0 } else { 77 }) };
            unreachable!("the child has ended");
        }
    };
    let began = Instant::now();
    for number in 0.. {
        write(number);
        if number % 1024 == 0 {
            if began.elapsed() > Duration::from_secs(60) {
                kill(child, Signal::SIGTERM).expect("the child");
            }
            let status = waitpid(child, Some(WaitPidFlag::WNOHANG)).expect("the child");
            if status != WaitStatus::StillAlive {
                return status;
            }
        }
    }
    unreachable!("the numbers have no end")
}

fn exit_code(status: WaitStatus) -> Option<i32> {
    match status {
        WaitStatus::Exited(_, code) => Some(code),
        _ => None,
    }
}

#[test]
fn a_latch_is_read_without_system_calls() {
    let latch = shared(SeqLatch::new(Value::default()));
    let mut writer = latch.writer().expect("the only writer");
    let status = without_system_calls(
        || {
            for _ in 0..2_000_000 {
                let value = latch.read();
                assert_eq!(value[0], value[31]);
            }
        },
        |number| writer.write([number; 32]),
    );
    if exit_code(status) == Some(77) {
        seqcopy_tests::skipped("this system has no strict mode of seccomp");
        return;
    }
    assert_eq!(exit_code(status), Some(0), "{status:?}: a system call was made");
}

/// The other lock yields, which shows that the test above would notice a system call.
#[test]
fn a_lock_yields() {
    let lock = shared(SeqLock::new(Value::default()));
    let mut writer = lock.writer().expect("the only writer");
    // Until one of them has failed so often that it yields.
    let reads = || loop {
        core::hint::black_box(lock.read());
    };
    let status = without_system_calls(reads, |number| writer.write([number; 32]));
    if exit_code(status) == Some(77) {
        seqcopy_tests::skipped("this system has no strict mode of seccomp");
        return;
    }
    assert!(matches!(status, WaitStatus::Signaled(_, Signal::SIGKILL, _)), "{status:?}");
}
