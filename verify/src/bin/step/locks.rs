//! [`Kind`]: the locks, and what their writers do. Monomorphic below: what is stepped is the crate's own code.

use core::hint::black_box;

use seqcopy::{Policy, SeqLatch, SeqLatchPolicy, SeqLock, SeqLockPolicy, Sequenced};

use crate::trace::mark;
use crate::values::Val;

pub(crate) trait Kind<T: Val>: Policy + Sized + 'static {
    const NAME: &'static str;
    const BUFFERS: u64;
    fn make(value: T) -> Sequenced<T, Self>;
    /// By a guard, where there is one.
    fn write_by_guard(lock: &Sequenced<T, Self>, value: &T);
}

impl<T: Val> Kind<T> for SeqLockPolicy {
    const NAME: &'static str = "SeqLock";
    const BUFFERS: u64 = 1;
    fn make(value: T) -> SeqLock<T> {
        SeqLock::new(value)
    }
    #[inline(always)]
    fn write_by_guard(lock: &SeqLock<T>, value: &T) {
        *lock.lock_write() = *value;
    }
}

macro_rules! latch {
    ($buffers:literal, $name:literal) => {
        impl<T: Val> Kind<T> for SeqLatchPolicy<$buffers> {
            const NAME: &'static str = $name;
            const BUFFERS: u64 = $buffers;
            fn make(value: T) -> SeqLatch<T, $buffers> {
                SeqLatch::from_value(value)
            }
            fn write_by_guard(_: &SeqLatch<T, $buffers>, _: &T) {
                unreachable!("a latch has no guards")
            }
        }
    };
}
latch!(2, "SeqLatch 2");
latch!(4, "SeqLatch 4");

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a `Writer`: without an atomic read-modify-write, without a system call.
    Writer(Method),
    /// By a method of the lock, which acquires the write claim.
    Lock(Method),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Write,
    WriteFrom,
    TryWrite,
    Update,
    Replace,
    Guard,
}

use Method::{Guard, Replace, TryWrite, Update, Write, WriteFrom};

pub(crate) const BY_WRITER: [Way; 4] =
    [Way::Writer(Write), Way::Writer(WriteFrom), Way::Writer(Update), Way::Writer(Replace)];
pub(crate) const BY_LOCK: [Way; 6] = [
    Way::Lock(Write),
    Way::Lock(WriteFrom),
    Way::Lock(TryWrite),
    Way::Lock(Update),
    Way::Lock(Replace),
    Way::Lock(Guard),
];

/// Writes one value after the other, with a mark before and after each; the body of a child.
pub(crate) fn write_and_mark<T: Val, L: Kind<T>>(lock: &'static Sequenced<T, L>, way: Way) {
    // The version is the number of writes.
    let next = || T::of(lock.version().to_bits() + 1);
    match way {
        Way::Writer(method) => {
            let mut writer = lock.writer().expect("the only writer");
            loop {
                let value = next();
                let value = black_box(&value);
                mark();
                match method {
                    Write => writer.write(*value),
                    WriteFrom => writer.write_from(value),
                    Update => writer.update(|old| *old = *value),
                    Replace => _ = black_box(writer.replace(*value)),
                    TryWrite | Guard => unreachable!("a writer has no such method"),
                }
                mark();
            }
        }
        Way::Lock(method) => loop {
            let value = next();
            let value = black_box(&value);
            mark();
            match method {
                Write => lock.write(*value),
                WriteFrom => lock.write_from(value),
                TryWrite => assert!(lock.try_write(*value).is_ok(), "the only writer"),
                Update => lock.update(|old| *old = *value),
                Replace => _ = black_box(lock.replace(*value)),
                Guard => L::write_by_guard(lock, value),
            }
            mark();
        },
    }
}

/// A write of this process, while no child has begun one.
pub(crate) fn write_here<T: Val, L: Kind<T>>(lock: &Sequenced<T, L>, value: &T) {
    // SAFETY: children that write this lock are stopped outside of writes, and a stop and its wait order their writes
    // before this one.
    unsafe { lock.writer_unchecked() }.write_from(value);
}
