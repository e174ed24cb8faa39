//! What becomes of a SIGBUS, by what was done about it before.

use std::fs::File;
use std::io::Write;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use nix::libc;
use seqcopy_shm::{ReadValueError, Reader, Writer, survive_truncation};
use seqcopy_tests::faults::{Place, refuse_handlers};

use super::{End, SIGBUS, alone, truncate};

/// Where a handler of the program's own was told of a fault.
pub(super) static FAULT: AtomicUsize = AtomicUsize::new(0);

pub(super) extern "C" fn heals(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: the system's, with `SA_SIGINFO`.
    let info = unsafe { &*info };
    // SAFETY: of a fault.
    let at = unsafe { info.si_addr() };
    FAULT.store(at.addr(), Relaxed);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
    // SAFETY: over the page of a mapping of this program's own.
    unsafe { libc::mmap(at.map_addr(|at| at & !4095), 4096, libc::PROT_READ, flags, -1, 0) };
}

extern "C" fn ends(_: libc::c_int) {
    // SAFETY: ends the process.
    unsafe { libc::_exit(77) };
}

pub(super) fn install(handler: usize, flags: libc::c_int) {
    // SAFETY: integers and an optional function.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    (action.sa_sigaction, action.sa_flags) = (handler, flags);
    // SAFETY: a valid action.
    assert_eq!(unsafe { libc::sigaction(libc::SIGBUS, &raw const action, null_mut()) }, 0);
}

