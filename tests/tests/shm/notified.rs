//! [`Notifier`]: its descriptor beside others, what it is told of, its thread, forks. What looks at the thread has a
//! process of its own, since other tests have one as well.

mod refused;

use std::fs;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::wait::{WaitStatus, waitpid};
use seqcopy::{ReadError, Version};
use seqcopy_shm::{
    Error, ErrorKind, MapReader, MapWriter, Notifier, Options, ReadValueError, Reader, Region, Writer,
    survive_truncation,
};
use seqcopy_tests::faults::{Place, forked};

/// Whether the descriptor is readable, at once or within this time.
fn is_readable(notifier: &Notifier, timeout: PollTimeout) -> bool {
    let mut descriptors = [PollFd::new(notifier.as_fd(), PollFlags::POLLIN)];
    poll(&mut descriptors, timeout).unwrap() == 1
}

/// Until it is readable; then it is cleared. Something that is not told is a test that does not end.
fn next(notifier: &Notifier) {
    assert!(is_readable(notifier, PollTimeout::NONE));
    notifier.clear().unwrap();
}

fn is_quiet(notifier: &Notifier) -> bool {
    !is_readable(notifier, PollTimeout::ZERO)
}

/// How many regions and descriptors are registered in this process; of optimised builds it is not known.
fn registered() -> usize {
    #[cfg(debug_assertions)]
    return seqcopy_shm::__TABLES.iter().find(|(name, _)| *name == "the notifier").unwrap().1();
    #[cfg(not(debug_assertions))]
    return 0;
}

/// A test that is the only one here with notifiers, and leaves nothing registered.
struct Alone(#[allow(dead_code)] MutexGuard<'static, ()>);

impl Alone {
    fn new() -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        let alone = Alone(ONE.lock().unwrap_or_else(PoisonError::into_inner));
        assert_eq!(registered(), 0);
        alone
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(registered(), 0, "registered at the end of the test");
        }
    }
}

/// Runs this in a process of its own, which ends well, and leaves nothing registered.
fn apart(body: impl FnOnce()) {
    let child = forked(|| {
        // It does not hang longer than a test may take.
        // SAFETY: a number.
        unsafe { libc::alarm(100) };
        let before = registered();
        body();
        assert_eq!(registered(), before, "registered at the end of the test");
    });
    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
}

/// Waits: what the thread does after a call, it does some time later. A test that waits for good is ended by its alarm.
fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The threads of notifiers in this process, by their folders in `/proc`.
fn threads() -> Vec<PathBuf> {
    let all = fs::read_dir("/proc/self/task").unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| fs::read_to_string(path.join("comm")).is_ok_and(|name| name == "seqcopy-notify\n")).collect()
}

/// How often they have gone to sleep.
fn sleeps() -> Vec<String> {
    let lines = |thread: PathBuf| fs::read_to_string(thread.join("status")).unwrap_or_default();
    let of = |thread| lines(thread).lines().find(|line| line.starts_with("voluntary")).map(str::to_owned);
    threads().into_iter().filter_map(of).collect()
}

fn mappings_of(path: &Path) -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.ends_with(path.to_str().unwrap())).count()
}

