//! What the wakers of tasks that wait for a [`Watched`] value may do: poll at once, write, panic.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use seqcopy::{SeqLock, WakeUp, Watched};

type Level = Arc<Watched<u64>>;

fn level() -> Level {
    Arc::new(Watched::new(SeqLock::new(0)))
}

/// A task that registers itself, and then the waker of a test.
pub(crate) fn register<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) {
    assert!(matches!(future.poll(&mut Context::from_waker(waker)), Poll::Pending));
}

/// A runtime that polls a task where it is woken.
struct Inline(Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>);

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        let task = self.0.lock().unwrap().take();
        if let Some(mut task) = task {
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                *self.0.lock().unwrap() = Some(task);
            }
        }
    }
}

#[test]
fn a_waker_polls_its_task_at_once() {
    let (level, seen) = (level(), Arc::new(Mutex::new(Vec::new())));
    let (value, all) = (Arc::clone(&level), Arc::clone(&seen));
    let mut known = level.version();
    let task = Arc::new(Inline(Mutex::new(Some(Box::pin(async move {
        for _ in 0..3 {
            let value = value.changed(&mut known).await;
            all.lock().unwrap().push(value);
        }
    })))));
    task.wake();
    (1..=4).for_each(|value| level.write(value));
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
}

/// Writes once, where it is woken or where the last of it is dropped.
struct Writes {
    level: Level,
    left: AtomicUsize,
    on_drop: bool,
}

impl Writes {
    fn write(&self) {
        if self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            self.level.write(self.level.read() + 100);
        }
    }
}

impl Wake for Writes {
    fn wake(self: Arc<Self>) {
        if !self.on_drop {
            self.write();
        }
    }
}

impl Drop for Writes {
    fn drop(&mut self) {
        if self.on_drop {
            self.write();
        }
    }
}

#[test]
fn a_waker_writes() {
    let level = level();
    let mut known = level.version();
    let waker = Waker::from(Arc::new(Writes { level: Arc::clone(&level), left: 1.into(), on_drop: false }));
    let mut future = Box::pin(level.changed(&mut known));
    register(future.as_mut(), &waker);
    level.write(1);
    assert_eq!(level.read(), 101);
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(101));
}

/// The event has the last of a waker when its task is polled with another one, woken, or dropped.
#[test]
fn the_drop_of_a_waker_writes() {
    let level = level();
    let writes =
        |level: &Level| Waker::from(Arc::new(Writes { level: Arc::clone(level), left: 1.into(), on_drop: true }));
    let mut known = level.version();
    let mut future = Box::pin(level.changed(&mut known));
    register(future.as_mut(), &writes(&level));
    // The first waker goes, and wakes the task.
    register(future.as_mut(), &writes(&level));
    assert_eq!(level.read(), 100);
    level.write(1);
    drop(future);
    assert_eq!(level.read(), 101);
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a runtime that has shut down");
    }
}

/// Notes a number where it is woken.
struct Notes(Arc<Mutex<Vec<u8>>>, u8);

impl Wake for Notes {
    fn wake(self: Arc<Self>) {
        self.0.lock().unwrap().push(self.1);
    }
}

/// The panic is that of the write. All others are woken, and later writes go on waking.
#[test]
fn a_waker_panics() {
    let (level, woken) = (level(), Arc::new(Mutex::new(Vec::new())));
    let notes = |number| Waker::from(Arc::new(Notes(Arc::clone(&woken), number)));
    let [mut first, mut second, mut third] = [level.version(); 3];
    let mut futures = [&mut first, &mut second, &mut third].map(|known| Box::pin(level.changed(known)));
    let wakers = [notes(0), Waker::from(Arc::new(Panics)), notes(2)];
    futures.iter_mut().zip(&wakers).for_each(|(future, waker)| register(future.as_mut(), waker));
    assert!(catch_unwind(AssertUnwindSafe(|| level.write(1))).is_err());
    woken.lock().unwrap().sort_unstable();
    assert_eq!((level.read(), &woken.lock().unwrap()[..]), (1, &[0, 2][..]));
    drop(futures);

    let mut known = level.version();
    let (other, waits) = (Arc::clone(&level), channel());
    let thread = std::thread::spawn(move || {
        waits.0.send(()).expect("a test that waits");
        other.wait(&mut known)
    });
    waits.1.recv().expect("a thread that waits");
    level.write(2);
    assert_eq!(thread.join().expect("a value"), 2);
}

/// What a wake-up throws may panic when it is dropped, and what that throws, too.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(Bomb);
    }
}

struct Throws;

impl WakeUp for Throws {
    fn register(&self, _: &Waker) {}

    fn wake(&self) {
        panic_any(Bomb);
    }
}

#[test]
fn a_writer_that_panics_outlives_what_its_wake_up_throws() {
    let level = Watched::with_wake_up(SeqLock::new(0), Throws);
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        let _writer = level.writer().expect("the only writer");
        panic!("on demand")
    }));
    assert_eq!(thrown.expect_err("a panic").downcast_ref(), Some(&"on demand"));
    assert!(!level.lock().has_writer());
}

/// The waker of the last poll is the one that is woken.
#[test]
fn a_task_may_move_to_another_waker() {
    struct Woken(AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    let level = level();
    let mut known = level.version();
    let mut task = std::pin::pin!(level.changed(&mut known));
    let all = [0, 1].map(|_| Arc::new(Woken(AtomicUsize::new(0))));
    for woken in &all {
        register(task.as_mut(), &Waker::from(Arc::clone(woken)));
    }
    level.write(1);
    assert_eq!(all.each_ref().map(|it| it.0.load(Relaxed)), [0, 1]);
}
