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

#[cfg(any(all(feature = "wait-tasks", feature = "std", not(loom)), all(test, loom)))]
mod deferred;
mod event;
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
mod writer;

use core::fmt;
use core::marker::PhantomData;

pub use event::{Listeners, WakeUp};
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use writer::ArcWatchedWriter;
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
pub use writer::WatchedWriter;

use crate::lock::{Policy, SeqLock, Sequenced, Version};
#[cfg(any(feature = "wait-tasks", all(test, loom)))]
use crate::primitive::const_fn;
use crate::seq_copy::SeqCopy;
use event::Event;

#[cfg(all(test, loom))]
pub(crate) use deferred::{Listener, after};

/// A lock and an event: threads and async tasks wait for its next value, on any platform and with any runtime.
///
/// [`write`](Self::write) and [`update`](Self::update) wake them. While none waits, that costs a write a sequentially consistent
/// fence and a load more than the lock's own method, and no system call; so this is a type of its own, and a lock without it pays
/// nothing. Reads cost what they cost without it. Like the lock's readers, those who wait see the latest value and may miss earlier
/// ones.
///
/// `L` is [`SeqLock<T>`](SeqLock) or [`SeqLatch<T, BUFFERS>`](crate::SeqLatch). Writes that go through [`lock`](Self::lock), those of the lock's
/// own [`Writer`](crate::Writer) among them, wake no thread until [`notify`](Self::notify) is called; those of [`writer`](Self::writer) do.
///
/// | feature | what can wait |
/// |---|---|
/// | `wait` | threads and tasks, any number: `event-listener`, with its own `std` |
/// | `wait-tasks` | tasks alone, any number: the same without `std`. A spin lock protects the list of tasks, so a thread that is preempted while it holds that lock makes the others wait |
/// | `wait-wakers` | tasks, by a [`WakeUp`] of yours: no dependency and no allocator |
///
/// For processes there is `seqcopy_shm::Reader::wait`.
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
pub struct Watched<T, L = SeqLock<T>, W = Listeners> {
    lock: L,
    written: W,
    values: PhantomData<fn(T) -> T>,
}

#[cfg(any(feature = "wait-tasks", all(test, loom)))]
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
            Watched { lock, written: Listeners::new(), values: PhantomData }
        }
    }
}

impl<T, P: Policy, W> Watched<T, Sequenced<T, P>, W> {
    /// A lock whose tasks are woken by `wake_up`.
    ///
    /// ```
    /// use seqcopy::{SeqLock, WakeUp, Watched};
    ///
    /// /// For an executor that polls all its tasks whenever the processor wakes, as by the interrupt that wrote.
    /// struct AlwaysPolled;
    ///
    /// impl WakeUp for AlwaysPolled {
    ///     fn register(&self, _: &std::task::Waker) {}
    ///     fn wake(&self) {}
    /// }
    ///
    /// static LEVEL: Watched<u32, SeqLock<u32>, AlwaysPolled> = Watched::with_wake_up(SeqLock::new(0), AlwaysPolled);
    /// LEVEL.write(1);
    /// ```
    pub const fn with_wake_up(lock: Sequenced<T, P>, wake_up: W) -> Self
    where
        W: WakeUp,
    {
        Watched { lock, written: wake_up, values: PhantomData }
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
    pub fn notify(&self)
    where
        W: Event,
    {
        // e2 and e3: pairs with the fence at the end of `listen`.
        self.written.notify();
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

impl<T: SeqCopy, P: Policy, W: Event> Watched<T, Sequenced<T, P>, W> {
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

    /// Reads the value if it is of another version than `known`, which is then its, as the lock does.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// let mut known = Version::NEVER;
    /// assert_eq!(watched.read_if_changed(&mut known), Some(1));
    /// assert_eq!(watched.read_if_changed(&mut known), None);
    /// ```
    #[inline]
    pub fn read_if_changed(&self, known: &mut Version) -> Option<T> {
        self.lock.read_if_changed(known)
    }

    /// The version of the value, as of the lock: what to wait from.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Watched};
    /// let watched = Watched::new(SeqLock::new(1));
    /// assert_eq!(watched.version(), watched.lock().version());
    /// ```
    #[inline]
    pub fn version(&self) -> Version {
        self.lock.version()
    }
}

#[cfg(any(feature = "wait-tasks", all(test, loom)))]
impl<T, P: Policy> Default for Watched<T, Sequenced<T, P>>
where
    Sequenced<T, P>: Default,
{
    fn default() -> Self {
        Self::new(Sequenced::default())
    }
}

#[cfg(any(feature = "wait-tasks", all(test, loom)))]
impl<T, P: Policy> From<Sequenced<T, P>> for Watched<T, Sequenced<T, P>> {
    fn from(lock: Sequenced<T, P>) -> Self {
        Self::new(lock)
    }
}

impl<T, L: fmt::Debug, W> fmt::Debug for Watched<T, L, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.lock).finish()
    }
}
