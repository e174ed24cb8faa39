//! [`Watched`]: a lock whose writes wake the threads and tasks that wait for them.
//!
//! ```text
//! writer                               waiter
//! e1  write the value                  f1  register as a listener; ends with a fence (SeqCst)
//! e2  fence (SeqCst), inside `notify`  f2  look at the version; return if the value is newer
//! e3  wake those that are registered   f3  sleep until woken after f1
//! ```
//!
//! If f1's fence comes before e2, then e3 sees the listener. If e2 comes first, f2 sees the version of e1. So no
//! wake-up is lost; a model holds that (`models/recipes.rs`), with twins in which f2 comes before f1, or e3 before e1.

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
/// [`write`](Self::write) and [`update`](Self::update) wake them. While none waits, that costs a write a sequentially
/// consistent fence and a load more than the lock's own method, and no system call; so this is a type of its own, and a
/// lock without it pays nothing. Reads cost what they cost without it. Like the lock's readers, those who wait see the
/// latest value and may miss earlier ones.
///
/// `L` is [`SeqLock<T>`](SeqLock) or [`SeqLatch<T, BUFFERS>`](crate::SeqLatch). Writes that go through
/// [`lock`](Self::lock), those of the lock's own [`Writer`](crate::Writer) among them, wake no thread until
/// [`notify`](Self::notify) is called; those of [`writer`](Self::writer) do.
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
    /// A fence and a load if none waits; otherwise it takes a mutex and makes a system call or wakes tasks, so it is
    /// not for interrupt and signal handlers.
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

#[cfg(any(all(feature = "wait-tasks", feature = "std", not(loom)), all(test, loom)))]
mod deferred {
    //! Wakers that are called, cloned and dropped after the event's lock was released.
    //!
    //! `event-listener` does all three while it holds the lock of its list. There a waker that polls its task at once,
    //! or that writes, would wait for that lock forever, and one that panics would leave the list's numbers wrong, so
    //! that no later write wakes anything.
    //!
    //! A listener's task is woken where it is notified, and where a listener that was woken is dropped before it
    //! looked: it then hands its wake-up on to the next. [`after`] is around both:
    //!
    //! | in `after` | the event's lock |
    //! |---|---|
    //! | each [`Deferred`] that is woken is noted in a list of this thread | held |
    //! | the wakers in them are called, all of them, also if one panics | released |
    //!
    //! `models/dropped.rs` runs this code by loom.

    use alloc::sync::Arc;
    use alloc::task::Wake;
    use alloc::vec::Vec;
    use core::cell::RefCell;
    use core::future::Future;
    use core::mem::ManuallyDrop;
    use core::pin::Pin;
    use core::task::{Context, Poll, Waker};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// The wakers to call since `after` began, or `None` outside of `after`.
    type Noted = ManuallyDrop<RefCell<Option<Vec<Arc<Deferred>>>>>;

    // Never dropped, so that destructors of other thread-local variables can use it. It is empty outside of `after`.
    #[cfg(not(loom))]
    std::thread_local! {
        static NOTED: Noted = const { ManuallyDrop::new(RefCell::new(None)) };
    }
    #[cfg(loom)]
    loom::thread_local! {
        static NOTED: Noted = ManuallyDrop::new(RefCell::new(None));
    }

    /// The waker of a task, in the form that the event stores.
    struct Deferred(Waker);

    impl Wake for Deferred {
        fn wake(self: Arc<Self>) {
            let note = |noted: &Noted| noted.borrow_mut().as_mut().map(|noted| noted.push(Arc::clone(&self)));
            // On platforms without native thread-local variables, it may be gone when a thread ends.
            if !matches!(NOTED.try_with(note), Ok(Some(()))) {
                self.0.wake_by_ref();
            }
        }
    }

    /// A listener of a thread, or of a task, whose waker is deferred. Its drop is deferred, too.
    pub(crate) struct Listener<L> {
        /// Present until it is dropped or waits. Declared before the waker, which the event may own as well, so that
        /// the event never drops the last reference.
        listener: Option<L>,
        waker: Option<Arc<Deferred>>,
    }

    impl<L> Listener<L> {
        pub(crate) fn new(listener: L) -> Self {
            Listener { listener: Some(listener), waker: None }
        }
    }

    #[cfg(all(feature = "wait", not(loom)))]
    impl<L: event_listener::Listener> Listener<L> {
        pub(super) fn wait(mut self) {
            self.listener.take().map(L::wait).unwrap_or_default();
        }

        pub(super) fn wait_deadline(mut self, deadline: std::time::Instant) -> Option<()> {
            self.listener.take().and_then(|listener| listener.wait_deadline(deadline))
        }
    }

    impl<L> Drop for Listener<L> {
        fn drop(&mut self) {
            after(|| drop(self.listener.take()));
        }
    }

    impl<L: Future<Output = ()> + Unpin> Future for Listener<L> {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
            let this = &mut *self;
            let waker = match &this.waker {
                Some(waker) if waker.0.will_wake(task.waker()) => Arc::clone(waker),
                _ => Arc::new(Deferred(task.waker().clone())),
            };
            let event = Waker::from(Arc::clone(&waker));
            let listener = this.listener.as_mut();
            let poll = listener.map_or(Poll::Ready(()), |it| Pin::new(it).poll(&mut Context::from_waker(&event)));
            // This drops the previous one.
            this.waker = Some(waker);
            poll
        }
    }

    /// Calls the remaining wakers even if one of them panics.
    struct Wakers(alloc::vec::IntoIter<Arc<Deferred>>);

    impl Drop for Wakers {
        fn drop(&mut self) {
            for deferred in self.0.by_ref() {
                if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| deferred.0.wake_by_ref())) {
                    // A panic's payload may panic in its own drop, so it is not dropped.
                    if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| drop(thrown))) {
                        core::mem::forget(thrown);
                    }
                }
            }
        }
    }

    /// Calls `work`, and then the wakers of the tasks that `work` has woken.
    ///
    /// # Panics
    /// If a waker panics, with the panic of the first one, after all were called. Not during another panic, which would
    /// end the process.
    pub(crate) fn after(work: impl FnOnce()) {
        let outer = NOTED.try_with(|noted| noted.replace(Some(Vec::new())));
        work();
        let noted = NOTED.try_with(|noted| noted.replace(outer.ok().flatten()));
        let mut wakers = Wakers(noted.ok().flatten().unwrap_or_default().into_iter());
        if std::thread::panicking() {
            // The drop of `wakers` calls them.
            return;
        }
        for deferred in wakers.0.by_ref() {
            deferred.0.wake_by_ref();
        }
    }
}
