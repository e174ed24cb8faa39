//! Processes: this program in another role, started and killed.

use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

/// Says to the parent what became of the start: `ok`, or why it failed.
pub(crate) fn announce(words: &str) {
    // In case the parent dies before it kills this process.
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("a process with a parent");
    println!("{words}");
    std::io::stdout().flush().expect("a parent that listens");
}

/// Starts this program in another role, and waits until it is ready; returns its message if it fails.
pub(crate) fn start(role: &str, path: &Path, from: u64) -> Result<Child, String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([role.as_ref(), path.as_os_str()])
        .arg(from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts");
    let mut said = [0; 3];
    let mut stdout = child.stdout.take().expect("a pipe");
    let _ = stdout.read_exact(&mut said);
    if said == *b"ok\n" {
        return Ok(child);
    }
    let mut rest = String::new();
    let _ = stdout.read_to_string(&mut rest);
    let _ = child.wait();
    Err(format!("{}{rest}", said.escape_ascii()))
}

/// Ends a process by SIGKILL. Returns whether it was still running.
pub(crate) fn kill(mut child: Child) -> bool {
    let lived = child.try_wait().expect("a process").is_none();
    let _ = child.kill();
    child.wait().expect("a process that ends");
    lived
}
