//! [`MovedMap`]: slots in one buffer, and a larger one when it is full.

use std::borrow::Borrow;
use std::cell::UnsafeCell;
use std::hash::{BuildHasher, Hash, RandomState};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_epoch::{self as epoch, Guard};
use zerocopy::Immutable;

/// What a slot is used for: free, then full, then gone. The entry is stored before the slot is full, and stays what it
/// is.
const FREE: u8 = 0;
const FULL: u8 = 1;
const GONE: u8 = 2;

struct Slot<K, V> {
    state: AtomicU8,
    entry: UnsafeCell<MaybeUninit<(K, V)>>,
}

// SAFETY: readers get `&(K, V)` of full slots, on any thread; all else is the writer's.
unsafe impl<K: Send + Sync, V: Send + Sync> Sync for Slot<K, V> {}

impl<K, V> Slot<K, V> {
    /// The entry, unless the slot is free.
    fn entry(&self) -> Option<&(K, V)> {
        if self.state.load(Ordering::Acquire) == FREE {
            return None;
        }
        // SAFETY: stored before the state that was loaded, and changed by no thread as long as the buffer is there:
        // what is behind a shared reference stays as it is (*immutable*), and an entry that moves is only read
        // (*bits*).
        let entry = unsafe { &*self.entry.get() };
        // SAFETY: the same.
        Some(unsafe { entry.assume_init_ref() })
    }

    fn is_full(&self) -> bool {
        self.state.load(Ordering::Acquire) == FULL
    }
}

/// Slots, a power of two. Dropping it drops no entry (*drop*).
struct Buffer<K, V>(Box<[Slot<K, V>]>);

impl<K, V> Buffer<K, V> {
    fn allocate(slots: usize) -> *mut Self {
        let free = || Slot { state: AtomicU8::new(FREE), entry: UnsafeCell::new(MaybeUninit::uninit()) };
        Box::into_raw(Box::new(Buffer((0..slots).map(|_| free()).collect())))
    }

    /// The slots in which a hash may be, in the order of the search.
    #[allow(clippy::cast_possible_truncation)] // only the lower bits count
    fn probe(&self, hash: u64) -> impl Iterator<Item = &Slot<K, V>> {
        let slots = self.0.len();
        (0..slots).map(move |step| &self.0[(hash as usize).wrapping_add(step) & (slots - 1)])
    }

    /// The full slot of a key.
    fn find<Q: Eq + ?Sized>(&self, hash: u64, key: &Q) -> Option<&Slot<K, V>>
    where
        K: Borrow<Q>,
    {
        let used = self.probe(hash).map_while(|slot| slot.entry().map(|entry| (slot, entry)));
        used.filter(|(slot, _)| slot.is_full()).find(|(_, (known, _))| known.borrow() == key).map(|(slot, _)| slot)
    }

    fn free_slot(&self, hash: u64) -> &Slot<K, V> {
        self.probe(hash)
            .find(|slot| slot.state.load(Ordering::Relaxed) == FREE)
            .expect("a buffer moves before it is full")
    }
}

/// What the writer counts.
#[derive(Default)]
struct Counts {
    entries: usize,
    /// Slots that are not free.
    used: usize,
    moves: usize,
}

/// A map whose readers hold references while its entries move.
///
/// *Immutable*: [`Immutable`] says that nothing changes behind a `&K` or a `&V`, except behind a further pointer. It is
/// what the compiler calls `Freeze`, and can be asked for on stable Rust.
pub(crate) struct MovedMap<K, V> {
    buffer: AtomicPtr<Buffer<K, V>>,
    hasher: RandomState,
    writer: Mutex<Counts>,
}

/// A reader. What it has found stays valid as long as it does, even if it was replaced, removed or moved meanwhile.
pub(crate) struct View<'a, K, V> {
    map: &'a MovedMap<K, V>,
    // Made here, of the default collector, to which the map leaves its garbage: that of another collector would delay
    // nothing.
    guard: Guard,
}

impl<K, V> View<'_, K, V>
where
    K: Hash + Eq + Immutable + Send + Sync + 'static,
    V: Immutable + Send + Sync + 'static,
{
    /// The value of a key.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let hash = self.map.hasher.hash_one(key);
        self.map.buffer(&self.guard).find(hash, key).and_then(Slot::entry).map(|(_, value)| value)
    }
}

