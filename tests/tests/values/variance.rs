//! What may be used in place of what: the lifetimes that may become shorter. Those that may not, and that none becomes
//! longer, is tried in `ui-tests/tests/variance`. And which handles, and futures, cross threads. Checked at compile
//! time.

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::task::Waker;

use seqcopy::layout::Shape;
use seqcopy::raw::Page;
use seqcopy::{
    ArcReader, ArcWatchedWriter, ArcWriter, Bits, MaybeInvalid, Part, Reader, Remote, SeqCopy, SeqLatch, SeqLock,
    SeqLockGuard, SeqOption, SeqSlice, SeqVec, Version, WakeUp, Watched, WatchedWriter, Writer,
};
use static_assertions::{assert_impl_all, assert_not_impl_any};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Clock {
    #[seqcopy(word = seqcopy::seq_count::Parity<u32>)]
    sequence: std::mem::MaybeUninit<u32>,
    level: u32,
}

/// A longer lifetime may be used in the place of a shorter one.
macro_rules! shorter {
    ($($r:lifetime $type:ty,)*) => { $(const _: () = {
        type It<$r> = $type;
        #[allow(dead_code)] // compiled, not called
        fn shorter<'s, 'l: 's>(it: It<'l>) -> It<'s> { it }
    };)* };
}

shorter! {
    'r SeqLockGuard<'r, u8>,
    'r Writer<'r, u8>,
    'r Writer<'r, u8, SeqSlice<u8>>,
    'r WatchedWriter<'r, u8>,
    'r Reader<'r, u8, SeqLatch<u8>>,
    'r Bits<'r, u8>,
    'r Bits<'static, fn() -> &'r u8>,
    'r Page<'r, Clock>,
    'r MaybeInvalid<&'r u8>,
    'r Remote<&'r u8, ()>,
    'r Remote<u8, &'r ()>,
    'r SeqOption<&'r u8>,
    'r SeqVec<&'r u8, 2>,
    'r Shape<'r>,
    // Owned by those that wait and write.
    'r Watched<u8, SeqLock<u8>, Notes<'r>>,
}

/// `Sync`, and names a lifetime.
struct Notes<'r>(PhantomData<&'r u8>);

impl WakeUp for Notes<'_> {
    fn register(&self, _: &Waker) {}

    fn wake(&self) {}
}

/// Not `Sync`.
struct Counts(Cell<u8>);

impl WakeUp for Counts {
    fn register(&self, _: &Waker) {}

    fn wake(&self) {
        self.0.set(self.0.get() + 1);
    }
}

type Noted = Watched<u8, SeqLock<u8>, Notes<'static>>;
type Counted = Watched<u8, SeqLock<u8>, Counts>;
type Pointers = Watched<*const u8>;

