//! How threads and tasks wait for a value, and how a write wakes them: with [`Listeners`], or with a [`WakeUp`] of the
//! platform.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
#[cfg(any(feature = "wait", all(test, loom)))]
use std::time::{Duration, Instant};

use super::Watched;
use crate::lock::{Policy, Sequenced, Version};
#[cfg(any(feature = "wait-tasks", all(test, loom)))]
use crate::primitive::const_fn;
#[cfg(any(feature = "wait-tasks", all(test, loom)))]
use crate::primitive::event::EventListener;
#[cfg(all(test, loom))]
use crate::primitive::event::Listener;
use crate::primitive::{Ordering, fence};
use crate::seq_copy::SeqCopy;

#[cfg(all(feature = "wait-tasks", feature = "std", not(loom)))]
type Listening = super::deferred::Listener<EventListener>;
#[cfg(all(any(feature = "wait-tasks", all(test, loom)), not(all(feature = "std", not(loom)))))]
type Listening = EventListener;

/// What wakes the tasks that wait for a [`Watched`](super::Watched) value, for programs without an allocator, or whose
/// runtime has its own. [`with_wake_up`](super::Watched::with_wake_up) takes it.
///
/// With embassy, `AtomicWaker` or a `MultiWakerRegistration` in its mutex is one: how many tasks may wait at a time is
/// said there. One that has no place left for another task may wake those that it has, which then look and register
/// again. Waking a task for nothing is harmless.
///
/// ```
/// use std::sync::Mutex;
/// use std::task::Waker;
/// use seqcopy::{SeqLock, WakeUp, Watched};
///
/// /// Places for two tasks.
/// #[derive(Default)]
/// struct Two(Mutex<[Option<Waker>; 2]>);
///
/// impl WakeUp for Two {
///     fn register(&self, waker: &Waker) {
///         let mut places = self.0.lock().unwrap();
///         let place = places.iter().position(|place| place.as_ref().is_none_or(|other| other.will_wake(waker)));
///         if let Some(other) = places[place.unwrap_or(0)].replace(waker.clone()) {
///             other.wake();
///         }
///     }
///
///     fn wake(&self) {
///         let places = std::mem::take(&mut *self.0.lock().unwrap());
///         places.into_iter().flatten().for_each(Waker::wake);
///     }
/// }
///
/// let level = Watched::with_wake_up(SeqLock::new(0), Two::default());
/// level.write(7);
/// assert_eq!(level.read(), 7);
/// ```
pub trait WakeUp {
    /// Keeps the waker of a task until the next [`wake`](Self::wake), which wakes it. A sequentially consistent fence
    /// follows, and then the task looks at the value again: no ordering is needed here.
    fn register(&self, waker: &Waker);

    /// Wakes every task that has been registered, and forgets them. Called by the writer after the value and a
    /// sequentially consistent fence.
    ///
    /// # Panics
    /// A `WakeUp` should not panic. The value is published by then, and the panic is that of the call that wrote it, or
    /// of the drop of the [`WatchedWriter`](super::WatchedWriter), whose claim is released. If a panic drops that
    /// writer, a second one is caught; without the feature `std` it ends the process.
    fn wake(&self);
}

/// The threads and tasks that wait, any number of them: the crate `event-listener`, with the feature `wait` or
/// `wait-tasks`.
///
/// A write calls the wakers of the tasks after all of its own work: they may poll their tasks at once, and write. So
/// does the drop of a future that was woken and not polled since: it hands its wake-up on to another. If a waker
/// panics, the others are called, and the panic is that of the call that wrote, or of the drop. Without the feature
/// `std` they are called while the list of tasks is locked: then they must not use this value, and not panic.
pub struct Listeners {
    #[cfg(any(feature = "wait-tasks", all(test, loom)))]
    event: crate::primitive::event::Event,
}

#[cfg(any(feature = "wait-tasks", all(test, loom)))]
impl Listeners {
    const_fn! {
        pub(super) const fn new() -> Self {
            Listeners { event: crate::primitive::event::Event::new() }
        }
    }