#[test]
fn regions_of_every_kind_are_told_beside_another_descriptor() {
    let _alone = Alone::new();
    let place = Place::new();
    let [value, slice, map] = ["value", "slice", "map"].map(|name| place.at(name));
    let (start, started) = nix::unistd::pipe().unwrap();
    let mut writers = (
        Writer::<u64>::create(&value).unwrap(),
        Options::new().capacity(9).create::<[u16]>(&slice).unwrap(),
        MapWriter::<u8, u32>::create(&map, 9).unwrap(),
    );
    let readers = (
        Reader::<u64>::open(&value).unwrap(),
        Reader::<[u16]>::open(&slice).unwrap(),
        MapReader::<u8, u32>::open(&map).unwrap(),
    );
    let watch = Region::open_any(&value).unwrap();
    let notifier = Notifier::new().unwrap();
    let _registrations = [
        readers.0.newer_than(Version::NEVER),
        readers.1.newer_than(Version::NEVER),
        readers.2.newer_than(readers.2.generation()),
        watch.newer_than(Version::NEVER),
    ]
    .map(|region| notifier.register(region).unwrap());
    assert!(is_quiet(&notifier));

    // Another process, which is the writer.
    std::thread::scope(|scope| {
        scope.spawn(move || {
            writers.0.write(1).unwrap();
            writers.0.wake();
            let mut byte = [0];
            // The reader has seen it.
            nix::unistd::read(&start, &mut byte).unwrap();
            writers.1.write_from(&[1, 2, 3]).unwrap();
            writers.1.wake();
            nix::unistd::read(&start, &mut byte).unwrap();
            writers.2.insert(1, 2).unwrap();
            writers.2.wake();
            nix::unistd::read(&start, &mut byte).unwrap();
            writers.0.close().unwrap();
        });
        let (mut known, mut elements) = (Version::NEVER, Vec::new());
        while readers.0.read_if_changed(&mut known) != Ok(Some(1)) {
            next(&notifier);
        }
        nix::unistd::write(&started, &[1]).unwrap();
        while readers.1.read_to_vec(&mut elements).is_err() {
            next(&notifier);
        }
        assert_eq!(elements, [1, 2, 3]);
        nix::unistd::write(&started, &[1]).unwrap();
        while readers.2.get(&1) != Ok(Some(2)) {
            next(&notifier);
        }
        nix::unistd::write(&started, &[1]).unwrap();
        while !readers.0.region().is_closed() {
            next(&notifier);
        }
    });
}

/// Three writers that never pause and one reader that takes its time: it sees the last value of each, and then nothing
/// is told.
#[test]
fn the_last_values_of_busy_writers_are_told() {
    let _alone = Alone::new();
    let place = Place::new();
    let paths = [0, 1, 2].map(|index| place.at(&index.to_string()));
    let writers = paths.clone().map(|path| Writer::<u64>::create(path).unwrap());
    let readers = paths.map(|path| Reader::<u64>::open(path).unwrap());
    let notifier = Notifier::new().unwrap();
    let _registrations = readers.each_ref().map(|reader| notifier.register(reader.newer_than(Version::NEVER)).unwrap());
    let (last, is_done) = (20_000, AtomicBool::new(false));
    std::thread::scope(|scope| {
        for (index, mut writer) in writers.into_iter().enumerate() {
            let is_done = &is_done;
            scope.spawn(move || {
                for value in 1..=last {
                    writer.write(value).unwrap();
                    writer.wake();
                    if value % (500 * (index as u64 + 1)) == 0 {
                        std::thread::sleep(Duration::from_micros(300));
                    }
                }
                while !is_done.load(Relaxed) {
                    std::thread::yield_now();
                }
            });
        }
        let (mut known, mut seen, mut rounds) = ([Version::NEVER; 3], [0; 3], 0);
        while seen != [last; 3] {
            next(&notifier);
            for ((reader, known), seen) in readers.iter().zip(&mut known).zip(&mut seen) {
                match reader.read_if_changed(known) {
                    Ok(value) => *seen = value.unwrap_or(*seen),
                    Err(error) => assert_eq!(error, ReadValueError::NoValue(ReadError::Empty)),
                }
            }
            rounds += 1;
        }
        assert!(rounds <= 3 * last, "{rounds} signals");
        is_done.store(true, Relaxed);
    });
}

