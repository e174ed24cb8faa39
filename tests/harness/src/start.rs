//! Before `main`, and after it.

use std::sync::OnceLock;
use std::time::Duration;

use nix::libc;

use crate::left::Left;
use crate::limit;

/// What there was before the first test.
struct Before {
    /// A forked process, which is a copy of a test, is not asked.
    process: u32,
    left: Left,
}

static BEFORE: OnceLock<Before> = OnceLock::new();

#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

extern "C" fn start() {
    // Other programs are linked with what tests use, too: the processes that these start. Cargo has those of tests in
    // `deps`.
    let program = std::env::current_exe().unwrap_or_default();
    if program.parent().is_none_or(|folder| !folder.ends_with("deps")) {
        return;
    }
    limit::start();
    let _ = BEFORE.set(Before { process: std::process::id(), left: Left::now() });
    // SAFETY: a function that may be called once `main` has ended, when all tests have.
    unsafe { libc::atexit(end) };
}

/// What is left must be so before a second is over: the system removes a thread after others have seen its end.
const DEADLINE: Duration = Duration::from_secs(1);

extern "C" fn end() {
    let Some(before) = BEFORE.get().filter(|before| before.process == std::process::id()) else { return };
    let mut more = Left::now().beyond(&before.left);
    let until = std::time::Instant::now() + DEADLINE;
    while !more.is_empty() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
        more = Left::now().beyond(&before.left);
    }
    if !more.is_empty() {
        eprintln!("error: the tests of this program have left:\n    {}", more.join("\n    "));
        // SAFETY: ends the program, as libtest does where a test has failed.
        unsafe { libc::_exit(101) };
    }
}
