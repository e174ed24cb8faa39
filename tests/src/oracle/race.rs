//! Checks that the accesses are those of the partition. They can't be observed directly, but Miri rejects two atomic
//! accesses of different sizes that race. So a load and a store race with accesses made by hand, as the partition lists
//! them.

use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize};
use std::thread;

use seqcopy::layout::{Access, AccessKind};
use seqcopy::raw;

use super::memory::Buffer;
use super::{Model, Rng};

struct Shared<T>(*mut T);

// SAFETY: the memory is only accessed atomically while it is shared.
unsafe impl<T> Sync for Shared<T> {}

impl<T: Model> Shared<T> {
    /// Makes all accesses of the partition by hand.
    fn touch(&self, store: bool) {
        T::LAYOUT.each_access(align_of::<T>(), |access| {
            // SAFETY: the partition is in bounds of the type.
            let at = unsafe { self.0.cast::<u8>().add(access.offset) };
            // SAFETY: in bounds, aligned to the width, and initialised by a store.
            unsafe { touch(at, access, store) };
        });
    }
}

/// # Safety
/// `at` is valid and aligned for the access, and its bytes are initialised.
unsafe fn touch(at: *mut u8, access: Access, store: bool) {
    macro_rules! touch {
        ($atomic:ty) => {{
            // SAFETY: by this function's contract.
            let atomic = unsafe { &*at.cast::<$atomic>() };
            let bits = atomic.load(Relaxed);
            if store {
                atomic.store(bits, Relaxed);
            }
        }};
    }
    match (access.kind, access.width) {
        (AccessKind::Pointer, _) => touch!(AtomicPtr<()>),
        (_, 1) => touch!(AtomicU8),
        (_, 2) => touch!(AtomicU16),
        (_, width) if width == size_of::<usize>() => touch!(AtomicUsize),
        (_, 4) => touch!(AtomicU32),
        (_, width) => panic!("an access of {width} bytes"),
    }
}

/// Lets two threads race; Miri reports an error if the accesses differ.
pub(super) fn check<T: Model>(rng: &mut Rng) {
    let buf = Buffer::new::<T>(0);
    let (first, second) = (T::make(rng), T::make(rng));
    let shared = Shared(buf.as_ptr::<T>());
    // SAFETY: aligned memory of this thread.
    unsafe { raw::store(shared.0, &first) };
    thread::scope(|scope| {
        scope.spawn(|| shared.touch(false));
        // SAFETY: the other thread makes the accesses of the partition.
        unsafe { raw::store(shared.0, &second) };
    });
    thread::scope(|scope| {
        scope.spawn(|| shared.touch(true));
        // SAFETY: the other thread makes the accesses of the partition.
        let _ = unsafe { raw::load(shared.0) };
    });
}
