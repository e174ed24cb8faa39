//! Locks and storage that are made on the heap. (How little stack that takes: `stack.rs`.)

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use seqcopy::{AtomicPerByte, Policy, SeqCopy, SeqLatch, SeqLock, Sequenced, Validate};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    low: u8,
    all: u64,
    odd: bool,
}

const FIRST: Padded = Padded { low: 1, all: 2, odd: true };
const SECOND: Padded = Padded { low: 3, all: 4, odd: false };

/// The bytes of the large variant are data in every storage, whichever variant was there first.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u8)]
enum Either {
    Small(u8),
    Large([u64; 3]),
}

fn locks<P: Policy, T: SeqCopy + Copy + PartialEq + std::fmt::Debug>(first: &T, second: &T) {
    let whole = |lock: &Sequenced<T, P>| {
        assert_eq!((lock.read(), *lock.read_boxed()), (*first, *first));
        assert!(!lock.has_writer());
        for _ in 0..5 {
            lock.write_from(second);
            assert_eq!((lock.read(), *lock.read_boxed()), (*second, *second));
            lock.update(|value| *value = *first);
            assert_eq!(lock.read(), *first);
        }
        assert_eq!(lock.version().writes_since(seqcopy::Version::NEVER), 11);
    };
    whole(&Sequenced::boxed(first));
    whole(&Sequenced::arc(first));
    whole(&Sequenced::boxed_with(|place| place.write(*first)));
    whole(&Arc::<Sequenced<T, P>>::from(Sequenced::boxed(first)));
    // A value from elsewhere.
    let mut elsewhere = Box::new(*first);
    let leaked = Box::into_raw(elsewhere);
    // SAFETY: made of a box above, and this is its only reference.
    whole(&Sequenced::boxed_with(|_| unsafe { &mut *leaked }));
    // SAFETY: made of a box above, and not used otherwise any more.
    elsewhere = unsafe { Box::from_raw(leaked) };
    assert_eq!(*elsewhere, *first);
    // The place is given back as it is.
    whole(&Sequenced::boxed_with(|place| {
        place.write(*second);
        place.write(*first)
    }));
}

fn storage<T: Validate + Copy + PartialEq + std::fmt::Debug>(first: &T, second: &T) {
    let whole = |cell: &AtomicPerByte<T>| {
        for value in [first, second, first] {
            assert_ne!(cell.load().validate(), Ok(if value == first { *second } else { *first }));
            cell.store(value);
            assert_eq!(cell.load().validate(), Ok(*value));
            cell.store(if value == first { second } else { first });
        }
    };
    assert_eq!(AtomicPerByte::boxed(first).load().validate(), Ok(*first));
    assert_eq!(AtomicPerByte::arc(first).load().validate(), Ok(*first));
    let made = AtomicPerByte::boxed_with(|place| place.write(*first));
    assert_eq!(made.load().validate(), Ok(*first));
    whole(&made);
}

fn all<T: Validate + Copy + PartialEq + std::fmt::Debug>(first: &T, second: &T) {
    locks::<seqcopy::SeqLockPolicy, T>(first, second);
    locks::<seqcopy::SeqLatchPolicy<2>, T>(first, second);
    locks::<seqcopy::SeqLatchPolicy<8>, T>(first, second);
    storage(first, second);
}

/// Many, except under Miri.
const MANY: usize = if cfg!(miri) { 3 } else { 40 };

#[test]
fn values_are_those_that_were_given() {
    all(&5u16, &6);
    all(&FIRST, &SECOND);
    all(&[FIRST; MANY], &[SECOND; MANY]);
}

/// Under Miri a byte of the other variant that was not initialised is an error.
#[test]
fn enums_are_whole_in_storage() {
    all(&Either::Small(1), &Either::Large([2; 3]));
    all(&Either::Large([2; 3]), &Either::Small(1));
    all(&[Either::Small(1), Either::Large([2; 3])], &[Either::Large([3; 3]), Either::Small(4)]);
}

#[test]
fn values_without_bytes() {
    let lock = SeqLock::boxed(&());
    lock.write(());
    assert_eq!(*SeqLatch::<()>::arc(&()).read_boxed(), ());
    assert_eq!(AtomicPerByte::boxed(&[0u64; 0]).load().validate(), Ok([]));
    let mut elsewhere = [0u64; 0];
    let elsewhere = &raw mut elsewhere;
    // SAFETY: a local.
    assert_eq!(SeqLock::boxed_with(|_| unsafe { &mut *elsewhere }).read(), []);
}

/// The number of boxes that are open.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Notices if what a closure has is dropped.
struct Noticed;

impl Noticed {
    fn new() -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Noticed
    }
}

impl Drop for Noticed {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What makes a value in place.
type Make<T> = Box<dyn FnOnce(&mut MaybeUninit<T>) -> &mut T>;

/// Under Miri a leak is an error.
#[test]
fn a_panic_leaves_nothing() {
    fn panics<T: SeqCopy + Copy + 'static>(value: T, make: fn(Make<T>)) {
        let noticed = Noticed::new();
        let make_then_panic: Make<T> = Box::new(move |place| {
            let _noticed = noticed;
            place.write(value);
            panic!("a closure that panics")
        });
        let result = catch_unwind(AssertUnwindSafe(|| make(make_then_panic)));
        assert_eq!(*result.unwrap_err().downcast::<&str>().unwrap(), "a closure that panics");
        assert_eq!(OPEN.load(Ordering::Relaxed), 0);
    }
    panics([FIRST; 9], |make| drop(SeqLock::boxed_with(make)));
    panics([FIRST; 9], |make| drop(SeqLatch::<_, 4>::boxed_with(make)));
    panics([FIRST; 9], |make| drop(AtomicPerByte::boxed_with(make)));
    panics(Either::Small(1), |make| drop(SeqLock::boxed_with(make)));
    panics(Either::Small(1), |make| drop(AtomicPerByte::boxed_with(make)));
}
