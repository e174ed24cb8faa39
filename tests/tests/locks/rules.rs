//! The two rules of seqcopy/docs/reference/soundness.md. R1 copy-layer: only the copy layer writes storage. R2
//! one-protocol: one writer protocol per word.
//!
//! R1 is checked by Miri: a smaller variant written over the storage itself would leave bytes uninitialised that the
//! next load reads, and a `&mut` into it would race with readers.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqCopy, SeqLatch, SeqLock, SeqOption, Version};

/// From the largest variant down to an empty one, with another such enum in the largest.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, u8)]
enum Shrinks {
    Nested { at: u64, inner: SeqOption<[u32; 5]>, odd: bool },
    Half(u64),
    Pointer(Option<&'static u32>),
    Byte(u8),
    Nothing,
}

static TARGET: u32 = 7;

const SIZES: [Shrinks; 6] = [
    Shrinks::Nested { at: 1, inner: SeqOption::Some([2; 5]), odd: true },
    Shrinks::Nested { at: 3, inner: SeqOption::None, odd: false },
    Shrinks::Half(4),
    Shrinks::Pointer(Some(&TARGET)),
    Shrinks::Byte(5),
    Shrinks::Nothing,
];

/// A way to assign a value, with its name.
type Way = (&'static str, fn(&mut SeqLock<Shrinks>, Shrinks));

/// All ways to assign a value to a lock.
fn assignments() -> [Way; 9] {
    [
        ("a guard", |lock, value| *lock.lock_write() = value),
        ("a guard, tried", |lock, value| *lock.try_lock_write().unwrap() = value),
        ("get_mut", |lock, value| *lock.get_mut() = value),
        ("update", |lock, value| lock.update(|old| *old = value)),
        ("replace", |lock, value| _ = lock.replace(value)),
        ("write", |lock, value| lock.write(value)),
        ("write_from", |lock, value| lock.write_from(&value)),
        ("a writer", |lock, value| lock.writer().unwrap().write(value)),
        ("a writer's update", |lock, value| lock.writer().unwrap().update(|old| *old = value)),
    ]
}

#[test]
fn smaller_variants_leave_no_byte_uninitialised() {
    for (way, assign) in assignments() {
        for before in SIZES {
            let mut lock = SeqLock::new(before);
            for after in SIZES {
                assign(&mut lock, after);
                assert_eq!(lock.read(), after, "by {way} over {before:?}");
            }
            // Moved, then assigned and loaded again.
            let mut lock = Box::new(lock);
            assign(&mut lock, before);
            assert_eq!(lock.into_inner(), before, "by {way}");
        }
    }
}

#[test]
fn smaller_variants_in_atomic_per_byte_and_latches() {
    for before in SIZES {
        for after in SIZES {
            let mut cell = AtomicPerByte::new(before);
            cell.set(&after);
            // A write to loaded bits does not change what they were loaded from.
            let mut bits = cell.load();
            *bits.write(before) = Shrinks::Nothing;
            cell.store(&before);
            cell.store(&after);
            let mut buf = MaybeUninit::new(before);
            let bits: MaybeInvalid<Shrinks> = *cell.load_into(&mut buf);
            // SAFETY: the bits of `after`.
            assert_eq!(unsafe { bits.assume_valid() }, after);

            let latch = SeqLatch::new(before);
            latch.update(|value| *value = after);
            assert_eq!(latch.read(), after);
            latch.update(|value| *value = Shrinks::Nothing);
            assert_eq!(latch.read(), Shrinks::Nothing);
        }
    }
}

/// The reference that a guard lends points to its private copy, so it can't race with readers.
#[test]
fn a_guard_lends_a_private_copy() {
    let lock = SeqLock::new([1u64; 3]);
    thread::scope(|scope| {
        let mut guard = lock.lock_write();
        let lent: &mut [u64; 3] = &mut guard;
        let reader = scope.spawn(|| lock.read());
        *lent = [2; 3];
        let here = lock.read();
        lent[0] = 3;
        assert_eq!((reader.join().unwrap(), here), ([1; 3], [1; 3]));
    });
    assert_eq!(lock.read(), [3, 2, 2]);
}

/// Readers don't wait while user code runs, since the word is even.
#[test]
fn the_word_is_even_while_user_code_runs() {
    let lock = SeqLock::new(1);
    let read_elsewhere = || thread::scope(|scope| scope.spawn(|| lock.try_read()).join().unwrap());
    lock.update(|value| {
        *value = 2;
        assert_eq!((lock.try_read(), read_elsewhere()), (Ok(1), Ok(1)));
    });
    let mut guard = lock.lock_write();
    *guard = 3;
    assert_eq!((lock.try_read(), read_elsewhere()), (Ok(2), Ok(2)));
    drop(guard);
    let mut writer = lock.writer().unwrap();
    writer.update(|value| {
        *value = 4;
        assert_eq!((lock.try_read(), read_elsewhere()), (Ok(3), Ok(3)));
    });
    assert_eq!((lock.try_read(), read_elsewhere()), (Ok(4), Ok(4)));
}

/// Each way to write excludes every other.
#[test]
fn one_writer_at_a_time() {
    let lock = Arc::new(SeqLock::new(1));
    let keeps_out = |held: bool| {
        assert_eq!(lock.try_write(9), Err(9));
        assert!(lock.try_lock_write().is_none());
        assert_eq!(lock.has_writer(), held);
        if held {
            assert!(lock.writer().is_none() && SeqLock::writer_arc(&lock).is_none());
        }
    };
    let guard = lock.lock_write();
    keeps_out(true);
    drop(guard);
    let writer = lock.writer().unwrap();
    keeps_out(true);
    drop(writer);
    let writer = SeqLock::writer_arc(&lock).unwrap();
    keeps_out(true);
    drop(writer);
    lock.update(|_| keeps_out(false));
    // And then releases the claim.
    assert!(!lock.has_writer());
    assert_eq!((lock.try_write(2), lock.read()), (Ok(()), 2));
}

/// A failed attempt must not release the claim of another thread, however often it is made.
#[test]
fn a_failed_attempt_leaves_the_claim_taken() {
    let lock = SeqLock::new([0u64; 8]);
    let mut writer = lock.writer().unwrap();
    let rounds = if cfg!(miri) { 4 } else { 1000 };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for n in 1..=rounds {
                    assert_eq!(lock.try_write([n; 8]), Err([n; 8]));
                    assert!(lock.try_lock_write().is_none());
                    assert!(lock.writer().is_none());
                    let value = lock.read();
                    assert_eq!(value, [value[0]; 8]);
                }
            });
        }
        for n in 1..=rounds {
            writer.write([n; 8]);
        }
    });
    assert!(lock.has_writer());
    drop(writer);
    assert_eq!((lock.read(), lock.version().to_bits()), ([rounds; 8], rounds));
}