#[test]
fn a_region_is_told_until_its_registration_is_dropped() {
    let place = Place::new();
    let path = place.at("value");
    apart(|| {
        let mut writer = Writer::<u64>::create(&path).unwrap();
        let reader = Reader::<u64>::open(&path).unwrap();
        let notifier = Notifier::new().unwrap();
        let before = mappings_of(&path);
        let registration = notifier.register(reader.newer_than(reader.version())).unwrap();
        writer.write(1).unwrap();
        writer.wake();
        next(&notifier);
        let descriptors = fs::read_dir("/proc/self/fd").unwrap().count();
        drop(registration);
        assert_eq!(fs::read_dir("/proc/self/fd").unwrap().count(), descriptors, "the file is not kept open");
        // The thread unmaps it, and ends.
        until(|| mappings_of(&path) == before && threads().is_empty());
        writer.write(2).unwrap();
        writer.wake();
        assert!(is_quiet(&notifier));
        // What there is already is told at once, by a new thread.
        let _registration = notifier.register(reader.newer_than(Version::NEVER)).unwrap();
        next(&notifier);
        // Two notifiers, one thread; each has its own regions.
        let other = Notifier::new().unwrap();
        let _other = other.register(reader.newer_than(reader.version())).unwrap();
        writer.write(3).unwrap();
        writer.wake();
        next(&notifier);
        next(&other);
        assert_eq!(threads().len(), 1);
        // A notifier that is dropped takes its regions with it.
        drop(notifier);
        writer.write(4).unwrap();
        writer.wake();
        next(&other);
        drop(other);
        until(|| threads().is_empty());
        assert_eq!(mappings_of(&path), before);
    });
}

/// No signal of the process interrupts the thread, but those that an instruction causes; nor does its descriptor go to
/// other programs.
#[test]
fn its_thread_has_no_signals_and_its_descriptor_is_its_own() {
    let place = Place::new();
    let path = place.at("value");
    apart(|| {
        let blocked = |path: &Path| {
            let status = fs::read_to_string(path.join("status")).unwrap();
            let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap().trim().to_owned();
            u64::from_str_radix(&mask, 16).unwrap()
        };
        let own = blocked(Path::new("/proc/thread-self"));
        let _writer = Writer::<u64>::create(&path).unwrap();
        let reader = Reader::<u64>::open(&path).unwrap();
        let notifier = Notifier::new().unwrap();
        let _registration = notifier.register(reader.newer_than(Version::NEVER)).unwrap();
        assert_eq!(blocked(Path::new("/proc/thread-self")), own, "this thread has the mask that it had");
        until(|| threads().len() == 1);
        let mask = blocked(&threads()[0]);
        let has = |signal: i32| mask & 1 << (signal - 1) != 0;
        assert!([libc::SIGINT, libc::SIGTERM, libc::SIGUSR1, libc::SIGCHLD, libc::SIGALRM].into_iter().all(has));
        assert!(![libc::SIGBUS, libc::SIGSEGV, libc::SIGILL, libc::SIGFPE].into_iter().any(has));

        let flags = |argument| fcntl(&notifier, argument).unwrap();
        assert_eq!(flags(FcntlArg::F_GETFD), FdFlag::FD_CLOEXEC.bits());
        assert_ne!(flags(FcntlArg::F_GETFL) & OFlag::O_NONBLOCK.bits(), 0);
        assert_eq!(notifier.as_raw_fd(), notifier.as_fd().as_raw_fd());
    });
}

