//! Whether the process that has recorded itself in a region still runs.

use std::io::{Error, Result};
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, FILETIME, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    WaitForSingleObject,
};

use super::call::{done, is};
pub(crate) use super::user::{ROOT, User, effective_user, name as user_name};
pub(crate) use crate::sys::identity::{Identity, NO_MORE, ProcessState};

/// All processes of this system see the same process ids.
const SPACE: u64 = 1;

impl Identity {
    /// This process.
    pub(crate) fn own() -> Identity {
        // SAFETY: a constant that stands for this process (I4 private).
        let own = unsafe { GetCurrentProcess() };
        Identity { pid: std::process::id(), began: began(own).unwrap_or(0), space: SPACE }
    }

    /// Whether the recorded process still runs.
    pub(crate) fn state(&self) -> ProcessState {
        if self.space != SPACE || self.pid == 0 || self.began == NO_MORE {
            return ProcessState::Unknown;
        }
        match running(self.pid) {
            Ok(None) => ProcessState::Ended,
            Ok(Some(began)) if began == self.began => ProcessState::Runs,
            Ok(Some(_)) if self.began != 0 => ProcessState::Ended,
            // A process of another user, of which nothing is told.
            _ => ProcessState::Unknown,
        }
    }
}

/// When a process started, in steps of 100 ns.
fn began(process: RawHandle) -> Result<u64> {
    let mut times = [FILETIME::default(); 4];
    let [created, exited, kernel, user] = times.each_mut();
    // SAFETY: an open handle, and places for four times (I4 private).
    done(unsafe { GetProcessTimes(process, created, exited, kernel, user) })?;
    Ok(u64::from(times[0].dwHighDateTime) << 32 | u64::from(times[0].dwLowDateTime))
}

/// The start time of the process with that id. `None` if there is no such process, or it has ended.
fn running(pid: u32) -> Result<Option<u64>> {
    // SAFETY: has no conditions (I4 private).
    let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, pid) };
    if process.is_null() {
        let error = Error::last_os_error();
        let is_unused = is(&error, ERROR_INVALID_PARAMETER);
        return if is_unused { Ok(None) } else { Err(error) };
    }
    // SAFETY: opened above, and nothing else has it (I4 private).
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    // The locks of a process are released before this object is signalled.
    // SAFETY: an open handle (I4 private).
    if unsafe { WaitForSingleObject(process.as_raw_handle(), 0) } == WAIT_OBJECT_0 {
        return Ok(None);
    }
    began(process.as_raw_handle()).map(Some)
}

/// Whether the system hides its processes.
pub(crate) fn is_hidden() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_id_and_start_time() {
        let own = Identity::own();
        assert!(own.began != 0, "{own:?}");
        assert_eq!(own.state(), ProcessState::Runs);
        assert_eq!(Identity { began: own.began + 1, ..own }.state(), ProcessState::Ended);
        for other in [Identity { began: NO_MORE, ..own }, Identity { began: 0, ..own }, Identity { space: 0, ..own }] {
            assert_eq!(other.state(), ProcessState::Unknown);
        }
        // Process ids of this system are divisible by 4.
        assert_eq!(Identity { pid: u32::MAX, ..own }.state(), ProcessState::Ended);
        assert_eq!(Identity { pid: 0, ..own }.state(), ProcessState::Unknown);
    }
}
