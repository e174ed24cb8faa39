//! The methods that read, and `into_inner`.

use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use super::super::read::{self, Attempt};
use super::super::{Algorithm, Claimed, Policy, Sequenced, Version};
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;

impl<T, P: Policy> Sequenced<T, P> {
    /// Reads the value; retries until no write overlapped the copy.
    ///
    /// [`SeqLock`](crate::SeqLock): spins for the first 64 failed attempts, then yields to the scheduler between
    /// attempts (with feature `std`). It may starve under a writer that never pauses, and must not be called from a
    /// handler that can interrupt the writer. [`SeqLatch`](crate::SeqLatch): lock-free, an attempt fails only if
    /// writers finished `BUFFERS - 1` writes during the copy; spins, without system calls.
    ///
    /// The value is a copy: `lock.read().bid = 9.5` compiles and changes nothing. [`update`](Self::update) changes the
    /// lock's value.
    ///
    /// `let value = lock.read()` makes one copy. `*dst = lock.read()` makes two of values of more than 256 bytes, which
    /// takes two to three times as long (on a Zen 4, nanoseconds: 320 bytes 17 instead of 5, 4 KiB 83 instead of 39):
    /// [`read_to`](Self::read_to) and [`read_into`](Self::read_into) make one.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).read(), 5);
    /// ```
    #[inline]
    #[doc(alias = "load")]
    #[doc(alias = "get")]
    #[doc(alias = "read_seqbegin")]
    #[doc(alias = "read_seqretry")]
    pub fn read(&self) -> T
    where
        T: SeqCopy,
    {
        read::read(self)
    }

    /// Makes one attempt to read the value. Wait-free.
    ///
    /// # Errors
    /// [`Busy`](crate::ReadError::Busy) if a write is in progress (never for a latch), [`Torn`](crate::ReadError::Torn)
    /// if one overlapped the copy, or, for a latch, if `BUFFERS - 1` or more finished during it.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).try_read(), Ok(5));
    /// ```
    #[inline]
    pub fn try_read(&self) -> Result<T, ReadError>
    where
        T: SeqCopy,
    {
        read::try_read_value(self)
    }

    /// [`try_read`](Self::try_read) that also returns the version of the value. Wait-free.
    ///
    /// # Errors
    /// [`Busy`](crate::ReadError::Busy) if a write is in progress (never for a latch), [`Torn`](crate::ReadError::Torn)
    /// if one overlapped the copy, or, for a latch, if `BUFFERS - 1` or more finished during it.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let (value, version) = lock.try_read_versioned().unwrap();
    /// assert_eq!((value, version), (5, lock.version()));
    /// ```
    #[inline]
    pub fn try_read_versioned(&self) -> Result<(T, Version), ReadError>
    where
        T: SeqCopy,
    {
        read::try_read(self)
    }

    /// Reads under a retry policy, a closure that is called after each failed attempt: it may spin, yield, sleep, count
    /// or give up. There is no other waiting between attempts.
    ///
    /// # Errors
    /// The value that the policy returned in [`ControlFlow::Break`](core::ops::ControlFlow::Break).
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
    #[inline]
    pub fn read_with<B>(&self, policy: impl FnMut(Attempt) -> ControlFlow<B>) -> Result<T, B>
    where
        T: SeqCopy,
    {
        read::read_with(self, policy)
    }

    /// [`read`](Self::read) into a caller-provided buffer, with one copy at every size. The padding of the buffer may
    /// be overwritten, too, by arbitrary bytes of the writer's process.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([5u8; 4096]);
    /// let mut buf = MaybeUninit::uninit();
    /// assert_eq!(lock.read_into(&mut buf)[4095], 5);
    /// ```
    #[inline]
    pub fn read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> &'a mut T
    where
        T: SeqCopy,
    {
        read::read_into(self, buf).0
    }

