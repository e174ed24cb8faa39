//! Wakers that are called, cloned and dropped after the event's lock was released.
//!
//! `event-listener` does all three while it holds the lock of its list. There a waker that polls its task at once, or that writes, would
//! wait for that lock forever, and one that panics would leave the list's numbers wrong, so that no later write wakes anything.
//!
//! | in `notify` | the event's lock |
//! |---|---|
//! | each [`Deferred`] that is registered is noted in a list of this thread | held |
//! | the wakers in them are called, all of them, also if one panics | released |

use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};

std::thread_local! {
    /// What `notify` has found since it began; `None` outside of it.
    static NOTED: RefCell<Option<Vec<Arc<Deferred>>>> = const { RefCell::new(None) };
}

/// The waker of a task, as the event has it.
struct Deferred(Waker);

impl Wake for Deferred {
    fn wake(self: Arc<Self>) {
        let note =
            |noted: &RefCell<Option<Vec<_>>>| noted.borrow_mut().as_mut().map(|noted| noted.push(Arc::clone(&self)));
        // Outside of `notify`, and at the end of a thread, there is no list.
        if !matches!(NOTED.try_with(note), Ok(Some(()))) {
            self.0.wake_by_ref();
        }
    }
}

/// A listener whose task is woken that way.
pub(super) struct Listener<L> {
    /// Dropped before the waker, which the event may have, too: so the event never drops the last of them.
    listener: L,
    waker: Option<Arc<Deferred>>,
}

impl<L> Listener<L> {
    pub(super) fn new(listener: L) -> Self {
        Listener { listener, waker: None }
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
        let poll = Pin::new(&mut this.listener).poll(&mut Context::from_waker(&Waker::from(Arc::clone(&waker))));
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
                // It may panic in its own drop; what that throws is not dropped.
                if let Err(thrown) = catch_unwind(AssertUnwindSafe(|| drop(thrown))) {
                    core::mem::forget(thrown);
                }
            }
        }
    }
}

/// Calls `notify`, and then the wakers of the tasks that it has woken.
///
/// # Panics
/// If one of the wakers does: with the first of them, after all were called.
pub(super) fn after(notify: impl FnOnce()) {
    let outer = NOTED.try_with(|noted| noted.replace(Some(Vec::new())));
    notify();
    let noted = NOTED.try_with(|noted| noted.replace(outer.ok().flatten()));
    let mut wakers = Wakers(noted.ok().flatten().unwrap_or_default().into_iter());
    for deferred in wakers.0.by_ref() {
        deferred.0.wake_by_ref();
    }
}
