//! Reads that writes overlap, not by chance: the payload publishes values while it is loaded, or the lock does after a
//! read.
//!
//! Each method that reads: what it returns is rejected, or retried, if a write overlapped, and has the version of its
//! value.

mod handles;

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ops::ControlFlow;
use std::boxed::Box;
use std::rc::Rc;

use super::super::part::{read_parts, try_read_parts};
use super::super::read::{
    read, read_if_changed, read_into, read_to, read_versioned, read_with, try_read, try_read_if_changed, try_read_into,
    try_read_value,
};
use super::super::{Algorithm, Claim, Claimed, Latch, Payload, Protocol, SingleBuffer, Version};
use super::claimed;
use crate::copy::LARGE;
use crate::seq_count::Wide;
use crate::seq_count::WideWord;
use crate::{Aligned8, AtomicPerByte, Part, ReadError, part};

std::thread_local! {
    /// What happens in the middle of the next read, or after it, once.
    static EVENT: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

/// Lets it happen.
fn happens() {
    if let Some(event) = EVENT.take() {
        event();
    }
}

/// Storage of a value; something may happen after each load.
struct Storage<const N: usize>(AtomicPerByte<Aligned8<[u32; N]>>);

impl<const N: usize> Storage<N> {
    fn new() -> Self {
        Storage(AtomicPerByte::new(Aligned8([0; N])))
    }
}

// SAFETY: that of `AtomicPerByte` (P21 snapshot).
unsafe impl<const N: usize> Payload<[u32; N]> for Storage<N> {
    fn load_payload(&self, buf: &mut MaybeUninit<[u32; N]>) {
        Payload::load_payload(&self.0, buf);
        happens();
    }

    fn load_payload_by_value(&self, buf: &mut MaybeUninit<[u32; N]>) {
        Payload::load_payload_by_value(&self.0, buf);
        happens();
    }

    fn store_payload(&self, value: &[u32; N]) {
        Payload::store_payload(&self.0, value);
    }

    fn load_part<F>(&self, part: Part<[u32; N], F>, buf: &mut MaybeUninit<F>) {
        Payload::load_part(&self.0, part, buf);
        happens();
    }

    unsafe fn store_part<F>(&self, part: Part<[u32; N], F>, value: &F) {
        same_contract!(self.0.store_part(part, value));
    }
}

/// A lock to which something may happen as soon as an attempt has succeeded.
struct Overtaken<L>(L);

// SAFETY: that of the lock (P21 snapshot, R2 one-protocol).
unsafe impl<L: Algorithm> Algorithm for Overtaken<L> {
    type Buffer = L::Buffer;
    const SPINS: bool = L::SPINS;
    const IN_PLACE: bool = L::IN_PLACE;

    fn claim(&self) -> &Claim {
        self.0.claim()
    }

    fn attempt_with(&self, load: impl FnOnce(&L::Buffer)) -> Result<Version, ReadError> {
        let result = self.0.attempt_with(load);
        happens();
        result
    }

    fn latest_version(&self) -> Version {
        self.0.latest_version()
    }

    fn newest(&self) -> &L::Buffer {
        self.0.newest()
    }

    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&L::Buffer)) {
        L::publish_with(inner(lock), store);
    }
}

fn inner<L>(lock: Claimed<'_, Overtaken<L>>) -> Claimed<'_, L> {
    // SAFETY: it has no claim of its own (R2 one-protocol).
    unsafe { Claimed::new(&lock.get().0) }
}

/// A lock whose versions are its values.
struct Locked<const N: usize, L>(Rc<L>);

impl<const N: usize, L: Protocol<[u32; N]> + 'static> Locked<N, L> {
    /// Publishes the next values, as many as `writes`.
    fn write(lock: &L, writes: u32) {
        for _ in 0..writes {
            let number = u32::try_from(lock.algorithm().latest_version().to_bits()).unwrap() + 1;
            claimed(lock).publish(&[number; N]);
        }
    }

    /// A read in the course of which this many values are published.
    fn during<R>(&self, writes: u32, read: impl FnOnce(&L) -> R) -> R {
        let lock = Rc::clone(&self.0);
        EVENT.set(Some(Box::new(move || Self::write(&lock, writes))));
        let result = read(&self.0);
        assert!(EVENT.take().is_none(), "nothing was read");
        result
    }

    fn version(&self) -> Version {
        self.0.algorithm().latest_version()
    }

    /// The value that is the newest by now.
    fn newest(&self) -> [u32; N] {
        value(self.version())
    }
}

/// The value of a version.
fn value<const N: usize>(version: Version) -> [u32; N] {
    [u32::try_from(version.to_bits()).unwrap(); N]
}

