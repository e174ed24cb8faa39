//! [`Child`] on another architecture: a process that QEMU runs, and that waits after every instruction since a plugin
//! makes it wait (`verify/without_std/examples/step_plugin.rs`). To be used as the one of `trace.rs`, which describes
//! what is between marks.

use core::arch::asm;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};

use crate::next::Next;
use crate::plugin::{DESCRIPTOR, MARK, RUN, STEP};

/// Where stepping begins, and where it ends.
#[inline(always)]
pub(crate) fn mark() {
    // SAFETY: a hint that no processor knows changes nothing. To the compiler it may access all memory, so nothing
    // moves across it.
    unsafe { asm!("hint #113", options(nostack)) };
}

pub(crate) struct Child {
    pid: Pid,
    plugin: UnixStream,
    /// The address of the instruction that comes next; 0 before the first mark.
    at: u64,
    /// How many instructions were stepped.
    pub(crate) steps: u64,
}

impl Child {
    /// Starts a process that runs `body`.
    ///
    /// # Panics
    /// If the system refuses: [`why_not`] says so first.
    pub(crate) fn spawn(body: impl FnOnce()) -> Child {
        Self::try_spawn(body).expect("a process that waits after each instruction")
    }

    fn try_spawn(body: impl FnOnce()) -> Result<Child, String> {
        let (plugin, theirs) = UnixStream::pair().map_err(|error| format!("socketpair: {error}"))?;
        // A child without a plugin says nothing.
        plugin.set_read_timeout(Some(Duration::from_secs(60))).map_err(|error| error.to_string())?;
        // SAFETY: this program has a single thread, so the child may do whatever this process may do.
        match unsafe { fork() }.map_err(|error| format!("fork: {error}"))? {
            ForkResult::Child => {
                let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
                // SAFETY: a number that nothing here uses; the copy stays open until the process ends.
                let copy = unsafe { libc::dup2(theirs.as_raw_fd(), DESCRIPTOR) };
                drop((plugin, theirs));
                let is_whole = copy == DESCRIPTOR && catch_unwind(AssertUnwindSafe(body)).is_ok();
                // SAFETY: ends this process, without the destructors that are its parent's business.
                unsafe { libc::_exit(i32::from(!is_whole)) }
            }
            ForkResult::Parent { child } => Ok(Child { pid: child, plugin, at: 0, steps: 0 }),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw().unsigned_abs()
    }

    /// Waits until the child is before an instruction.
    fn wait(&mut self) -> Result<(), String> {
        let mut at = [0; 8];
        self.plugin.read_exact(&mut at).map_err(|error| format!("a child does not stop: {error}"))?;
        self.at = u64::from_ne_bytes(at);
        Ok(())
    }

    fn resume(&mut self, how: u8) -> Result<(), String> {
        self.plugin.write_all(&[how]).map_err(|error| format!("a child has ended: {error}"))?;
        self.wait()
    }

    /// Lets it run to the next mark, and over it.
    ///
    /// # Panics
    /// If it does not arrive there.
    pub(crate) fn go_to_mark(&mut self) {
        let stopped = self.try_to_mark();
        assert!(stopped.is_ok(), "a process stopped, but not at a mark: {stopped:?}");
    }

    fn try_to_mark(&mut self) -> Result<(), String> {
        if self.at == 0 {
            // At its first mark every child waits, before it is told anything.
            self.wait()?;
        } else if self.next() != Next::End {
            self.resume(RUN)?;
        }
        self.resume(STEP)
    }

    pub(crate) fn pc(&self) -> u64 {
        self.at
    }

    pub(crate) fn next(&self) -> Next {
        // SAFETY: an instruction of the child, which runs what this process was forked with: here it lies at the same
        // place.
        let code = unsafe { (self.at as *const u32).read_volatile() };
        let is_exclusive = code & 0x3f00_0000 == 0x0800_0000;
        // `ldar` and `stlr` are in that group, and order only.
        let is_ordered_only = code & 0x00a0_0000 == 0x0080_0000;
        match code {
            MARK => Next::End,
            _ if code & 0xffe0_001f == 0xd400_0001 => Next::Syscall,
            _ if is_exclusive && !is_ordered_only => Next::Locked,
            _ if code & 0x3f20_0c00 == 0x3820_0000 => Next::Locked,
            _ => Next::Other,
        }
    }

    /// Executes one instruction.
    ///
    /// # Panics
    /// If the child does not stop after it.
    pub(crate) fn step(&mut self) {
        self.steps += 1;
        let stopped = self.resume(STEP);
        assert!(stopped.is_ok(), "a process stopped, but not after an instruction: {stopped:?}");
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = kill(self.pid, Signal::SIGKILL);
        let _ = waitpid(self.pid, None);
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
        child.plugin.set_read_timeout(Some(Duration::from_secs(20))).map_err(|error| error.to_string())?;
        child.try_to_mark()?;
        while child.next() != Next::End {
            let before = child.at;
            child.resume(STEP)?;
            if child.at == before {
                return Err("a step executes no instruction".to_owned());
            }
        }
        Ok(())
    };
    step().err().map(|why: String| format!("{why}; is this QEMU, with the plugin step_plugin?"))
}
