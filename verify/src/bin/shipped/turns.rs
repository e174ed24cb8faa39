//! Locks, with writers and readers on several threads.

use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::thread;

use seqcopy::seq_count::{BufferCount, SupportedBufferCount};
use seqcopy::{ReadError, SeqLatch, SeqLock, Version};

use crate::{Padded, READS, ROUNDS, Seen, WRITES, next};

/// Two contending writers, two readers that poll.
macro_rules! turns {
    ($lock:expr) => {{
        let lock = $lock;
        let poll = || {
            let mut seen = Seen::default();
            for _ in 0..READS {
                // In this order: a value read later is not older.
                let announced = lock.version().to_bits();
                match lock.try_read() {
                    Ok(value) => assert!(u64::from(value.number()) >= announced, "older than what was announced"),
                    Err(error) => assert!(matches!(error, ReadError::Busy | ReadError::Torn)),
                }
                let (value, version) = lock.read_versioned();
                seen.accept(version.to_bits(), value);
            }
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..WRITES / 2).for_each(|_| lock.update(next)));
            }
            scope.spawn(poll);
            poll();
        });
        assert_eq!(lock.try_read(), Ok(Padded::new(WRITES)));
        assert_eq!(lock.version().to_bits(), u64::from(WRITES));
    }};
}

pub(crate) fn lock_turns() {
    turns!(SeqLock::new(Padded::new(0)));
}

pub(crate) fn latch_turns() {
    turns!(SeqLatch::new(Padded::new(0)));
}

/// One writer that never pauses, two readers that poll.
fn one_writer<const BUFFERS: usize>()
where
    BufferCount<BUFFERS>: SupportedBufferCount,
{
    let latch = SeqLatch::<_, BUFFERS>::from_value(Padded::new(0));
    let poll = || {
        let mut seen = Seen::default();
        for _ in 0..READS {
            match latch.try_read() {
                Ok(value) => seen.accept(u64::from(value.number), value),
                Err(error) => assert_eq!(error, ReadError::Torn),
            }
            let (value, version) = latch.read_versioned();
            seen.accept(version.to_bits(), value);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut writer = latch.writer().expect("the only writer");
            (1..=WRITES).for_each(|number| writer.write(Padded::new(number)));
        });
        scope.spawn(poll);
        poll();
    });
    assert_eq!(latch.try_read(), Ok(Padded::new(WRITES)));
}

pub(crate) fn latch_two_buffers() {
    one_writer::<2>();
}

pub(crate) fn latch_four_buffers() {
    one_writer::<4>();
}

/// The version that `read_if_changed` remembers is that of its value.
pub(crate) fn news() {
    let lock = SeqLock::new(Padded::new(0));
    thread::scope(|scope| {
        scope.spawn(|| (1..=WRITES).for_each(|number| lock.write(Padded::new(number))));
        let mut known = Version::NEVER;
        for _ in 0..READS {
            if let Some(value) = lock.read_if_changed(&mut known) {
                assert_eq!(u64::from(value.number()), known.to_bits());
            }
        }
    });
}

/// Announce, then read: with a fence on both sides, at least one side sees the other.
pub(crate) fn fresh() {
    for _ in 0..ROUNDS {
        let lock = SeqLock::new(Padded::new(0));
        let announced = AtomicU32::new(0);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                lock.write(Padded::new(1));
                fence(Ordering::SeqCst);
                announced.load(Ordering::Relaxed) == 0
            });
            announced.store(1, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            let reader_missed = lock.try_read() == Ok(Padded::new(0));
            assert!(!(writer.join().unwrap() && reader_missed), "both missed the other");
        });
    }
}
