//! [`Uid`]: the owner of a region.

use std::fmt;

use crate::sys::user;

/// A user id: the owner of a region's file.
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
    /// The superuser.
    pub const ROOT: Uid = Uid(0);

    /// The effective user of this process, which owns the files that it creates.
    #[must_use]
    pub fn effective() -> Uid {
        Uid(user::effective())
    }

    /// The user with this id.
    #[must_use]
    pub const fn from_raw(id: u32) -> Uid {
        Uid(id)
    }

    /// The id as a number.
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// Whether this is a user that this process must not trust: neither its own nor root, which may do everything anyway.
    pub(crate) fn is_other_user(self) -> bool {
        self != Uid::ROOT && self != Uid::effective()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.0)
    }
}
