//! Writers that crash before one of their stores, for tests: words and storages that are not stored to after that.
//! Everything else they do as the types inside.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::{self, Ordering};

use seqcopy::{Aligned8, MaybeInvalid, SeqCopy};

std::thread_local! {
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Lets the writer crash after this many stores. Returns whether it was still alive by then.
pub(in crate::flat_map) fn after(stores: u32, act: impl FnOnce()) -> bool {
    LEFT.set(Some(stores));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
    let left = LEFT.replace(None);
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
    left != Some(0)
}

/// How many stores it makes, none of which crashes.
#[cfg(not(miri))] // for a test of regions
pub(in crate::flat_map) fn stores(act: impl FnOnce()) -> u32 {
    LEFT.set(Some(u32::MAX));
    act();
    u32::MAX - LEFT.replace(None).unwrap()
}

fn is_alive() -> bool {
    let left = LEFT.get();
    LEFT.set(left.map(|stores| stores.saturating_sub(1)));
    left != Some(0)
}

#[repr(transparent)]
pub(in crate::flat_map) struct Crashing<T>(T);

pub(in crate::flat_map) type AtomicU64 = Crashing<atomic::AtomicU64>;
pub(in crate::flat_map) type AtomicPerByte<T> = Crashing<seqcopy::AtomicPerByte<T>>;
pub(in crate::flat_map) type LatchWord<W> = Crashing<seqcopy::seq_count::LatchWord<W>>;

impl<T> Deref for Crashing<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl AtomicU64 {
    pub(in crate::flat_map) fn store(&self, number: u64, ordering: Ordering) {
        if is_alive() {
            self.0.store(number, ordering);
        }
    }
}

impl<T: SeqCopy> AtomicPerByte<Aligned8<T>> {
    /// # Safety
    /// The contract of the type inside.
    pub(in crate::flat_map) unsafe fn from_ptr<'a>(at: *mut Aligned8<T>) -> &'a Self {
        // SAFETY: the same contract; transparent (P7 from_ptr).
        unsafe { &*at.cast() }
    }

    pub(in crate::flat_map) fn store_inner(&self, value: &T) {
        if is_alive() {
            self.0.store_inner(value);
        }
    }

    pub(in crate::flat_map) fn store_bits(&self, bits: &MaybeInvalid<Aligned8<T>>) {
        if is_alive() {
            self.0.store_bits(bits);
        }
    }
}

impl LatchWord<u64> {
    /// # Safety
    /// The contract of the type inside.
    pub(in crate::flat_map) unsafe fn from_ptr<'a>(at: *const u64) -> &'a Self {
        // SAFETY: the same contract; transparent (P7 from_ptr).
        unsafe { &*at.cast() }
    }

    /// # Safety
    /// The contract of the type inside.
    pub(in crate::flat_map) unsafe fn write_end(&self, next: u64) {
        if is_alive() {
            same_contract!(self.0.write_end(next));
        }
    }
}