type Change<'a> = &'a dyn Fn(&mut [u32; 4]);

/// Writers by different methods exclude each other, also while one of them yields.
#[test]
fn writers_take_turns() {
    let lock = SeqLock::new([0u32; 4]);
    let started = Barrier::new(5);
    let times = if cfg!(miri) { 3 } else { 1000 };
    let add = |value: &mut [u32; 4]| {
        value[0] += 1;
        thread::yield_now();
        // Differs if another writer overlaps.
        value[1] = value[0];
    };
    thread::scope(|scope| {
        let spawn = |by: fn(&SeqLock<[u32; 4]>, Change<'_>)| {
            let (lock, started) = (&lock, &started);
            scope.spawn(move || {
                started.wait();
                (0..times).for_each(|_| by(lock, &add));
            });
        };
        spawn(|lock, add| lock.update(add));
        spawn(|lock, add| add(&mut lock.lock_write()));
        spawn(|lock, add| {
            let mut writer = loop {
                if let Some(writer) = lock.writer() {
                    break writer;
                }
                thread::yield_now();
            };
            writer.update(add);
        });
        spawn(|lock, add| {
            let mut guard = loop {
                if let Some(guard) = lock.try_lock_write() {
                    break guard;
                }
                thread::yield_now();
            };
            add(&mut guard);
        });
        started.wait();
        for _ in 0..times {
            let [a, b, ..] = lock.read();
            assert_eq!(a, b);
        }
    });
    assert_eq!(lock.read(), [4 * times, 4 * times, 0, 0]);
}

#[test]
fn a_forgotten_guard_leaves_the_value_unchanged() {
    let mut lock = SeqLock::new(SIZES[0]);
    let mut guard = lock.lock_write();
    *guard = Shrinks::Nothing;
    std::mem::forget(guard);
    assert_eq!((lock.read(), lock.has_writer()), (SIZES[0], true));
    assert_eq!(lock.try_write(SIZES[1]), Err(SIZES[1]));
    // Exclusive access needs no claim.
    *lock.get_mut() = SIZES[2];
    assert_eq!(lock.read(), SIZES[2]);
    // Forgotten without a claim: nothing changed.
    let mut guard = lock.get_mut();
    *guard = SIZES[3];
    std::mem::forget(guard);
    assert_eq!(lock.into_inner(), SIZES[2]);
}

#[test]
fn a_leaked_writer_leaves_the_value_readable() {
    let lock = SeqLock::new(1);
    let mut writer = lock.writer().unwrap();
    writer.write(2);
    std::mem::forget(writer);
    assert_eq!((lock.read(), lock.has_writer(), lock.writer().is_none()), (2, true, true));

    // The claim moves with the lock, and exclusive access ignores it.
    let mut lock = Box::new(lock);
    *lock.get_mut() = 3;
    assert_eq!((lock.read(), lock.has_writer(), lock.into_inner()), (3, true, 3));

    let leaked = ManuallyDrop::new(SeqLock::writer_arc(&Arc::new(SeqLock::new(4))).unwrap());
    assert_eq!((leaked.lock().read(), leaked.lock().try_write(5)), (4, Err(5)));
    // For Miri, which reports leaks.
    drop(ManuallyDrop::into_inner(leaked));
}

