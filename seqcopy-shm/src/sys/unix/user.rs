//! Users, in a file of their own because each system has other ones.

/// The effective user of this process.
pub(crate) fn effective() -> u32 {
    rustix::process::geteuid().as_raw()
}
