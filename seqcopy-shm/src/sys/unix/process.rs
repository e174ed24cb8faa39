//! Whether the process that has recorded itself in a region still runs, and whether that can be known.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

pub(crate) use crate::sys::identity::{Identity, NO_MORE, ProcessState};

impl Identity {
    /// This process. Reads `/proc` if there is one, so it is called before the lock is taken.
    pub(crate) fn own() -> Identity {
        let began = system::own().map_or(0, |own| own.began);
        Identity { pid: std::process::id(), began, space: system::space() }
    }

    /// Whether the recorded process still runs.
    pub(crate) fn state(&self) -> ProcessState {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        match pid {
            Some(pid) if self.began != NO_MORE => self.state_of(pid),
            _ => ProcessState::Unknown,
        }
    }

    fn state_of(&self, pid: Pid) -> ProcessState {
        let is_ours = self.space == system::space();
        match system::process(pid) {
            // Even if neither process knows its namespaces, the same start time is no coincidence.
            Some(process) if is_ours && process.began == self.began && self.began != 0 => {
                if process.has_ended {
                    ProcessState::Ended
                } else {
                    ProcessState::Runs
                }
            }
            // In another namespace the id belongs to another process, or to none.
            _ if !is_ours || self.space == 0 => ProcessState::Unknown,
            _ if is_unused(pid) => ProcessState::Ended,
            // If the system shows the namespace of this process, the id was given to another process.
            Some(_) if self.began != 0 && system::is_own_table() => ProcessState::Ended,
            // The system hides the process (`hidepid`, another user), or can't be asked, because `/proc` is not mounted
            // or no descriptor is left.
            _ => ProcessState::Unknown,
        }
    }
}

/// The system's information about a process.
struct Process {
    /// When it started. On Linux in ticks since the system booted, otherwise in microseconds since 1970.
    began: u64,
    has_ended: bool,
}

/// Whether no process in this process's namespace has that id.
fn is_unused(pid: Pid) -> bool {
    // A system call that needs neither `/proc` nor a free descriptor.
    test_kill_process(pid) == Err(Errno::SRCH)
}

/// Whether the system has a `/proc` that is not mounted.
pub(crate) fn is_hidden() -> bool {
    cfg!(any(target_os = "linux", target_os = "android")) && !std::path::Path::new("/proc/self").exists()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::fs;
    use std::string::String;

    use rustix::fs::{readlink, stat};
    use rustix::process::Pid;

    use super::Process;

    /// The namespaces of this process on which process ids and start times depend, as one number. 0 if not known.
    pub(super) fn space() -> u64 {
        // This needs no descriptor. A system without time namespaces has the same time for all processes.
        let number = |path: &str| stat(path).map_or(0, |stat| stat.st_ino);
        match number("/proc/thread-self/ns/pid") {
            0 => 0,
            pids => pids << 32 | (number("/proc/thread-self/ns/time") & 0xffff_ffff),
        }
    }

    pub(super) fn own() -> Option<Process> {
        status("self")
    }

    pub(super) fn process(pid: Pid) -> Option<Process> {
        status(&std::format!("{}", pid.as_raw_nonzero()))
    }

    fn status(process: &str) -> Option<Process> {
        // The name consists of bytes, not UTF-8, because the system truncates program names, perhaps in the middle of a
        // character.
        let stat = fs::read(std::format!("/proc/{process}/stat")).ok()?;
        let stat = String::from_utf8_lossy(&stat);
        // The name may contain anything. After it come the state and then fields 4 and so on (proc_pid_stat(5)).
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?;
        let threads: u64 = fields.nth(20 - 4)?.parse().ok()?;
        let began = fields.nth(22 - 21)?.parse().ok()?;
        // A zombie holds no lock. But if the first thread ends before the others, the process continues, and has the
        // status of that thread.
        Some(Process { began, has_ended: matches!(state, "Z" | "X") && threads <= 1 })
    }

    /// Whether `/proc` shows the namespace of this process, not a parent namespace.
    pub(super) fn is_own_table() -> bool {
        let number = std::format!("{}", std::process::id());
        readlink("/proc/self", std::vec::Vec::new()).is_ok_and(|to| to.as_bytes() == number.as_bytes())
    }
}

/// Uses a call that asks for one process. There are no namespaces, and a jail hides the processes of others.
#[cfg(any(target_os = "macos", target_os = "freebsd"))]
mod system {
    use core::mem::{MaybeUninit, size_of};

    use nix::libc;
    use rustix::process::Pid;

    use super::Process;

    pub(super) fn space() -> u64 {
        1
    }

    pub(super) fn own() -> Option<Process> {
        process(rustix::process::getpid())
    }

    pub(super) fn is_own_table() -> bool {
        true
    }

