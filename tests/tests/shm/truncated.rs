//! `survive_truncation`: what every call says of a region that lost its pages, what becomes of other signals, and that
//! no process dies or takes zeros for a value while files are truncated. Each test runs in a process of its own, which
//! installs the handler.

mod calls;
mod handlers;
#[cfg(target_env = "gnu")] // whose `sigaction` has a second name
mod installs;
mod races;

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::libc;

const CASE: &str = "SEQCOPY_TRUNCATED";

/// How the process of a test is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Exit(i32),
    Killed(i32),
}

/// Runs the rest of a test, which is named by its path, in a process of its own.
#[track_caller]
fn alone(test: &str, expected: End, body: impl FnOnce()) {
    if std::env::var(CASE).is_ok_and(|case| case == test) {
        // A fault that is repeated forever would never end. The long form takes half an hour.
        let limit = if seqcopy_tests::is_long() { 3600 } else { 120 };
        nix::unistd::alarm::set(limit);
        return body();
    }
    let exe = std::env::current_exe().expect("this program");
    let path = format!("truncated::{test}");
    let mut command = Command::new(exe);
    command.args([&path, "--exact", "--nocapture"]).env(CASE, test).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let own = format!("seqcopy-faults-{}-", child.id());
    let output = child.wait_with_output().expect("it ends");
    // One that was killed could not remove its places.
    for place in std::fs::read_dir("/dev/shm").expect("shared memory").flatten() {
        if place.file_name().to_string_lossy().starts_with(&own) {
            let _ = std::fs::remove_dir_all(place.path());
        }
    }
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let end = match (output.status.code(), output.status.signal()) {
        (Some(0), _) => End::Passed,
        (Some(code), _) => End::Exit(code),
        (None, signal) => End::Killed(signal.expect("one of both")),
    };
    assert_eq!(end, expected, "{text}");
    assert!(end != End::Passed || text.contains("1 passed"), "{path}: {text}");
}

const SIGBUS: End = End::Killed(libc::SIGBUS);

/// Truncates a file.
fn truncate(path: &Path, len: u64) {
    File::options().write(true).open(path).expect("a file").set_len(len).expect("a length");
}
