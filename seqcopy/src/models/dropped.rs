//! Tasks that are woken, and dropped before they look: `event-listener` hands their wake-up on while it holds its lock,
//! and what a waker does must come after that (`watched::deferred`). Loom reports a waker that waits for that lock as a
//! deadlock.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::task::Wake;
use std::vec::Vec;

use super::{explore, thread};
use crate::watched::{Listener, after};
use loom::sync::Mutex;
use loom::sync::atomic::{AtomicU32, Ordering};

/// The list of `event-listener`, which wakes, clones and drops wakers while it is locked.
#[derive(Default)]
struct List(Mutex<Vec<(u32, State)>>, AtomicU32);

enum State {
    Created,
    Task(Waker),
    Notified,
}

impl List {
    /// Wakes the listeners that wait, or the first of them.
    fn notify(list: &mut [(u32, State)], all: bool) {
        for (_, state) in list {
            match core::mem::replace(state, State::Notified) {
                State::Notified => continue,
                State::Created => {}
                State::Task(waker) => waker.wake(),
            }
            if !all {
                return;
            }
        }
    }

    fn listen(self: &Arc<Self>) -> Listener<Entry> {
        let id = self.1.fetch_add(1, Ordering::Relaxed);
        self.0.lock().unwrap().push((id, State::Created));
        Listener::new(Entry { list: Arc::clone(self), id })
    }

    fn notify_all(&self) {
        after(|| Self::notify(&mut self.0.lock().unwrap(), true));
    }
}

struct Entry {
    list: Arc<List>,
    id: u32,
}

impl Future for Entry {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let mut list = self.list.0.lock().unwrap();
        let at = list.iter().position(|(id, _)| *id == self.id);
        match at.map(|at| (at, &mut list[at].1)) {
            None => Poll::Ready(()),
            Some((at, State::Notified)) => {
                list.remove(at);
                Poll::Ready(())
            }
            Some((_, state)) => {
                *state = State::Task(task.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Entry {
    /// Hands on a wake-up that its task was not polled after.
    fn drop(&mut self) {
        let mut list = self.list.0.lock().unwrap();
        if let Some(at) = list.iter().position(|(id, _)| *id == self.id) {
            if let (_, State::Notified) = list.remove(at) {
                List::notify(&mut list, false);
            }
        }
    }
}

/// Writes when it is woken for the first time.
struct Writes {
    list: Arc<List>,
    woken: AtomicU32,
}

impl Wake for Writes {
    fn wake(self: Arc<Self>) {
        if self.woken.fetch_add(1, Ordering::Relaxed) == 0 {
            self.list.notify_all();
        }
    }
}

/// A task is dropped while a writer writes, and the wakers of both write.
fn one_is_dropped() {
    let list = Arc::new(List::default());
    let task = |list: &Arc<List>| {
        let writes = Arc::new(Writes { list: Arc::clone(list), woken: AtomicU32::new(0) });
        let (waker, mut listener) = (Waker::from(Arc::clone(&writes)), list.listen());
        let is_ready = Pin::new(&mut listener).poll(&mut Context::from_waker(&waker)).is_ready();
        (writes, listener, is_ready)
    };
    let (_, dropped, _) = task(&list);
    let writer = thread::spawn({
        let list = Arc::clone(&list);
        move || list.notify_all()
    });
    let dropper = thread::spawn(move || drop(dropped));
    // Mostly after the write: then the one that is dropped has a wake-up to hand on.
    let (waits, mut listener, was_ready) = task(&list);
    writer.join().unwrap();
    dropper.join().unwrap();
    let mut poll = || Pin::new(&mut listener).poll(&mut Context::from_waker(Waker::noop())).is_ready();
    let is_ready = poll();
    assert!(is_ready == (was_ready || waits.woken.load(Ordering::Relaxed) > 0), "woken, and not told");
    list.notify_all();
    assert!(is_ready || poll(), "the list takes no more wake-ups");
}

#[test]
fn watched_dropped() {
    explore("watched_dropped", one_is_dropped);
}
