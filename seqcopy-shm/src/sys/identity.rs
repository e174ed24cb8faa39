//! [`Identity`]: what a writer records about itself in the region. Each system has the calls in its module `process`.

/// The start time of a writer that has stopped writing. No process started then.
pub(crate) const NO_MORE: u64 = u64::MAX;

/// What a writer records about itself in the region: hints, which a hostile peer may have made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The process id.
    pub(crate) pid: u32,
    /// When it started, in the system's unit (`began` of `Process`), so that a later process with the same id is told
    /// apart. 0 if not known, [`NO_MORE`] after it has stopped writing.
    pub(crate) began: u64,
    /// The namespaces to which the process id and the start time belong. 0 if not known.
    pub(crate) space: u64,
}

/// Whether a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessState {
    /// The process runs.
    Runs,
    /// The process has ended.
    Ended,
    /// It can't be known.
    Unknown,
}
