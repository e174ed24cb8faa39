//! Tasks that are dropped at any time, beside wakers that poll at once, write, panic or drop another task: nothing
//! hangs, and no wake-up is lost.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use seqcopy::{SeqLock, Version, Watched};
use seqcopy_tests::is_long;
use seqcopy_tests::oracle::Rng;

use crate::wakers::register;

type Level = Watched<u64>;
type Task = Pin<Box<dyn Future<Output = u64> + Send>>;

/// What a waker does, but for noting that it was called.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Does {
    Nothing,
    Polls,
    Writes,
    Panics,
    Drops(usize),
}

/// A task that waits for the next value.
struct Waits {
    all: Arc<All>,
    does: Does,
    at: usize,
    woken: AtomicUsize,
}

/// A task, since when it waits, and its waker.
type Place = Option<(Task, Version, Arc<Waits>)>;

/// The places of tasks, and the value that they wait for.
struct All {
    level: Level,
    places: [Mutex<Place>; 4],
    writes: AtomicUsize,
}

impl All {
    fn new() -> Arc<Self> {
        let places = [const { Mutex::new(None) }; 4];
        Arc::new(All { level: Watched::new(SeqLock::new(0)), places, writes: AtomicUsize::new(0) })
    }

    fn start(self: &Arc<Self>, at: usize, does: Does) {
        let (all, mut known) = (Arc::clone(self), self.level.version());
        let (since, waits) = (known, Arc::new(Waits { all: Arc::clone(self), does, at, woken: AtomicUsize::new(0) }));
        let task: Task = Box::pin(async move { all.level.changed(&mut known).await });
        let before = self.places[at].lock().unwrap().replace((task, since, waits));
        self.poll(at);
        // It may throw what a waker does.
        drop(before);
    }

    /// Polls a task, unless that is being polled.
    fn poll(&self, at: usize) {
        let Some((mut task, since, waits)) = self.places[at].lock().unwrap().take() else { return };
        let waker = Waker::from(Arc::clone(&waits));
        waits.woken.store(0, Relaxed);
        if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            *self.places[at].lock().unwrap() = Some((task, since, waits));
        }
    }

    fn take(&self, at: usize) -> Place {
        self.places[at].lock().unwrap().take()
    }

    /// Every task that waits, and for which there is a newer value, was woken.
    fn none_is_lost(&self, what: &dyn std::fmt::Debug) {
        for place in &self.places {
            if let Some((_, since, waits)) = &*place.lock().unwrap() {
                let is_told = *since == self.level.version() || waits.woken.load(Relaxed) > 0;
                assert!(is_told, "{:?} was not woken after {what:?}", waits.does);
            }
        }
    }
}

impl Wake for Waits {
    fn wake(self: Arc<Self>) {
        self.woken.fetch_add(1, Relaxed);
        match self.does {
            Does::Polls => self.all.poll(self.at),
            // Each wakes others, which write.
            Does::Writes if self.all.writes.fetch_add(1, Relaxed) < 8 => {
                self.all.level.write(self.all.level.read() + 1);
            }
            Does::Nothing | Does::Writes => {}
            Does::Panics => panic!("a waker that panics"),
            Does::Drops(other) => drop(self.all.take(other)),
        }
    }
}

/// Six steps, each of which may panic by a waker; then a write, which wakes those that are left.
fn schedule(random: &mut Rng) {
    let (all, mut steps) = (All::new(), Vec::new());
    for _ in 0..6 {
        let (step, at, kind) = (random.below(6), random.below(4), random.below(5));
        steps.push((step, at, kind));
        all.writes.store(0, Relaxed);
        let work = || match step {
            0 | 1 => {
                let does = [Does::Nothing, Does::Polls, Does::Writes, Does::Panics, Does::Drops(random.below(4))][kind];
                all.start(at, does);
            }
            2 => all.poll(at),
            3 => drop(all.take(at)),
            4 => all.level.write(all.level.read() + 1),
            _ => {
                let _dropped = all.take(at);
                panic!("a panic that drops a task");
            }
        };
        let _ = catch_unwind(AssertUnwindSafe(work));
        all.none_is_lost(&steps);
    }
    let _ = catch_unwind(AssertUnwindSafe(|| all.level.write(100)));
    all.none_is_lost(&steps);
    // They have one another.
    (0..4).for_each(|at| drop(catch_unwind(AssertUnwindSafe(|| drop(all.take(at))))));
}

/// How often something is tried: under Miri, and in the short form.
fn times(under_miri: usize, short: usize) -> usize {
    match (cfg!(miri), is_long()) {
        (true, _) => under_miri,
        (false, true) => 1_000_000,
        (false, false) => short,
    }
}

#[test]
fn a_million_schedules_end_and_lose_no_wake_up() {
    let schedules = times(20, 20_000);
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if !text.starts_with("a waker that panics") && !text.starts_with("a panic that drops") {
            eprintln!("{panic}");
        }
    }));
    let mut random = Rng::new(0x5eed);
    (0..schedules).for_each(|_| schedule(&mut random));
    drop(std::panic::take_hook());
}

/// A task that was woken and not polled, and one that has begun to wait since.
fn dropped_before(waker: &Waker, work: impl FnOnce(&Level, &mut dyn FnMut())) {
    let level = Level::new(SeqLock::new(0));
    let mut known = [level.version(); 2];
    let [first, second] = &mut known;
    let mut dropped = Some(Box::pin(level.changed(first)));
    register(dropped.as_mut().unwrap().as_mut(), Waker::noop());
    level.write(1);
    *second = level.version();
    let mut waits = pin!(level.changed(second));
    register(waits.as_mut(), waker);
    work(&level, &mut || dropped = None);
}

