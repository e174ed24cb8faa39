//! How those who wait for a value are woken: [`Listeners`], or a [`WakeUp`] that the platform gives.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use crate::primitive::{Ordering, fence};
#[cfg(any(feature = "wait-tasks", all(test, loom)))]
use crate::primitive::{const_fn, event::EventListener};

#[cfg(all(feature = "wait-tasks", feature = "std", not(loom)))]
type Listening = super::deferred::Listener<EventListener>;
#[cfg(all(any(feature = "wait-tasks", all(test, loom)), not(all(feature = "std", not(loom)))))]
type Listening = EventListener;

/// What wakes the tasks that wait for a [`Watched`](super::Watched) value, for programs without an allocator, or whose runtime has its own.
/// [`with_wake_up`](super::Watched::with_wake_up) takes it.
///
/// With embassy, `AtomicWaker` or a `MultiWakerRegistration` in its mutex is one: how many tasks may wait at a time is said there. One
/// that has no place left for another task may wake those that it has, which then look and register again. Waking a task for
/// nothing is harmless.
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
    /// Keeps the waker of a task until the next [`wake`](Self::wake), which wakes it. A sequentially consistent fence follows, and then
    /// the task looks at the value again: no ordering is needed here.
    fn register(&self, waker: &Waker);

    /// Wakes every task that has been registered, and forgets them. Called by the writer after the value and a sequentially
    /// consistent fence.
    ///
    /// # Panics
    /// It should not. The value is published by then, and the panic is that of the call that wrote it, or of the drop of the
    /// [`WatchedWriter`](super::WatchedWriter), whose claim is released. If a panic drops that writer, a second one is caught; without the
    /// feature `std` it ends the process.
    fn wake(&self);
}

/// The threads and tasks that wait, any number of them: the crate `event-listener`, with the feature `wait` or `wait-tasks`.
///
/// A write calls the wakers of the tasks after all of its own work: they may poll their tasks at once, and write. So does the drop of a future
/// that was woken and not polled since: it hands its wake-up on to another. If a waker panics, the others are called, and the panic is that of the
/// call that wrote, or of the drop. Without the feature `std` they are called while the list of tasks is locked: then they must not use this value,
/// and not panic.
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

    /// f1, before what it returns is waited for.
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

    /// e2 and e3.
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
            // Pairs with the fence of `notify`: the one that is the later sees what was before the other.
            fence(Ordering::SeqCst);
            Poll::Ready(UntilPolled(false))
        })
    }

    fn notify(&self) {
        fence(Ordering::SeqCst);
        self.wake();
    }
}

/// Ready when it is polled again: its task was woken.
struct UntilPolled(bool);

impl Future for UntilPolled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if core::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
