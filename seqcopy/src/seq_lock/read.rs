//! How a [`SeqLock`] is read.

use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use crate::lock::{self, Attempt, Protocol, Version};
use crate::{ReadError, SeqCopy, SeqLock};

impl<T: SeqCopy> SeqLock<T> {
    /// Reads the value; tries until it is whole.
    ///
    /// After 64 failed attempts with a spin hint it yields to the scheduler between attempts (with feature `std`). It may
    /// starve under a writer that never pauses, and must not be called from a handler that may interrupt the writer.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).read(), 5);
    /// ```
    #[inline]
    pub fn read(&self) -> T {
        lock::read(self).0
    }

    /// One attempt at reading, wait-free.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) if a write is in progress, [`Torn`](ReadError::Torn) if one went on meanwhile.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).try_read(), Ok(5));
    /// ```
    #[inline]
    pub fn try_read(&self) -> Result<T, ReadError> {
        lock::try_read(self).map(|(value, _)| value)
    }

    /// Reads by a policy of the caller's, who is asked after each failure: spin, yield, sleep, count, give up.
    ///
    /// # Errors
    /// What the policy broke with.
    ///
    /// ```
    /// # use core::ops::ControlFlow;
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let mut retries = 0;
    /// let value = lock.read_with(|attempt| {
    ///     retries = attempt.number;
    ///     if attempt.number < 1000 { ControlFlow::Continue(()) } else { ControlFlow::Break("gave up") }
    /// });
    /// assert_eq!((value, retries), (Ok(5), 0));
    /// ```
    pub fn read_with<B>(&self, policy: impl FnMut(Attempt) -> ControlFlow<B>) -> Result<T, B> {
        lock::read_with(self, policy)
    }

    /// [`read`](Self::read) into memory of the caller's: for large values that should be copied once.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([5u8; 4096]);
    /// let mut room = MaybeUninit::uninit();
    /// assert_eq!(lock.read_into(&mut room)[4095], 5);
    /// ```
    #[inline]
    pub fn read_into<'a>(&self, room: &'a mut MaybeUninit<T>) -> &'a mut T {
        lock::read_into(self, room).0
    }

    /// [`try_read`](Self::try_read) into memory of the caller's.
    ///
    /// # Errors
    /// As for `try_read`; `room` then holds unspecified bytes.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::SeqLock;
    /// let mut room = MaybeUninit::uninit();
    /// assert_eq!(SeqLock::new(5).try_read_into(&mut room), Ok(&mut 5));
    /// ```
    #[inline]
    pub fn try_read_into<'a>(&self, room: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadError> {
        lock::try_read_into(self, room)
    }

    /// [`read`](Self::read), and which write the value comes from.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let (value, version) = lock.read_versioned();
    /// assert!(!lock.has_changed(version));
    /// # assert_eq!(value, 5);
    /// ```
    #[inline]
    pub fn read_versioned(&self) -> (T, Version) {
        lock::read(self)
    }

    /// The version of the value as it is. While a write is in progress it still is the old one.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert_eq!(lock.version(), lock.read_versioned().1);
    /// ```
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version {
        Protocol::version(self)
    }

    /// Whether there is another value than that of `known`; true only once it is complete. One load.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let known = lock.version();
    /// lock.write(6);
    /// assert!(lock.has_changed(known));
    /// ```
    #[inline]
    #[must_use]
    pub fn has_changed(&self, known: Version) -> bool {
        self.version() != known
    }

    /// Reads only if there is another value than that of `known`, which then becomes its version.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let lock = SeqLock::new(5);
    /// let mut known = Version::NEVER;
    /// assert_eq!(lock.read_if_changed(&mut known), Some(5));
    /// assert_eq!(lock.read_if_changed(&mut known), None);
    /// ```
    #[inline]
    pub fn read_if_changed(&self, known: &mut Version) -> Option<T> {
        lock::read_if_changed(self, known)
    }
}