/// Two pages of a file of the program's own, mapped and truncated.
pub(super) fn own_pages() -> *const u8 {
    let place = Place::new();
    let path = place.at("own");
    let mut file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
    file.write_all(&[1; 8192]).unwrap();
    // SAFETY: a new mapping.
    let at = unsafe { libc::mmap(null_mut(), 8192, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    truncate(&path, 0);
    at.cast()
}

pub(super) fn touch(at: *const u8) -> u8 {
    // SAFETY: mapped; whether there is a page is what is asked.
    unsafe { at.read_volatile() }
}

/// A region whose file is truncated, read.
pub(super) fn read_of_a_lost_region() -> Result<u64, ReadValueError> {
    let place = Place::new();
    let path = place.at("lost");
    let mut writer = Writer::<u64>::create(&path).unwrap();
    writer.write(1).unwrap();
    let reader = Reader::<u64>::open(&path).unwrap();
    truncate(&path, 0);
    reader.read()
}

#[test]
fn without_it_a_reader_is_killed() {
    alone("handlers::without_it_a_reader_is_killed", SIGBUS, || _ = read_of_a_lost_region());
}

#[test]
fn a_handler_of_the_program_gets_what_is_its_own() {
    alone("handlers::a_handler_of_the_program_gets_what_is_its_own", End::Passed, || {
        install(heals as *const () as usize, libc::SA_SIGINFO);
        survive_truncation().unwrap();
        survive_truncation().unwrap();
        assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
        assert_eq!(FAULT.load(Relaxed), 0, "not for it");
        let at = own_pages();
        assert_eq!((touch(at.wrapping_add(4100)), FAULT.load(Relaxed)), (0, at.addr() + 4100));
        // And what was a region's before.
        assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
        assert_eq!(touch(at), 0);
    });
}

#[test]
fn a_handler_of_one_argument_is_called() {
    alone("handlers::a_handler_of_one_argument_is_called", End::Exit(77), || {
        install(ends as *const () as usize, 0);
        survive_truncation().unwrap();
        touch(own_pages());
    });
}

#[test]
fn a_handler_for_one_signal_is_called_once() {
    alone("handlers::a_handler_for_one_signal_is_called_once", SIGBUS, || {
        install(heals as *const () as usize, libc::SA_SIGINFO | libc::SA_RESETHAND);
        survive_truncation().unwrap();
        let at = own_pages();
        touch(at);
        if FAULT.load(Relaxed) == at.addr() {
            touch(at.wrapping_add(4096));
        }
    });
}

#[test]
fn the_default_action_ends_the_process() {
    alone("handlers::the_default_action_ends_the_process", SIGBUS, || {
        install(libc::SIG_DFL, 0);
        survive_truncation().unwrap();
        assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
        touch(own_pages());
    });
}

/// Rust's runtime has a handler of its own, for overflows of the stack.
#[test]
fn the_handler_of_the_runtime_ends_the_process() {
    alone("handlers::the_handler_of_the_runtime_ends_the_process", SIGBUS, || {
        survive_truncation().unwrap();
        touch(own_pages());
    });
}

#[test]
fn an_ignored_fault_ends_the_process() {
    alone("handlers::an_ignored_fault_ends_the_process", SIGBUS, || {
        install(libc::SIG_IGN, 0);
        survive_truncation().unwrap();
        touch(own_pages());
    });
}

#[test]
fn an_ignored_signal_that_is_sent_is_ignored() {
    alone("handlers::an_ignored_signal_that_is_sent_is_ignored", End::Passed, || {
        install(libc::SIG_IGN, 0);
        survive_truncation().unwrap();
        // SAFETY: sends a signal.
        assert_eq!(unsafe { libc::raise(libc::SIGBUS) }, 0);
        assert_eq!(read_of_a_lost_region(), Err(ReadValueError::Truncated));
    });
}

#[test]
fn a_signal_that_is_sent_ends_the_process() {
    alone("handlers::a_signal_that_is_sent_ends_the_process", SIGBUS, || {
        install(libc::SIG_DFL, 0);
        survive_truncation().unwrap();
        // SAFETY: sends a signal.
        unsafe { libc::raise(libc::SIGBUS) };
        std::thread::sleep(std::time::Duration::from_secs(5));
    });
}

/// Memory that is broken is no page that was truncated: zeros in its place would be a value that was never written. The
/// system says so of one that is there, so here the process sends itself what it would be told.
#[test]
fn broken_memory_of_a_region_is_not_hidden() {
    alone("handlers::broken_memory_of_a_region_is_not_hidden", End::Exit(77), || {
        install(ends as *const () as usize, 0);
        survive_truncation().unwrap();
        let place = Place::new();
        let path = place.at("broken");
        let mut writer = Writer::<u64>::create(&path).unwrap();
        writer.write(1).unwrap();
        let reader = Reader::<u64>::open(&path).unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let line = maps.lines().find(|line| line.ends_with(path.to_str().unwrap())).expect("the map of the region");
        let at = usize::from_str_radix(line.split('-').next().unwrap(), 16).unwrap();
        // As `siginfo_t` begins: number, error, code; then the address.
        let mut told = [0u64; 16];
        told[1] = u64::try_from(libc::BUS_MCEERR_AR).unwrap();
        told[2] = at as u64;
        let (process, thread) = (std::process::id(), nix::unistd::gettid().as_raw());
        // SAFETY: to this thread, with as many bytes as such a structure has.
        let sent = unsafe { libc::syscall(libc::SYS_rt_tgsigqueueinfo, process, thread, libc::SIGBUS, told.as_ptr()) };
        assert_eq!(sent, 0, "{}", std::io::Error::last_os_error());
        assert_eq!(reader.read(), Ok(1));
    });
}

/// As the page says.
#[test]
fn a_thread_that_blocks_the_signal_is_killed() {
    alone("handlers::a_thread_that_blocks_the_signal_is_killed", SIGBUS, || {
        survive_truncation().unwrap();
        // SAFETY: an array of integers.
        let mut all = unsafe { MaybeUninit::zeroed().assume_init() };
        // SAFETY: a set.
        unsafe { libc::sigfillset(&raw mut all) };
        // SAFETY: a valid set.
        unsafe { libc::sigprocmask(libc::SIG_BLOCK, &raw const all, null_mut()) };
        let _ = read_of_a_lost_region();
    });
}

/// Nothing is changed then, and a second call fails as well.
#[test]
fn where_the_system_refuses_a_handler_it_says_so() {
    alone("handlers::where_the_system_refuses_a_handler_it_says_so", End::Passed, || {
        refuse_handlers();
        for _ in 0..2 {
            let error = survive_truncation().unwrap_err().to_string();
            assert!(error.starts_with("cannot handle SIGBUS"), "{error}");
        }
    });
}

/// The filter is that of a thread; the others may still have a handler.
#[test]
fn what_was_refused_to_a_thread_is_tried_again() {
    alone("handlers::what_was_refused_to_a_thread_is_tried_again", End::Passed, || {
        let install = |is_refused: &mut bool| {
            let is_refused = *is_refused;
            let thread = std::thread::spawn(move || {
                if is_refused {
                    refuse_handlers();
                }
                survive_truncation()
            });
            thread.join().unwrap()
        };
        let allow = |is_refused: &mut bool| *is_refused = false;
        seqcopy_harness::fails("survive_truncation", &mut true, install, |_| (), None, allow);
    });
}

/// Where a variable of a handler was.
static STACK: AtomicUsize = AtomicUsize::new(0);

extern "C" fn notes_its_stack(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let variable = 0u8;
    STACK.store((&raw const variable).addr(), Relaxed);
    heals(signal, info, context);
}

/// A thread's alternate stack may be too small for a handler that did not ask for it.
#[test]
fn a_handler_runs_on_the_stack_that_it_asked_for() {
    alone("handlers::a_handler_runs_on_the_stack_that_it_asked_for", End::Passed, || {
        for (asks, survives) in [(false, false), (true, false), (false, true), (true, true)] {
            // The last pair is that of the handler which is installed by then.
            let flags = if asks { libc::SA_ONSTACK } else { 0 };
            if survives {
                // One process installs its handler once: the second pair is tried in a child.
                // SAFETY: this program has one thread by now.
                let child = unsafe { libc::fork() };
                if child != 0 {
                    let mut status = 0;
                    // SAFETY: a child of this process, and space for its status.
                    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
                    assert_eq!(status, 0, "asks {asks}, in a process that survives");
                    continue;
                }
            }
            install(notes_its_stack as *const () as usize, libc::SA_SIGINFO | flags);
            if survives {
                survive_truncation().unwrap();
            }
            let mut alternate = vec![0u8; 1 << 16];
            let stack = libc::stack_t { ss_sp: alternate.as_mut_ptr().cast(), ss_flags: 0, ss_size: alternate.len() };
            let mut before = MaybeUninit::uninit();
            // SAFETY: memory that stays until the stack before is set again.
            assert_eq!(unsafe { libc::sigaltstack(&raw const stack, before.as_mut_ptr()) }, 0);
            touch(own_pages());
            // SAFETY: what was set before.
            unsafe { libc::sigaltstack(before.as_ptr(), null_mut()) };
            let was_there = alternate.as_ptr_range().contains(&std::ptr::without_provenance(STACK.load(Relaxed)));
            if survives {
                // SAFETY: ends the child.
                unsafe { libc::_exit(i32::from(was_there != asks)) };
            }
            assert_eq!(was_there, asks);
        }
    });
}
