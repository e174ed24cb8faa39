//! Guards, writers and panics.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use seqcopy::SeqLock;

use crate::{Padded, READS, Seen, WRITES, next};

/// Guards and writers, and what they mean for other threads.
pub(crate) fn hold() {
    let lock = SeqLock::new(Padded::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..WRITES / 6 {
                    let mut guard = lock.lock_write();
                    let before = guard.number();
                    next(&mut guard);
                    assert_eq!(lock.try_read().map(Padded::number), Ok(before), "readers see what is published");
                    assert_eq!(lock.try_write(Padded::new(77)), Err(Padded::new(77)));
                    assert!(lock.writer().is_none() && lock.has_writer());
                    drop(guard);
                    drop(lock.lock_write()); // publishes nothing, since nothing was changed
                    let mut writer = loop {
                        match lock.writer() {
                            Some(writer) => break writer,
                            None => thread::yield_now(),
                        }
                    };
                    writer.update(next);
                }
            });
        }
        let mut seen = Seen::default();
        for _ in 0..READS {
            let (value, version) = lock.read_versioned();
            seen.accept(version.to_bits(), value);
        }
    });
    assert_eq!(lock.read().number(), WRITES / 6 * 4);
}

/// Writes wait for guards, and panics leave the lock consistent.
pub(crate) fn rules() {
    fn panics(body: impl FnOnce()) {
        assert!(catch_unwind(AssertUnwindSafe(body)).is_err());
    }
    let die = || resume_unwind(Box::new("user code that panics"));
    let lock = SeqLock::new(Padded::new(0));
    panics(|| {
        lock.update(|value| {
            *value = Padded::new(77);
            die()
        });
    });
    assert_eq!(lock.try_read(), Ok(Padded::new(0)), "nothing happened");
    assert_eq!(lock.version().to_bits(), 0, "nothing was published");
    let guard = lock.try_lock_write().expect("a free lock");
    thread::scope(|scope| {
        scope.spawn(|| lock.write(Padded::new(1)));
        (0..8).for_each(|_| thread::yield_now());
        assert_eq!(lock.try_read(), Ok(Padded::new(0)), "writers wait for guards");
        guard.discard();
    });
    assert_eq!(lock.try_read(), Ok(Padded::new(1)));
    panics(|| {
        let mut guard = lock.lock_write();
        *guard = Padded::new(2);
        die();
    });
    assert_eq!(lock.try_read(), Ok(Padded::new(2)), "a guard publishes the value when it unwinds");
    std::mem::forget(lock.writer().expect("a free lock"));
    // SAFETY: there is no other writer (I5 one-writer).
    drop(unsafe { lock.writer_unchecked() });
    assert!(lock.has_writer(), "a writer without a claim does not release it");
}
