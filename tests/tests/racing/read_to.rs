//! `SeqCount::read_to`: reads over an existing value, during writes and between them.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::thread;

use seqcopy::seq_count::{Parity, ParitySkipZero, SeqCode, SeqCount, StampOrZero};
use seqcopy::{Aligned8, AtomicPerByte, ReadError, SeqCopy, raw};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
struct Row {
    low: u8,
    odd: bool,
    all: [u64; 40],
    name: char,
}

impl Row {
    #[allow(clippy::cast_possible_truncation)] // the low byte
    fn new(n: u32) -> Self {
        Row { low: n as u8, odd: n % 2 == 1, all: [n.into(); 40], name: if n % 2 == 1 { 'o' } else { 'e' } }
    }

    fn check(&self) -> u32 {
        let n = u32::try_from(self.all[0]).unwrap();
        assert_eq!(*self, Row::new(n), "torn");
        n
    }
}

/// One word and its payload.
struct Slot {
    count: SeqCount<Parity<u32>>,
    row: AtomicPerByte<Row>,
}

impl Slot {
    fn new() -> Self {
        Slot { count: SeqCount::new(0), row: AtomicPerByte::new(Row::new(0)) }
    }

    fn write(&self, n: u32) {
        // SAFETY: the only writer, and no reader stops for 2^31 writes.
        unsafe { self.count.write(|| self.row.store(&Row::new(n))) };
    }

    fn read_to(&self, row: &mut Row) -> Result<u32, ReadError> {
        // SAFETY: the row is written by `write` only.
        let token = unsafe { self.count.read_to(row, |buf| _ = self.row.load_into(buf)) }?;
        assert_eq!(token.word(), 2 * row.check());
        Ok(token.word() / 2)
    }
}

#[test]
fn values_are_whole() {
    const WRITES: u32 = if cfg!(miri) { 12 } else { 20_000 };
    let slot = Slot::new();
    thread::scope(|scope| {
        scope.spawn(|| (1..=WRITES).for_each(|n| slot.write(n)));
        for _ in 0..2 {
            scope.spawn(|| {
                let (mut row, mut last) = (Row::new(0), 0);
                while last < WRITES {
                    match slot.read_to(&mut row) {
                        Ok(n) => {
                            assert!(n >= last, "from {last} back to {n}");
                            last = n;
                        }
                        // Nothing was copied.
                        Err(error) => assert_eq!((error, row.check()), (ReadError::Busy, last)),
                    }
                    std::hint::spin_loop();
                }
            });
        }
    });
}

/// An attempt that a write overlapped is followed by another, which finds that write's value.
#[test]
fn an_overlapped_read_goes_on() {
    let slot = Slot::new();
    let (mut row, loads) = (Row::new(7), Cell::new(0));
    let load = |buf: &mut MaybeUninit<Row>| {
        loads.set(loads.get() + 1);
        if loads.get() <= 3 {
            slot.write(loads.get());
        }
        slot.row.load_into(buf);
        if loads.get() == 2 {
            // And another one, after the copy.
            slot.write(9);
        }
    };
    // SAFETY: the row is written by `write` only.
    let token = unsafe { slot.count.read_to(&mut row, load) }.unwrap();
    assert_eq!((token.word(), row.check(), loads.get()), (8, 3, 4));
}

/// Before the first look at the word has succeeded nothing is copied.
#[test]
fn a_read_that_has_not_begun_changes_nothing() {
    fn refused<C: SeqCode>(word: C::Word) -> ReadError {
        let mut value = 5u8;
        // SAFETY: nothing is loaded.
        let result = unsafe { SeqCount::<C>::new(word).read_to(&mut value, |_| panic!("no value to load")) };
        assert_eq!(value, 5);
        result.unwrap_err()
    }
    assert_eq!(refused::<Parity<u32>>(3), ReadError::Busy);
    assert_eq!(refused::<ParitySkipZero<u16>>(0), ReadError::Empty);
    assert_eq!(refused::<StampOrZero<u64>>(0), ReadError::Busy);
}

/// Whatever the payload lies in.
#[test]
fn payloads_of_every_kind() {
    let count = SeqCount::<StampOrZero<u64>>::new(17);
    let mut value = [0u8; 300];
    let cell = AtomicPerByte::new(Aligned8([1u8; 300]));
    // SAFETY: nothing is written.
    let token = unsafe { count.read_to(&mut value, |buf| _ = cell.load_inner_into(buf)) }.unwrap();
    assert_eq!((value, token.word()), ([1; 300], 17));

    let mut memory = [2u8; 300];
    let memory = &raw mut memory;
    // SAFETY: a local, and nothing is written.
    let load = |buf: &mut _| _ = unsafe { raw::load_into(memory, buf) };
    // SAFETY: nothing is written.
    unsafe { count.read_to(&mut value, load) }.unwrap();
    assert_eq!(value, [2; 300]);
}

#[cfg(all(unix, not(miri)))]
mod panics {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::process::Command;

    use super::{Row, Slot};

    /// Says to a process of this program that it is to panic.
    const CHILD: &str = "SEQCOPY_READ_TO_CHILD";

    /// What the other process does; without the variable, nothing.
    #[test]
    fn child() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        let (slot, mut row) = (Slot::new(), Row::new(7));
        let read = AssertUnwindSafe(|| {
            // SAFETY: it does not return.
            let _ = unsafe { slot.count.read_to(&mut row, |_| panic!("in the middle of a copy")) };
        });
        let caught = catch_unwind(read).is_err();
        println!("the value may be seen, caught: {caught}");
    }

    /// What `*dst` is then must not be seen.
    #[test]
    fn a_panic_in_the_middle_ends_the_process() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let output =
            command.args(["--exact", "read_to::panics::child", "--nocapture"]).env(CHILD, "1").output().unwrap();
        let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(error.contains("in the middle of a copy") && error.contains("can't be left"), "{error}");
        assert!(!output.status.success() && !said.contains("may be seen"), "{said}");
    }
}
