//! `SeqLock`: each method, on one thread. Races are in `racing`, exclusion of writers in `rules.rs`.

use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy::{ArcWriter, AtomicPerByte, Attempt, ReadError, SeqCopy, SeqLock, SeqLockGuard, Version, Writer};

#[derive(Clone, Copy, Debug, Default, PartialEq, SeqCopy)]
#[repr(C)]
struct Sample {
    id: u8,
    at: u64,
    ok: bool,
}

const FIRST: Sample = Sample { id: 1, at: 10, ok: false };
const SECOND: Sample = Sample { id: 2, at: 20, ok: true };

/// `SeqCopy` but not `Copy`.
#[derive(Debug, PartialEq, SeqCopy)]
struct Handle(u32);

#[test]
fn constructors() {
    static STATIC: SeqLock<Sample> = SeqLock::new(FIRST);
    #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
    const CONST: SeqLock<Sample> = SeqLock::new(FIRST);
    assert_eq!(STATIC.read(), FIRST);
    STATIC.write(SECOND);
    assert_eq!(STATIC.read(), SECOND);
    #[allow(clippy::borrow_interior_mutable_const)]
    {
        CONST.write(SECOND);
        assert_eq!(CONST.read(), FIRST);
    }

    let inferred = SeqLock::new(5);
    assert_eq!(inferred.read() + 1u16, 6);
    assert_eq!(SeqLock::<Sample>::default().read(), Sample::default());
    assert_eq!(SeqLock::from(FIRST).into_inner(), FIRST);
    let array: [SeqLock<u8>; 3] = [const { SeqLock::new(7) }; 3];
    array[1].write(8);
    assert_eq!(array.map(SeqLock::into_inner), [7, 8, 7]);
}

#[test]
fn reads() {
    let lock = SeqLock::new(FIRST);
    assert_eq!((lock.read(), lock.try_read()), (FIRST, Ok(FIRST)));
    let mut buf = MaybeUninit::uninit();
    assert_eq!(lock.read_into(&mut buf), &FIRST);
    lock.write(SECOND);
    // The buffer is overwritten; a write to the buffer does not change the lock.
    let read = lock.try_read_into(&mut buf).unwrap();
    assert_eq!(*read, SECOND);
    *read = FIRST;
    assert_eq!(lock.read(), SECOND);
    let mut over = FIRST;
    lock.read_to(&mut over);
    assert_eq!(over, SECOND);

    let asked = AtomicUsize::new(0);
    let policy = |_: Attempt| -> ControlFlow<()> {
        asked.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    assert_eq!((lock.read_with(policy), asked.into_inner()), (Ok(SECOND), 0));
}

/// A read fails only while a writer copies, which with a large payload is nearly always.
#[test]
#[cfg_attr(
    miri,
    ignore = "needs a writer at full speed; `panics_of_policies_change_nothing` does the same in few rounds"
)]
fn failed_attempts_are_counted_and_give_the_reason() {
    let lock = SeqLock::new([0u64; 1 << 11]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut writer, mut value) = (lock.writer().unwrap(), [0; 1 << 11]);
            while !done.load(Ordering::Relaxed) {
                value[0] += 1;
                writer.write_from(&value);
            }
        });
        let began = Instant::now();
        let mut given_up = 0;
        while given_up < 10 && began.elapsed() < Duration::from_secs(60) {
            let mut last = 0;
            let read = lock.read_with(|attempt| {
                assert_eq!(attempt.number, last + 1);
                assert!(matches!(attempt.error, ReadError::Busy | ReadError::Torn));
                last = attempt.number;
                if last < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break("enough") }
            });
            assert_eq!(read.is_err(), last == 3);
            given_up += u32::from(read.is_err());
            let shown = format!("{:.40?}", lock.try_read().map(|value| value[1]));
            assert!(["Ok(0)", "Err(Busy)", "Err(Torn)"].contains(&shown.as_str()), "{shown}");
        }
        done.store(true, Ordering::Relaxed);
        assert_eq!(given_up, 10, "no read overlapped a write in a minute");
    });
}

#[test]
fn versions() {
    let mut lock = SeqLock::new(1);
    let first = lock.version();
    assert_eq!((first.to_bits(), first.writes_since(Version::NEVER)), (0, 1));
    assert!(lock.has_changed(Version::NEVER) && !lock.has_changed(first));
    assert_eq!(lock.read_versioned(), (1, first));

    let mut known = Version::NEVER;
    assert_eq!((lock.read_if_changed(&mut known), known), (Some(1), first));
    assert_eq!((lock.read_if_changed(&mut known), known), (None, first));
    lock.write(2);
    lock.update(|value| *value += 1);
    *lock.get_mut() += 1;
    assert_eq!((lock.read_if_changed(&mut known), known.writes_since(first)), (Some(4), 3));
    // An equal value is a new version.
    lock.write(4);
    assert!(lock.has_changed(known));
    assert_ne!(lock.read_versioned().1, known);
    assert_eq!(SeqLock::new(1).version(), first, "of another lock, and comparable");
}

