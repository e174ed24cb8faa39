//! Whether the process that noted a region still runs: what can be known of that from here, and what can't.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

/// When a writer began that has given up writing: no process did then.
pub(crate) const NO_MORE: u64 = u64::MAX;

/// What a writer leaves in the region for those who ask: hints, which a hostile peer may have made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The process's number.
    pub(crate) pid: u32,
    /// When it began, in ticks since the system did, so that another process with its number is told apart; 0 if not known,
    /// [`NO_MORE`] once it writes no more.
    pub(crate) began: u64,
    /// The namespaces in which number and beginning are meant; 0 if not known.
    pub(crate) space: u64,
}

/// What is known of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It runs.
    Runs,
    /// It has ended.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))] // only `/proc` can say so
    Ended,
    /// Neither.
    Nothing,
}

impl Identity {
    /// This process's. Reads `/proc`, where there is one: to be made before the lock is taken.
    pub(crate) fn own() -> Identity {
        let began = system::status("self").map_or(0, |status| status.began);
        Identity { pid: std::process::id(), began, space: system::space() }
    }

    /// Whether the process that noted still runs.
    pub(crate) fn look(&self) -> Known {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        match pid {
            Some(pid) if self.began != NO_MORE => system::look(self, pid),
            _ => Known::Nothing,
        }
    }
}

/// Whether there is no process of that number among those that this process can name.
fn is_nobody(pid: Pid) -> bool {
    // Answered by the system alone, whatever of `/proc` can be seen and however many descriptors are left.
    test_kill_process(pid) == Err(Errno::SRCH)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::fs;
    use std::string::String;

    use rustix::fs::{readlink, stat};
    use rustix::process::Pid;

    use super::{Identity, Known, is_nobody};

    /// What `/proc` says of a process.
    pub(super) struct Status {
        /// In ticks since the system began.
        pub(super) began: u64,
        has_ended: bool,
    }

    /// The namespaces of this process in which numbers and times are counted, as one number; 0 if not known.
    pub(super) fn space() -> u64 {
        // No descriptor is needed for this. A system without namespaces for times has one time for all.
        let number = |path: &str| stat(path).map_or(0, |stat| stat.st_ino);
        match number("/proc/thread-self/ns/pid") {
            0 => 0,
            pids => pids << 32 | (number("/proc/thread-self/ns/time") & 0xffff_ffff),
        }
    }

    pub(super) fn status(process: &str) -> Option<Status> {
        // A name is bytes: the system cuts those of programs off, in the middle of a letter if need be.
        let stat = fs::read(std::format!("/proc/{process}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // Behind the name, which may hold anything: the state, then fields 4 and so on (proc_pid_stat(5)).
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?;
        let threads: u64 = fields.nth(20 - 4)?.parse().ok()?;
        let began = fields.nth(22 - 21)?.parse().ok()?;
        // A process that was not waited for yet holds nothing any more. But its first thread may end before the others: then
        // the process goes on, under the status of the one that ended.
        Some(Status { began, has_ended: matches!(state, "Z" | "X") && threads <= 1 })
    }

    pub(super) fn look(noted: &Identity, pid: Pid) -> Known {
        let is_ours = noted.space == space();
        let status = status(&std::format!("{}", noted.pid));
        match status {
            // Where namespaces are not known on both sides, so much agreement is no accident.
            Some(status) if is_ours && status.began == noted.began && noted.began != 0 => {
                if status.has_ended {
                    Known::Ended
                } else {
                    Known::Runs
                }
            }
            // In another namespace the number is another process's, or no process's.
            _ if !is_ours || noted.space == 0 => Known::Nothing,
            _ if is_nobody(pid) => Known::Ended,
            // A number that was given out again, if these are the processes that this one can name.
            Some(_) if noted.began != 0 && is_own_table() => Known::Ended,
            // `/proc` hides it (`hidepid`), there is none here, or no descriptor is left to read it.
            _ => Known::Nothing,
        }
    }

    /// Whether `/proc` shows the namespace of this process, not one around it.
    fn is_own_table() -> bool {
        let number = std::format!("{}", std::process::id());
        readlink("/proc/self", std::vec::Vec::new()).is_ok_and(|to| to.as_bytes() == number.as_bytes())
    }
}

/// Where there is no `/proc` to rely on: a process of that number, or none that can be seen from here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use rustix::process::Pid;

    use super::{Identity, Known, is_nobody};

    pub(super) struct Status {
        pub(super) began: u64,
    }

    pub(super) fn space() -> u64 {
        0
    }

    pub(super) fn status(_: &str) -> Option<Status> {
        None
    }

    pub(super) fn look(_: &Identity, pid: Pid) -> Known {
        // In another jail the number means nothing.
        if is_nobody(pid) { Known::Nothing } else { Known::Runs }
    }
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_number_beginning_and_namespace() {
        let own = Identity::own();
        assert!(own.began != 0 && own.space != 0, "{own:?}");
        assert_eq!(own.look(), Known::Runs);
        // The number was given out again.
        assert_eq!(Identity { began: own.began + 1, ..own }.look(), Known::Ended);
        // It writes no more; and it may be a writer that could not read its own beginning.
        assert_eq!(Identity { began: NO_MORE, ..own }.look(), Known::Nothing);
        assert_eq!(Identity { began: 0, ..own }.look(), Known::Nothing);
        for space in [0, own.space + 1, own.space ^ (1 << 32)] {
            assert_eq!(Identity { space, ..own }.look(), Known::Nothing);
            assert_eq!(Identity { space, pid: i32::MAX.unsigned_abs(), ..own }.look(), Known::Nothing);
        }
        // No system gives out such numbers.
        assert_eq!(Identity { pid: i32::MAX.unsigned_abs(), ..own }.look(), Known::Ended);
        for pid in [0, u32::MAX] {
            assert_eq!(Identity { pid, ..own }.look(), Known::Nothing);
        }
    }
}