    /// [`read`](Self::read) over an existing value: one copy at every size, where `*dst = lock.read()` needs two above
    /// 256 bytes.
    ///
    /// Returns only when a read has succeeded. Until then `*dst` may hold torn bits; the borrow keeps them from
    /// everyone, and there is no way out before: no policy, no error, no unwinding.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new([5u8; 4096]);
    /// let mut frame = [0; 4096];
    /// lock.read_to(&mut frame);
    /// assert_eq!(frame[4095], 5);
    /// ```
    #[inline]
    pub fn read_to(&self, dst: &mut T)
    where
        T: SeqCopy,
    {
        read::read_to(self, dst);
    }

    /// [`try_read`](Self::try_read) into a caller-provided buffer. Wait-free.
    ///
    /// # Errors
    /// The errors of `try_read`; `buf` then holds unspecified bytes.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::SeqLock;
    /// let mut buf = MaybeUninit::uninit();
    /// assert_eq!(SeqLock::new(5).try_read_into(&mut buf), Ok(&mut 5));
    /// ```
    #[inline]
    pub fn try_read_into<'a>(&self, buf: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadError>
    where
        T: SeqCopy,
    {
        read::try_read_into(self, buf)
    }

    /// [`read`](Self::read) that also returns the version of the value.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// let (value, version) = lock.read_versioned();
    /// assert!(!lock.has_changed(version));
    /// # assert_eq!(value, 5);
    /// ```
    #[inline]
    pub fn read_versioned(&self) -> (T, Version)
    where
        T: SeqCopy,
    {
        read::read_versioned(self)
    }

    /// The version of the newest value. While a write is in progress, that is the version of the old value. One load.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// let lock = SeqLock::new(5);
    /// assert_eq!(lock.version(), lock.read_versioned().1);
    /// ```
    #[inline]
    #[must_use]
    pub fn version(&self) -> Version
    where
        T: SeqCopy,
    {
        self.algorithm.latest_version()
    }

    /// Whether a value with another version than `known` has been published. One load; `false` while the write that
    /// replaces it is still in progress.
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
    pub fn has_changed(&self, known: Version) -> bool
    where
        T: SeqCopy,
    {
        self.version() != known
    }

    /// Reads only if a value with another version than `known` has been published, and then sets `known` to the version
    /// of the value returned. Costs one load if nothing changed; otherwise waits as [`read`](Self::read) does.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let lock = SeqLock::new(5);
    /// let mut known = Version::NEVER;
    /// assert_eq!(lock.read_if_changed(&mut known), Some(5));
    /// assert_eq!(lock.read_if_changed(&mut known), None);
    /// ```
    #[inline]
    pub fn read_if_changed(&self, known: &mut Version) -> Option<T>
    where
        T: SeqCopy,
    {
        read::read_if_changed(self, known)
    }

    /// [`read_if_changed`](Self::read_if_changed) with a single attempt: `None` if there is no newer value. Wait-free.
    /// An error leaves `known` unchanged, so the next call retries.
    ///
    /// # Errors
    /// [`Busy`](crate::ReadError::Busy) if a write is in progress (never for a latch), [`Torn`](crate::ReadError::Torn)
    /// if one overlapped the copy, or, for a latch, if `BUFFERS - 1` or more finished during it.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version};
    /// let lock = SeqLock::new(5);
    /// let mut known = Version::NEVER;
    /// let mut current = 0;
    /// // What a real-time thread does in each cycle: adopt a newer value, or keep the old one.
    /// if let Ok(Some(value)) = lock.try_read_if_changed(&mut known) {
    ///     current = value;
    /// }
    /// assert_eq!((current, lock.try_read_if_changed(&mut known)), (5, Ok(None)));
    /// ```
    #[inline]
    pub fn try_read_if_changed(&self, known: &mut Version) -> Result<Option<T>, ReadError>
    where
        T: SeqCopy,
    {
        read::try_read_if_changed(self, known)
    }

    /// Consumes the lock and returns the value.
    ///
    /// ```
    /// # use seqcopy::SeqLock;
    /// assert_eq!(SeqLock::new(5).into_inner(), 5);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> T
    where
        T: SeqCopy,
    {
        let mut this = self;
        Claimed::exclusive(&mut this).peek()
    }
}