    /// Step f1. Precedes the look at the value that is waited for.
    pub(super) fn listener(&self) -> Listening {
        let listener = self.event.listen();
        #[cfg(all(feature = "std", not(loom)))]
        let listener = super::deferred::Listener::new(listener);
        listener
    }
}

/// f1, f3, e2 and e3 of the protocol.
#[allow(unreachable_pub)] // in bounds of public methods, but not nameable
pub trait Event {
    /// f1: registers the task that this is awaited in. What that returns is f3.
    fn listen(&self) -> impl Future<Output = impl Future<Output = ()>>;

    /// Steps e2 and e3.
    fn notify(&self);
}

#[cfg(any(feature = "wait-tasks", all(test, loom)))]
impl Event for Listeners {
    fn listen(&self) -> impl Future<Output = impl Future<Output = ()>> {
        core::future::ready(self.listener())
    }

    fn notify(&self) {
        let notify = || _ = self.event.notify(usize::MAX);
        #[cfg(all(feature = "std", not(loom)))]
        super::deferred::after(notify);
        #[cfg(not(all(feature = "std", not(loom))))]
        notify();
    }
}

impl<W: WakeUp> Event for W {
    fn listen(&self) -> impl Future<Output = impl Future<Output = ()>> {
        poll_fn(|task| {
            self.register(task.waker());
            // Pairs with the fence of `notify`: the later of the two threads sees what the other one did before its
            // fence.
            fence(Ordering::SeqCst);
            Poll::Ready(UntilPolled(false))
        })
    }

    fn notify(&self) {
        fence(Ordering::SeqCst);
        self.wake();
    }
}

/// Ready when it is polled for the second time, after its task was woken.
struct UntilPolled(bool);

impl Future for UntilPolled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if core::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[cfg(any(feature = "wait", all(test, loom)))]
impl<T: SeqCopy, P: Policy> Watched<T, Sequenced<T, P>> {
    /// Waits until the value is of another version than `known`, blocking the thread; reads it and updates `known`. At
    /// once if it is so already, as with [`Version::NEVER`].
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// let watched = Watched::new(SeqLock::new(5));
    /// let mut known = Version::NEVER;
    /// assert_eq!(watched.wait(&mut known), 5);
    /// assert_eq!(known, watched.lock().version());
    /// ```
    pub fn wait(&self, known: &mut Version) -> T {
        loop {
            if let Some(value) = self.lock.read_if_changed(known) {
                return value;
            }
            // f1, before f2, so that a later write wakes this listener.
            let listener = self.written.listener();
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
    pub fn wait_timeout(&self, known: &mut Version, time: Duration) -> Option<T> {
        // A time that the clock can't represent is no limit.
        let Some(deadline) = Instant::now().checked_add(time) else { return Some(self.wait(known)) };
        loop {
            // f1, before f2.
            let listener = self.written.listener();
            if let Some(value) = self.lock.read_if_changed(known) {
                return Some(value);
            }
            if listener.wait_deadline(deadline).is_none() {
                return self.lock.read_if_changed(known);
            }
        }
    }
}

impl<T: SeqCopy, P: Policy, W: Event> Watched<T, Sequenced<T, P>, W> {
    /// `wait` for async tasks, of any runtime: reads the value when it is of another version than `known`, which is
    /// then its. Dropping the future is harmless: `known` changes only with the value that is returned, and a wake-up
    /// that it was given is handed on.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, Version, Watched};
    /// async fn next(watched: &Watched<u32>, known: &mut Version) -> u32 {
    ///     watched.changed(known).await
    /// }
    /// # let _ = next;
    /// ```
    pub async fn changed(&self, known: &mut Version) -> T {
        self.until(|lock| lock.read_if_changed(known)).await
    }

    /// Calls `look` until it returns a value, and sleeps in between until a write wakes it.
    pub(super) async fn until<R>(&self, mut look: impl FnMut(&Sequenced<T, P>) -> Option<R>) -> R {
        loop {
            if let Some(found) = look(&self.lock) {
                return found;
            }
            // f1, before f2.
            let woken = self.written.listen().await;
            if let Some(found) = look(&self.lock) {
                return found;
            }
            woken.await;
        }
    }
}
