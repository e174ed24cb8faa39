//! The descriptor of a notifier, and how a wait ends: for each event, what is readable and what is said.

#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![allow(clippy::multiple_unsafe_ops_per_block)] // calls of one contract, each after the other

use std::os::fd::BorrowedFd;
use std::ptr::null_mut;
use std::time::Duration;

use common::{At, message, options, read, reader, write, writer};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use seqcopy_c::seqcopy_status::*;
use seqcopy_c::seqcopy_waited::*;
use seqcopy_c::*;

mod common;

fn notifier() -> *mut seqcopy_notifier {
    let mut notifier = null_mut();
    // SAFETY: a local.
    assert_eq!(unsafe { seqcopy_notifier_new(&raw mut notifier) }, SEQCOPY_OK, "{}", message());
    notifier
}

/// Whether the descriptor is readable, or becomes so in this time.
fn is_readable(notifier: *const seqcopy_notifier, time: Duration) -> bool {
    // SAFETY: not freed before the end of a test.
    let fd = unsafe { BorrowedFd::borrow_raw(seqcopy_notifier_fd(notifier)) };
    let timeout = PollTimeout::try_from(time).unwrap();
    poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], timeout).unwrap() == 1
}

const SOON: Duration = Duration::from_secs(20);
const AT_ONCE: Duration = Duration::ZERO;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Nothing,
    Written,
    Closed,
    Replaced,
}

#[test]
fn each_event_is_told_by_the_descriptor_and_by_a_wait() {
    for (event, expected) in [
        (Event::Nothing, SEQCOPY_WAITED_TIME_OUT),
        (Event::Written, SEQCOPY_WAITED_NEWER),
        (Event::Closed, SEQCOPY_WAITED_CLOSED),
        (Event::Replaced, SEQCOPY_WAITED_REPLACED),
    ] {
        for has_value in [false, true] {
            let at = At::new("notified");
            let (mut first, mut reader, mut notifier) = (writer(&at, std::ptr::null()), reader(&at), notifier());
            if has_value {
                assert_eq!(write(first, 1), SEQCOPY_OK);
            }
            // SAFETY: handles that are open until they are freed, and locals.
            unsafe {
                let region = seqcopy_reader_region(reader);
                let known = seqcopy_region_version(region);
                assert_eq!(seqcopy_notifier_register(notifier, region, known), SEQCOPY_OK, "{}", message());
                let mut second = null_mut();
                match event {
                    Event::Nothing => {}
                    Event::Written => {
                        assert_eq!((write(first, 2), seqcopy_writer_wake(first)), (SEQCOPY_OK, SEQCOPY_OK));
                    }
                    Event::Closed | Event::Replaced => assert_eq!(seqcopy_writer_close(&raw mut first), SEQCOPY_OK),
                }
                if event == Event::Replaced {
                    second = writer(&at, std::ptr::null());
                    assert_eq!(write(second, 3), SEQCOPY_OK);
                }
                let wait = if event == Event::Nothing { Duration::from_millis(20) } else { SOON };
                let case = format!("{event:?}, {has_value}");
                assert_eq!(is_readable(notifier, wait), event != Event::Nothing, "{case}");
                let mut waited = SEQCOPY_WAITED_TIME_OUT;
                assert_eq!(seqcopy_region_wait(region, known, 1_000_000, &raw mut waited), SEQCOPY_OK);
                assert_eq!(waited, expected, "{case}");
                if event == Event::Replaced {
                    // The same address, for the new region.
                    let mut reopened = false;
                    assert_eq!(seqcopy_reader_reopen_if_removed(reader, &raw mut reopened), SEQCOPY_OK);
                    assert!(reopened && seqcopy_reader_region(reader) == region, "{case}");
                    let known = seqcopy_region_version(region);
                    assert_eq!(seqcopy_notifier_register(notifier, region, known), SEQCOPY_OK);
                    assert_eq!(seqcopy_notifier_clear(notifier), SEQCOPY_OK);
                    assert!(!is_readable(notifier, AT_ONCE), "{case}: nothing is newer");
                    assert_eq!((write(second, 4), seqcopy_writer_wake(second)), (SEQCOPY_OK, SEQCOPY_OK));
                    assert!(is_readable(notifier, SOON), "{case}");
                    assert_eq!(read(reader), (SEQCOPY_OK, 4));
                }
                assert_eq!(seqcopy_notifier_free(&raw mut notifier), SEQCOPY_OK);
                assert_eq!(seqcopy_notifier_free(&raw mut notifier), SEQCOPY_OK, "twice");
                for mut writer in [first, second] {
                    assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
                }
                assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
            }
        }
    }
}