assert_impl_all!(Noted: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Counted: Send, UnwindSafe);
assert_not_impl_any!(Counted: Sync, RefUnwindSafe);
assert_not_impl_any!(Pointers: Send, Sync);
assert_impl_all!(WatchedWriter<'static, u8, SeqLock<u8>, Notes<'static>>: Send);
assert_not_impl_any!(WatchedWriter<'static, u8, SeqLock<u8>, Notes<'static>>: Sync, Clone);
assert_not_impl_any!(WatchedWriter<'static, u8, SeqLock<u8>, Counts>: Send, Sync);
assert_not_impl_any!(ArcWatchedWriter<u8, SeqLock<u8>, Counts>: Send, Sync);
assert_not_impl_any!(WatchedWriter<'static, *const u8>: Send, Sync);

assert_impl_all!(SeqSlice<u8, 2>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(SeqSlice<*const u8>: Send, Sync);
assert_impl_all!(Writer<'static, u8, SeqSlice<u8>>: Send, UnwindSafe);
assert_not_impl_any!(Writer<'static, u8, SeqSlice<u8>>: Sync, Clone);
// The owner counts where it is shared, or dropped by the handle.
assert_impl_all!(ArcReader<u8, SeqLock<u8>, (Box<u8>, SeqLock<u8>)>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(ArcReader<u8, SeqLock<u8>, (Cell<u8>, SeqLock<u8>)>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_not_impl_any!(ArcWriter<u8, SeqLock<u8>, (Cell<u8>, SeqLock<u8>)>: Send, Sync, UnwindSafe);
// Numbers: of whatever type.
assert_impl_all!(Part<*const u8, Cell<u8>>: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);
assert_impl_all!(Page<'static, Clock>: Send, Sync, UnwindSafe, RefUnwindSafe, Copy);

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod regions {
    use super::*;
    use seqcopy_shm::{
        Batch, FileReader, MapReader, MapWriter, Newer, Notifier, Reader, Region, Registration, View, Writer,
    };

    use seqcopy_shm::untyped::{Node, Value, Variants};

    // They own a mapping, and copy values out of it.
    assert_impl_all!(Region: Send, Sync);
    assert_impl_all!(Reader<*const u8>: Send, Sync);
    assert_impl_all!(FileReader<[u8]>: Send, Sync);
    assert_impl_all!(MapReader<*const u8, u8>: Send, Sync);
    assert_impl_all!(View<'static, u8, u8>: Send, Sync, Copy);
    assert_impl_all!(Newer<'static>: Send, Sync, Copy);
    assert_impl_all!(Value<'static>: Send, Sync, Copy);
    assert_impl_all!(Node<'static>: Send, Sync);
    assert_impl_all!(Variants: Send, Sync);
    assert_impl_all!(Notifier: Send, Sync);
    assert_impl_all!(Registration: Send, Sync);
    assert_not_impl_any!(Registration: Clone);
    // One thread at a time writes.
    assert_impl_all!(Writer<u8>: Send);
    assert_impl_all!(Writer<[u8]>: Send);
    assert_impl_all!(MapWriter<u8, u8>: Send);
    assert_not_impl_any!(Writer<u8>: Sync, Clone);
    assert_not_impl_any!(Writer<[u8]>: Sync, Clone);
    assert_not_impl_any!(MapWriter<u8, u8>: Sync, Clone);
    assert_not_impl_any!(Batch<'static, u8, u8>: Clone);

    shorter! {
        'r View<'r, u8, u8>,
        'r Batch<'r, u8, u8>,
        'r Newer<'r>,
        'r Value<'r>,
        'r Node<'r>,
    }
}

/// A task may be moved to another thread while it waits, if all that it borrows may be shared.
#[test]
fn futures_cross_threads_as_what_they_borrow() {
    struct Asked<T>(PhantomData<T>);
    fn of<T>(_: &T) -> Asked<T> {
        Asked(PhantomData)
    }
    impl<T: Send> Asked<T> {
        #[allow(clippy::unused_self)] // it is what selects the function
        fn is_send(&self) -> bool {
            true
        }
    }
    // Where there is no function of its own.
    trait NotSend {
        fn is_send(&self) -> bool {
            false
        }
    }
    impl<T> NotSend for Asked<T> {}
    let mut known = Version::NEVER;
    let noted = Watched::with_wake_up(SeqLock::new(0), Notes(PhantomData));
    assert!(of(&noted.changed(&mut known)).is_send());
    assert!(of(&noted.changed_or_gone(&mut known)).is_send());
    let listened = Watched::new(SeqLatch::new(0));
    assert!(of(&listened.changed(&mut known)).is_send());
    let counted = Watched::with_wake_up(SeqLock::new(0), Counts(Cell::new(0)));
    assert!(!of(&counted.changed(&mut known)).is_send());
    assert!(!of(&counted.changed_or_gone(&mut known)).is_send());
    let pointers = Watched::new(SeqLock::new(std::ptr::null::<u8>()));
    assert!(!of(&pointers.changed(&mut known)).is_send());
}