#[test]
fn writes() {
    let lock = SeqLock::new(FIRST);
    lock.write(SECOND);
    assert_eq!(lock.read(), SECOND);
    lock.write_from(&FIRST);
    assert_eq!(lock.read(), FIRST);
    assert_eq!((lock.try_write(SECOND), lock.read()), (Ok(()), SECOND));
    assert_eq!((lock.replace(FIRST), lock.read()), (SECOND, FIRST));
    let returned = lock.update(|sample| {
        sample.id += 1;
        sample.at
    });
    assert_eq!((returned, lock.read().id), (10, 2));
}

#[test]
fn values_need_not_be_copy() {
    let lock = SeqLock::new(Handle(1));
    lock.write(Handle(2));
    assert_eq!((lock.read(), lock.read()), (Handle(2), Handle(2)));
    assert_eq!(lock.replace(Handle(3)), Handle(2));
    let guard = lock.lock_write();
    assert_eq!(lock.try_write(Handle(4)), Err(Handle(4)));
    drop(guard);
    assert_eq!(lock.into_inner(), Handle(3));
}

#[test]
fn guards() {
    let mut lock = SeqLock::new(FIRST);
    let mut guard: SeqLockGuard<'_, Sample> = lock.lock_write();
    assert!(lock.has_writer());
    guard.id = 7;
    assert_eq!((*guard, guard.id, lock.read()), (Sample { id: 7, ..FIRST }, 7, FIRST));
    assert_eq!(format!("{guard:?}"), format!("SeqLockGuard({:?})", *guard));
    drop(guard);
    assert_eq!((lock.read().id, lock.has_writer()), (7, false));
    lock.get_mut().id = 8;
    assert_eq!(lock.get_mut().id, 8);
    assert_eq!(lock.read().id, 8);
    assert_eq!(SeqLock::new(5).lock_write().to_string(), "5");
    // Dropped on another thread than the one that locked.
    thread::scope(|scope| {
        let mut guard = lock.lock_write();
        scope.spawn(move || guard.id = 9);
    });
    assert_eq!((lock.read().id, lock.has_writer()), (9, false));
}

#[test]
fn writers() {
    let lock = SeqLock::new(FIRST);
    let mut writer: Writer<'_, Sample> = lock.writer().unwrap();
    writer.write(SECOND);
    assert_eq!((writer.read(), lock.read()), (SECOND, SECOND));
    writer.write_from(&FIRST);
    assert_eq!((writer.replace(SECOND), writer.version(), writer.lock().read()), (FIRST, lock.version(), SECOND));
    assert_eq!(writer.update(|sample| std::mem::replace(&mut sample.id, 3)), 2);
    assert_eq!((lock.read().id, lock.version().to_bits()), (3, 4));
    assert!(format!("{writer:?}").contains("version: 4"));
    // `Writer::lock` has the lifetime of the lock, not of the writer.
    let lent: &SeqLock<Sample> = writer.lock();
    thread::scope(|scope| scope.spawn(move || writer.write(FIRST)).join().unwrap());
    assert_eq!((lent.read(), lock.has_writer()), (FIRST, false));

    // SAFETY: the only writer.
    let mut writer = unsafe { lock.writer_unchecked() };
    assert!(!lock.has_writer(), "claims nothing");
    writer.write(SECOND);
    drop(writer);
    assert_eq!((lock.read(), lock.has_writer()), (SECOND, false));

    // And does not release a claim that it did not acquire.
    let guard = lock.lock_write();
    // SAFETY: the guard is not changed, so it will not write.
    drop(unsafe { lock.writer_unchecked() });
    assert!(lock.has_writer());
    drop(guard);
}

#[test]
fn writers_of_shared_locks() {
    let lock = Arc::new(SeqLock::new(FIRST));
    let mut writer: ArcWriter<Sample> = SeqLock::writer_arc(&lock).unwrap();
    assert!(SeqLock::writer_arc(&lock).is_none() && Arc::ptr_eq(writer.owner(), &lock));
    assert_eq!(writer.replace(SECOND), FIRST);
    writer.write_from(&FIRST);
    writer.update(|sample| sample.id = 9);
    assert_eq!((writer.read(), writer.version()), (lock.read(), lock.version()));
    assert!(format!("{writer:?}").contains("version: 3"));
    // A writer keeps the lock alive.
    let weak = Arc::downgrade(&lock);
    drop(lock);
    thread::spawn(move || {
        writer.write(SECOND);
        assert_eq!(writer.lock().read(), SECOND);
    })
    .join()
    .unwrap();
    assert!(weak.upgrade().is_none());
}

#[test]
fn debug_does_not_wait() {
    let lock = SeqLock::new(5);
    assert_eq!(format!("{lock:?}"), "SeqLock { data: 5 }");
    let _guard = lock.lock_write();
    assert_eq!(format!("{lock:?}"), "SeqLock { data: 5 }");
    assert_eq!(format!("{:?}", AtomicPerByte::new(5u8)), "AtomicPerByte<u8>");
}

#[test]
fn size_is_word_claim_and_value() {
    assert_eq!((size_of::<SeqLock<u8>>(), align_of::<SeqLock<u8>>()), (24, 8));
    assert_eq!(size_of::<SeqLock<[u64; 4]>>(), 48);
    assert_eq!(size_of::<SeqLock<()>>(), 16);
}
