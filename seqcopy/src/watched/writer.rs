//! Writes that wake waiting threads and tasks, and the writers that make such writes.

#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
use alloc::sync::Arc;
use core::ops::Deref;

#[cfg(doc)]
use super::WakeUp;
use super::event::Event;
use super::{Listeners, Watched};
use crate::lock::{Handle, Policy, SeqLock, Sequenced, Version, Writer};
use crate::primitive::{Acquire, fence};
use crate::seq_copy::SeqCopy;

/// The [`Writer`] of a [`Watched`]: each of its writes wakes those who wait, and so does its end, of which
/// [`changed_or_gone`](Watched::changed_or_gone) tells.
///
/// ```
/// use seqcopy::{SeqLock, Watched, WatchedWriter};
///
/// static LEVEL: Watched<u32> = Watched::new(SeqLock::new(0));
///
/// struct Sensor { level: WatchedWriter<'static, u32> }
///
/// let mut sensor = Sensor { level: LEVEL.writer().expect("the only writer") };
/// sensor.level.write(7);
/// assert_eq!(LEVEL.read(), 7);
/// ```
pub type WatchedWriter<'a, T, L = SeqLock<T>, W = Listeners> = Writer<'a, T, L, Notifying<&'a Watched<T, L, W>>>;

/// A [`WatchedWriter`] that keeps its lock alive, which is in an `Arc`.
///
/// ```
/// use std::sync::Arc;
/// use seqcopy::{ArcWatchedWriter, SeqLock, Watched};
///
/// let level = Arc::new(Watched::new(SeqLock::new(0)));
/// let mut writer: ArcWatchedWriter<u32> = Watched::writer_arc(&level).expect("the only writer");
/// std::thread::spawn(move || writer.write(7)).join().unwrap();
/// assert_eq!(level.read(), 7);
/// ```
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub type ArcWatchedWriter<T, L = SeqLock<T>, W = Listeners> = Writer<'static, T, L, Notifying<Arc<Watched<T, L, W>>>>;

/// How a writer has the lock of a [`Watched`].
#[allow(unreachable_pub)] // in the interface of handles, but not nameable
#[allow(missing_debug_implementations)]
pub struct Notifying<R: Deref<Target: Notify>>(R);

/// A [`Watched`], for the bound of a struct with `Drop`.
#[allow(unreachable_pub)] // as above
pub trait Notify {
    type Lock;

    fn lock(&self) -> &Self::Lock;
    fn notify(&self);
}

impl<T, P: Policy, W: Event> Notify for Watched<T, Sequenced<T, P>, W> {
    type Lock = Sequenced<T, P>;

    fn lock(&self) -> &Self::Lock {
        &self.lock
    }

    fn notify(&self) {
        self.notify();
    }
}

impl<R: Deref<Target: Notify>> Deref for Notifying<R> {
    type Target = <R::Target as Notify>::Lock;

    #[inline]
    fn deref(&self) -> &Self::Target {
        self.0.lock()
    }
}

// SAFETY: it is only made of a reference and of an `Arc`, by the two methods below: of one `Watched`, whose one lock
// stays where it is while they exist (I10 handle).
unsafe impl<R: Deref<Target: Notify>> Handle for Notifying<R> {
    #[inline]
    fn written(&self) {
        self.0.notify();
    }
}

/// Wakes after the writer has released its claim, which is a field before this one.
impl<R: Deref<Target: Notify>> Drop for Notifying<R> {
    fn drop(&mut self) {
        // A panic that leaves a destructor during another panic would end the process.
        #[cfg(feature = "std")]
        if std::thread::panicking() {
            let wake = std::panic::AssertUnwindSafe(|| self.0.notify());
            // The payload may panic in its own drop.
            let wake = std::panic::AssertUnwindSafe(|| drop(std::panic::catch_unwind(wake)));
            // Not dropped, because the payload may panic in its own drop.
            if let Err(thrown) = std::panic::catch_unwind(wake) {
                core::mem::forget(thrown);
            }
            return;
        }
        self.0.notify();
    }
}

impl<T: SeqCopy, P: Policy, W: Event> Watched<T, Sequenced<T, P>, W> {
    /// Writes a value, as the lock does, and wakes those who wait.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// watched.write(2);
    /// assert_eq!(watched.read(), 2);
    /// ```
    pub fn write(&self, value: T) {
        self.lock.write(value);
        self.notify();
    }

    /// Writes a value and returns the previous one, as the lock does, and wakes those who wait.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// assert_eq!(Watched::new(SeqLock::new(1)).replace(2), 1);
    /// ```
    pub fn replace(&self, value: T) -> T {
        let old = self.lock.replace(value);
        self.notify();
        old
    }

    /// Changes the value, as the lock does, and wakes those who wait. If `change` panics, nothing changes and none is
    /// woken.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// watched.update(|value| *value += 1);
    /// assert_eq!(watched.read(), 2);
    /// ```
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = self.lock.update(change);
        self.notify();
        result
    }

    /// Claims exclusive write access, as [`SeqLock::writer`](crate::Sequenced::writer) does, for a writer whose writes
    /// wake those who wait. `None` if there is a writer, or a guard.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// std::thread::scope(|scope| {
    ///     let mut known = watched.version();
    ///     scope.spawn(|| watched.writer().expect("the only writer").write(2));
    ///     assert_eq!(watched.wait(&mut known), 2);
    /// });
    /// ```
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer(&self) -> Option<WatchedWriter<'_, T, Sequenced<T, P>, W>> {
        Writer::claim(Notifying(self))
    }

    /// [`writer`](Self::writer) of what is in an `Arc`, which the writer keeps alive.
    ///
    /// ```
    /// # use {seqcopy::{SeqLock, Watched}, std::sync::Arc};
    /// let watched = Arc::new(Watched::new(SeqLock::new(1)));
    /// Watched::writer_arc(&watched).expect("the only writer").write(2);
    /// assert_eq!(watched.read(), 2);
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
    #[must_use = "dropping the writer releases the write claim at once"]
    pub fn writer_arc(watched: &Arc<Self>) -> Option<ArcWatchedWriter<T, Sequenced<T, P>, W>> {
        Writer::claim(Notifying(Arc::clone(watched)))
    }

    /// [`changed`](Self::changed), which also ends when there is no [`writer`](Self::writer) any more: `None` if the
    /// value is still of version `known` then, so the last value is never missed. At once if it has no writer yet.
    ///
    /// ```
    /// use seqcopy::{SeqLock, Version, Watched};
    ///
    /// /// Follows the values, and returns the last one.
    /// async fn last(watched: &Watched<u32>) -> Option<u32> {
    ///     let (mut known, mut last) = (Version::NEVER, None);
    ///     while let Some(value) = watched.changed_or_gone(&mut known).await {
    ///         last = Some(value);
    ///     }
    ///     last
    /// }
    ///
    /// let watched = Watched::new(SeqLock::new(1));
    /// watched.writer().expect("the only writer").write(2); // and dropped
    /// # let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    /// # assert_eq!(std::future::Future::poll(std::pin::pin!(last(&watched)), &mut task), std::task::Poll::Ready(Some(2)));
    /// ```
    pub async fn changed_or_gone(&self, known: &mut Version) -> Option<T> {
        self.until(|lock| {
            let gone = !lock.has_writer();
            // Pairs with the release of the claim, so that the code below sees what that writer wrote.
            fence(Acquire);
            match lock.read_if_changed(known) {
                None if gone => Some(None),
                value => value.map(Some),
            }
        })
        .await
    }
}
