//! `seqcopy locks`: which processes hold a lock that keeps writers out.
//!
//! The lock belongs to an open file description, not to a process, so neither `lslocks` nor `/proc/locks` names one.
//! What the system does list is the locks of each descriptor's description, process by process (`proc_pid_fdinfo(5)`).

use std::fs::Metadata;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{fs, io};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::columns::printable;
use super::region::{Failure, name_of};
use super::{show, to_json};

/// A descriptor whose description holds the lock.
#[derive(Serialize)]
struct Lock {
    pid: u32,
    name: String,
    descriptor: u32,
    /// `read` or `write`.
    kind: &'static str,
}

/// The locks that this user may see, and how many processes this user may not examine.
#[derive(Default)]
struct Found {
    locks: Vec<Lock>,
    hidden: usize,
}

/// The result that both looks agree on. If a lock was taken or released between them, looks again.
fn both(mut held: impl FnMut() -> Held, mut find: impl FnMut() -> io::Result<Found>) -> io::Result<(Found, Held)> {
    for _ in 0..2 {
        let (held, found) = (held(), find()?);
        if found.locks.is_empty() == (held == Held::No) {
            return Ok((found, held));
        }
    }
    let held = held();
    Ok((find()?, held))
}

/// Prints the locks. Returns whether the answer is complete. It is not if a lock is held and no holder was found.
pub(super) fn locks(path: &Path, as_json: bool, out: &mut impl Write) -> Result<bool, Failure> {
    let file = fs::metadata(path).map_err(|error| Failure::at(path, format!("cannot look it up: {error}")))?;
    let (found, held) = both(|| is_held(path, &file), || find(&file)).map_err(|error| {
        Failure::at(path, format!("cannot list the descriptors of all processes in /proc: {error}"))
    })?;
    let is_whole = !found.locks.is_empty() || held == Held::No;
    if as_json {
        let mut object = show::path(path);
        object["locks"] = json!(found.locks);
        object["held"] = match held {
            Held::Unknown if found.locks.is_empty() => Json::Null,
            _ => json!(!found.locks.is_empty() || held != Held::No),
        };
        object["hidden_processes"] = json!(found.hidden);
        to_json::write(out, &object, true)?;
        return Ok(is_whole);
    }
    for Lock { pid, name, descriptor, kind } in &found.locks {
        writeln!(out, "process {pid} ({}) holds a {kind} lock, by descriptor {descriptor}", printable(name))?;
    }
    let processes = if found.hidden == 1 { "process" } else { "processes" };
    let hidden = format!("{} {processes} could not be inspected: run this command as root", found.hidden);
    if is_whole {
        if found.locks.is_empty() {
            writeln!(out, "no process holds a lock")?;
        } else if found.hidden > 0 {
            writeln!(out, "{hidden} to see all locks")?;
        }
        return Ok(true);
    }
    let found_none = match held {
        Held::For(kind) => format!("a {kind} lock is held, and its holder is not visible here"),
        _ => "no holder was found, and a user that may not read the file can't find out whether a lock is held"
            .to_owned(),
    };
    let why = if !sees_itself() {
        "`/proc` does not show this process: mount it".to_owned()
    } else if found.hidden > 0 {
        hidden
    } else {
        "it runs in another PID namespace, as in a container, or `/proc` hides it: run this command as root outside of all containers"
            .to_owned()
    };
    Err(Failure::at(path, format!("{found_none}: {why}")))
}

/// Whether a lock is held that conflicts with a writer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    // what can't be asked is not known
    For(&'static str),
    No,
    /// The file can't be opened, or the system has no such query.
    Unknown,
}

/// Asks the system, which knows the locks of all processes, even of those that this user may not see.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_held(path: &Path, file: &Metadata) -> Held {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, flock};

    // Opening a device may have effects.
    let opened = if file.is_file() { fs::File::open(path).ok() } else { None };
    let Some(opened) = opened else { return Held::Unknown };
    // The writer's byte.
    #[allow(clippy::cast_possible_truncation)] // small constants
    let mut lock = flock { l_type: F_WRLCK as i16, l_whence: SEEK_SET as i16, l_start: 0, l_len: 1, l_pid: 0 };
    match fcntl(&opened, FcntlArg::F_OFD_GETLK(&mut lock)).map(|_| c_int::from(lock.l_type)) {
        Ok(F_UNLCK) => Held::No,
        Ok(F_RDLCK) => Held::For("read"),
        Ok(_) => Held::For("write"),
        Err(_) => Held::Unknown,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_held(_: &Path, _: &Metadata) -> Held {
    Held::Unknown
}

/// Whether `/proc` exists, and belongs to the PID namespace of this process.
fn sees_itself() -> bool {
    fs::read_link("/proc/self").is_ok_and(|own| own.as_os_str() == &*std::process::id().to_string())
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
        if let Some(kind) = info.lines().find_map(kind) {
            locks.push(Lock { pid, name: name_of(pid).unwrap_or_default(), descriptor, kind });
        }
    }
    Ok(locks)
}

/// The kind of a lock in a line of `fdinfo`, if the lock covers the first byte, so that it conflicts with a writer's.
fn kind(line: &str) -> Option<&'static str> {
    let mut fields = line.strip_prefix("lock:")?.split_ascii_whitespace().skip(1);
    // Locks of `flock(2)` and of `fcntl(2)` don't conflict.
    let _ = fields.next().filter(|class| matches!(*class, "OFDLCK" | "POSIX"))?;
    let kind = match fields.nth(1)? {
        "READ" => "read",
        "WRITE" => "write",
        _ => return None,
    };
    fields.nth(2).filter(|first| *first == "0").map(|_| kind)
}

#[cfg(test)]
mod tests {
    use super::{Found, Held, Lock, both, kind};

    /// The results of each pair of looks, until they agree. The number of pairs, and the answer.
    #[test]
    fn looks_that_do_not_agree_are_repeated() {
        let held = Held::For("write");
        for (looks, pairs, answer) in [
            (&[(held, 1), (Held::No, 0)][..], 1, (1, held)),
            (&[(Held::No, 0), (held, 1)], 1, (0, Held::No)),
            (&[(Held::No, 1), (held, 1), (Held::No, 0)], 2, (1, held)),
            (&[(held, 0), (Held::No, 1), (Held::No, 0), (held, 1)], 3, (0, Held::No)),
            (&[(held, 0), (held, 0), (held, 0), (held, 1)], 3, (0, held)),
        ] {
            let (mut is_held, mut found) = (looks.iter(), looks.iter());
            let find = || {
                let lock = || Lock { pid: 1, name: String::new(), descriptor: 3, kind: "write" };
                Ok(Found { locks: (0..found.next().unwrap().1).map(|_| lock()).collect(), hidden: 0 })
            };
            let (all, last) = both(|| is_held.next().unwrap().0, find).unwrap();
            assert_eq!((looks.len() - is_held.len(), looks.len() - found.len()), (pairs, pairs));
            assert_eq!((all.locks.len(), last), answer);
        }
        assert!(both(|| held, || Err(std::io::Error::other("no /proc"))).is_err());
    }

    #[test]
    fn locks_over_the_first_byte_count() {
        assert_eq!(kind("lock:\t1: OFDLCK  ADVISORY  READ -1 00:1b:12 0 0"), Some("read"));
        assert_eq!(kind("lock:\t2: OFDLCK  ADVISORY  WRITE -1 00:1b:12 0 EOF"), Some("write"));
        assert_eq!(kind("lock:\t1: POSIX  ADVISORY  WRITE 77 00:1b:12 0 9"), Some("write"));
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
