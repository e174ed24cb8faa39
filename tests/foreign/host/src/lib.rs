//! A crate that is generic over its users' types. Its users depend on it alone.

/// Re-exported, so that users can derive its traits and describe foreign types.
pub use seqcopy;

pub use host_macros::{Payload, payload};

use seqcopy::{AtomicPerByte, Describe, Remote, SeqCopy, SeqLock};

/// What a topic can hold: every type with `SeqCopy` that may be sent. The crate's own name for it, so that bounds stay
/// short and can grow.
pub trait Pod: SeqCopy + Send + 'static {}
impl<T: SeqCopy + Send + 'static> Pod for T {}

/// The latest value.
pub struct Topic<T>(SeqLock<T>);

impl<T: Pod> Topic<T> {
    pub const fn new(value: T) -> Self {
        Topic(SeqLock::new(value))
    }

    pub fn publish(&self, value: T) {
        self.0.write(value);
    }

    pub fn latest(&self) -> T {
        self.0.read()
    }
}

/// The trait that users of older versions have implemented, and still do.
///
/// # Safety
/// Plain data: every byte is initialised in every value, none is part of a pointer, and copies are as good as the
/// original.
pub unsafe trait OldPod: Copy + Send + 'static {}
// SAFETY: a number.
unsafe impl OldPod for u64 {}

/// What makes an old payload one of the new kind.
#[derive(Clone, Copy, SeqCopy)]
// SAFETY: `OldPod` says it of the only field.
#[seqcopy(unsafe(plain), bound(T: OldPod))]
#[repr(transparent)]
struct Old<T>(T);

/// The older interface, over the same locks: nothing changes for its users.
pub struct OldTopic<T>(SeqLock<Old<T>>);

impl<T: OldPod> OldTopic<T> {
    pub const fn new(value: T) -> Self {
        OldTopic(SeqLock::new(Old(value)))
    }

    pub fn publish(&self, value: T) {
        self.0.write(Old(value));
    }

    pub fn latest(&self) -> T {
        self.0.read().0
    }
}

/// For types that users derive with the crate's own derive, which emits a list of the fields.
pub trait Payload: Sized {
    type List: Describe<Self>;
}

/// The latest value of such a type.
pub struct Slot<T: Payload>(SeqLock<Remote<T, T::List>>);

impl<T: Payload> Slot<T> {
    pub const fn new(value: T) -> Self {
        Slot(SeqLock::new(Remote::new(value)))
    }

    pub fn publish(&self, value: T) {
        self.0.write(Remote::new(value));
    }

    pub fn latest(&self) -> T {
        self.0.read().value
    }
}

/// Racy storage of a generic type, in wide words whatever its alignment: `store_inner` and `load_inner` need no wrapper
/// around the value.
pub struct Cell<T>(AtomicPerByte<seqcopy::Aligned8<T>>);

impl<T: Pod> Cell<T> {
    pub const fn new(value: T) -> Self {
        Cell(AtomicPerByte::new(seqcopy::Aligned8(value)))
    }

    pub fn store(&self, value: &T) {
        self.0.store_inner(value);
    }

    pub fn load(&self) -> seqcopy::MaybeInvalid<T> {
        self.0.load_inner()
    }
}