    /// `proc_pidinfo` of libproc.h. Its third argument includes processes that have ended.
    #[cfg(target_os = "macos")]
    pub(super) fn process(pid: Pid) -> Option<Process> {
        let mut info = MaybeUninit::<libc::proc_bsdinfo>::uninit();
        let size = libc::c_int::try_from(size_of::<libc::proc_bsdinfo>()).ok()?;
        let place = info.as_mut_ptr().cast();
        // SAFETY: a local of as many bytes (I4 private).
        let stored = unsafe { libc::proc_pidinfo(pid.as_raw_pid(), libc::PROC_PIDTBSDINFO, 1, place, size) };
        if stored != size {
            return None;
        }
        // SAFETY: the system has stored all of its bytes, which are numbers (P4 uninit).
        let info = unsafe { info.assume_init() };
        let began = info.pbi_start_tvsec.wrapping_mul(1_000_000).wrapping_add(info.pbi_start_tvusec);
        Some(Process { began, has_ended: info.pbi_status == libc::SZOMB })
    }

    /// `kern.proc.pid` of sysctl(3).
    #[cfg(target_os = "freebsd")]
    pub(super) fn process(pid: Pid) -> Option<Process> {
        /// `SZOMB` of sys/proc.h.
        const ENDED: libc::c_char = 5;
        let name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, pid.as_raw_pid()];
        let mut info = MaybeUninit::<libc::kinfo_proc>::zeroed();
        let mut stored = size_of::<libc::kinfo_proc>();
        let place = info.as_mut_ptr().cast();
        // SAFETY: the name of what is asked for, and a local of as many bytes (I4 private).
        let done = unsafe { libc::sysctl(name.as_ptr(), 4, place, &raw mut stored, core::ptr::null(), 0) };
        // SAFETY: numbers, and addresses as such: zeros, and what the system has stored, are some (P4 uninit).
        let info = unsafe { info.assume_init() };
        // Another version of the system may have another size.
        if done != 0 || stored != size_of::<libc::kinfo_proc>() || info.ki_structsize.unsigned_abs() as usize != stored
        {
            return None;
        }
        #[allow(clippy::cast_sign_loss)] // since 1970
        let began = (info.ki_start.tv_sec as u64).wrapping_mul(1_000_000).wrapping_add(info.ki_start.tv_usec as u64);
        Some(Process { began, has_ended: info.ki_stat == ENDED })
    }
}

/// For systems where a process can't be examined. A lock is held or not.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "freebsd")))]
mod system {
    use rustix::process::Pid;

    use super::Process;

    pub(super) fn space() -> u64 {
        0
    }

    pub(super) fn own() -> Option<Process> {
        None
    }

    pub(super) fn process(_: Pid) -> Option<Process> {
        None
    }

    pub(super) fn is_own_table() -> bool {
        false
    }
}

/// The number of a user.
pub(crate) type User = u32;

/// The superuser.
pub(crate) const ROOT: User = 0;

/// The user's name in messages.
pub(crate) fn user_name(user: User) -> String {
    std::format!("user {user}")
}

/// The effective user of this process.
pub(crate) fn effective_user() -> User {
    rustix::process::geteuid().as_raw()
}

#[cfg(all(test, target_os = "linux", not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_id_start_time_and_namespace() {
        let own = Identity::own();
        assert!(own.began != 0 && own.space != 0, "{own:?}");
        assert_eq!(own.state(), ProcessState::Runs);
        // The id was given to another process.
        assert_eq!(Identity { began: own.began + 1, ..own }.state(), ProcessState::Ended);
        // A process that has stopped writing, and a writer that could not read its own start time.
        assert_eq!(Identity { began: NO_MORE, ..own }.state(), ProcessState::Unknown);
        assert_eq!(Identity { began: 0, ..own }.state(), ProcessState::Unknown);
        for space in [0, own.space + 1, own.space ^ (1 << 32)] {
            assert_eq!(Identity { space, ..own }.state(), ProcessState::Unknown);
            assert_eq!(Identity { space, pid: i32::MAX.unsigned_abs(), ..own }.state(), ProcessState::Unknown);
        }
        // No system assigns these ids.
        assert_eq!(Identity { pid: i32::MAX.unsigned_abs(), ..own }.state(), ProcessState::Ended);
        for pid in [0, u32::MAX] {
            assert_eq!(Identity { pid, ..own }.state(), ProcessState::Unknown);
        }
    }

    /// A program may have any name, even one that looks like the end of a name and the state of a process that has
    /// ended.
    #[test]
    #[cfg_attr(miri, ignore = "starts a program")]
    fn the_name_of_a_program_says_nothing() {
        let folder = std::env::temp_dir().join(std::format!("seqcopy-names-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["a) Z 1 1 1", "b (X", ") X 0", "c) S 1 1 1 0 -1 0"] {
            let program = folder.join(name);
            std::os::unix::fs::symlink("/bin/sleep", &program).unwrap();
            let mut child = std::process::Command::new(&program).arg("60").spawn().unwrap();
            let own = Identity::own();
            let began = loop {
                // Waits until the program has its name.
                let stat = std::fs::read_to_string(std::format!("/proc/{}/stat", child.id())).unwrap();
                if stat.contains(&name[..name.len().min(15)]) {
                    break stat.rsplit(')').next().unwrap().split_ascii_whitespace().nth(19).unwrap().parse().unwrap();
                }
                std::thread::yield_now();
            };
            let theirs = Identity { pid: child.id(), began, ..own };
            assert_eq!(theirs.state(), ProcessState::Runs, "{name}");
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(theirs.state(), ProcessState::Ended, "{name}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
