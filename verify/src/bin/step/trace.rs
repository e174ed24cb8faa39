//! [`Child`]: a process that is led from instruction to instruction.
//!
//! Its body runs `loop { mark(); operation; mark(); .. }`. What lies between the first mark and the second is stepped,
//! nothing else. The child and this process never run at the same time: one waits for the other, also where they share
//! memory.

use core::arch::asm;
use core::ffi::c_void;
use core::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use crate::next::Next;

/// Where stepping begins, and where it ends.
#[inline(always)]
pub(crate) fn mark() {
    // SAFETY: a breakpoint changes no register and no memory. To the compiler it may access all memory, so nothing
    // moves across it.
    unsafe { asm!("int3", options(nostack)) };
}

pub(crate) struct Child {
    pid: Pid,
    /// How many instructions were stepped.
    pub(crate) steps: u64,
    has_ended: bool,
    refuses_nameless: bool,
    /// The numbers of its system calls, since it was told to note them.
    calls: Option<Vec<u64>>,
}

/// The number of no system call.
const NO_CALL: u64 = u64::MAX;

/// Whether a system call of this number makes a file without a name.
fn is_nameless(number: u64, registers: &libc::user_regs_struct) -> bool {
    let flags = u64::from(libc::O_TMPFILE.unsigned_abs());
    number == libc::SYS_openat.unsigned_abs() && registers.rdx & flags == flags
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
                let child = Child { pid: child, steps: 0, has_ended: false, refuses_nameless: false, calls: None };
                ptrace::setoptions(child.pid, Options::PTRACE_O_EXITKILL)
                    .map_err(|error| format!("PTRACE_O_EXITKILL: {error}"))?;
                Ok(child)
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Lets it run, by a request that ends at a trap, and waits for that; an error if anything else becomes of it. A
    /// signal that stops or continues all processes of this program reaches a child as well, and is ignored there.
    fn resume(&mut self, request: impl Fn(Pid) -> nix::Result<()>) -> Result<(), String> {
        loop {
            request(self.pid).map_err(|error| format!("ptrace: {error}"))?;
            match waitpid(self.pid, None).map_err(|error| error.to_string())? {
                WaitStatus::Stopped(_, Signal::SIGTRAP) => return Ok(()),
                WaitStatus::Stopped(_, Signal::SIGSTOP | Signal::SIGCONT) => {}
                WaitStatus::Stopped(_, signal) => return Err(format!("{signal} at {:#x}", self.pc())),
                ended => {
                    self.has_ended = true;
                    return Err(format!("{ended:?}"));
                }
            }
        }
    }

    /// Lets it run to the next mark.
    ///
    /// # Panics
    /// If it does not arrive there.
    pub(crate) fn go_to_mark(&mut self) {
        let stopped = self.resume(|pid| ptrace::cont(pid, None));
        assert!(stopped.is_ok(), "a process stopped, but not at a mark: {stopped:?}");
    }

    pub(crate) fn pc(&self) -> u64 {
        // `struct user` begins with the registers.
        let offset = offset_of!(libc::user_regs_struct, rip);
        ptrace::read_user(self.pid, offset as *mut c_void).expect("a stopped process") as u64
    }

    pub(crate) fn next(&self) -> Next {
        let code = ptrace::read(self.pid, self.pc() as *mut c_void).expect("code that is mapped").to_le_bytes();
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
    /// If the child does not stop after it.
    pub(crate) fn step(&mut self) {
        let stopped = self.try_step();
        assert!(stopped.is_ok(), "a process stopped, but not after an instruction: {stopped:?}");
    }

    fn try_step(&mut self) -> Result<(), String> {
        self.steps += 1;
        let looks_at_calls = self.refuses_nameless || self.calls.is_some();
        let is_refused = looks_at_calls && self.next() == Next::Syscall && {
            let registers = self.registers();
            let is_refused = self.begins(registers.rax, &registers);
            if is_refused {
                self.set_registers(&libc::user_regs_struct { rax: NO_CALL, ..registers });
            }
            is_refused
        };
        self.resume(|pid| ptrace::step(pid, None))?;
        if is_refused {
            self.answer_not_supported();
        }
        Ok(())
    }

    /// From now on files without a name are refused, as by file systems that have none.
    pub(crate) fn refuse_nameless_files(&mut self) {
        self.refuses_nameless = true;
    }

    /// From now on the numbers of its system calls are noted.
    pub(crate) fn note_calls(&mut self) {
        self.calls = Some(Vec::new());
    }

    /// How often it has made the system call of this number since then.
    pub(crate) fn calls_of(&self, number: i64) -> usize {
        let noted = self.calls.iter().flatten();
        noted.filter(|call| **call == number.unsigned_abs()).count()
    }

    /// A system call begins. Whether it is refused.
    fn begins(&mut self, number: u64, registers: &libc::user_regs_struct) -> bool {
        if let Some(calls) = &mut self.calls {
            calls.push(number);
        }
        self.refuses_nameless && is_nameless(number, registers)
    }

    /// Lets it run, without steps, until it has returned from this many system calls.
    ///
    /// # Panics
    /// If it does not arrive there.
    pub(crate) fn run_through_calls(&mut self, calls: usize) {
        let stop = |child: &mut Child| {
            let stopped = child.resume(|pid| ptrace::syscall(pid, None));
            assert!(stopped.is_ok(), "a process stopped, but not at a system call: {stopped:?}");
        };
        for _ in 0..calls {
            stop(self);
            let registers = self.registers();
            let is_refused = self.begins(registers.orig_rax, &registers);
            if is_refused {
                self.set_registers(&libc::user_regs_struct { orig_rax: NO_CALL, ..registers });
            }
            stop(self);
            if is_refused {
                self.answer_not_supported();
            }
        }
    }

    fn registers(&self) -> libc::user_regs_struct {
        ptrace::getregs(self.pid).expect("a stopped process")
    }

    fn set_registers(&self, registers: &libc::user_regs_struct) {
        ptrace::setregs(self.pid, *registers).expect("a stopped process");
    }

    fn answer_not_supported(&self) {
        let error = u64::from(libc::EOPNOTSUPP.unsigned_abs()).wrapping_neg();
        self.set_registers(&libc::user_regs_struct { rax: error, ..self.registers() });
    }

    /// Lets it run, and does not wait for it.
    pub(crate) fn start(&self) {
        ptrace::cont(self.pid, None).expect("a stopped process");
    }

    /// Whether a child that was started arrives at a mark; `false` after a minute, in which it did not.
    pub(crate) fn arrives(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => sleep(Duration::from_micros(100)),
                Ok(WaitStatus::Stopped(_, Signal::SIGTRAP)) => return true,
                Ok(WaitStatus::Stopped(..)) => self.start(),
                _ => {
                    self.has_ended = true;
                    return false;
                }
            }
        }
        false
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
        child.resume(|pid| ptrace::cont(pid, None))?;
        while child.next() != Next::End {
            let before = child.pc();
            child.try_step()?;
            if child.pc() == before {
                return Err("a step executes no instruction".to_owned());
            }
        }
        Ok(())
    };
    step().err()
}
