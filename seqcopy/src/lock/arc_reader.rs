//! [`ArcReader`]: a [`Reader`](crate::Reader) that keeps its lock alive.

use alloc::sync::Arc;
use core::fmt::{self, Debug, Formatter};

use super::arc_field::ArcField;
use super::reader::{Latest, reader_methods};
use super::{Lock, Version};
use crate::{ReadError, SeqLock};

/// A [`Reader`](crate::Reader) that keeps its lock alive: the lock is in an `Arc`, or a field of an `S` in an `Arc`.
///
/// ```
/// use seqcopy::SeqLatch;
///
/// let (mut writer, mut reader) = SeqLatch::new(0u64).into_split();
/// std::thread::spawn(move || writer.write(7)).join().unwrap();
/// assert_eq!(*reader.read(), 7);
/// ```
pub struct ArcReader<T, L: Lock<T> = SeqLock<T>, S = L> {
    lock: ArcField<S, L>,
    latest: Latest<T>,
}

impl<T, L: Lock<T>> ArcReader<T, L> {
    /// Reads the first value, as [`Reader::new`](crate::Reader::new) does.
    ///
    /// ```
    /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
    /// assert_eq!(*ArcReader::new(&Arc::new(SeqLock::new(1))).get(), 1);
    /// ```
    #[must_use]
    pub fn new(lock: &Arc<L>) -> Self {
        ArcReader::of_field(lock, |lock| lock)
    }
}

impl<T, L: Lock<T>, S> ArcReader<T, L, S> {
    /// [`new`](ArcReader::new) of a lock that is a field of what is in the `Arc`.
    ///
    /// ```
    /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
    /// struct Shared { name: String, level: SeqLock<u32> }
    /// let shared = Arc::new(Shared { name: "left".into(), level: SeqLock::new(1) });
    /// let mut reader = ArcReader::of_field(&shared, |shared| &shared.level);
    /// shared.level.write(2);
    /// assert_eq!((*reader.read(), reader.owner().name.as_str()), (2, "left"));
    /// ```
    #[must_use]
    pub fn of_field(owner: &Arc<S>, field: impl FnOnce(&S) -> &L) -> Self {
        let lock = ArcField::new(owner, field);
        let latest = Latest::of(lock.lock());
        ArcReader { lock, latest }
    }

    reader_methods! { [.lock()], " # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};\n let lock = Arc::new(SeqLock::new(1));\n let mut reader = ArcReader::new(&lock);" }

    /// The lock.
    ///
    /// ```
    /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
    /// assert_eq!(ArcReader::new(&Arc::new(SeqLock::new(1))).lock().read(), 1);
    /// ```
    #[must_use]
    pub fn lock(&self) -> &L {
        self.lock.lock()
    }

    /// The `Arc`.
    ///
    /// ```
    /// # use {seqcopy::{ArcReader, SeqLock}, std::sync::Arc};
    /// let lock = Arc::new(SeqLock::new(1));
    /// assert!(Arc::ptr_eq(ArcReader::new(&lock).owner(), &lock));
    /// ```
    #[must_use]
    pub fn owner(&self) -> &Arc<S> {
        self.lock.owner()
    }
}

impl<T: Clone, L: Lock<T>, S> Clone for ArcReader<T, L, S> {
    fn clone(&self) -> Self {
        ArcReader { lock: self.lock.clone(), latest: self.latest.clone() }
    }
}

impl<T: Debug, L: Lock<T>, S> Debug for ArcReader<T, L, S> {
    /// Shows the value read last.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArcReader").field("value", self.get()).finish_non_exhaustive()
    }
}
