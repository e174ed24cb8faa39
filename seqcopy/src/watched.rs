//! [`Watched`]: a lock whose writes wake the threads and tasks that wait for them.
//!
//! ```text
//! writer                               waiter
//! e1  write the value                  f1  register as a listener; ends with a fence (SeqCst)
//! e2  fence (SeqCst), inside `notify`  f2  look at the version; return if the value is newer
//! e3  wake those that are registered   f3  sleep until woken after f1
//! ```
//!
//! If f1's fence comes before e2, then e3 sees the listener. If e2 comes first, f2 sees the version of e1. So no wake-up is lost; a
//! model holds that (`models/recipes.rs`), with twins in which f2 comes before f1, or e3 before e1.

use core::fmt;
use core::marker::PhantomData;
#[cfg(any(feature = "wait", all(test, loom)))]
use std::time::{Duration, Instant};

use crate::primitive::const_fn;
use crate::primitive::event::Event;
#[cfg(any(feature = "wait", all(test, loom)))]
use crate::primitive::event::Listener;
use crate::{Policy, SeqCopy, SeqLock, Sequenced, Version};

/// A lock and an event: threads and async tasks wait for its next value, on any platform and with any runtime.
///
/// [`write`](Self::write) and [`update`](Self::update) wake them. While none waits, that costs a write a sequentially consistent
/// fence and a load more than the lock's own method, and no system call; so this is a type of its own, and a lock without it pays
/// nothing. Reads cost what they cost without it. Like the lock's readers, those who wait see the latest value and may miss earlier
/// ones.
///
/// `L` is [`SeqLock<T>`](SeqLock) or [`SeqLatch<T, BUFFERS>`](crate::SeqLatch). Writes that go through [`lock`](Self::lock), a
/// [`Writer`](crate::Writer)'s among them, wake no thread until [`notify`](Self::notify) is called.
///
/// This needs the feature `wait` (the crate `event-listener`, with its own `std`). Without `std` take the feature `wait-tasks`: it has no
/// methods that block, and keeps its listeners behind a spin lock, which a thread that is preempted while it holds it makes the others
/// wait for. For processes there is `seqcopy_shm::Reader::wait`.
///
/// ```
/// use seqcopy::{SeqLock, Version, Watched};
///
/// static LEVEL: Watched<u32> = Watched::new(SeqLock::new(0));
///
/// let mut known = LEVEL.lock().version();
/// std::thread::spawn(|| LEVEL.write(7));
/// assert_eq!(LEVEL.wait(&mut known), 7);
/// ```
pub struct Watched<T, L = SeqLock<T>> {
    lock: L,
    written: Event,
    values: PhantomData<fn(T) -> T>,
}

impl<T, P: Policy> Watched<T, Sequenced<T, P>> {
    const_fn! {
        /// A lock that wakes those who wait for its values.
        ///
        /// ```
        /// use seqcopy::{SeqLatch, Watched};
        /// static LATCH: Watched<u64, SeqLatch<u64>> = Watched::new(SeqLatch::new(3));
        /// assert_eq!(LATCH.read(), 3);
        /// ```
        pub const fn new(lock: Sequenced<T, P>) -> Self {
            Watched { lock, written: Event::new(), values: PhantomData }
        }
    }

    /// The lock, for all its methods. A write by it is seen by those who wait when they are next woken: call
    /// [`notify`](Self::notify) after it.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// let mut writer = watched.lock().writer().expect("the only writer");
    /// writer.write(2);
    /// writer.write(3);
    /// watched.notify(); // once for both
    /// ```
    pub const fn lock(&self) -> &Sequenced<T, P> {
        &self.lock
    }

    /// Wakes every thread and task that waits. Call it after the write.
    ///
    /// A fence and a load if none waits; otherwise it takes a mutex and makes a system call or wakes tasks, so it is not for
    /// interrupt and signal handlers.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// watched.lock().write(2);
    /// watched.notify();
    /// ```
    pub fn notify(&self) {
        // e2 and e3: pairs with the fence at the end of `listen`.
        self.written.notify(usize::MAX);
    }

    /// The lock, consuming the wrapper.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// assert_eq!(Watched::new(SeqLock::new(1)).into_inner().into_inner(), 1);
    /// ```
    pub fn into_inner(self) -> Sequenced<T, P> {
        self.lock
    }
}

impl<T: SeqCopy, P: Policy> Watched<T, Sequenced<T, P>> {
    /// Reads the value, as the lock does.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// assert_eq!(Watched::new(SeqLock::new(1)).read(), 1);
    /// ```
    #[inline]
    pub fn read(&self) -> T {
        self.lock.read()
    }

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

    /// Changes the value, as the lock does, and wakes those who wait. If `change` panics, nothing changes and none is woken.
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

    /// Waits until the value is of another version than `known`, blocking the thread; reads it and updates `known`. At once if it is
    /// so already, as with [`Version::NEVER`].
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// let watched = Watched::new(SeqLock::new(5));
    /// let mut known = Version::NEVER;
    /// assert_eq!(watched.wait(&mut known), 5);
    /// assert_eq!(known, watched.lock().version());
    /// ```
    #[cfg(any(feature = "wait", all(test, loom)))]
    pub fn wait(&self, known: &mut Version) -> T {
        loop {
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            // f1, before f2: a write after that wakes this listener.
            let listener = self.written.listen();
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            listener.wait();
        }
    }

    /// [`wait`](Self::wait) for at most `time`: `None` if there is no newer value then.
    ///
    /// ```
    /// # use {seqcopy::{SeqLock, Watched}, std::time::Duration};
    /// let watched = Watched::new(SeqLock::new(5));
    /// let mut known = watched.lock().version();
    /// assert_eq!(watched.wait_timeout(&mut known, Duration::from_millis(1)), None);
    /// ```
    #[cfg(any(feature = "wait", all(test, loom)))]
    pub fn wait_timeout(&self, known: &mut Version, time: Duration) -> Option<T> {
        // Later than the clock can tell: no limit.
        let Some(deadline) = Instant::now().checked_add(time) else { return Some(self.wait(known)) };
        loop {
            // f1, before f2.
            let listener = self.written.listen();
            if let Some(value) = self.lock.read_if_changed(known) {
                return Some(value);
            }
            if listener.wait_deadline(deadline).is_none() {
                return self.lock.read_if_changed(known);
            }
        }
    }

    /// [`wait`](Self::wait) for async tasks, of any runtime. Dropping the future is harmless: `known` changes only with the value that
    /// is returned.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// async fn next(watched: &Watched<u32>, known: &mut Version) -> u32 {
    ///     watched.changed(known).await
    /// }
    /// # let _ = next;
    /// ```
    pub async fn changed(&self, known: &mut Version) -> T {
        loop {
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            // f1, before f2.
            let listener = self.written.listen();
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            listener.await;
        }
    }
}

impl<T, P: Policy> Default for Watched<T, Sequenced<T, P>>
where
    Sequenced<T, P>: Default,
{
    fn default() -> Self {
        Self::new(Sequenced::default())
    }
}

impl<T, P: Policy> From<Sequenced<T, P>> for Watched<T, Sequenced<T, P>> {
    fn from(lock: Sequenced<T, P>) -> Self {
        Self::new(lock)
    }
}

impl<T, L: fmt::Debug> fmt::Debug for Watched<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.lock).finish()
    }
}
