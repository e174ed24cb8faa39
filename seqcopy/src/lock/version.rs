//! [`Version`]: which write a value comes from.

/// Which write a value comes from. Of one lock, two reads with equal versions saw the same write, with different ones
/// different writes, and the greater version is the later write. It wraps after 2^63 writes, after 2^62
/// where there are no 64-bit atomics and the locks count in two words: that is 14,000 years at ten million writes a second.
///
/// Versions of different locks have nothing to do with each other; comparing them is pointless, but harmless.
///
/// ```
/// use seqcopy::{SeqLock, Version};
///
/// let lock = SeqLock::new(1);
/// let mut known = Version::NEVER;
/// assert_eq!(lock.read_if_changed(&mut known), Some(1));
/// assert_eq!(lock.read_if_changed(&mut known), None);
/// lock.write(2);
/// assert_eq!(lock.read_if_changed(&mut known), Some(2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(u64);

/// [`NEVER`](Version::NEVER) is less than every version of a value.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        // `NEVER` is the last number: one more makes it the first.
        self.0.wrapping_add(1).cmp(&other.0.wrapping_add(1))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Version {
    /// A version that no value has: to begin with.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// assert!(SeqLock::new(1).has_changed(Version::NEVER));
    /// ```
    pub const NEVER: Version = Version(u64::MAX);

    pub(crate) const fn of(writes: u64) -> Self {
        Version(writes)
    }

    /// How many writes lie between an older version and this one. From [`NEVER`](Self::NEVER) on, the value that the
    /// lock was made with counts as one.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let lock = SeqLock::new(1);
    /// let older = lock.version();
    /// lock.write(2);
    /// lock.write(3);
    /// assert_eq!(lock.version().writes_since(older), 2);
    /// assert_eq!(lock.version().writes_since(Version::NEVER), 3);
    /// ```
    #[must_use]
    pub const fn writes_since(self, older: Version) -> u64 {
        self.0.wrapping_sub(older.0)
    }

    /// As a number: for logs, and for words of your own. [`NEVER`](Self::NEVER) is the largest.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(1).version().to_bits(), 0);
    /// ```
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The version of a number: one that [`to_bits`](Self::to_bits) gave, or a count of writes from elsewhere.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let version = SeqLock::new(1).version();
    /// assert_eq!(Version::from_bits(version.to_bits()), version);
    /// assert!(Version::NEVER < Version::from_bits(0) && Version::from_bits(0) < Version::from_bits(1));
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Version(bits)
    }
}
