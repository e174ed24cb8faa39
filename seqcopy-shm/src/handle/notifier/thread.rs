//! The thread that sleeps on the sequence words of all registered regions of this process. [`List`] decides which
//! regions it looks at for which descriptors, and when it signals a descriptor.
//!
//! A descriptor is signalled once, and then not until it was cleared. What changes meanwhile is found by its reader
//! anyway, since all of the regions are looked at after that. So the thread leaves a region alone until then that
//! changes for the second time, and a writer that never pauses does not keep it busy.
//!
//! **No change is missed.** `clear` takes what each region holds at that moment for known, and the reader looks after
//! it. What is published later differs from what is known: the thread, which sleeps on the word as it was, or is woken
//! because it did not, finds that (`sys/unix/wait.rs`).

use core::ptr::null_mut;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, io};
use crate::handle::wait::{Look, longest_sleep};
use crate::life::MappedRegion;
use crate::sys::fork::ForkGuard;
use crate::sys::linux::{self, SignalMask};
use crate::sys::{Handle, wait as futex};

/// A region that the thread watches. Tests have a type of their own.
pub(super) trait Region {
    fn look(&self) -> Look;
}

pub(super) trait Descriptor {
    /// Makes the descriptor readable.
    fn signal(&self);
    /// Makes the descriptor unreadable.
    fn drain(&self);
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct List<R, D> {
    regions: Vec<Entry<R>>,
    descriptors: Vec<Target<D>>,
    last_key: u64,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Entry<R> {
    key: u64,
    /// The key of its descriptor.
    descriptor: u64,
    region: R,
    known: u64,
    /// Whether the thread has found that the region was closed or lost.
    is_over: bool,
    /// Whether the current signal is about this region, too.
    is_told: bool,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Target<D> {
    key: u64,
    descriptor: D,
    is_signalled: bool,
    /// Whether the thread ignores a region until the descriptor is cleared.
    is_paused: bool,
}

/// Finds a descriptor by its key. The list is sorted, because new keys are larger than all earlier ones.
fn find<D>(descriptors: &mut [Target<D>], key: u64) -> Option<&mut Target<D>> {
    let at = descriptors.binary_search_by_key(&key, |it| it.key).ok()?;
    descriptors.get_mut(at)
}

impl<R> Entry<R> {
    fn learn(&mut self, look: Look) {
        if look.has_other_than(self.known) {
            self.known = look.number;
        }
        self.is_over |= look.is_over;
    }
}

impl<R, D> List<R, D> {
    pub(super) const fn new() -> Self {
        List { regions: Vec::new(), descriptors: Vec::new(), last_key: 0 }
    }

    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    pub(super) fn add_descriptor(&mut self, descriptor: D) -> u64 {
        let key = self.next_key();
        self.descriptors.push(Target { key, descriptor, is_signalled: false, is_paused: false });
        key
    }

    pub(super) fn remove_descriptor(&mut self, key: u64) {
        self.descriptors.retain(|it| it.key != key);
        self.regions.retain(|it| it.descriptor != key);
    }

    /// Adds a region. The thread has to look at it.
    pub(super) fn add_region(&mut self, descriptor: u64, region: R, known: u64) -> u64 {
        let key = self.next_key();
        self.regions.push(Entry { key, descriptor, region, known, is_over: false, is_told: false });
        key
    }

    pub(super) fn remove_region(&mut self, key: u64) {
        self.regions.retain(|it| it.key != key);
    }

    /// The number of regions and of descriptors.
    #[cfg(debug_assertions)]
    pub(super) fn len(&self) -> usize {
        self.regions.len() + self.descriptors.len()
    }

    pub(super) fn has_regions(&self) -> bool {
        !self.regions.is_empty()
    }
}

impl<R: Region, D: Descriptor> List<R, D> {
    /// The thread calls this before it sleeps. It signals the descriptors of regions with a newer value, and calls
    /// `sleep_on` for each region on whose word the thread has to sleep.
    pub(super) fn look(&mut self, mut sleep_on: impl FnMut(&R, Look)) {
        for entry in &mut self.regions {
            let Some(target) = find(&mut self.descriptors, entry.descriptor) else { continue };
            let look = entry.region.look();
            let is_newer = look.has_other_than(entry.known) || look.is_over && !entry.is_over;
            if is_newer && entry.is_told {
                target.is_paused = true;
                continue;
            }
            if is_newer {
                entry.learn(look);
                entry.is_told = true;
                if !core::mem::replace(&mut target.is_signalled, true) {
                    target.descriptor.signal();
                }
            }
            if !look.is_over {
                sleep_on(&entry.region, look);
            }
        }
    }

    /// The caller clears a descriptor before it looks at its regions. Returns whether the thread has to look at them
    /// again, too.
    pub(super) fn clear(&mut self, descriptor: u64) -> bool {
        let Some(target) = find(&mut self.descriptors, descriptor) else { return false };
        target.descriptor.drain();
        target.is_signalled = false;
        for entry in self.regions.iter_mut().filter(|it| it.descriptor == descriptor) {
            entry.learn(entry.region.look());
            entry.is_told = false;
        }
        core::mem::take(&mut target.is_paused)
    }
}

impl Region for Arc<MappedRegion> {
    fn look(&self) -> Look {
        Look::at(self)
    }
}

impl Descriptor for Arc<Handle> {
    fn signal(&self) {
        linux::signal(self);
    }

    fn drain(&self) {
        linux::drain(self);
    }
}

/// The state that a process shares with its thread.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// The thread sleeps on this word, too. The word changes, and the thread is woken, when the list has changed. It is
    /// loaded and stored while the list is locked, so the thread has seen the list as it was at that count.
    pub(super) changes: AtomicU64,
    /// After a fork, the child has a copy of the list, but not the thread.
    fork_guard: ForkGuard,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) list: List<Arc<MappedRegion>, Arc<Handle>>,
    has_thread: bool,
}

impl Shared {
    /// The state of this process.
    pub(super) fn get() -> Result<&'static Shared, Error> {
        static SHARED: AtomicPtr<Shared> = AtomicPtr::new(null_mut());
        let mut last = SHARED.load(Acquire);
        loop {
            // SAFETY: null, or from `Box::into_raw` and never freed: what a forked process had before stays, since
            // handles refer to it (P18 shared-ref).
            if let Some(shared) = unsafe { last.as_ref() }.filter(|shared| !shared.is_forked()) {
                return Ok(shared);
            }
            let state = Mutex::new(State { list: List::new(), has_thread: false });
            let new =
                Shared { state, changes: AtomicU64::new(0), fork_guard: ForkGuard::new().map_err(io("map a page"))? };
            let new = Box::into_raw(Box::new(new));
            match SHARED.compare_exchange(last, new, AcqRel, Acquire) {
                Ok(_) => last = new,
                Err(other) => {
                    // SAFETY: allocated above, and no other thread has it (I4 private).
                    drop(unsafe { Box::from_raw(new) });
                    last = other;
                }
            }
        }
    }