impl<K, V> MovedMap<K, V>
where
    // `'static` and `Send`: what is removed may be dropped later, and by another thread.
    K: Hash + Eq + Immutable + Send + Sync + 'static,
    V: Immutable + Send + Sync + 'static,
{
    /// An empty map.
    pub(crate) fn new() -> Self {
        MovedMap { buffer: AtomicPtr::new(Buffer::allocate(8)), hasher: RandomState::new(), writer: Mutex::default() }
    }

    /// Begins to read.
    pub(crate) fn view(&self) -> View<'_, K, V> {
        View { map: self, guard: epoch::pin() }
    }

    /// How often entries were moved.
    pub(crate) fn moves(&self) -> usize {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).moves
    }

    fn buffer<'g>(&self, _: &'g Guard) -> &'g Buffer<K, V> {
        // SAFETY: never null, stored with release, and left to the collector only behind the store of the next one.
        unsafe { &*self.buffer.load(Ordering::Acquire) }
    }

    /// Stores a value. Returns whether the key is new.
    pub(crate) fn insert(&self, key: K, value: V) -> bool {
        let hash = self.hasher.hash_one(&key);
        // Before the lock: this may drop what was removed earlier, which is code of the user's.
        let guard = epoch::pin();
        let mut counts = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.used >= self.buffer(&guard).0.len() / 4 * 3 {
            self.grow(&mut counts, &guard);
        }
        let buffer = self.buffer(&guard);
        let old = buffer.find(hash, &key);
        let slot = buffer.free_slot(hash);
        // SAFETY: the slot is free, so no reader looks, and the lock keeps other writers out.
        unsafe { slot.entry.get().write(MaybeUninit::new((key, value))) };
        // First the new one, behind the old one on every reader's way: each finds one of the two.
        slot.state.store(FULL, Ordering::Release);
        counts.used += 1;
        if let Some(old) = old {
            // SAFETY: full, under the lock.
            unsafe { retire(old, &guard) };
        } else {
            counts.entries += 1;
        }
        old.is_none()
    }

    /// Removes a key. Returns whether it was there.
    pub(crate) fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let guard = epoch::pin();
        let mut counts = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(slot) = self.buffer(&guard).find(hash, key) else { return false };
        // SAFETY: full, under the lock.
        unsafe { retire(slot, &guard) };
        counts.entries -= 1;
        true
    }

    /// Moves all entries to another buffer, while readers hold references into this one.
    #[cold]
    fn grow(&self, counts: &mut Counts, guard: &Guard) {
        let old = self.buffer(guard);
        // Twice as large, unless most slots belong to entries that are gone.
        let slots = if counts.entries * 2 > old.0.len() { old.0.len() * 2 } else { old.0.len() };
        let next = Buffer::<K, V>::allocate(slots);
        // SAFETY: just allocated; shared from here on.
        let new = unsafe { &*next };
        for from in old.0.iter().filter(|slot| slot.is_full()) {
            let Some((key, _)) = from.entry() else { continue };
            let to = new.free_slot(self.hasher.hash_one(key));
            // *Bits*: `write(read())` would move a `(K, V)`, and a `Box` that is moved claims to be the only way to
            // what it owns.
            // SAFETY: slots of two buffers; the old one is only read, by readers too.
            unsafe { from.entry.get().copy_to_nonoverlapping(to.entry.get(), 1) };
            to.state.store(FULL, Ordering::Relaxed);
        }
        counts.used = counts.entries;
        counts.moves += counts.entries;
        let old = self.buffer.swap(next, Ordering::AcqRel);
        // SAFETY: from `Box::into_raw`. No new reader finds it, and the collector waits for the others.
        let free = move || drop(unsafe { Box::from_raw(old) });
        // *Drop*: its entries are those of the new buffer now, or were retired.
        // SAFETY: keys and values are `Send` and `'static`, so the buffer may be freed by any thread, at any time.
        unsafe { guard.defer_unchecked(free) };
    }
}

/// Takes an entry out of the map: its bits move to the collector, which drops them when no reader of before is left
/// (*drop*).
///
/// # Safety
/// The caller has the lock, and the slot is full.
unsafe fn retire<K: Send + 'static, V: Send + 'static>(slot: &Slot<K, V>, guard: &Guard) {
    slot.state.store(GONE, Ordering::Release);
    let mut bits = Box::<(K, V)>::new_uninit();
    // SAFETY: a slot and a new box; readers of the slot only read, too.
    unsafe { slot.entry.get().copy_to_nonoverlapping(ptr::from_mut(&mut *bits), 1) };
    // SAFETY: the bits of an entry that was full, and is in no other place from which it could be dropped.
    guard.defer(move || drop(unsafe { bits.assume_init() }));
}

impl<K, V> Drop for MovedMap<K, V> {
    fn drop(&mut self) {
        // SAFETY: from `Box::into_raw`; no view is left, since each borrows the map.
        let mut buffer = unsafe { Box::from_raw(*self.buffer.get_mut()) };
        for slot in &mut buffer.0 {
            if *slot.state.get_mut() == FULL {
                // SAFETY: full, so it is initialised; what is gone is the collector's.
                unsafe { slot.entry.get_mut().assume_init_drop() };
            }
        }
    }
}
