//! What the programs of `recipes` call, implemented with loom: the atomics of `std`, and the functions of other crates,
//! with no stronger guarantees than their documentation gives. Loom reports a thread that sleeps forever as a deadlock.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use crate::primitive::Relaxed;
use crate::watched::WakeUp;
use loom::sync::atomic::{AtomicBool, AtomicU32};
use loom::sync::{Condvar, Mutex};

/// In a module of its own, because loom's macros refer to `std`, too.
pub(super) mod of_std {
    pub(crate) mod std {
        pub(crate) mod sync {
            pub(crate) mod atomic {
                pub(crate) use core::sync::atomic::Ordering;

                pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, fence};
            }
        }
    }
}

/// A queue of threads that sleep until the next wake-up call.
struct Sleepers {
    calls: Mutex<u32>,
    woken: Condvar,
}

impl Sleepers {
    fn new() -> Self {
        Sleepers { calls: Mutex::new(0), woken: Condvar::new() }
    }

    /// Wakes all threads. Calls `first` before that, while no thread can go to sleep.
    fn wake_all(&self, first: impl FnOnce()) {
        let mut calls = self.calls.lock().unwrap();
        first();
        *calls += 1;
        self.woken.notify_all();
    }

    /// The number of calls so far. Calls `first` while no wake-up call can be made.
    fn calls(&self, first: impl FnOnce()) -> u32 {
        let calls = self.calls.lock().unwrap();
        first();
        *calls
    }

    /// Sleeps until there have been more calls than `since`.
    fn sleep_since(&self, since: u32) {
        let mut calls = self.calls.lock().unwrap();
        while *calls == since {
            calls = self.woken.wait(calls).unwrap();
        }
    }

    /// Sleeps until the next call if `may`, which is called while no wake-up call can be made, returns `true`.
    fn sleep_if(&self, may: impl FnOnce() -> bool) {
        let mut calls = self.calls.lock().unwrap();
        let since = *calls;
        if may() {
            while *calls == since {
                calls = self.woken.wait(calls).unwrap();
            }
        }
    }
}

/// A futex: compares the word and sleeps, or wakes all sleeping threads, each under the kernel's lock.
pub(super) mod atomic_wait {
    use super::Sleepers;
    use crate::primitive::{AtomicU32, Relaxed};

    loom::lazy_static! {
        static ref QUEUE: Sleepers = Sleepers::new();
    }

    pub(crate) fn wait(word: &AtomicU32, expected: u32) {
        QUEUE.sleep_if(|| word.load(Relaxed) == expected);
    }

    pub(crate) fn wake_all(_: &AtomicU32) {
        QUEUE.wake_all(|| {});
    }
}

/// `Notify`: a future receives every `notify_waiters` that is called after its creation.
pub(super) mod tokio {
    pub(crate) mod sync {
        use core::pin::Pin;
        use core::task::{Context, Poll};

        use super::super::Sleepers;
        use crate::primitive::{Acquire, AtomicU32, Ordering};

        pub(crate) struct Notify {
            /// Changed while no future can go to sleep, but loaded at any time.
            calls: AtomicU32,
            sleepers: Sleepers,
        }

        impl Notify {
            pub(crate) fn new() -> Self {
                Notify { calls: AtomicU32::new(0), sleepers: Sleepers::new() }
            }

            pub(crate) fn notify_waiters(&self) {
                self.sleepers.wake_all(|| {
                    self.calls.fetch_add(1, Ordering::AcqRel);
                });
            }

            pub(crate) fn notified(&self) -> Notified<'_> {
                Notified { notify: self, calls: self.calls.load(Acquire) }
            }
        }

        pub(crate) struct Notified<'a> {
            notify: &'a Notify,
            /// The number of calls before its creation.
            calls: u32,
        }

        impl Future for Notified<'_> {
            type Output = ();

            /// Blocks the thread instead of returning `Pending`.
            fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
                self.notify.sleepers.sleep_since(self.calls);
                Poll::Ready(())
            }
        }
    }
}

/// `Event`: `listen` registers, then executes a fence; `notify` executes a fence, then wakes the registered listeners.
pub(crate) mod event_listener {
    use core::pin::Pin;
    use core::task::{Context, Poll};
    use std::sync::Arc;
    use std::time::Instant;

    use super::Sleepers;
    use crate::primitive::{AtomicU32, Ordering, Relaxed, fence};

    pub(crate) struct Event(Arc<Listeners>);

    struct Listeners {
        count: AtomicU32,
        sleepers: Sleepers,
    }

    impl Event {
        pub(crate) fn new() -> Self {
            Event(Arc::new(Listeners { count: AtomicU32::new(0), sleepers: Sleepers::new() }))
        }

        pub(crate) fn listen(&self) -> EventListener {
            let calls = self.0.sleepers.calls(|| {
                self.0.count.fetch_add(1, Relaxed);
            });
            fence(Ordering::SeqCst);
            EventListener { event: Arc::clone(&self.0), calls }
        }

        pub(crate) fn notify(&self, _: usize) {
            fence(Ordering::SeqCst);
            if self.0.count.load(Relaxed) != 0 {
                self.0.sleepers.wake_all(|| self.0.count.store(0, Relaxed));
            }
        }
    }

    pub(crate) struct EventListener {
        event: Arc<Listeners>,
        /// The number of calls before its creation.
        calls: u32,
    }

    pub(crate) trait Listener {
        fn wait(self);
        fn wait_deadline(self, deadline: Instant) -> Option<()>;
    }

    impl Listener for EventListener {
        fn wait(self) {
            self.event.sleepers.sleep_since(self.calls);
        }

        /// Models have no clock: the deadline never passes, so that a wake-up which is lost is a deadlock here, too.
        fn wait_deadline(self, _: Instant) -> Option<()> {
            self.wait();
            Some(())
        }
    }

    impl Future for EventListener {
        type Output = ();

        /// Blocks the thread instead of returning `Pending`.
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            self.event.sleepers.sleep_since(self.calls);
            Poll::Ready(())
        }
    }
}

/// Runs a future that blocks where the original would return `Pending`.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the stand-ins are never pending"),
    }
}

/// A wake-up of a platform, with a place for one task, and no ordering of its own.
pub(super) struct Place {
    taken: AtomicBool,
    /// The number of calls before the task was registered.
    calls: AtomicU32,
    sleepers: Sleepers,
}

impl Place {
    pub(super) fn new() -> Self {
        Place { taken: AtomicBool::new(false), calls: AtomicU32::new(0), sleepers: Sleepers::new() }
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return output;
            }
            self.sleepers.sleep_since(self.calls.load(Relaxed));
        }
    }
}

impl WakeUp for Arc<Place> {
    fn register(&self, _: &Waker) {
        let calls = self.sleepers.calls(|| self.taken.store(true, Relaxed));
        self.calls.store(calls, Relaxed);
    }

    fn wake(&self) {
        if self.taken.load(Relaxed) {
            self.sleepers.wake_all(|| self.taken.store(false, Relaxed));
        }
    }
}
