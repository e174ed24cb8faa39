//! `Watched`: values that are waited for, by threads and by tasks.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use seqcopy::{ArcWatchedWriter, Policy, SeqLatch, SeqLock, Sequenced, Version, WakeUp, Watched, WatchedWriter, part};

const ROUNDS: u64 = if cfg!(miri) { 10 } else { 8_000 };

/// [`Watched::wait`], or another way to wait.
type Wait<P> = fn(&Watched<u64, Sequenced<u64, P>>, &mut Version) -> u64;

/// Two threads wait for each other's values in turns, so that a wake-up that is lost hangs both; a third notices that.
fn turns<P: Policy + 'static>(lock: impl Fn() -> Sequenced<u64, P>, wait: Wait<P>) {
    let (there, back) = (Arc::new(Watched::new(lock())), Arc::new(Watched::new(lock())));
    let (done, result) = channel();
    for (from, to, more) in [(&there, &back, 0), (&back, &there, 1)] {
        let (from, to, done) = (Arc::clone(from), Arc::clone(to), done.clone());
        let mut known = from.lock().version();
        std::thread::spawn(move || {
            if more == 1 {
                to.write(1);
            }
            for round in 1..ROUNDS {
                let value = wait(&from, &mut known);
                assert_eq!(value, round);
                to.write(value + more);
            }
            done.send(()).unwrap();
        });
    }
    for _ in 0..2 {
        result.recv_timeout(Duration::from_secs(if cfg!(miri) { 3000 } else { 60 })).expect("a wake-up was lost");
    }
}

#[test]
fn no_wake_up_is_lost() {
    turns(|| SeqLock::new(0u64), Watched::wait);
    turns(|| SeqLatch::new(0u64), Watched::wait);
    // With a limit that is not reached before the third thread has noticed.
    let limited = |watched: &Watched<u64>, known: &mut Version| {
        watched.wait_timeout(known, Duration::from_secs(7200)).expect("woken by a write")
    };
    turns(|| SeqLock::new(0u64), limited);
}

#[test]
fn tasks_wait() {
    let watched = Arc::new(Watched::new(SeqLatch::<_, 4>::from_value([0u64; 3])));
    let mut known = watched.lock().version();
    let writer = Arc::clone(&watched);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let value = runtime.block_on(async {
        let task = tokio::spawn({
            let watched = Arc::clone(&watched);
            async move { watched.changed(&mut known).await }
        });
        tokio::task::yield_now().await;
        std::thread::spawn(move || writer.update(|value| value[1] = 8));
        task.await.unwrap()
    });
    assert_eq!(value, [0, 8, 0]);
}

#[test]
fn a_wait_ends_at_once_by_a_value_or_by_its_time() {
    let watched = Watched::new(SeqLock::new(1));
    let mut known = Version::NEVER;
    assert_eq!(watched.wait(&mut known), 1);
    assert_eq!(watched.wait_timeout(&mut known, Duration::from_millis(2)), None);
    watched.write(2);
    assert_eq!(watched.wait_timeout(&mut known, Duration::ZERO), Some(2));
    watched.write(3);
    assert_eq!(watched.wait_timeout(&mut known, Duration::MAX), Some(3));
    assert_eq!(known, watched.lock().version());
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| watched.update(|_| panic!("on demand"))));
    assert!(panics.is_err());
    assert_eq!(watched.wait_timeout(&mut known, Duration::from_millis(2)), None);
}

/// What goes through the lock wakes no thread until `notify` does.
#[test]
fn writes_by_the_lock_are_announced_by_hand() {
    let watched = Arc::new(Watched::new(SeqLock::new(0u8)));
    let mut known = watched.lock().version();
    let waits = std::thread::spawn({
        let watched = Arc::clone(&watched);
        move || watched.wait(&mut known)
    });
    let mut writer = watched.lock().writer().unwrap();
    writer.write(5);
    watched.notify();
    assert_eq!(waits.join().unwrap(), 5);
    drop(writer);
    assert_eq!(format!("{watched:?}"), "Watched(SeqLock(5))".replace("SeqLock(5)", &format!("{:?}", watched.lock())));
}

#[test]
fn a_watched_lock_is_shared_as_the_lock_is() {
    fn shared<T: Send + Sync>() {}
    shared::<Watched<[u64; 4]>>();
    shared::<Watched<u32, SeqLatch<u32, 4>>>();
    static_assertions::assert_not_impl_any!(Watched<*mut u8>: Send, Sync);
}

