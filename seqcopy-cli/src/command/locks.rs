//! `seqcopy locks`: which processes hold a lock that keeps writers out.
//!
//! The lock belongs to an open file description, not to a process, so neither `lslocks` nor `/proc/locks` names one. What the
//! system does list is the locks of each descriptor's description, process by process (`proc_pid_fdinfo(5)`).

use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::json;

use super::failure::Failure;
use super::printable::printable;
use super::{region_json, to_json};

/// A descriptor whose description holds the lock.
#[derive(Debug, PartialEq, Eq)]
struct Lock {
    pid: u32,
    name: String,
    descriptor: u32,
    is_for_writing: bool,
}

/// All of them that this user may see, and how many processes this user may not look into.
#[derive(Debug, Default)]
struct Found {
    locks: Vec<Lock>,
    hidden: usize,
}

pub(super) fn locks(path: &Path, as_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let file = fs::metadata(path).map_err(|error| Failure::at(path, format!("looking it up: {error}")))?;
    let found = find(&file)
        .map_err(|error| Failure::at(path, format!("listing the descriptors of all processes, in /proc: {error}")))?;
    if as_json {
        let lock = |lock: &Lock| {
            let kind = if lock.is_for_writing { "write" } else { "read" };
            json!({ "pid": lock.pid, "name": lock.name, "descriptor": lock.descriptor, "kind": kind })
        };
        let locks: Vec<_> = found.locks.iter().map(lock).collect();
        let mut object = region_json::path(path);
        object.insert("locks".to_owned(), json!(locks));
        object.insert("hidden_processes".to_owned(), json!(found.hidden));
        return to_json::write(out, &object, true);
    }
    for lock in &found.locks {
        let kind = if lock.is_for_writing { "writing" } else { "reading" };
        let Lock { pid, name, descriptor, .. } = lock;
        writeln!(out, "process {pid} ({}) holds a lock for {kind}, by descriptor {descriptor}", printable(name))?;
    }
    if found.locks.is_empty() {
        writeln!(out, "no process that this user may look into holds a lock")?;
    }
    if found.hidden > 0 {
        let processes = if found.hidden == 1 { "process" } else { "processes" };
        writeln!(
            out,
            "{} {processes} could not be looked into: run this command as root to see all locks",
            found.hidden
        )?;
    }
    Ok(())
}

fn find(file: &Metadata) -> io::Result<Found> {
    let mut found = Found::default();
    for process in fs::read_dir("/proc")? {
        let Ok(pid) = process?.file_name().to_string_lossy().parse() else { continue };
        match of_process(pid, file) {
            Ok(locks) => found.locks.extend(locks),
            // The process has ended in the meantime.
            Err(error) if matches!(error.raw_os_error(), Some(ESRCH)) || error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => found.hidden += 1,
        }
    }
    found.locks.sort_by_key(|lock| (lock.pid, lock.descriptor));
    Ok(found)
}

/// The error of reading the files of a process that has just ended.
const ESRCH: i32 = 3;

fn of_process(pid: u32, file: &Metadata) -> io::Result<Vec<Lock>> {
    let mut locks = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd"))? {
        let Ok(descriptor) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // A descriptor that was closed in the meantime holds nothing.
        let Ok(other) = fs::metadata(format!("/proc/{pid}/fd/{descriptor}")) else { continue };
        if (other.dev(), other.ino()) != (file.dev(), file.ino()) {
            continue;
        }
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")).unwrap_or_default();
        if let Some(is_for_writing) = info.lines().find_map(kind) {
            let name = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
            let name = String::from_utf8_lossy(&name).trim_end().to_owned();
            locks.push(Lock { pid, name, descriptor, is_for_writing });
        }
    }
    Ok(locks)
}

/// Whether the lock of a line of `fdinfo` is for writing, if it is one that conflicts with a writer's: over the first byte.
fn kind(line: &str) -> Option<bool> {
    let mut fields = line.strip_prefix("lock:")?.split_ascii_whitespace().skip(1);
    // Locks of `flock(2)` and of `fcntl(2)` don't conflict.
    let _ = fields.next().filter(|class| matches!(*class, "OFDLCK" | "POSIX"))?;
    let is_for_writing = match fields.nth(1)? {
        "READ" => false,
        "WRITE" => true,
        _ => return None,
    };
    let first = fields.nth(2)?;
    (first == "0").then_some(is_for_writing)
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn locks_over_the_first_byte_count() {
        assert_eq!(kind("lock:\t1: OFDLCK  ADVISORY  READ -1 00:1b:12 0 0"), Some(false));
        assert_eq!(kind("lock:\t2: OFDLCK  ADVISORY  WRITE -1 00:1b:12 0 EOF"), Some(true));
        assert_eq!(kind("lock:\t1: POSIX  ADVISORY  WRITE 77 00:1b:12 0 9"), Some(true));
        for none in [
            "lock:\t1: OFDLCK  ADVISORY  READ -1 00:1b:12 1 1",
            "lock:\t1: FLOCK  ADVISORY  WRITE 77 00:1b:12 0 EOF",
            "lock:\t1: OFDLCK  ADVISORY  UNLCK -1 00:1b:12 0 0",
            "lock:\t1: OFDLCK",
            "lock:",
            "flags:\t0100002",
            "",
        ] {
            assert_eq!(kind(none), None, "{none}");
        }
    }
}
