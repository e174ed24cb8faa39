//! `survive_truncation` beside other threads that install handlers of SIGBUS, call it too, lose pages or fork, each at
//! the moment that is worst: this program has a `sigaction` of its own, which does such a thing in the middle of a
//! call.

use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use seqcopy_shm::{ReadValueError, survive_truncation};

use super::handlers::{FAULT, heals, install, own_pages, read_of_a_lost_region, touch};
use super::{End, alone};

unsafe extern "C" {
    /// The system's library has it under this name as well.
    fn __sigaction(signal: libc::c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> libc::c_int;
}

type Doing = Box<dyn FnOnce() + Send>;

/// What happens once the action on SIGBUS was asked for, before it is set, and once it was set.
static ASKED: Mutex<Option<Doing>> = Mutex::new(None);
static SETTING: Mutex<Option<Doing>> = Mutex::new(None);
static SET: Mutex<Option<Doing>> = Mutex::new(None);

fn at(moment: &Mutex<Option<Doing>>, does: impl FnOnce() + Send + 'static) {
    *moment.lock().unwrap() = Some(Box::new(does));
}

/// In the place of the system's, in this program.
///
/// # Safety
/// As for that.
#[unsafe(no_mangle)]
unsafe extern "C" fn sigaction(
    signal: libc::c_int,
    new: *const libc::sigaction,
    old: *mut libc::sigaction,
) -> libc::c_int {
    // What is done may call this.
    let once = |moment: &Mutex<Option<Doing>>| {
        let does = moment.lock().unwrap().take().filter(|_| signal == libc::SIGBUS);
        if let Some(does) = does {
            does();
        }
    };
    if signal == libc::SIGBUS && !new.is_null() {
        once(&SETTING);
    }
    // SAFETY: this function's contract.
    let result = unsafe { __sigaction(signal, new, old) };
    if signal == libc::SIGBUS {
        once(if new.is_null() { &ASKED } else { &SET });
    }
    result
}

/// This program's own handler, as another thread would install it.
fn install_another() {
    // SAFETY: integers and an optional function.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    (action.sa_sigaction, action.sa_flags) = (heals as *const () as usize, libc::SA_SIGINFO);
    // SAFETY: a valid action.
    assert_eq!(unsafe { __sigaction(libc::SIGBUS, &raw const action, null_mut()) }, 0);
}

#[track_caller]
fn both_get_what_is_theirs() {
    let page = own_pages();
    assert_eq!((touch(page), FAULT.load(Relaxed)), (0, page.addr()));
    assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
}

#[test]
fn a_handler_that_is_installed_meanwhile_is_passed_on_to() {
    alone("installs::a_handler_that_is_installed_meanwhile_is_passed_on_to", End::Passed, || {
        at(&ASKED, install_another);
        survive_truncation().unwrap();
        both_get_what_is_theirs();
    });
}

/// What is done about SIGBUS: the handler, its flags, and whether it runs while SIGUSR1 is blocked.
fn present() -> (usize, libc::c_int, bool) {
    let mut now = MaybeUninit::uninit();
    // SAFETY: space for an action.
    assert_eq!(unsafe { __sigaction(libc::SIGBUS, std::ptr::null(), now.as_mut_ptr()) }, 0);
    // SAFETY: written by the call.
    let now: libc::sigaction = unsafe { now.assume_init() };
    // SAFETY: a set of signals.
    (now.sa_sigaction, now.sa_flags, unsafe { libc::sigismember(&raw const now.sa_mask, libc::SIGUSR1) } == 1)
}

/// It runs as it was promised: on the thread's own stack, and with the signals blocked that it has named.
#[test]
fn a_handler_that_is_installed_meanwhile_keeps_its_stack_and_its_mask() {
    alone("installs::a_handler_that_is_installed_meanwhile_keeps_its_stack_and_its_mask", End::Passed, || {
        install(heals as *const () as usize, libc::SA_SIGINFO | libc::SA_ONSTACK);
        at(&ASKED, || {
            // SAFETY: integers and an optional function.
            let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
            (action.sa_sigaction, action.sa_flags) = (heals as *const () as usize, libc::SA_SIGINFO | libc::SA_RESTART);
            // SAFETY: a set of signals.
            unsafe { libc::sigaddset(&raw mut action.sa_mask, libc::SIGUSR1) };
            // SAFETY: a valid action.
            assert_eq!(unsafe { __sigaction(libc::SIGBUS, &raw const action, null_mut()) }, 0);
        });
        survive_truncation().unwrap();
        let (handler, flags, blocks) = present();
        assert!(handler != heals as *const () as usize && blocks);
        assert_eq!((flags & libc::SA_ONSTACK, flags & libc::SA_RESTART), (0, libc::SA_RESTART));
        both_get_what_is_theirs();
    });
}

/// One that is installed later passes on to this one, so it is not taken away.
#[test]
fn a_handler_that_is_installed_later_stays() {
    alone("installs::a_handler_that_is_installed_later_stays", End::Passed, || {
        static LATER: AtomicUsize = AtomicUsize::new(0);
        extern "C" fn later(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
            // SAFETY: the handler that was there before, with `SA_SIGINFO`.
            let before: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                unsafe { std::mem::transmute(LATER.load(Relaxed)) };
            before(signal, info, context);
        }
        at(&ASKED, install_another);
        at(&SET, || {
            LATER.store(present().0, Relaxed);
            // SAFETY: integers and an optional function.
            let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
            (action.sa_sigaction, action.sa_flags) = (later as *const () as usize, libc::SA_SIGINFO);
            // SAFETY: a valid action.
            assert_eq!(unsafe { __sigaction(libc::SIGBUS, &raw const action, null_mut()) }, 0);
        });
        survive_truncation().unwrap();
        assert_eq!(present().0, later as *const () as usize);
        both_get_what_is_theirs();
    });
}

/// The handler is there, and it is not known yet that it took the place of another.
#[test]
fn a_fault_meanwhile_is_for_the_handler_that_is_found_then() {
    alone("installs::a_fault_meanwhile_is_for_the_handler_that_is_found_then", End::Passed, || {
        static WAS_EARLY: AtomicBool = AtomicBool::new(false);
        static PAGE: AtomicUsize = AtomicUsize::new(0);
        at(&ASKED, install_another);
        at(&SET, || {
            let page = own_pages().expose_provenance();
            PAGE.store(page, Relaxed);
            thread::spawn(move || touch(std::ptr::with_exposed_provenance(page)));
            thread::sleep(Duration::from_millis(100));
            WAS_EARLY.store(FAULT.load(Relaxed) != 0, Relaxed);
        });
        survive_truncation().unwrap();
        while FAULT.load(Relaxed) == 0 {
            thread::yield_now();
        }
        assert_eq!((WAS_EARLY.load(Relaxed), FAULT.load(Relaxed)), (false, PAGE.load(Relaxed)));
        both_get_what_is_theirs();
    });
}

#[test]
fn a_second_call_returns_when_the_handler_is_there() {
    alone("installs::a_second_call_returns_when_the_handler_is_there", End::Passed, || {
        static RETURNED: AtomicBool = AtomicBool::new(false);
        at(&SETTING, || {
            thread::spawn(|| {
                survive_truncation().unwrap();
                RETURNED.store(true, Relaxed);
                assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
            });
            thread::sleep(Duration::from_millis(100));
            assert!(!RETURNED.load(Relaxed), "the second call has returned, and there is no handler");
        });
        survive_truncation().unwrap();
        while !RETURNED.load(Relaxed) {
            thread::yield_now();
        }
    });
}

/// Its thread is not there in the fork, which finds what that has done so far: nothing is set, or all is.
#[test]
fn a_fork_in_the_middle_of_a_call_makes_its_own() {
    alone("installs::a_fork_in_the_middle_of_a_call_makes_its_own", End::Passed, || {
        for moment in [&SETTING, &SET] {
            at(moment, || {
                // SAFETY: one thread of this program is not waiting, this one.
                match unsafe { fork() }.unwrap() {
                    ForkResult::Child => {
                        // One that waits for a thread that it does not have would never end.
                        nix::unistd::alarm::set(20);
                        let is_right =
                            survive_truncation().is_ok() && read_of_a_lost_region() == Err(ReadValueError::Truncated);
                        // SAFETY: ends the process.
                        unsafe { libc::_exit((!is_right).into()) };
                    }
                    ForkResult::Parent { child } => {
                        assert!(matches!(waitpid(child, None), Ok(WaitStatus::Exited(_, 0))));
                    }
                }
            });
        }
        survive_truncation().unwrap();
        assert!(SETTING.lock().unwrap().is_none() && SET.lock().unwrap().is_none());
        assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
    });
}

/// Without a moment that is chosen: of processes that start so, none loses the handler of its other thread.
#[test]
fn processes_start_beside_a_thread_that_installs_a_handler() {
    alone("installs::processes_start_beside_a_thread_that_installs_a_handler", End::Passed, || {
        let starts = if seqcopy_tests::is_long() { 2000 } else { 100 };
        for start in 0..starts {
            // SAFETY: this program has no other thread that holds a lock.
            match unsafe { fork() }.unwrap() {
                ForkResult::Child => {
                    let starts_now = AtomicBool::new(false);
                    thread::scope(|scope| {
                        let waits = || {
                            while !starts_now.load(Relaxed) {
                                std::hint::spin_loop();
                            }
                        };
                        scope.spawn(move || {
                            waits();
                            (0..start % 8 * 40).for_each(|_| std::hint::spin_loop());
                            install(heals as *const () as usize, libc::SA_SIGINFO);
                        });
                        scope.spawn(move || {
                            waits();
                            survive_truncation().unwrap();
                        });
                        thread::sleep(Duration::from_millis(1));
                        starts_now.store(true, Relaxed);
                    });
                    let page = own_pages();
                    touch(page);
                    // SAFETY: ends the process.
                    unsafe { libc::_exit((FAULT.load(Relaxed) != page.addr()).into()) };
                }
                ForkResult::Parent { child } => {
                    let ended = waitpid(child, None).unwrap();
                    assert!(matches!(ended, WaitStatus::Exited(_, 0)), "start {start}: {ended:?}");
                }
            }
        }
    });
}