#[test]
fn a_fork_has_none_of_it_and_makes_its_own() {
    let place = Place::new();
    let path = place.at("value");
    apart(|| {
        let mut writer = Writer::<u64>::create(&path).unwrap();
        let reader = Reader::<u64>::open(&path).unwrap();
        let notifier = Notifier::new().unwrap();
        let registration = notifier.register(reader.newer_than(reader.version())).unwrap();
        let child = forked(|| {
            let is_forked = |error: Error| {
                assert!(matches!(error.kind(), ErrorKind::Forked), "{error}");
                assert!(error.to_string().contains("make another"), "{error}");
            };
            is_forked(notifier.register(reader.newer_than(Version::NEVER)).unwrap_err());
            is_forked(notifier.clear().unwrap_err());
            let own = Notifier::new().unwrap();
            let _registration = own.register(reader.newer_than(reader.version())).unwrap();
            assert_eq!(fs::read_dir("/proc/self/task").unwrap().count(), 2, "a thread of its own");
        });
        assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
        // Another thread's lock is there for good where the fork takes place during a call. The child takes none of the
        // parent's.
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    notifier.clear().unwrap();
                }
            });
            for _ in 0..50 {
                let child = forked(|| {
                    // SAFETY: a number.
                    unsafe { libc::alarm(100) };
                    assert!(notifier.clear().is_err());
                    // What it inherited is dropped, and takes nothing from the parent.
                    // SAFETY: it is not dropped again: this process ends below.
                    drop(unsafe { std::ptr::read(&raw const registration) });
                    // SAFETY: as above.
                    drop(unsafe { std::ptr::read(&raw const notifier) });

                    let path = path.with_extension(std::process::id().to_string());
                    let mut writer = Writer::<u64>::create(&path).unwrap();
                    let reader = Reader::<u64>::open(&path).unwrap();
                    let own = Notifier::new().unwrap();
                    let _registration = own.register(reader.newer_than(Version::NEVER)).unwrap();
                    writer.write(1).unwrap();
                    writer.wake();
                    next(&own);
                });
                assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
            }
            is_over.store(true, Relaxed);
        });
        writer.write(1).unwrap();
        writer.wake();
        next(&notifier);
    });
}

/// The system puts a thread to sleep on 128 words at once, one of which is the thread's own. So 300 regions have three
/// threads. None of them wakes up while nothing changes, each of the regions is told, and a thread whose regions are
/// gone ends.
#[test]
fn many_regions_have_several_threads_that_sleep() {
    // SAFETY: no words, of which the system loads none.
    let _ = unsafe { libc::syscall(libc::SYS_futex_waitv, 0, 0, 0, 0, 0) };
    if nix::Error::last() != nix::Error::EINVAL {
        seqcopy_tests::skipped("this system can't put a thread to sleep on several words");
        return;
    }
    let place = Place::new();
    apart(|| {
        seqcopy_shm::__only_wakes();
        let open = |at: u64| {
            let path = place.at(&format!("value-{at}"));
            let mut writer = Writer::<u64>::create(&path).unwrap();
            writer.write(0).unwrap();
            (writer, Reader::<u64>::open(&path).unwrap())
        };
        let mut regions: Vec<_> = (0..300).map(open).collect();
        let notifier = Notifier::new().unwrap();
        let register = |reader: &Reader<u64>| notifier.register(reader.newer_than(reader.version())).unwrap();
        let mut registrations: Vec<_> = regions.iter().map(|(_, reader)| register(reader)).collect();
        until(|| threads().len() == 3);
        until(|| {
            let before = sleeps();
            std::thread::sleep(Duration::from_millis(100));
            sleeps() == before
        });

        for (index, (writer, reader)) in regions.iter_mut().enumerate().rev() {
            writer.write(1).unwrap();
            writer.wake();
            next(&notifier);
            assert_eq!(reader.read(), Ok(1), "{index}");
            assert!(is_quiet(&notifier), "{index}");
        }
        registrations.drain(127..254);
        until(|| threads().len() == 2);
        let (writer, reader) = &mut regions[200];
        registrations.push(register(reader));
        until(|| threads().len() == 3);
        writer.write(2).unwrap();
        writer.wake();
        next(&notifier);
    });
}

