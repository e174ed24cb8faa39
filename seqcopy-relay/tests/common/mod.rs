//! Programs that are started, and killed.

#![allow(dead_code)] // each test uses some of it

pub mod samples;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const RELAY: &str = env!("CARGO_BIN_EXE_seqcopy-relay");

/// A program, killed on drop.
pub struct Program {
    child: Child,
    /// The last number that it has printed; 0 for none.
    pub number: Arc<AtomicU64>,
    /// The last line.
    pub line: Arc<Mutex<String>>,
}

impl Program {
    fn start(command: &mut Command) -> Program {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (number, line) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(String::new())));
        let (newest, last, out) =
            (Arc::clone(&number), Arc::clone(&line), BufReader::new(child.stdout.take().unwrap()));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                newest.store(line.parse().unwrap_or(0), Relaxed);
                *last.lock().unwrap() = line;
            }
        });
        Program { child, number, line }
    }

    /// The relay itself.
    pub fn relay(arguments: &[&str]) -> Program {
        Program::start(Command::new(RELAY).args(arguments))
    }

    /// The relay itself, in a network namespace.
    pub fn relay_in(namespace: &str, arguments: &[&str]) -> Program {
        Program::start(Command::new("ip").args(["netns", "exec", namespace, RELAY]).args(arguments))
    }

    /// The relay itself, and the lines of its standard error.
    pub fn relay_with_errors(arguments: &[&str]) -> (Program, impl Iterator<Item = String>) {
        let mut program = Program::start(Command::new(RELAY).args(arguments).stderr(Stdio::piped()));
        let errors = BufReader::new(program.child.stderr.take().unwrap());
        (program, errors.lines().map_while(Result::ok))
    }

    /// `examples/peer.rs`.
    pub fn peer(arguments: &[&str]) -> Program {
        let peer = Path::new(RELAY).with_file_name("examples").join("peer");
        Program::start(Command::new(peer).args(arguments))
    }

    /// The most memory that it had, in KiB.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// At how many addresses of TCP it listens, by what the system has of its descriptors.
    pub fn listens(&self) -> usize {
        let process = format!("/proc/{}", self.child.id());
        let links =
            std::fs::read_dir(format!("{process}/fd")).unwrap().flatten().map(|entry| std::fs::read_link(entry.path()));
        let sockets: Vec<_> = links.flatten().map(|link| link.to_string_lossy().into_owned()).collect();
        let all = ["tcp", "tcp6"].map(|of| std::fs::read_to_string(format!("{process}/net/{of}")).unwrap_or_default());
        let listens = |line: &&str| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.get(3) == Some(&"0A")
                && words.get(9).is_some_and(|inode| sockets.contains(&format!("socket:[{inode}]")))
        };
        all.iter().flat_map(|all| all.lines()).filter(listens).count()
    }

    /// Fails if it has ended by itself.
    pub fn assert_runs(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "{ended:?}, and the last line was {:?}", self.line.lock().unwrap());
    }

    pub fn kill(&mut self) {
        self.assert_runs();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says that something is not tested on this machine. With `SEQCOPY_NO_SKIP`, for machines that can have every tool
/// (`ci/lib.sh`), it fails. Not that of `seqcopy_tests`, whose tests have to end every thread: zenoh keeps its own.
pub fn skipped(what: &str) {
    println!("==== SKIPPED: {what} ====");
    assert!(std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty()), "skipped: {what}");
}

/// The exit code of the relay, which ends by itself, and its standard error.
pub fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(RELAY).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// An endpoint of this machine that is free.
pub fn endpoint() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("tcp/127.0.0.1:{port}")
}

/// A path for a region, removed on drop.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new(name: &str) -> Place {
        let path = seqcopy_shm::path_for(&format!("relay-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Place(path)
    }

    pub fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Waits until something holds; returns how long that took.
pub fn until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
    began.elapsed()
}
