//! [`Lock`]: the methods of both locks as a trait, for code that is generic over them.

#![allow(clippy::needless_pass_by_value)] // a written value is consumed by the call

use core::mem::MaybeUninit;
use core::ops::ControlFlow;

use super::{Attempt, InParts, Parts, Version, Writer};
use crate::{Part, ReadError};

/// [`SeqLock<T>`](crate::SeqLock) or [`SeqLatch<T, BUFFERS>`](crate::SeqLatch), for code that lets its caller choose.
///
/// The methods have the names and guarantees of the locks' own; code with a concrete lock does not need the trait. Code whose
/// readers must not be blocked by a writer should take a `SeqLatch` instead.
///
/// Sealed: no type outside this crate implements it.
///
/// ```
/// use seqcopy::{Lock, SeqCopy, SeqLatch, SeqLock, Version, Writer};
///
/// /// Returns each new value once.
/// struct Watch<'a, L> { lock: &'a L, known: Version }
///
/// impl<'a, L> Watch<'a, L> {
///     fn poll<T: SeqCopy>(&mut self) -> Option<T>
///     where
///         L: Lock<T>,
///     {
///         self.lock.try_read_if_changed(&mut self.known).ok().flatten()
///     }
/// }
///
/// /// Writes numbers that increase.
/// struct Counter<'a, L: Lock<u64>> { writer: Writer<'a, u64, L> }
///
/// impl<L: Lock<u64>> Counter<'_, L> {
///     fn tick(&mut self) {
///         self.writer.update(|count| *count += 1);
///     }
/// }
///
/// fn run(lock: &impl Lock<u64>) {
///     let mut watch = Watch { lock, known: Version::NEVER };
///     let mut counter = Counter { writer: lock.writer().expect("the only writer") };
///     assert_eq!(watch.poll::<u64>(), Some(0));
///     counter.tick();
///     assert_eq!(watch.poll::<u64>(), Some(1));
///     assert_eq!(watch.poll::<u64>(), None);
/// }
/// run(&SeqLock::new(0));
/// run(&SeqLatch::<_, 4>::from_value(0));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a lock of `{T}`",
    label = "not a `SeqLock<{T}>` or `SeqLatch<{T}, _>`",
    note = "the locks are `seqcopy::SeqLock<T>` and `seqcopy::SeqLatch<T, BUFFERS>`, of a `T` that implements `SeqCopy`; for code that is generic over them, add the bound `seqcopy::Lock<T>`"
)]
pub trait Lock<T>: InParts<T> + Sized {
    /// As [`SeqLock::read`](crate::SeqLock::read) or [`SeqLatch::read`](crate::SeqLatch::read), which differ in their progress
    /// guarantees.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// assert_eq!(Lock::read(&SeqLock::new(5)), 5);
    /// ```
    #[inline]
    fn read(&self) -> T {
        super::read(self)
    }

    /// As [`SeqLock::try_read`](crate::SeqLock::try_read): a single attempt. Wait-free.
    ///
    /// # Errors
    /// If a write overlapped the copy; for a [`SeqLatch`](crate::SeqLatch), if `BUFFERS - 1` or more writes finished during it.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// assert_eq!(Lock::try_read(&SeqLock::new(5)), Ok(5));
    /// ```
    #[inline]
    fn try_read(&self) -> Result<T, ReadError> {
        super::try_read_value(self)
    }

    /// As [`SeqLock::try_read_versioned`](crate::SeqLock::try_read_versioned): also returns the version. Wait-free.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// assert_eq!(Lock::try_read_versioned(&lock), Ok((5, lock.version())));
    /// ```
    #[inline]
    fn try_read_versioned(&self) -> Result<(T, Version), ReadError> {
        super::try_read(self)
    }

    /// As [`SeqLock::read_with`](crate::SeqLock::read_with): under a caller-provided retry policy.
    ///
    /// # Errors
    /// The value that the policy broke with.
    ///
    /// ```
    /// # use {core::ops::ControlFlow, seqcopy::{Lock, SeqLock}};
    /// assert_eq!(Lock::read_with(&SeqLock::new(5), |_| ControlFlow::Break("gave up")), Ok(5));
    /// ```
    fn read_with<B>(&self, policy: impl FnMut(Attempt) -> ControlFlow<B>) -> Result<T, B> {
        super::read_with(self, policy)
    }