/// After a panic: the old value, and the claim is released.
#[test]
fn panics_in_closures_change_nothing() {
    #[derive(Clone, Copy, SeqCopy)]
    struct Loud(u32);
    impl std::fmt::Debug for Loud {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("from Debug");
        }
    }
    let lock = SeqLock::new(Loud(1));
    let before = lock.version();
    let panics = |act: &dyn Fn()| {
        assert!(catch_unwind(AssertUnwindSafe(act)).is_err());
        assert_eq!((lock.read().0, lock.version(), lock.has_writer()), (1, before, false));
        assert!(lock.try_lock_write().is_some());
    };
    panics(&|| {
        lock.update(|value| {
            value.0 = 2;
            panic!("in the middle");
        });
    });
    panics(&|| {
        lock.writer().unwrap().update(|value| {
            value.0 = 2;
            panic!("in the middle");
        });
    });
    panics(&|| drop(format!("{lock:?}")));
    panics(&|| drop(format!("{:?}", lock.lock_write())));
}

#[test]
fn panics_of_policies_change_nothing() {
    // A read fails only while a writer copies, not while there is a claim: two threads are needed.
    let lock = SeqLock::new([1u64; 64]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = lock.writer().unwrap();
            while !done.load(Ordering::Relaxed) {
                writer.update(|value| value.iter_mut().for_each(|n| *n += 1));
            }
        });
        for _ in 0..if cfg!(miri) { 3 } else { 1000 } {
            let read =
                catch_unwind(AssertUnwindSafe(|| lock.read_with::<()>(|attempt| panic!("{attempt:?}")).unwrap()));
            if let Ok(value) = read {
                assert_eq!(value, [value[0]; 64]);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(!lock.has_writer());
}

#[test]
fn unwinding_publishes_the_copy_of_a_guard() {
    let lock = SeqLock::new(1);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = lock.lock_write();
        *guard = 2;
        panic!("while there is a guard");
    }));
    assert!(result.is_err());
    // As in the crate `seqlock`.
    assert_eq!((lock.read(), lock.has_writer()), (2, false));

    let result = catch_unwind(AssertUnwindSafe(|| {
        let guard = lock.lock_write();
        panic!("{guard} was only read");
    }));
    assert!(result.is_err());
    assert_eq!((lock.read(), lock.version().to_bits(), lock.has_writer()), (2, 1, false));

    // A write in a destructor, while another thread unwinds.
    let lock = Arc::new(lock);
    let other = Arc::clone(&lock);
    let died = thread::spawn(move || {
        struct Writes<'a>(&'a SeqLock<i32>);
        impl Drop for Writes<'_> {
            fn drop(&mut self) {
                assert!(thread::panicking());
                self.0.update(|value| *value += 1);
                *self.0.lock_write() += 1;
            }
        }
        let _writes = Writes(&other);
        panic!("before the write");
    });
    assert!(died.join().is_err());
    assert_eq!((lock.read(), lock.has_writer()), (4, false));
}

#[test]
fn discarded_and_untouched_guards_publish_nothing() {
    let mut lock = SeqLock::new(1);
    let before = lock.version();
    let mut guard = lock.lock_write();
    *guard = 2;
    guard.discard();
    assert_eq!(*lock.lock_write(), 1);
    drop(lock.try_lock_write().unwrap());
    let mut guard = lock.get_mut();
    *guard += 1;
    guard.discard();
    assert_eq!(*lock.get_mut(), 1);
    assert_eq!((lock.read(), lock.version(), lock.has_changed(before), lock.has_writer()), (1, before, false, false));

    // Assigned is published, even if it is the same value, and even by `get_mut`.
    *lock.lock_write() = 1;
    *lock.get_mut() = 1;
    assert_eq!(lock.version().writes_since(before), 2);
}

/// A reader with an old version notices every write, by whichever method.
#[test]
fn every_way_to_write_advances_the_version() {
    for (way, assign) in assignments() {
        let mut lock = SeqLock::new(Shrinks::Nothing);
        let mut known = Version::NEVER;
        assert!(lock.read_if_changed(&mut known).is_some());
        assign(&mut lock, SIZES[0]);
        assert!(lock.has_changed(known), "by {way}");
        assert_eq!(lock.read_if_changed(&mut known), Some(SIZES[0]), "by {way}");
        assert_eq!(lock.read_if_changed(&mut known), None, "by {way}");
        assert_eq!(known.to_bits(), 1, "by {way}");
    }
}

/// As `writer` says: it waits for an `update` in progress, and is refused only by another writer or a guard.
#[test]
fn a_writer_waits_for_a_single_write() {
    let lock = SeqLock::new(1);
    let (begun, begins) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            lock.update(|value| {
                begun.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
                *value = 2;
            });
        });
        begins.recv().unwrap();
        assert_eq!(lock.writer().expect("no other writer").read(), 2);
    });
}
