//! Wakers that are called, cloned and dropped after the event's lock was released.
//!
//! `event-listener` does all three while it holds the lock of its list. There a waker that polls its task at once, or that writes, would
//! wait for that lock forever, and one that panics would leave the list's numbers wrong, so that no later write wakes anything.
//!
//! A listener's task is woken where it is notified, and where a listener that was woken is dropped before it looked: it then hands its wake-up on to the next.
//! [`after`] is around both:
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

/// What was woken since `after` began; `None` outside of it.
type Noted = ManuallyDrop<RefCell<Option<Vec<Arc<Deferred>>>>>;

// Not dropped, so that it's there for what other variables of a thread do when they are: it is empty outside of `after`.
#[cfg(not(loom))]
std::thread_local! {
    static NOTED: Noted = const { ManuallyDrop::new(RefCell::new(None)) };
}
#[cfg(loom)]
loom::thread_local! {
    static NOTED: Noted = ManuallyDrop::new(RefCell::new(None));
}

/// The waker of a task, as the event has it.
struct Deferred(Waker);

impl Wake for Deferred {
    fn wake(self: Arc<Self>) {
        let note = |noted: &Noted| noted.borrow_mut().as_mut().map(|noted| noted.push(Arc::clone(&self)));
        // Where a platform has no thread-local variables of its own, they may be gone at the end of a thread.
        if !matches!(NOTED.try_with(note), Ok(Some(()))) {
            self.0.wake_by_ref();
        }
    }
}

/// A listener of a task, which is woken that way, or of a thread. It is dropped that way, too.
pub(crate) struct Listener<L> {
    /// There until it is dropped, or waits: before the waker, which the event may have, too. So the event never drops the last of them.
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
        // The one before is dropped here.
        this.waker = Some(waker);
        poll
    }
}

/// Wakes what is left, if one of them panics.
struct Wakers(alloc::vec::IntoIter<Arc<Deferred>>);

impl Drop for Wakers {
    fn drop(&mut self) {
        for deferred in self.0.by_ref() {
            if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| deferred.0.wake_by_ref())) {
                // A payload may panic in its own drop; what that throws is not dropped.
                if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| drop(thrown))) {
                    core::mem::forget(thrown);
                }
            }
        }
    }
}

/// Calls `work`, and then the wakers of the tasks that it has woken.
///
/// # Panics
/// If one of the wakers does: with the first of them, after all were called. Not while another panic goes on, which would end the process.
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
