//! [`Peer`]: another process (`src/bin/shm_peer.rs`) that does what it is told, one line at a time.

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

/// Longer than any answer takes on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that is told what to do. Killed when this is dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    /// Processes that it has forked.
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
        // A thread waits for the answers, so that a peer that gives none fails a test instead of hanging it.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Peer { child, orders, answers, forks: Vec::new() }
    }

    /// Tells it something and returns what it says.
    ///
    /// # Panics
    /// If it says nothing.
    pub fn ask(&mut self, order: &str) -> String {
        self.tell(order);
        self.answers.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to `{order}`"))
    }

    /// Tells it something that it won't answer.
    ///
    /// # Panics
    /// If it is gone.
    pub fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("a peer that listens");
    }

    /// Tells it something that must go well.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn must(&mut self, order: &str) {
        let answer = self.ask(order);
        assert_eq!(answer, "ok", "`{order}`");
    }

    /// Has it fork. The new process takes the orders from now on, the old one only waits to be killed.
    ///
    /// # Panics
    /// If it does not.
    pub fn fork(&mut self) -> u32 {
        let answer = self.ask("fork");
        let pid: i32 = answer.strip_prefix("forked ").and_then(|pid| pid.parse().ok()).expect("a process");
        self.forks.push(Pid::from_raw(pid));
        pid.unsigned_abs()
    }

    /// Its number: of the first process, whoever takes orders.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// If it is gone.
    pub fn signal(&self, signal: Signal) {
        kill(self.own(), signal).expect("a process that is there");
    }

    fn own(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process's number"))
    }

    /// Stops it, and waits until it has stopped.
    ///
    /// # Panics
    /// If it can't be.
    pub fn stop(&self) {
        self.signal(Signal::SIGSTOP);
        let path = format!("/proc/{}/stat", self.pid());
        // `T` behind the name: stopped.
        while !std::fs::read_to_string(&path).expect("its status").contains(") T ") {
            std::thread::yield_now();
        }
    }

    /// Gives it an order, lets it make so many steps, and leaves it there: a step ends before or behind a system call. Whether it
    /// made them all: not if it waits for the next order. `None` if it may not be traced.
    ///
    /// # Panics
    /// If it is gone.
    pub fn step(&mut self, order: &str, steps: usize) -> Option<bool> {
        if let Err(error) = ptrace::attach(self.own()) {
            eprintln!("==== SKIPPED: this process may not trace its children: {error} ====");
            return None;
        }
        waitpid(self.own(), None).expect("a process that stops");
        self.tell(order);
        for _ in 0..steps {
            ptrace::syscall(self.own(), None).expect("a process that is traced");
            let began = Instant::now();
            // An answer and no step for so long: it has nothing more to do.
            while waitpid(self.own(), Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive) {
                if began.elapsed() > Duration::from_millis(200) && self.answers.try_recv().is_ok() {
                    return Some(false);
                }
                std::thread::sleep(Duration::from_micros(20));
            }
        }
        Some(true)
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Kills the first process, and waits for its end. Those that it forked live on.
    ///
    /// # Panics
    /// If it can't be waited for.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().expect("a process that ends");
    }

    /// Kills the processes that it forked, and waits until they are gone.
    pub fn kill_forks(&mut self) {
        for pid in self.forks.drain(..) {
            let _ = kill(pid, Signal::SIGKILL);
            // Whoever inherited it waits for it; that takes a moment. Until then it is a zombie, which holds nothing.
            let path = format!("/proc/{pid}/stat");
            while std::fs::read_to_string(&path).is_ok_and(|stat| !stat.contains(") Z ")) {
                std::thread::yield_now();
            }
        }
    }

    /// Waits for its end: the signal that ended it, or `None`.
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

/// Sends a descriptor as it is, the description behind it included: what `Region::send` never does.
///
/// # Panics
/// If the system refuses.
pub fn send_descriptor(socket: &UnixStream, descriptors: &[RawFd]) {
    send_beside(b"x", socket, descriptors);
}

/// Sends descriptors, or none, beside these bytes: what `Region::send` sends travels beside an `R`.
///
/// # Panics
/// If the system refuses.
pub fn send_beside(bytes: &[u8], socket: &UnixStream, descriptors: &[RawFd]) {
    let rights = [ControlMessage::ScmRights(descriptors)];
    let rights = if descriptors.is_empty() { &[][..] } else { &rights };
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(bytes)], rights, MsgFlags::empty(), None).expect("sent");
}

/// Receives a descriptor as it is.
///
/// # Panics
/// If none comes.
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
    // SAFETY: the system has just made it for this process, and nobody else has its number.
    unsafe { File::from_raw_fd(rights.expect("a descriptor")) }.into()
}
