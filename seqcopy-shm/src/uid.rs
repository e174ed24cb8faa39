//! [`Uid`]: whose a region is.

use std::fmt;
use std::os::fd::AsFd;

use rustix::io::Errno;

/// A user, by the number that the system has for it: whose a region's file is.
///
/// ```
/// # use seqcopy_shm::{self as shm, Region, Uid, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-uid-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// assert_eq!(Region::open(&path)?.owner(), Uid::effective());
/// assert_eq!(Uid::from_raw(1000).to_string(), "user 1000");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uid(u32);

impl Uid {
    /// The user that may do everything.
    pub const ROOT: Uid = Uid(0);

    /// The user that this process acts for: the owner of what it makes.
    #[must_use]
    pub fn effective() -> Uid {
        Uid(rustix::process::geteuid().as_raw())
    }

    /// By its number.
    #[must_use]
    pub const fn from_raw(number: u32) -> Uid {
        Uid(number)
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// The owner of a file.
    pub(crate) fn owning(file: impl AsFd) -> Result<Uid, Errno> {
        Ok(Uid(rustix::fs::fstat(file)?.st_uid))
    }

    /// Whether a file of this user's is one that this process has to fear: neither its own nor root's, who may do everything
    /// anyway.
    pub(crate) fn is_stranger(self) -> bool {
        self != Uid::ROOT && self != Uid::effective()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.0)
    }
}
