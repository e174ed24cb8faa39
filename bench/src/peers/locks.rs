//! Peers with several writers: the locks of the standard library, seqlock, crossbeam's `AtomicCell`, `parking_lot`'s
//! `RwLock`, arc-swap.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use crossbeam_utils::atomic::AtomicCell;
use parking_lot::RwLock;
use seqlock::SeqLock;

use super::{Ends, Peer, Reader, Writer, place};
use crate::shapes::Shape;

/// A reference to a lock, as its reader or writer.
pub struct Shared<L: 'static>(&'static L);

impl<L> Clone for Shared<L> {
    fn clone(&self) -> Self {
        Shared(self.0)
    }
}

impl<T: Shape> Reader<T> for Shared<SeqLock<T>> {
    #[inline(always)]
    fn value(&mut self) -> T {
        self.0.read()
    }
}

impl<T: Shape> Writer<T> for Shared<SeqLock<T>> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        *self.0.lock_write() = *value;
    }
}

impl<T: Shape> Reader<T> for Shared<AtomicCell<T>> {
    #[inline(always)]
    fn value(&mut self) -> T {
        self.0.load()
    }
}

impl<T: Shape> Writer<T> for Shared<AtomicCell<T>> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.0.store(*value);
    }
}

impl<T: Shape> Reader<T> for Shared<RwLock<T>> {
    #[inline(always)]
    fn value(&mut self) -> T {
        *self.0.read()
    }
}

impl<T: Shape> Writer<T> for Shared<RwLock<T>> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        *self.0.write() = *value;
    }
}

impl<T: Shape> Reader<T> for Shared<std::sync::RwLock<T>> {
    #[inline(always)]
    fn value(&mut self) -> T {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Shape> Writer<T> for Shared<std::sync::RwLock<T>> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = *value;
    }
}

impl<T: Shape> Reader<T> for Shared<Mutex<T>> {
    #[inline(always)]
    fn value(&mut self) -> T {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Shape> Writer<T> for Shared<Mutex<T>> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = *value;
    }
}

/// All peers return a copy of the value, so the value in the `Arc` is copied as well.
impl<T: Shape> Reader<T> for Shared<ArcSwap<T>> {
    #[inline(always)]
    fn value(&mut self) -> T {
        **self.0.load()
    }
}

impl<T: Shape> Writer<T> for Shared<ArcSwap<T>> {
    #[inline(always)]
    fn write(&mut self, value: &T) {
        self.0.store(Arc::new(*value));
    }
}

macro_rules! peers {
    ($($(#[$doc:meta])* $peer:ident = $name:literal, $by_value:literal, $lock:ty, $new:expr;)*) => {$(
        $(#[$doc])*
        pub struct $peer;

        impl<T: Shape> Peer<T> for $peer {
            const NAME: &'static str = $name;
            const BY_VALUE: bool = $by_value;
            type Reader = Shared<$lock>;
            type Writer = Shared<$lock>;

            fn make(value: T) -> Ends<T, Self> {
                let lock = place($new(value));
                Ends { reader: Shared(lock), writer: Shared(lock) }
            }
        }
    )*};
}

peers! {
    /// Crate seqlock: volatile reads of the value as a whole, writers behind a mutex.
    Seqlock = "seqlock", true, SeqLock<T>, SeqLock::new;
    /// crossbeam-utils: one of 67 global sequence locks if the value is larger than a word.
    Crossbeam = "crossbeam-atomiccell", true, AtomicCell<T>, AtomicCell::new;
    /// `parking_lot`: readers write to the lock.
    ParkingLot = "parking_lot-rwlock", false, RwLock<T>, RwLock::new;
    /// The standard library: readers write to the lock.
    StdRwLock = "std-rwlock", false, std::sync::RwLock<T>, std::sync::RwLock::new;
    /// The standard library: readers take turns with each other, too.
    StdMutex = "std-mutex", false, Mutex<T>, Mutex::new;
    /// arc-swap: a new allocation for each value.
    Swap = "arc-swap", false, ArcSwap<T>, ArcSwap::from_pointee;
}
