//! `Watched`: values that are waited for, by threads and by tasks.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use seqcopy::{Policy, SeqLatch, SeqLock, Sequenced, Version, Watched};

const ROUNDS: u64 = if cfg!(miri) { 10 } else { 20_000 };

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
