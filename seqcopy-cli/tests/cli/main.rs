//! The command `seqcopy`, as a user runs it.

#![cfg(all(unix, target_pointer_width = "64", not(miri)))] // starts programs

#[cfg(target_os = "linux")] // the C library
mod c;
#[cfg(target_os = "linux")] // the C library
mod c_maps;
#[cfg(target_os = "linux")] // the C library
mod c_types;
mod commands;
#[cfg(target_os = "linux")] // the C library
mod compiler;
#[cfg(target_os = "linux")] // names of shared memory objects
mod complete;
mod described;
#[cfg(target_os = "linux")] // the C library
mod devices;
mod diffs;
#[cfg(target_os = "linux")] // the C library
mod direct;
mod faults;
#[cfg(target_os = "linux")] // the C library
mod grown;
#[cfg(target_os = "linux")] // the C library
mod handles;
#[cfg(target_os = "linux")] // the C library
mod library;
mod limits;
#[cfg(target_os = "linux")] // elsewhere there is no list of locks
mod locks;
#[cfg(target_os = "linux")] // names of processes, and memfds
mod looking;
mod maps;
#[cfg(target_os = "linux")] // the C library
mod namesakes;
#[cfg(target_os = "linux")] // locks of open file descriptions
mod reader;
#[cfg(target_os = "linux")] // a limit on files, by a shell
mod recording;
#[cfg(target_os = "linux")] // locks of open file descriptions
mod replaying;
#[cfg(target_os = "linux")] // the C library
mod rules;
#[cfg(target_os = "linux")] // the C library
mod script;
#[cfg(target_os = "linux")] // the C library
mod slices;
#[cfg(target_os = "linux")] // the C library
mod traces;
#[cfg(target_os = "linux")] // names of processes
mod transcripts;
#[cfg(target_os = "linux")] // a process that survives it
mod truncated;
mod watching;
#[cfg(target_os = "linux")] // by the library in C
mod writer;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::{Options, Writer};

/// The value in the regions of these tests.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Pose {
    moving: bool,
    at: u64,
    position: [f64; 3],
    mode: Mode,
    legs: [Leg; 2],
    target: SeqOption<f32>,
    reach: Reach,
    name: [u8; 8],
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    Idle,
    Walking,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Leg {
    joint: u8,
    angle: f32,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C, u8)]
enum Reach {
    Nothing,
    Box { width: f32, height: f32 },
}

fn pose() -> Pose {
    Pose {
        moving: true,
        at: 7,
        position: [0.5, -1.0, 1e300],
        mode: Mode::Walking,
        legs: [Leg { joint: 1, angle: 0.1 }, Leg { joint: 2, angle: 0.2 }],
        target: Some(2.5).into(),
        reach: Reach::Box { width: 1.0, height: 2.0 },
        name: *b"anymal\0\0",
    }
}

/// A path for one test, where nothing is left at its end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Place(dir.join(format!("seqcopy-cli-{}-{number}", std::process::id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a name of ASCII")
    }

    /// A region with one value.
    fn with<T: Validate + 'static>(buffers: u32, value: T) -> (Self, Writer<T>) {
        let place = Place::new();
        let mut writer = Options::new().buffers(buffers).create(&place.0).expect("a new region");
        writer.write(value).expect("no fork");
        (place, writer)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Some tests have removed it.
        let _ = if self.0.is_dir() { std::fs::remove_dir_all(&self.0) } else { std::fs::remove_file(&self.0) };
    }
}

/// The number of rounds of a test: the whole number in the daily run (`ci/daily.sh`), a tenth of it otherwise.
#[cfg(target_os = "linux")] // for tests of the C library
fn rounds(all: u64) -> u64 {
    if std::env::var_os("SEQCOPY_LONG").is_some() { all } else { all / 10 }
}

fn seqcopy(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seqcopy")).args(arguments).output().expect("the command starts")
}

/// What it says to another user, who sees fewer processes and files; `None` where this is not root, which alone can
/// become one.
#[cfg(target_os = "linux")] // by the tests of `locks` and of `list`
fn as_another_user(arguments: &[&str]) -> Option<Output> {
    use std::os::unix::process::CommandExt;
    if !rustix::process::geteuid().is_root() {
        compiler::skipped("the command of another user: only root can become one");
        return None;
    }
    Some(Command::new(env!("CARGO_BIN_EXE_seqcopy")).args(arguments).uid(12345).output().expect("the command starts"))
}

/// What it prints on success.
#[track_caller]
fn shows(arguments: &[&str]) -> String {
    let output = seqcopy(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), error.as_ref()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn shows_json(arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&shows(arguments)).expect("JSON")
}

/// Asks until the answer is the expected one.
#[track_caller]
fn until<T: std::fmt::Debug>(ask: impl Fn() -> T, is_expected: impl Fn(&T) -> bool) -> T {
    let began = Instant::now();
    loop {
        let answer = ask();
        if is_expected(&answer) {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{answer:?}");
    }
}

/// The one line that it prints on failure.
#[track_caller]
fn refuses(arguments: &[&str]) -> String {
    let output = seqcopy(arguments);
    let error = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    assert_eq!(error.matches('\n').count(), 1, "{arguments:?}: {error}");
    assert!(error.starts_with("seqcopy: ") && !error.contains("panicked"), "{arguments:?}: {error}");
    error.trim_end().to_owned()
}

use seqcopy_harness as _;
