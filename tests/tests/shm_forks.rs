//! Forks of a process while its other threads create, take over and drop writers. The table in
//! verify/evidence/faults.md names these tests.

#![cfg(all(unix, target_pointer_width = "64", not(miri)))]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, alarm, fork};
use seqcopy_shm::{ErrorKind, Writer};
use seqcopy_tests::faults::{Place, Small};

/// The only test of its process: threads of other tests would interfere with the forks.
#[test]
fn a_fork_takes_over_whatever_the_other_threads_were_doing() {
    let place = Place::new();
    let (own, busy, mine) = (place.at("own"), place.at("busy"), place.at("mine"));
    drop(Writer::<Small>::create(&own).unwrap());
    drop(Writer::<Small>::create(&busy).unwrap());
    let parents = Writer::<Small>::create(&mine).unwrap();
    let stop = AtomicBool::new(false);
    let forks = if seqcopy_tests::is_long() { 3000 } else { 300 };
    let (mut fine, mut hung, mut wrong) = (0, 0, 0);
    std::thread::scope(|scope| {
        // Most of the time one of them is using the table of own writers.
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    let _ = Writer::<Small>::take_over(&mine).map(drop);
                    let _ = Writer::<Small>::take_over(&busy).map(drop);
                }
            });
        }
        for _ in 0..forks {
            // SAFETY: the child calls only what is under test here, and ends without returning.
            match unsafe { fork() }.unwrap() {
                ForkResult::Child => {
                    alarm::set(60);
                    let taken = Writer::<Small>::take_over(&own);
                    // `AlreadyWriter` the second time: so its table works. The region that the parent writes belongs to
                    // another process.
                    let here = Writer::<Small>::take_over(&own).map_err(|error| format!("{:?}", error.kind()));
                    let there = Writer::<Small>::take_over(&mine);
                    let is_right = taken.is_ok()
                        && here.is_err_and(|said| said == "AlreadyWriter")
                        && there.is_err_and(|error| matches!(error.kind(), ErrorKind::Writer(_)));
                    // SAFETY: ends the process at once, as a fork of a process with threads should.
                    unsafe { nix::libc::_exit(i32::from(!is_right)) };
                }
                ForkResult::Parent { child } => match waitpid(child, None).unwrap() {
                    WaitStatus::Exited(_, 0) => fine += 1,
                    WaitStatus::Signaled(_, Signal::SIGALRM, _) => hung += 1,
                    _ => wrong += 1,
                },
            }
            if hung + wrong > 0 {
                break;
            }
        }
        stop.store(true, Relaxed);
    });
    drop(parents);
    assert_eq!((fine, hung, wrong), (forks, 0, 0));
}