/// Counts how often its task was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls a wait, calls `wake`, and polls again: the task must have been woken in between.
fn woken_by<R>(wait: impl Future<Output = R>, wake: impl FnOnce()) -> R {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let (mut wait, mut task) = (pin!(wait), Context::from_waker(&waker));
    assert!(wait.as_mut().poll(&mut task).is_pending(), "there is nothing to return yet");
    wake();
    assert!(woken.0.load(Ordering::Relaxed) > 0, "not woken");
    match wait.poll(&mut task) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("woken, and waits on"),
    }
}

type Pair = (u32, u32);

/// Each method of a writer that writes.
fn each_write(write: impl Fn(fn(&mut WatchedWriter<'_, Pair, SeqLatch<Pair>>)) -> Pair) {
    assert_eq!(write(|writer| writer.write((1, 1))), (1, 1));
    assert_eq!(write(|writer| writer.write_from(&(2, 2))), (2, 2));
    assert_eq!(write(|writer| assert_eq!(writer.replace((3, 3)), (2, 2))), (3, 3));
    assert_eq!(write(|writer| writer.update(|pair| pair.0 = 4)), (4, 3));
    assert_eq!(write(|writer| writer.write_part(part!(Pair, 0), 5)), (5, 3));
    assert_eq!(write(|writer| writer.update_part(part!(Pair, 1), |value| *value += 3)), (5, 6));
}

#[test]
fn each_write_of_a_writer_wakes() {
    let watched = Watched::new(SeqLatch::<Pair>::new((0, 0)));
    let known = std::cell::Cell::new(watched.version());
    let writer = std::cell::RefCell::new(watched.writer().expect("the only writer"));
    assert!(watched.writer().is_none());
    each_write(|write| {
        let mut seen = known.get();
        let value = woken_by(watched.changed(&mut seen), || write(&mut writer.borrow_mut()));
        known.set(seen);
        value
    });
    assert_eq!(format!("{:?}", writer.borrow()), format!("Writer {{ version: {}, .. }}", watched.version().to_bits()));
}

#[test]
fn each_write_of_the_lock_wakes() {
    let watched = Watched::new(SeqLock::new(0));
    let mut known = watched.version();
    assert_eq!(woken_by(watched.changed(&mut known), || watched.write(1)), 1);
    assert_eq!(woken_by(watched.changed(&mut known), || assert_eq!(watched.replace(2), 1)), 2);
    assert_eq!(woken_by(watched.changed(&mut known), || watched.update(|value| *value += 1)), 3);
    assert_eq!((watched.read_if_changed(&mut known), watched.version()), (None, known));
    assert_eq!(watched.read_if_changed(&mut Version::NEVER.clone()), Some(3));
}

#[test]
fn the_end_of_the_writer_wakes_behind_its_last_value() {
    let watched = Arc::new(Watched::new(SeqLock::new(0)));
    let mut known = watched.version();
    let waits_in_vain = pin!(watched.changed_or_gone(&mut known)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(waits_in_vain, Poll::Ready(None), "there is no writer yet");

    let mut writer: ArcWatchedWriter<u32> = Watched::writer_arc(&watched).expect("the only writer");
    assert_eq!(woken_by(watched.changed_or_gone(&mut known), || writer.write(1)), Some(1));
    assert_eq!(woken_by(watched.changed_or_gone(&mut known), move || drop(writer)), None);

    let mut writer = watched.writer().expect("the first one is gone");
    let last = woken_by(watched.changed_or_gone(&mut known), move || {
        writer.write(2);
        drop(writer);
    });
    assert_eq!(last, Some(2));
    let then = pin!(watched.changed_or_gone(&mut known)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(then, Poll::Ready(None));
}

/// A wake-up with a place for one task, as embassy's `AtomicWaker`.
#[derive(Default)]
struct OneTask(Mutex<Option<Waker>>);

impl WakeUp for OneTask {
    fn register(&self, waker: &Waker) {
        let other = self.0.lock().unwrap().replace(waker.clone());
        other.filter(|other| !other.will_wake(waker)).into_iter().for_each(Waker::wake);
    }

    fn wake(&self) {
        if let Some(waker) = self.0.lock().unwrap().take() {
            waker.wake();
        }
    }
}

#[test]
fn a_wake_up_of_ones_own_wakes() {
    let watched = Watched::with_wake_up(SeqLock::new(0), OneTask::default());
    let mut known = watched.version();
    assert_eq!(woken_by(watched.changed(&mut known), || watched.write(1)), 1);
    let mut writer = watched.writer().expect("the only writer");
    assert_eq!(woken_by(watched.changed_or_gone(&mut known), || writer.write(2)), Some(2));
    assert_eq!(woken_by(watched.changed_or_gone(&mut known), move || drop(writer)), None);
}

/// Two tasks of different threads wait for each other's values in turns. What panics comes after the write, so the
/// value is there, and the claim is held by the writer that has it or by none.
#[test]
fn a_wake_up_that_panics_undoes_no_write() {
    struct Panics;
    impl WakeUp for Panics {
        fn register(&self, _: &Waker) {}

        fn wake(&self) {
            panic!("a wake-up that panics");
        }
    }
    let panics = |act: &mut dyn FnMut()| {
        let payload = catch_unwind(AssertUnwindSafe(act)).unwrap_err();
        *payload.downcast::<&str>().unwrap()
    };
    let watched = Watched::with_wake_up(SeqLock::new(0u64), Panics);
    assert_eq!(panics(&mut || watched.write(1)), "a wake-up that panics");
    assert_eq!(panics(&mut || watched.update(|value| *value += 1)), "a wake-up that panics");
    assert_eq!(watched.read(), 2);
    let mut writer = watched.writer();
    assert_eq!(panics(&mut || writer.as_mut().unwrap().write(3)), "a wake-up that panics");
    assert!(watched.read() == 3 && watched.lock().writer().is_none());
    assert_eq!(panics(&mut || drop(writer.take())), "a wake-up that panics");
    assert!(watched.lock().writer().is_some(), "released before it was dropped");
    // While another panic drops the writer, the process goes on, with the first one.
    let mut writer = watched.writer();
    let mut act = || {
        let _dropped = writer.take();
        panic!("the first");
    };
    assert_eq!(panics(&mut act), "the first");
    assert!(watched.lock().writer().is_some());
}

#[test]
fn a_wake_up_of_ones_own_loses_none() {
    let both = Arc::new([0, 1].map(|_| Watched::with_wake_up(SeqLock::new(0u64), OneTask::default())));
    let (done, result) = channel();
    // Before the first of them writes.
    let first = both[0].version();
    for me in [0, 1] {
        let (both, done) = (Arc::clone(&both), done.clone());
        let mut known = first;
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                for round in 1..ROUNDS {
                    if me == 0 {
                        both[0].write(round);
                    }
                    assert_eq!(both[1 - me].changed(&mut known).await, round);
                    if me == 1 {
                        both[1].write(round);
                    }
                }
            });
            done.send(()).unwrap();
        });
    }
    for _ in 0..2 {
        result.recv_timeout(Duration::from_secs(if cfg!(miri) { 3000 } else { 60 })).expect("a wake-up was lost");
    }
}

