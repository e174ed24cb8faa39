//! [`Peer`]: another process (`src/bin/shm_peer`) that follows orders, one line at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, IoSlice, IoSliceMut, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use seqcopy_shm::WriterState;

/// Longer than any answer takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A process that follows orders. It is killed when this is dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    /// The processes that it has forked.
    forks: Vec<Pid>,
}

impl Peer {
    /// Starts one; `program` is `env!("CARGO_BIN_EXE_shm_peer")`.
    ///
    /// # Panics
    /// If it can't be started.
    #[must_use]
    pub fn start(program: &str) -> Peer {
        Self::start_with(program, &[])
    }

    /// Starts one with arguments.
    ///
    /// # Panics
    /// If it can't be started.
    #[must_use]
    pub fn start_with(program: &str, arguments: &[&str]) -> Peer {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program shm_peer starts");
        let orders = child.stdin.take().expect("a pipe");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (sender, answers) = channel();
        // A thread waits for the answers, so that a peer that does not answer fails a test instead of hanging it.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Peer { child, orders, answers, forks: Vec::new() }
    }

    /// Sends an order and returns the answer.
    ///
    /// # Panics
    /// If there is no answer.
    pub fn ask(&mut self, order: &str) -> String {
        self.tell(order);
        self.answer(order)
    }

    /// The answer to an order that was sent by `tell`.
    ///
    /// # Panics
    /// If there is no answer.
    pub fn answer(&mut self, order: &str) -> String {
        self.answers.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("no answer to `{order}`"))
    }

    /// Sends an order that has no answer.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("a peer that listens");
    }

    /// Sends an order that must succeed.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn must(&mut self, order: &str) {
        let answer = self.ask(order);
        assert_eq!(answer, "ok", "`{order}`");
    }

    /// Makes it fork. From now on the new process follows the orders, and the old one only waits to be killed.
    ///
    /// # Panics
    /// If it does not fork.
    pub fn fork(&mut self) -> u32 {
        let answer = self.ask("fork");
        let pid: i32 = answer.strip_prefix("forked ").and_then(|pid| pid.parse().ok()).expect("a process");
        self.forks.push(Pid::from_raw(pid));
        pid.unsigned_abs()
    }

    /// The process id of the first process, even after a fork.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn signal(&self, signal: Signal) {
        kill(self.own(), signal).expect("a running process");
    }

    fn own(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"))
    }

    /// Stops it, and waits until it has stopped.
    ///
    /// # Panics
    /// If it can't be.
    pub fn stop(&self) {
        self.signal(Signal::SIGSTOP);
        let path = format!("/proc/{}/stat", self.pid());
        // `T` after the name: stopped.
        while !std::fs::read_to_string(&path).expect("its status").contains(") T ") {
            std::thread::yield_now();
        }
    }

    /// Sends an order, lets the process make that many system calls, and leaves it stopped between two of them: what it
    /// does there, no other process sees. Returns whether it made all; it did not if it waits for the next order.
    /// `None` if it may not be traced.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn step(&mut self, order: &str, steps: usize) -> Option<bool> {
        if let Err(error) = ptrace::attach(self.own()) {
            crate::skipped(&format!("this process may not trace its children: {error}"));
            return None;
        }
        waitpid(self.own(), None).expect("a process that stops");
        self.tell(order);
        // It stops before each call, and behind it.
        for _ in 0..2 * steps {
            ptrace::syscall(self.own(), None).expect("a process that is traced");
            let began = Instant::now();
            // An answer, and no step for this long: it has finished.
            while waitpid(self.own(), Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive) {
                if began.elapsed() > Duration::from_millis(200) && self.answers.try_recv().is_ok() {
                    return Some(false);
                }
                std::thread::sleep(Duration::from_micros(20));
            }
        }
        Some(true)
    }

    /// Lets it go on after [`step`](Self::step), if that returned `Some(true)`.
    ///
    /// # Panics
    /// If it is not traced.
    pub fn release(&self) {
        ptrace::detach(self.own(), None).expect("a process that is traced");
    }

    /// Continues it after a stop.
    pub fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Kills the first process, and waits for its end. Processes that it forked keep running.
    ///
    /// # Panics
    /// If it can't be waited for.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().expect("a process that ends");
    }

    /// Kills the processes that it forked, and waits until they have ended.
    pub fn kill_forks(&mut self) {
        for pid in self.forks.drain(..) {
            let _ = kill(pid, Signal::SIGKILL);
            // The process that inherited it reaps it after a moment. Until then it is a zombie, which has no locks or
            // mappings.
            let path = format!("/proc/{pid}/stat");
            while std::fs::read_to_string(&path).is_ok_and(|stat| !stat.contains(") Z ")) {
                std::thread::yield_now();
            }
        }
    }

    /// Waits for its end, and returns the signal that ended it, if any.
    ///
    /// # Panics
    /// If it can't be waited for.
    pub fn end(&mut self) -> Option<i32> {
        self.child.wait().expect("a process that ends").signal()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.kill_forks();
    }
}

/// Sends a descriptor unchanged, with its open file description: `Region::send` never does this.
///
/// # Panics
/// If the system refuses.
pub fn send_descriptor(socket: &UnixStream, descriptors: &[RawFd]) {
    send_beside(b"x", socket, descriptors);
}

/// Sends these bytes with descriptors, or with none. `Region::send` sends its descriptor with an `R`.
///
/// # Panics
/// If the system refuses.
pub fn send_beside(bytes: &[u8], socket: &UnixStream, descriptors: &[RawFd]) {
    let rights = [ControlMessage::ScmRights(descriptors)];
    let rights = if descriptors.is_empty() { &[][..] } else { &rights };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(bytes)], rights, MsgFlags::empty(), None).expect("sent");
}

/// Receives a descriptor unchanged.
///
/// # Panics
/// If none arrives.
#[must_use]
pub fn receive_descriptor(socket: &UnixStream) -> OwnedFd {
    let mut byte = [0];
    let mut parts = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!(RawFd);
    let message =
        recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC).expect("received");
    let rights = message.cmsgs().expect("whole messages").find_map(|message| match message {
        ControlMessageOwned::ScmRights(descriptors) => descriptors.first().copied(),
        _ => None,
    });
    // SAFETY: the system has just made it for this process, and nothing else owns it.
    unsafe { File::from_raw_fd(rights.expect("a descriptor")) }.into()
}

/// Whether the writer is this process, and runs.
#[must_use]
pub fn is_alive(state: WriterState, process: u32) -> bool {
    matches!(state, WriterState::Alive { pid, .. } if pid == process)
}

/// Whether the writer was this process, and its lock is held by another.
#[must_use]
pub fn is_orphaned(state: WriterState, process: u32) -> bool {
    matches!(state, WriterState::Orphaned { pid, .. } if pid == process)
}