struct Calls<F>(F);

impl<F: Fn() + Send + Sync> Wake for Calls<F> {
    fn wake(self: Arc<Self>) {
        self.0();
    }
}

fn calls(work: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(Calls(work)))
}

/// The event hands on what a dropped task was told: its lock is free by then.
#[test]
fn a_dropped_task_hands_its_wake_up_on() {
    static LEVEL: Level = Watched::new(SeqLock::new(0));
    let mut known = LEVEL.version();
    let mut first = Box::pin(LEVEL.changed(&mut known));
    register(first.as_mut(), Waker::noop());
    LEVEL.write(1);
    let (mut known, woken) = (LEVEL.version(), Arc::new(AtomicUsize::new(0)));
    let counts = Arc::clone(&woken);
    let waker = calls(move || {
        if counts.fetch_add(1, Relaxed) == 0 {
            LEVEL.write(2);
        }
    });
    let mut second = Box::pin(LEVEL.changed(&mut known));
    register(second.as_mut(), &waker);
    drop(first);
    assert_eq!((woken.load(Relaxed), LEVEL.read()), (1, 2));
    assert_eq!(second.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(2));
}

/// A panic comes out of the drop, and out of no panic; later writes wake.
#[test]
fn a_waker_panics_where_a_task_is_dropped() {
    let panics = calls(|| panic!("a waker that panics"));
    dropped_before(&panics, |level, drop_it| {
        assert!(catch_unwind(AssertUnwindSafe(drop_it)).is_err());
        let (mut known, woken) = (level.version(), Arc::new(AtomicUsize::new(0)));
        let (counts, mut third) = (Arc::clone(&woken), pin!(level.changed(&mut known)));
        register(third.as_mut(), &calls(move || _ = counts.fetch_add(1, Relaxed)));
        level.write(2);
        assert_eq!(woken.load(Relaxed), 1);
    });
    dropped_before(&panics, |_, drop_it| {
        struct Drops<'a>(&'a mut dyn FnMut());
        impl Drop for Drops<'_> {
            fn drop(&mut self) {
                (self.0)();
            }
        }
        let thrown = catch_unwind(AssertUnwindSafe(|| {
            let _drops = Drops(drop_it);
            panic!("on demand");
        }));
        assert_eq!(thrown.expect_err("a panic").downcast_ref(), Some(&"on demand"));
    });
}

/// Variables of a thread are dropped at its end, those of `Watched` perhaps before.
#[test]
#[cfg_attr(target_os = "android", ignore = "thread-local variables of the library, which have an end")]
fn the_end_of_a_thread_drops_a_task() {
    static LEVEL: Level = Watched::new(SeqLock::new(0));
    thread_local!(static TASK: RefCell<Option<Task>> = const { RefCell::new(None) });
    let (mut known, woken) = (Version::NEVER, Arc::new(AtomicBool::new(false)));
    let mut waits: Task = Box::pin(async move {
        LEVEL.changed(&mut known).await;
        LEVEL.changed(&mut known).await
    });
    let counts = Arc::clone(&woken);
    let waits = std::thread::spawn(move || {
        // Registered as the first, so dropped as the last.
        TASK.with(|task| {
            let mut first: Task = Box::pin(async {
                let mut known = LEVEL.version();
                LEVEL.changed(&mut known).await
            });
            register(first.as_mut(), Waker::noop());
            *task.borrow_mut() = Some(first);
        });
        LEVEL.write(1);
        let waker = calls(move || {
            if !counts.swap(true, Relaxed) {
                LEVEL.write(2);
            }
        });
        register(waits.as_mut(), &waker);
        // Still there when the other is dropped.
        waits
    })
    .join()
    .expect("a thread that ends");
    assert!(woken.load(Relaxed));
    drop(waits);
}

/// A runtime that polls a task where it is woken, once more if that was meanwhile.
struct Inline {
    task: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    again: AtomicBool,
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        self.again.store(true, SeqCst);
        let waker = Waker::from(Arc::clone(&self));
        while self.again.load(SeqCst) {
            let Some(mut task) = self.task.lock().unwrap().take() else { return };
            self.again.store(false, SeqCst);
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                *self.task.lock().unwrap() = Some(task);
            }
        }
    }
}

/// A thread that has seen the value has a listener as well, and hands on what that was told.
#[test]
fn a_thread_hands_its_wake_up_on() {
    static LEVEL: Level = Watched::new(SeqLock::new(0));
    static ENDED: AtomicBool = AtomicBool::new(false);
    let rounds = times(50, 50_000);
    let polls = Inline {
        task: Mutex::new(Some(Box::pin(async {
            let mut known = LEVEL.version();
            while !ENDED.load(SeqCst) {
                LEVEL.changed(&mut known).await;
            }
        }))),
        again: AtomicBool::new(false),
    };
    let polls = Arc::new(polls);
    Arc::clone(&polls).wake();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..rounds {
                // Any value is newer.
                let mut known = Version::NEVER;
                LEVEL.wait_timeout(&mut known, Duration::from_secs(60)).expect("a value is there");
            }
            ENDED.store(true, SeqCst);
        });
        while !ENDED.load(SeqCst) {
            LEVEL.write(LEVEL.read() + 1);
        }
    });
    LEVEL.write(0);
    assert!(polls.task.lock().unwrap().is_none(), "the task has ended");
}
