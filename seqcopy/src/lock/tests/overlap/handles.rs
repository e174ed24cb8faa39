//! Overlaps with what keeps a version for its caller: handles that read, and each way to wait.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::rc::Rc;

use super::super::super::Unoptimised;
use super::super::super::sequenced::sealed;
use super::{Claimed, LARGE_VALUE, Locked, Overtaken, SingleBuffer, happens, latch, value};
use crate::{
    Aligned8, AtomicPerByte, Policy, ReadError, Reader, SeqCopy, SeqLatchPolicy, SeqLockPolicy, Sequenced, Version,
};

/// The policy of a lock to which something may happen as soon as an attempt has succeeded.
struct OvertakenPolicy<P>(PhantomData<P>);

impl<P: Policy> Policy for OvertakenPolicy<P> {}

impl<P: Policy> sealed::Policy for OvertakenPolicy<P> {
    const LOCK: &'static str = P::LOCK;
    type Algorithm<T> = Overtaken<P::Algorithm<T>>;

    #[cfg(feature = "alloc")]
    unsafe fn init<T>(place: *mut Self::Algorithm<T>) -> *mut AtomicPerByte<Aligned8<T>> {
        // SAFETY: the place of its only field, inside the one of the contract.
        let inner = unsafe { &raw mut (*place).0 };
        same_contract!(P::init(inner))
    }
}

impl<T, L: Unoptimised<T>> Unoptimised<T> for Overtaken<L> {
    fn attempt_unoptimised(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>
    where
        T: SeqCopy,
    {
        let result = self.0.attempt_unoptimised(buf);
        happens();
        result
    }

    fn publish_unoptimised(lock: Claimed<'_, Self>, value: &T)
    where
        T: SeqCopy,
    {
        // SAFETY: it has no claim of its own (R2 one-protocol).
        L::publish_unoptimised(super::inner(lock), value);
    }
}

type Lock<const N: usize, P> = Sequenced<[u32; N], OvertakenPolicy<P>>;

/// Calls a test with a lock of each kind, small and large.
macro_rules! with_each_lock {
    ($test:ident) => {{
        fn of_both_locks<const N: usize>() {
            let storage = || AtomicPerByte::new(Aligned8([0; N]));
            $test::<N, SeqLockPolicy>(Sequenced { algorithm: Overtaken(SingleBuffer::new(storage())) });
            $test::<N, SeqLatchPolicy<2>>(Sequenced { algorithm: Overtaken(latch(storage)) });
            $test::<N, SeqLatchPolicy<4>>(Sequenced { algorithm: Overtaken(latch(storage)) });
        }
        of_both_locks::<2>();
        of_both_locks::<LARGE_VALUE>();
    }};
}

#[test]
fn a_reader_has_the_version_of_its_value() {
    fn overtaken<const N: usize, P: Policy + 'static>(lock: Lock<N, P>) {
        let lock = &Locked::<N, _>(Rc::new(lock));
        for follow in 1..4 {
            let version = lock.version();
            let mut reader = lock.during(follow, |_| Reader::new(&*lock.0));
            assert_eq!((reader.get(), reader.version()), (&value(version), version));
            let version = lock.version();
            assert_eq!(lock.during(follow, |_| reader.refresh()), Ok(true));
            assert_eq!((reader.get(), reader.version()), (&value(version), version));
            let version = lock.version();
            assert_eq!(lock.during(follow, |_| *reader.read()), value(version));
            assert_eq!(reader.version(), version);
        }
    }
    with_each_lock!(overtaken);
}

#[cfg(feature = "wait")]
#[test]
fn each_wait_remembers_the_version_of_the_value() {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    use core::time::Duration;
    use std::boxed::Box;

    use super::EVENT;
    use crate::Watched;

    /// There is something new already.
    fn at_once<R>(future: impl Future<Output = R>) -> R {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("waits for what is there"),
        }
    }

    fn overtaken<const N: usize, P: Policy + 'static>(lock: Lock<N, P>) {
        type Of<const N: usize, P> = Watched<[u32; N], Lock<N, P>>;
        type Way<const N: usize, P> = fn(&Of<N, P>, &mut Version) -> Option<[u32; N]>;
        let ways: [Way<N, P>; 5] = [
            |watched, known| watched.read_if_changed(known),
            |watched, known| Some(watched.wait(known)),
            |watched, known| watched.wait_timeout(known, Duration::ZERO),
            |watched, known| Some(at_once(watched.changed(known))),
            |watched, known| at_once(watched.changed_or_gone(known)),
        ];
        let watched: Rc<Of<N, P>> = Rc::new(Watched::new(lock));
        for (way, read) in ways.iter().enumerate() {
            for follow in 1..4 {
                let (version, mut known, written) = (watched.version(), Version::NEVER, Rc::clone(&watched));
                EVENT.set(Some(Box::new(move || Locked::<N, _>::write(written.lock(), follow))));
                assert_eq!((read(&watched, &mut known), known), (Some(value(version)), version), "way {way}");
                assert!(EVENT.take().is_none(), "nothing was read");
            }
        }
    }
    with_each_lock!(overtaken);
}