    pub(super) fn is_forked(&self) -> bool {
        self.fork_guard.is_forked()
    }

    /// Not after a fork, where another thread of the parent may hold the lock forever.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the thread look at the list again.
    pub(super) fn changed(&self, _locked: &mut State) {
        self.changes.fetch_add(1, Relaxed);
        futex::wake(&self.changes);
    }

    /// Starts the thread, unless it is running.
    pub(super) fn ensure_thread(&'static self, state: &mut State) -> Result<(), Error> {
        if !state.has_thread {
            let _mask = SignalMask::block();
            std::thread::Builder::new()
                .name("seqcopy-notify".to_owned())
                .spawn(|| self.run())
                .map_err(io("start a thread"))?;
            state.has_thread = true;
        }
        Ok(())
    }

    /// The body of the thread. It ends when nothing is registered any more.
    fn run(&self) {
        // Keeps the regions alive while the thread sleeps on their words.
        let mut regions = Vec::new();
        loop {
            regions.clear();
            let mut is_one_empty = false;
            let changes = {
                let mut state = self.lock();
                let changes = self.changes.load(Relaxed);
                if !state.list.has_regions() {
                    state.has_thread = false;
                    return;
                }
                state.list.look(|region, look| {
                    is_one_empty |= look.word == 0;
                    regions.push((Arc::clone(region), look.word));
                });
                changes
            };
            let count = 1 + regions.len();
            let mut words = [(&self.changes, changes); futex::MOST];
            for (place, (region, seen)) in words[1..].iter_mut().zip(&regions) {
                *place = (region.map.bell(), *seen);
            }
            futex::sleep_on(&words[..count.min(futex::MOST)], longest_sleep(count, is_one_empty));
        }
    }
}