    /// As [`SeqLock::read_into`](crate::SeqLock::read_into): into a caller-provided buffer.
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{Lock, SeqLock}};
    /// assert_eq!(Lock::read_into(&SeqLock::new(5), &mut MaybeUninit::uninit()), &5);
    /// ```
    #[inline]
    fn read_into<'a>(&self, dst: &'a mut MaybeUninit<T>) -> &'a mut T {
        super::read_into(self, dst).0
    }

    /// As [`SeqLock::try_read_into`](crate::SeqLock::try_read_into): a single attempt, into a caller-provided buffer. Wait-free.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read); `dst` then holds unspecified bytes.
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{Lock, SeqLock}};
    /// assert_eq!(Lock::try_read_into(&SeqLock::new(5), &mut MaybeUninit::uninit()), Ok(&mut 5));
    /// ```
    #[inline]
    fn try_read_into<'a>(&self, dst: &'a mut MaybeUninit<T>) -> Result<&'a mut T, ReadError> {
        super::try_read_into(self, dst)
    }

    /// As [`SeqLock::read_versioned`](crate::SeqLock::read_versioned): also returns the version.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// assert_eq!(Lock::read_versioned(&lock), (5, lock.version()));
    /// ```
    #[inline]
    fn read_versioned(&self) -> (T, Version) {
        super::read_versioned(self)
    }

    /// As [`SeqLock::version`](crate::SeqLock::version): the version of the value published last. Wait-free.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// assert_eq!(Lock::version(&lock), lock.version());
    /// ```
    #[inline]
    #[must_use]
    fn version(&self) -> Version {
        self.latest_version()
    }

    /// As [`SeqLock::has_changed`](crate::SeqLock::has_changed). Wait-free.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// assert!(!Lock::has_changed(&lock, lock.version()));
    /// ```
    #[inline]
    #[must_use]
    fn has_changed(&self, known: Version) -> bool {
        self.latest_version() != known
    }

    /// As [`SeqLock::read_if_changed`](crate::SeqLock::read_if_changed): the value, if it is newer than `known`.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, Version};
    /// let (lock, mut known) = (SeqLock::new(5), Version::NEVER);
    /// assert_eq!(Lock::read_if_changed(&lock, &mut known), Some(5));
    /// assert_eq!(Lock::read_if_changed(&lock, &mut known), None);
    /// ```
    #[inline]
    fn read_if_changed(&self, known: &mut Version) -> Option<T> {
        super::read_if_changed(self, known)
    }

    /// As [`SeqLock::try_read_if_changed`](crate::SeqLock::try_read_if_changed): the same with a single attempt. Wait-free.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read); `known` is then unchanged.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, Version};
    /// assert_eq!(Lock::try_read_if_changed(&SeqLock::new(5), &mut Version::NEVER), Ok(Some(5)));
    /// ```
    #[inline]
    fn try_read_if_changed(&self, known: &mut Version) -> Result<Option<T>, ReadError> {
        super::try_read_if_changed(self, known)
    }

    /// As [`SeqLock::read_part`](crate::SeqLock::read_part): one field.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, part};
    /// assert_eq!(Lock::read_part(&SeqLock::new([5, 6]), part!([i32; 2]).index(1)), 6);
    /// ```
    #[inline]
    fn read_part<F>(&self, part: Part<T, F>) -> F {
        super::read_parts(self, part)
    }

    /// As [`SeqLock::try_read_part`](crate::SeqLock::try_read_part): one field, a single attempt. Wait-free.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, part};
    /// assert_eq!(Lock::try_read_part(&SeqLock::new([5, 6]), part!([i32; 2]).index(1)), Ok(6));
    /// ```
    #[inline]
    fn try_read_part<F>(&self, part: Part<T, F>) -> Result<F, ReadError> {
        super::try_read_parts(self, part)
    }

    /// As [`SeqLock::read_parts`](crate::SeqLock::read_parts): several fields of one write.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, part};
    /// let pair = part!([i32; 2]);
    /// assert_eq!(Lock::read_parts(&SeqLock::new([5, 6]), (pair.index(1), pair.index(0))), (6, 5));
    /// ```
    #[inline]
    fn read_parts<P: Parts<T>>(&self, parts: P) -> P::Values {
        super::read_parts(self, parts)
    }

    /// As [`SeqLock::try_read_parts`](crate::SeqLock::try_read_parts): the same with a single attempt. Wait-free.
    ///
    /// # Errors
    /// As for [`try_read`](Self::try_read).
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, part};
    /// let pair = part!([i32; 2]);
    /// assert_eq!(Lock::try_read_parts(&SeqLock::new([5, 6]), (pair.index(1), pair)), Ok((6, [5, 6])));
    /// ```
    #[inline]
    fn try_read_parts<P: Parts<T>>(&self, parts: P) -> Result<P::Values, ReadError> {
        super::try_read_parts(self, parts)
    }

    /// As [`SeqLock::writer_unchecked`](crate::SeqLock::writer_unchecked): a writer that does not acquire the write claim.
    ///
    /// # Safety
    /// * While the `Writer` exists there is no other writer: no other `Writer`, no guard, no writing method of the lock.
    /// * The end of the previous writer happens-before this call.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// // SAFETY: the only writer.
    /// unsafe { Lock::writer_unchecked(&lock) }.write(6);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[must_use]
    unsafe fn writer_unchecked(&self) -> Writer<'_, T, Self> {
        // SAFETY: the same contract.
        unsafe { Writer::unclaimed(self) }
    }

    /// As [`SeqLock::write`](crate::SeqLock::write): blocks while another writer holds the write claim.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// Lock::write(&lock, 6);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    fn write(&self, value: T) {
        super::write_value(self, &value);
    }

    /// As [`SeqLock::write_from`](crate::SeqLock::write_from): by reference.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// Lock::write_from(&lock, &6);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    fn write_from(&self, value: &T) {
        super::write(self, value);
    }

    /// As [`SeqLock::try_write`](crate::SeqLock::try_write). Wait-free.
    ///
    /// # Errors
    /// Returns the value if another writer holds the write claim.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// assert_eq!(Lock::try_write(&SeqLock::new(5), 6), Ok(()));
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    fn try_write(&self, value: T) -> Result<(), T> {
        super::try_write(self, value)
    }

    /// As [`SeqLock::replace`](crate::SeqLock::replace): returns the previous value.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// assert_eq!(Lock::replace(&SeqLock::new(5), 6), 5);
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    fn replace(&self, value: T) -> T {
        super::replace(self, &value)
    }

    /// As [`SeqLock::update`](crate::SeqLock::update): changes a copy of the value, then publishes it.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// let lock = SeqLock::new(5);
    /// Lock::update(&lock, |value| *value += 1);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        super::update(self, change)
    }

    /// As [`SeqLock::write_part`](crate::SeqLock::write_part): one field.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, part};
    /// let lock = SeqLock::new([5, 6]);
    /// Lock::write_part(&lock, part!([i32; 2]).index(1), 7);
    /// assert_eq!(lock.read(), [5, 7]);
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    fn write_part<F>(&self, part: Part<T, F>, value: F) {
        super::write_part(self, part, &value);
    }

    /// As [`SeqLock::update_part`](crate::SeqLock::update_part): changes a copy of one field, then publishes it.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock, part};
    /// let lock = SeqLock::new([5, 6]);
    /// Lock::update_part(&lock, part!([i32; 2]).index(1), |value| *value += 1);
    /// assert_eq!(lock.read(), [5, 7]);
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[inline]
    fn update_part<F, R>(&self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R {
        super::update_part(self, part, change)
    }

    /// As [`SeqLock::writer`](crate::SeqLock::writer): `None` if a [`Writer`] or a guard holds the write claim.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// assert!(Lock::writer(&SeqLock::new(5)).is_some());
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[must_use = "dropping the writer releases the write claim at once"]
    fn writer(&self) -> Option<Writer<'_, T, Self>> {
        Writer::claim(self)
    }

    /// As [`SeqLock::writer_arc`](crate::SeqLock::writer_arc): a writer that keeps its lock alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use seqcopy::{ArcWriter, Lock, SeqLatch};
    ///
    /// struct Node<L: Lock<u32>> { writer: ArcWriter<u32, L> }
    ///
    /// fn node<L: Lock<u32>>(lock: &Arc<L>) -> Option<Node<L>> {
    ///     Some(Node { writer: L::writer_arc(lock)? })
    /// }
    ///
    /// let lock = Arc::new(SeqLatch::new(5));
    /// node(&lock).expect("the only writer").writer.write(6);
    /// assert_eq!(lock.read(), 6);
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
    #[must_use = "dropping the writer releases the write claim at once"]
    fn writer_arc(lock: &alloc::sync::Arc<Self>) -> Option<super::ArcWriter<T, Self>> {
        super::ArcWriter::claim(lock, |lock| lock)
    }

    /// As [`SeqLock::has_writer`](crate::SeqLock::has_writer). The answer may be outdated on return.
    ///
    /// ```
    /// # use seqcopy::{Lock, SeqLock};
    /// assert!(!Lock::<u32>::has_writer(&SeqLock::new(5)));
    /// ```
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    #[must_use]
    fn has_writer(&self) -> bool {
        self.claim().has_guard()
    }
}

/// Lets the models use `Writer` with the algorithms themselves.
#[cfg(all(test, loom))]
impl<T, P: super::part::PartPayload<T>, C: crate::Successor<Word: crate::seq_count::code::WideWord>> Lock<T>
    for super::SingleBuffer<P, C>
{
}
#[cfg(all(test, loom))]
impl<T, P: super::part::PartPayload<T>, const BUFFERS: usize, W: crate::seq_count::code::WideWord> Lock<T>
    for super::Latch<P, BUFFERS, W>
{
}