/// What is cleared before its value was looked at is told again if there is a newer one only.
#[test]
fn what_is_there_when_it_is_cleared_is_told_no_more() {
    let _alone = Alone::new();
    let mut writer = Options::new().create_memfd::<u32>("cleared").unwrap();
    let reader = Reader::<u32>::from_fd(writer.share().unwrap()).unwrap();
    let notifier = Notifier::new().unwrap();
    let _registration = notifier.register(reader.newer_than(reader.version())).unwrap();
    for value in 1..=100 {
        writer.write(value).unwrap();
        writer.wake();
        assert!(is_readable(&notifier, PollTimeout::NONE));
        writer.write(value).unwrap();
        writer.wake();
        next(&notifier);
        assert!(is_quiet(&notifier));
    }
}

#[test]
fn a_region_that_lost_its_file_is_told() {
    let place = Place::new();
    let path = place.at("value");
    apart(|| {
        survive_truncation().unwrap();
        let mut writer = Writer::<u64>::create(&path).unwrap();
        writer.write(1).unwrap();
        let reader = Reader::<u64>::open(&path).unwrap();
        let notifier = Notifier::new().unwrap();
        let _registration = notifier.register(reader.newer_than(reader.version())).unwrap();
        assert!(is_quiet(&notifier));
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
        next(&notifier);
        assert_eq!(reader.read(), Err(ReadValueError::Truncated));
        std::thread::sleep(Duration::from_millis(250));
        assert!(is_quiet(&notifier), "once");
    });
}

/// Where no thread can be started, a registration fails, and the next one starts it.
#[test]
fn a_thread_that_did_not_start_is_started_by_the_next_registration() {
    let place = Place::new();
    apart(|| {
        let mut writer = Writer::<u64>::create(place.at("value")).unwrap();
        let reader = Reader::<u64>::open(place.at("value")).unwrap();
        let notifier = Notifier::new().unwrap();
        // The system lets root have as many threads as it likes.
        if nix::unistd::geteuid().is_root() {
            nix::unistd::setuid(nix::unistd::Uid::from_raw(54321)).unwrap();
        }
        let (soft, hard) = getrlimit(Resource::RLIMIT_NPROC).unwrap();
        setrlimit(Resource::RLIMIT_NPROC, 0, hard).unwrap();
        let refused = notifier.register(reader.newer_than(reader.version())).is_err();
        setrlimit(Resource::RLIMIT_NPROC, soft, hard).unwrap();
        assert!(refused);
        let _registration = notifier.register(reader.newer_than(reader.version())).unwrap();
        until(|| threads().len() == 1);
        writer.write(1).unwrap();
        writer.wake();
        next(&notifier);
    });
}

/// A registration that failed has no effect: what its region does is not told, neither then nor when there is a thread.
#[test]
fn what_could_not_be_registered_is_not_told() {
    let place = Place::new();
    apart(|| {
        let [mut refused, mut told] = ["refused", "told"].map(|name| Writer::<u64>::create(place.at(name)).unwrap());
        refused.write(1).unwrap();
        told.write(1).unwrap();
        let readers = ["refused", "told"].map(|name| Reader::<u64>::open(place.at(name)).unwrap());
        let [first, second] = readers.each_ref().map(|reader| reader.newer_than(reader.version()));
        let notifier = Notifier::new().unwrap();
        // The system lets root have as many threads as it likes.
        if nix::unistd::geteuid().is_root() {
            nix::unistd::setuid(nix::unistd::Uid::from_raw(54322)).unwrap();
        }
        let before = mappings_of(&place.at("refused"));
        let (soft, hard) = getrlimit(Resource::RLIMIT_NPROC).unwrap();
        setrlimit(Resource::RLIMIT_NPROC, 0, hard).unwrap();
        assert!(notifier.register(first).is_err());
        setrlimit(Resource::RLIMIT_NPROC, soft, hard).unwrap();
        assert_eq!(mappings_of(&place.at("refused")), before);
        let _registration = notifier.register(second).unwrap();
        until(|| threads().len() == 1);
        refused.write(2).unwrap();
        refused.wake();
        assert!(is_quiet(&notifier));
        told.write(2).unwrap();
        told.wake();
        next(&notifier);
    });
}
