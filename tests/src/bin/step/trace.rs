//! [`Child`]: a process that is led from instruction to instruction.
//!
//! Its body runs `loop { mark(); operation; mark(); .. }`. What lies between the first mark and the second is stepped, nothing else. The
//! child and this process never run at the same time: one waits for the other, also where they share memory.

use core::arch::asm;
use core::ffi::c_void;
use core::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

/// Where stepping begins, and where it ends.
#[inline(always)]
pub(crate) fn mark() {
    // SAFETY: a breakpoint changes no register and no memory. To the compiler it may access all memory, so nothing moves across it.
    unsafe { asm!("int3", options(nostack)) };
}

/// What kind of instruction comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A mark.
    End,
    /// With a `lock` prefix, or `xchg` with memory.
    Locked,
    Syscall,
    /// A string instruction: a step is one round of it.
    Repeated,
    Other,
}

pub(crate) struct Child {
    pid: Pid,
    /// How many instructions were stepped.
    pub(crate) steps: u64,
    has_ended: bool,
}

/// The exit status of a child that may not be traced.
const REFUSED: i32 = 42;

impl Child {
    /// Starts a process that runs `body`.
    ///
    /// # Panics
    /// If the system refuses: [`why_not`] says so first.
    pub(crate) fn spawn(body: impl FnOnce()) -> Child {
        Self::try_spawn(body).expect("a process that is traced")
    }

    fn try_spawn(body: impl FnOnce()) -> Result<Child, String> {
        // SAFETY: this program has a single thread, so the child may do whatever this process may do.
        match unsafe { fork() }.map_err(|error| format!("fork: {error}"))? {
            ForkResult::Child => {
                let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
                let status = if ptrace::traceme().is_err() || raise(Signal::SIGSTOP).is_err() {
                    REFUSED
                } else if catch_unwind(AssertUnwindSafe(body)).is_ok() {
                    0
                } else {
                    101
                };
                // SAFETY: ends this process, without the destructors that are its parent's business.
                unsafe { libc::_exit(status) }
            }
            ForkResult::Parent { child } => {
                match waitpid(child, None).map_err(|error| format!("waitpid: {error}"))? {
                    WaitStatus::Stopped(..) => {}
                    other => return Err(format!("PTRACE_TRACEME: {other:?}")),
                }
                let child = Child { pid: child, steps: 0, has_ended: false };
                ptrace::setoptions(child.pid, Options::PTRACE_O_EXITKILL)
                    .map_err(|error| format!("PTRACE_O_EXITKILL: {error}"))?;
                Ok(child)
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Waits until the child stops; an error if anything else becomes of it.
    fn stopped(&mut self) -> Result<(), String> {
        match waitpid(self.pid, None).map_err(|error| error.to_string())? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => Ok(()),
            WaitStatus::Stopped(_, signal) => Err(format!("{signal} at {:#x}", self.rip())),
            ended => {
                self.has_ended = true;
                Err(format!("{ended:?}"))
            }
        }
    }

    /// Lets it run to the next mark.
    ///
    /// # Panics
    /// If it does not arrive there.
    pub(crate) fn go_to_mark(&mut self) {
        ptrace::cont(self.pid, None).expect("a stopped process");
        let stopped = self.stopped();
        assert!(stopped.is_ok(), "a process stopped, but not at a mark: {stopped:?}");
    }

    pub(crate) fn rip(&self) -> u64 {
        // `struct user` begins with the registers.
        let offset = offset_of!(libc::user_regs_struct, rip);
        ptrace::read_user(self.pid, offset as *mut c_void).expect("a stopped process") as u64
    }

    pub(crate) fn next(&self) -> Next {
        let code = ptrace::read(self.pid, self.rip() as *mut c_void).expect("code that is mapped").to_le_bytes();
        let mut is_repeated = false;
        for (at, pair) in code.windows(2).enumerate() {
            match pair[0] {
                0xcc if at == 0 => return Next::End,
                0xf0 => return Next::Locked,
                0xf2 | 0xf3 => is_repeated = true,
                // Other prefixes.
                0x66 | 0x67 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64 | 0x65 | 0x40..=0x4f => {}
                0x0f if pair[1] == 0x05 => return Next::Syscall,
                0x86 | 0x87 if pair[1] < 0xc0 => return Next::Locked,
                0xa4 | 0xa5 | 0xaa | 0xab if is_repeated => return Next::Repeated,
                _ => break,
            }
        }
        Next::Other
    }

    /// Executes one instruction.
    ///
    /// # Panics
    /// If the child does not stop behind it.
    pub(crate) fn step(&mut self) {
        let stopped = self.try_step();
        assert!(stopped.is_ok(), "a process stopped, but not behind an instruction: {stopped:?}");
    }

    fn try_step(&mut self) -> Result<(), String> {
        self.steps += 1;
        ptrace::step(self.pid, None).map_err(|error| format!("PTRACE_SINGLESTEP: {error}"))?;
        self.stopped()
    }

    /// Executes so many instructions, or those to the mark; returns how many there were.
    pub(crate) fn steps(&mut self, many: u64) -> u64 {
        for done in 0..many {
            if self.next() == Next::End {
                return done;
            }
            self.step();
        }
        many
    }

    /// Ends it by SIGKILL, wherever it is.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.has_ended {
            let _ = kill(self.pid, Signal::SIGKILL);
            while matches!(waitpid(self.pid, None), Ok(WaitStatus::Stopped(..))) {}
        }
    }
}

/// Why no process can be stepped here, if that is so.
pub(crate) fn why_not() -> Option<String> {
    let step = || {
        let mut child = Child::try_spawn(|| {
            mark();
            core::hint::black_box(0);
            mark();
        })?;
        ptrace::cont(child.pid, None).map_err(|error| format!("PTRACE_CONT: {error}"))?;
        child.stopped()?;
        while child.next() != Next::End {
            let before = child.rip();
            child.try_step()?;
            if child.rip() == before {
                return Err("a step executes no instruction".to_owned());
            }
        }
        Ok(())
    };
    step().err()
}

/// Keeps this process and its children on one processor, so that a step is a switch and not a message to another one: on
/// `SEQCOPY_STEP_CPU`, or where this process runs. Returns which.
///
/// # Panics
/// If the system refuses.
pub(crate) fn pin() -> usize {
    use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
    let chosen = std::env::var("SEQCOPY_STEP_CPU").ok().map(|cpu| cpu.parse().expect("the number of a processor"));
    let cpu = chosen.unwrap_or_else(|| sched_getcpu().expect("a processor"));
    let mut set = CpuSet::new();
    set.set(cpu).expect("the number of a processor");
    sched_setaffinity(Pid::from_raw(0), &set).expect("a processor that this process may use");
    cpu
}