#[test]
fn a_region_that_is_not_registered_makes_nothing_readable() {
    let at = At::new("unregistered");
    let (mut writer, mut reader, mut notifier) = (writer(&at, std::ptr::null()), reader(&at), notifier());
    // SAFETY: handles that are open until they are freed.
    unsafe {
        let region = seqcopy_reader_region(reader);
        assert_eq!(seqcopy_notifier_unregister(notifier, region), SEQCOPY_ARGUMENT);
        assert!(message().contains("not registered"), "{}", message());
        assert_eq!(seqcopy_notifier_register(notifier, region, 0), SEQCOPY_OK);
        assert_eq!(seqcopy_notifier_unregister(notifier, region), SEQCOPY_OK);
        assert_eq!((write(writer, 1), seqcopy_writer_wake(writer)), (SEQCOPY_OK, SEQCOPY_OK));
        assert!(!is_readable(notifier, Duration::from_millis(20)));
        // A registration stays while its reader is freed, and can still be ended.
        assert_eq!(seqcopy_notifier_register(notifier, region, 1), SEQCOPY_OK);
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
        assert_eq!((write(writer, 2), seqcopy_writer_wake(writer)), (SEQCOPY_OK, SEQCOPY_OK));
        assert!(is_readable(notifier, SOON));
        assert_eq!(seqcopy_notifier_unregister(notifier, region), SEQCOPY_OK);
        assert_eq!(seqcopy_notifier_free(&raw mut notifier), SEQCOPY_OK);
        assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
    }
}

#[test]
fn a_fork_is_refused() {
    let at = At::new("forked");
    let (mut writer, mut reader, mut notifier) = (writer(&at, std::ptr::null()), reader(&at), notifier());
    // SAFETY: handles that are open until they are freed; the child only makes these calls, and ends.
    unsafe {
        let region = seqcopy_reader_region(reader);
        assert_eq!(seqcopy_notifier_register(notifier, region, 0), SEQCOPY_OK);
        match fork().unwrap() {
            ForkResult::Child => {
                let said = [
                    seqcopy_notifier_register(notifier, region, 0),
                    seqcopy_notifier_unregister(notifier, region),
                    seqcopy_notifier_clear(notifier),
                ];
                nix::libc::_exit(i32::from(said != [SEQCOPY_FORKED; 3]));
            }
            ForkResult::Parent { child } => {
                assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
            }
        }
        assert_eq!((write(writer, 1), seqcopy_writer_wake(writer)), (SEQCOPY_OK, SEQCOPY_OK));
        assert!(is_readable(notifier, SOON), "the parent's registration");
        assert_eq!(seqcopy_notifier_free(&raw mut notifier), SEQCOPY_OK);
        assert_eq!(seqcopy_reader_free(&raw mut reader), SEQCOPY_OK);
        assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
    }
}

#[test]
fn a_reader_waits_for_its_region() {
    let at = At::new("appears");
    let mut with = options();
    let mut handle = null_mut();
    // SAFETY: locals, and handles that are open until they are freed.
    unsafe {
        with.wait_nanoseconds = 1_000_000;
        let path = at.1.as_ptr();
        let opened = seqcopy_reader_open(path, std::ptr::null(), 0, &raw const with, &raw mut handle);
        assert_eq!(opened, SEQCOPY_NOT_FOUND, "the time is over");
        with.wait_nanoseconds = u64::MAX;
        std::thread::scope(|scope| {
            let appears = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(30));
                writer(&at, std::ptr::null()) as usize
            });
            let opened = seqcopy_reader_open(path, std::ptr::null(), 0, &raw const with, &raw mut handle);
            assert_eq!(opened, SEQCOPY_OK, "{}", message());
            let mut writer = appears.join().unwrap() as *mut seqcopy_writer;
            assert_eq!(seqcopy_writer_free(&raw mut writer), SEQCOPY_OK);
        });
        assert_eq!(seqcopy_reader_free(&raw mut handle), SEQCOPY_OK);
    }
}
