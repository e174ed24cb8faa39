//! How much stack a large value takes without optimisation: each case runs in a thread whose stack is as large as a
//! number of copies of it, in a process of its own, since the end of a stack ends the process.

#![allow(clippy::large_enum_variant, clippy::large_stack_arrays)] // large values on the stack are what this is about
#![cfg(all(unix, not(miri)))]

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use seqcopy::{AtomicPerByte, Policy, SeqCopy, SeqLatch, SeqLock, SeqSlice, Sequenced, part};

/// The size of the value: 96 KiB.
const SIZE: usize = 96 << 10;
/// For all the rest, the whole stack of values on the heap; less than a copy.
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
    /// The copies that the stack has space for, those of the caller included: the value, the result, and what
    /// `Box::new` makes.
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
    // On the heap: no copy at all, of however large a value.
    Case { name: "AtomicPerByte::boxed, enum", copies: 0, run: frames_on_the_heap::<AtomicPerByte<Frame>> },
    Case { name: "SeqLock::boxed, enum", copies: 0, run: frames_on_the_heap::<SeqLock<Frame>> },
    Case { name: "SeqLatch::boxed, enum", copies: 0, run: frames_on_the_heap::<SeqLatch<Frame>> },
    Case {
        name: "a lock of 64 MiB",
        copies: 0,
        run: || of_64_mib(&SeqLock::boxed_with(twos), &Arc::<SeqLock<_>>::from(SeqLock::boxed(&*ones()))),
    },
    Case {
        name: "a latch of 64 MiB",
        copies: 0,
        run: || of_64_mib(&SeqLatch::<Huge>::boxed_with(twos), &SeqLatch::<Huge>::arc(&ones())),
    },
    Case { name: "storage of 64 MiB", copies: 0, run: storage_of_64_mib },
    Case { name: "a slice of elements of 32 MiB", copies: 0, run: slice_of_huge_elements },
];

/// A latch of these takes 64 MiB.
type Huge = [u8; 32 << 20];

fn ones() -> Box<Huge> {
    vec![1; size_of::<Huge>()].try_into().unwrap()
}

fn twos(place: &mut MaybeUninit<Huge>) -> &mut Huge {
    // SAFETY: any bytes are numbers.
    unsafe { place.as_mut_ptr().write_bytes(2, 1) };
    // SAFETY: just written.
    unsafe { place.assume_init_mut() }
}

/// All that can be done with a value that fits on no stack.
fn of_64_mib<P: Policy>(made: &Sequenced<Huge, P>, copied: &Sequenced<Huge, P>) {
    let last = part!(Huge).index(size_of::<Huge>() - 1);
    assert_eq!((made.read_part(last), copied.read_part(last)), (2, 1));
    let mut value = made.read_boxed();
    assert!(value.iter().all(|&byte| byte == 2));
    value[7] = 3;
    copied.write_from(&value);
    copied.read_to(&mut value);
    assert_eq!((value[7], value[8]), (3, 2));
    made.writer().unwrap().write_from(&ones());
    let mut buf = Box::<Huge>::new_uninit();
    assert_eq!(made.read_into(&mut buf)[7], 1);
    assert_eq!(copied.try_read_into(&mut buf).unwrap()[7], 3);
}

/// Each read to a slice, one that has no space for all among them, and of a slice that is empty.
fn slice_of_huge_elements() {
    let slice = SeqSlice::<Huge>::with_capacity(2);
    let mut read = Vec::new();
    assert_eq!(slice.read_to_slice(&mut read), Ok(0));
    let mut elements = Vec::<Huge>::with_capacity(2);
    // SAFETY: space for two, of numbers.
    unsafe { elements.as_mut_ptr().write_bytes(1, 2) };
    // SAFETY: just written.
    unsafe { elements.set_len(2) };
    slice.write_from(&elements).unwrap();
    slice.read_to_vec(&mut read);
    for element in &mut read {
        element.fill(2);
    }
    assert_eq!(slice.try_read_to_slice(&mut read), Ok(2));
    assert_eq!((read[0][5], read[1][6]), (1, 1));
    for element in &mut elements {
        element.fill(3);
    }
    slice.write_from(&elements).unwrap();
    assert!(slice.read_to_slice(&mut read[..1]).is_err() && slice.read_range(1..2, &mut read[..1]).is_ok());
    assert_eq!((read[0][5], read[1][6]), (3, 1));
    assert_eq!(slice.try_read_range(0..2, &mut read), Ok(()));
    assert_eq!(read[1][6], 3);
}

fn storage_of_64_mib() {
    type Larger = [u8; 64 << 20];
    let value: Box<Larger> = vec![1; size_of::<Larger>()].try_into().unwrap();
    let cell = AtomicPerByte::boxed_with(|place: &mut MaybeUninit<Larger>| {
        // SAFETY: any bytes are numbers.
        unsafe { place.as_mut_ptr().write_bytes(2, 1) };
        // SAFETY: just written.
        unsafe { place.assume_init_mut() }
    });
    let mut buf = Box::<Larger>::new_uninit();
    assert_eq!(cell.load_into(&mut buf).validate_ref().unwrap()[7], 2);
    cell.store(&value);
    assert_eq!(cell.load_into(&mut buf).validate_ref().unwrap()[7], 1);
    let copied = AtomicPerByte::arc(&*value);
    assert_eq!(copied.load_into(&mut buf).validate_ref().unwrap()[8], 1);
}

/// What is made of a [`Frame`], in two ways.
#[allow(clippy::unnecessary_box_returns)] // that is what this is about
trait OnHeap: Sized {
    fn copied(frame: &Frame) -> Box<Self>;
    fn made(make: fn(&mut MaybeUninit<Frame>) -> &mut Frame) -> Box<Self>;
    fn first(&self) -> u8;
}

impl OnHeap for AtomicPerByte<Frame> {
    fn copied(frame: &Frame) -> Box<Self> {
        Self::boxed(frame)
    }

    fn made(make: fn(&mut MaybeUninit<Frame>) -> &mut Frame) -> Box<Self> {
        Self::boxed_with(make)
    }

    fn first(&self) -> u8 {
        let mut buf = Box::new_uninit();
        // SAFETY: nothing was stored meanwhile.
        first(unsafe { self.load_into(&mut buf).assume_valid_ref() })
    }
}

impl<P: Policy> OnHeap for Sequenced<Frame, P> {
    fn copied(frame: &Frame) -> Box<Self> {
        Self::boxed(frame)
    }

    fn made(make: fn(&mut MaybeUninit<Frame>) -> &mut Frame) -> Box<Self> {
        Self::boxed_with(make)
    }

    fn first(&self) -> u8 {
        first(&self.read_boxed())
    }
}

fn first(frame: &Frame) -> u8 {
    let Frame::Bytes(bytes) = frame else { panic!("an empty frame") };
    bytes[0]
}

/// A box of a frame, without one on the stack.
fn frame_of_ones(place: &mut MaybeUninit<Frame>) -> &mut Frame {
    // SAFETY: tag and bytes.
    unsafe { place.as_mut_ptr().write_bytes(1, 1) };
    // SAFETY: the second variant, of which all bytes are ones.
    unsafe { place.assume_init_mut() }
}

fn frames_on_the_heap<C: OnHeap>() {
    let mut frame = Box::new_uninit();
    assert_eq!(C::copied(frame_of_ones(&mut frame)).first(), 1);
    assert_eq!(C::made(frame_of_ones).first(), 1);
}

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
