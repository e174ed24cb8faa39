//! [`Version`]: how many writes a lock, a region or a map has seen.

/// Identifies the write that a value comes from. Two reads of one lock that return equal versions saw the same write;
/// otherwise the greater version belongs to the later write.
///
/// Versions wrap after 2^63 writes, and after 2^62 on targets without 64-bit atomics, where the locks count in two
/// words: 14,000 years at ten million writes a second. Versions of different locks are unrelated; comparing them is
/// harmless but meaningless.
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

/// [`NEVER`](Version::NEVER) is less than the version of any value.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        // `NEVER` is the largest number; adding one makes it the smallest.
        self.0.wrapping_add(1).cmp(&other.0.wrapping_add(1))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Version {
    /// A version that no value has: the initial value of a `known` version.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// assert!(SeqLock::new(1).has_changed(Version::NEVER));
    /// ```
    pub const NEVER: Version = Version(u64::MAX);

    pub(crate) const fn after_writes(writes: u64) -> Self {
        Version(writes)
    }

    /// The number of writes from an older version to this one. Counted from [`NEVER`](Self::NEVER), the initial value
    /// of the lock is one of them.
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

    /// The version as a number, for logs or to be stored in an atomic. [`NEVER`](Self::NEVER) is the largest number.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(1).version().to_bits(), 0);
    /// ```
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The version with this number: one that [`to_bits`](Self::to_bits) returned, or a count of writes from elsewhere.
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
