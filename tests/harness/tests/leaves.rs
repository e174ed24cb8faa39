//! A program whose tests leave something, or do not end, has failed, and says what it is: this program runs itself so.

#![cfg(all(target_os = "linux", not(any(miri, loom))))]

use std::fs::File;
use std::os::fd::IntoRawFd;
use std::process::Command;
use std::thread::{park, spawn};

use seqcopy_harness::count;

/// What a program of one test says, and whether it passes.
fn run(test: &str) -> (bool, String) {
    // On a busy machine the others may take more than a second.
    let limit = if test.ends_with("does_not_end") { "1" } else { "100" };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored"]).env("SEQCOPY_TEST_LIMIT", limit);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

macro_rules! leaves {
    ($($name:ident: $left:expr => $body:block)*) => {
        mod alone {
            use super::*;

            $(
                #[test]
                #[ignore = "one that leaves something, for the test below"]
                fn $name() $body
            )*
        }

        #[test]
        fn what_is_left_is_named() {
            for (name, left) in [$((stringify!($name), $left)),*] {
                let (passed, said) = run(&format!("alone::{name}"));
                assert_eq!((passed, said.contains(left)), (left.is_empty(), true), "{name}: {said}");
            }
        }
    };
}

leaves! {
    nothing: "" => {
        drop(File::open("/dev/null").unwrap());
        spawn(|| ()).join().unwrap();
    }
    a_descriptor: "1 times a descriptor of /dev/null" => {
        let _ = File::open("/dev/null").unwrap().into_raw_fd();
    }
    a_thread: "1 times a thread named " => {
        drop(spawn(park));
    }
    a_map: "1 times a map of " => {
        map_shared();
    }
    entries: "3 times an entry of the table" => {
        count("the table", || 3);
    }
    // Waits for what is never sent, in a thread of its own, too.
    a_test_that_does_not_end: "mpsc::Receiver" => {
        let (_sender, receiver) = std::sync::mpsc::channel::<()>();
        let _ = receiver.recv();
    }
}

/// A page of a file, for good.
fn map_shared() {
    use nix::libc;
    use std::os::fd::AsRawFd;

    let own = File::open(std::env::current_exe().unwrap()).unwrap();
    // SAFETY: a new mapping, which nothing accesses.
    unsafe { libc::mmap(std::ptr::null_mut(), 1, libc::PROT_READ, libc::MAP_SHARED, own.as_raw_fd(), 0) };
}
