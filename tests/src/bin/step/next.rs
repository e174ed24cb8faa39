//! [`Next`]: what is known of an instruction before it is executed.

/// What kind of instruction comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A mark.
    End,
    /// An atomic read-modify-write, or a part of one: with a `lock` prefix, `xchg` with memory, exclusive accesses.
    Locked,
    Syscall,
    /// A string instruction: a step is one round of it.
    Repeated,
    Other,
}
