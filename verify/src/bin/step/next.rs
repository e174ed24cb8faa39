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
    #[cfg_attr(target_arch = "aarch64", allow(dead_code))] // none there
    Repeated,
    Other,
}