#[test]
fn waits_are_for_any_thread() {
    fn sent(_: impl Send) {}
    static WATCHED: Watched<u32> = Watched::new(SeqLock::new(0));
    let mut known = Version::NEVER;
    sent(WATCHED.changed(&mut known));
    sent(WATCHED.changed_or_gone(&mut known));
    sent(WATCHED.writer());
    static_assertions::assert_not_impl_any!(WatchedWriter<'static, u32>: Sync);
}

/// It did not wake the thread, which looks once more before it gives up.
#[test]
#[cfg_attr(
    miri,
    ignore = "nothing orders the write before that look, so the memory model allows an old value there at any time"
)]
fn a_value_that_wakes_none_is_found_when_the_time_is_up() {
    const TIME: Duration = Duration::from_millis(300);
    let watched = Watched::new(SeqLock::new(1));
    for number in 2.. {
        let mut known = watched.lock().version();
        let (began, mut is_in_time) = (Instant::now(), false);
        let found = std::thread::scope(|scope| {
            let waits = scope.spawn(|| watched.wait_timeout(&mut known, TIME));
            std::thread::sleep(TIME / 10);
            watched.lock().write(number);
            is_in_time = began.elapsed() < TIME;
            waits.join().unwrap()
        });
        // On a busy machine the value may come too late.
        if is_in_time {
            assert_eq!((found, known), (Some(number), watched.lock().version()));
            break;
        }
    }
}

/// A thread that panics drops its writer, too.
#[test]
fn the_end_of_a_writer_that_panics_wakes() {
    let watched = Arc::new(Watched::new(SeqLock::new(0)));
    let mut known = watched.version();
    let writer: ArcWatchedWriter<u32> = Watched::writer_arc(&watched).expect("the only writer");
    let panics = move || {
        let _writer = writer;
        panic!("on demand")
    };
    let end = woken_by(watched.changed_or_gone(&mut known), move || {
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    });
    assert_eq!(end, None);
}