/// `writes`: as few as make a read fail that they overlap.
fn overlapped<const N: usize, L: Algorithm<Buffer: Payload<[u32; N]>> + 'static>(lock: L, writes: u32) {
    let lock = &Locked::<N, L>(Rc::new(lock));
    let torn = Err(ReadError::Torn);
    // Methods of one attempt.
    assert_eq!(lock.during(writes, try_read), torn.map(|()| unreachable!()));
    assert_eq!(lock.during(writes, try_read_value), torn.map(|()| unreachable!()));
    let mut buf = MaybeUninit::uninit();
    assert!(lock.during(writes, |lock| try_read_into(lock, &mut buf).is_err()));
    let known = lock.version();
    Locked::<N, L>::write(&lock.0, 1);
    let mut version = known;
    let read_changed = lock.during(writes, |lock| try_read_if_changed(lock, &mut version));
    assert_eq!((read_changed, version), (torn.map(|()| unreachable!()), known), "not the version of a failed read");
    let whole = part!([u32; N]);
    let ends = (whole.index(0), whole.index(N - 1));
    assert_eq!(lock.during(writes, |lock| try_read_parts(lock, ends)), torn.map(|()| unreachable!()));
    let gives_up = |lock: &_| read_with(lock, |attempt| ControlFlow::Break((attempt.number, attempt.error)));
    assert_eq!(lock.during(writes, gives_up), Err((1, ReadError::Torn)));
    // With one write fewer the value is whole: a latch has buffers for those.
    let before = lock.version();
    assert_eq!(lock.during(writes - 1, try_read), Ok((value(before), before)));
    let before: [u32; N] = lock.newest();
    assert_eq!(lock.during(writes - 1, |lock| try_read_parts(lock, ends)), Ok((before[0], before[0])));

    // Methods that try again: the value is the newest, and so is the version.
    assert_eq!(lock.during(writes, read), lock.newest());
    assert_eq!(lock.during(writes, read_versioned), (lock.newest(), lock.version()));
    let (read, version) = lock.during(writes, |lock| {
        let (value, version) = read_into(lock, &mut buf);
        (*value, version)
    });
    assert_eq!((read, version), (lock.newest(), lock.version()));
    let mut over = [0; N];
    lock.during(writes, |lock| read_to(lock, &mut over));
    assert_eq!(over, lock.newest());
    let goes_on = |lock: &_| read_with(lock, |_| ControlFlow::<()>::Continue(()));
    assert_eq!(lock.during(writes, goes_on), Ok(lock.newest()));
    assert_eq!(lock.during(writes, |lock| read_parts(lock, whole)), lock.newest());
    let mut known = Version::NEVER;
    assert_eq!(lock.during(writes, |lock| read_if_changed(lock, &mut known)), Some(lock.newest()));
    assert_eq!(known, lock.version());
}

/// A write follows at once: the version that a reader keeps is that of its value, so it sees the write the next time.
fn overtaken<const N: usize, L: Algorithm<Buffer: Payload<[u32; N]>> + 'static>(lock: L) {
    let lock = &Locked::<N, _>(Rc::new(Overtaken(lock)));
    for follow in 1..4 {
        let version = lock.version();
        assert_eq!(lock.during(follow, read_versioned), (value(version), version));
        let version = lock.version();
        assert_eq!(lock.during(follow, try_read), Ok((value(version), version)));
        let (version, mut known) = (lock.version(), Version::NEVER);
        assert_eq!(lock.during(follow, |lock| read_if_changed(lock, &mut known)), Some(value(version)));
        assert_eq!(known, version);
        let version = lock.version();
        assert_eq!(lock.during(follow, |lock| try_read_if_changed(lock, &mut known)), Ok(Some(value(version))));
        assert_eq!(known, version);
        assert_eq!(read_if_changed(&*lock.0, &mut known), Some(lock.newest()));
        assert_eq!((known, read_if_changed::<[u32; N], _>(&*lock.0, &mut known)), (lock.version(), None));
    }
}

fn latch<P, const BUFFERS: usize>(storage: fn() -> P) -> Latch<P, BUFFERS> {
    Latch::new([(); BUFFERS].map(|()| storage()), Wide::from_number(0))
}

/// The number of words from which methods read the value to its place in the result, or of its caller.
const LARGE_VALUE: usize = LARGE / 4 + 1;

#[test]
fn a_read_that_writes_overlap_is_torn() {
    fn of_both_locks<const N: usize>() {
        overlapped::<N, _>(SingleBuffer::<_>::new(Storage::new()), 1);
        overlapped::<N, _>(latch::<_, 2>(Storage::new), 1);
        overlapped::<N, _>(latch::<_, 4>(Storage::new), 3);
    }
    of_both_locks::<2>();
    of_both_locks::<LARGE_VALUE>();
}

#[test]
fn a_version_is_that_of_the_value_that_was_read() {
    fn of_both_locks<const N: usize>() {
        // Nothing happens before the attempt has ended.
        let storage = || AtomicPerByte::new(Aligned8([0; N]));
        overtaken::<N, _>(SingleBuffer::<_>::new(storage()));
        overtaken::<N, _>(latch::<_, 2>(storage));
        overtaken::<N, _>(latch::<_, 4>(storage));
    }
    of_both_locks::<2>();
    of_both_locks::<LARGE_VALUE>();
}
