//! How much stack a large value takes without optimisation: each case runs in a thread whose stack is as large as so many copies of it,
//! in a process of its own, since the end of a stack ends the process.

#![allow(clippy::large_enum_variant, clippy::large_stack_arrays)] // large values on the stack are what this is about
#![cfg(all(unix, not(miri)))]

use std::hint::black_box;
use std::process::Command;
use std::thread;

use seqcopy::{AtomicPerByte, SeqCopy, SeqLatch, SeqLock};

/// The size of the value: 96 KiB.
const SIZE: usize = 96 << 10;
/// For all the rest; less than a copy.
const MARGIN: usize = 64 << 10;

type Bytes = [u8; SIZE];

/// Constructors copy it through an image.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C, u8)]
enum Frame {
    Empty,
    Bytes([u8; SIZE - 1]),
}

static LOCK: SeqLock<Bytes> = SeqLock::new([0; SIZE]);
static LATCH: SeqLatch<Bytes> = SeqLatch::new([0; SIZE]);

struct Case {
    name: &'static str,
    /// The copies that the stack has space for, those of the caller included: the value, the result, and what `Box::new` makes.
    copies: usize,
    run: fn(),
}

const CASES: &[Case] = &[
    Case { name: "AtomicPerByte::new", copies: 4, run: || drop(Box::new(AtomicPerByte::new(value()))) },
    Case { name: "SeqLock::new", copies: 4, run: || drop(Box::new(SeqLock::new(value()))) },
    // Each of the latch's own copies has two buffers.
    Case { name: "SeqLatch::new", copies: 7, run: || drop(Box::new(SeqLatch::new(value()))) },
    Case { name: "SeqLatch::from_value", copies: 6, run: || drop(Box::new(SeqLatch::<_, 2>::from_value(value()))) },
    Case { name: "AtomicPerByte::new, enum", copies: 4, run: || drop(Box::new(AtomicPerByte::new(frame()))) },
    Case { name: "SeqLock::new, enum", copies: 4, run: || drop(Box::new(SeqLock::new(frame()))) },
    Case { name: "SeqLatch::new, enum", copies: 7, run: || drop(Box::new(SeqLatch::new(frame()))) },
    Case { name: "SeqLock::read", copies: 3, run: || drop(Box::new(LOCK.read())) },
    Case { name: "SeqLatch::read", copies: 3, run: || drop(Box::new(LATCH.read())) },
    Case { name: "SeqLock::write", copies: 2, run: || LOCK.write(value()) },
    Case { name: "SeqLatch::write", copies: 2, run: || LATCH.write(value()) },
];

fn value() -> Bytes {
    black_box([1; SIZE])
}

fn frame() -> Frame {
    if black_box(true) { Frame::Bytes([1; SIZE - 1]) } else { Frame::Empty }
}

/// Says to a process of this program which case it is to run.
const CASE: &str = "SEQCOPY_STACK_CASE";
/// And in how much stack.
const STACK: &str = "SEQCOPY_STACK_BYTES";

/// What the other processes do; without a case, nothing.
#[test]
fn one_case() {
    let (Ok(name), Ok(stack)) = (std::env::var(CASE), std::env::var(STACK)) else { return };
    let case = CASES.iter().find(|case| case.name == name).unwrap();
    thread::Builder::new().stack_size(stack.parse().unwrap()).spawn(case.run).unwrap().join().unwrap();
}

fn passes(case: &Case, stack: usize) -> bool {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "one_case"]).env(CASE, case.name).env(STACK, stack.to_string());
    command.output().unwrap().status.success()
}

#[test]
fn values_are_copied_a_few_times() {
    for case in CASES {
        assert!(
            passes(case, case.copies * SIZE + MARGIN),
            "{} needs more stack than for {} copies of the value",
            case.name,
            case.copies
        );
    }
}

/// The cases do end processes.
#[test]
fn too_small_a_stack_is_noticed() {
    assert!(!passes(&CASES[1], SIZE / 2));
}
