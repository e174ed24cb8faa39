//! The threads that sleep on the sequence words of all registered regions of this process. [`List`] decides which
//! thread looks at which regions for which descriptors, and when it signals a descriptor.
//!
//! One call of the system sleeps on [`futex::MOST`] words. A thread sleeps on a word of its own, by which it is told of
//! changes of the list, and on those of as many regions as are left. Further regions get another thread. Where the
//! system has no such call, one thread looks at all regions, again and again.
//!
//! A descriptor is signalled once, and then not until it was cleared. What changes meanwhile is found by its reader
//! anyway, since all of the regions are looked at after that. So its thread leaves a region alone until then that
//! changes for the second time, and a writer that never pauses does not keep it busy.
//!
//! **No change is missed.** `clear` takes what each region holds at that moment for known, and the reader looks after
//! it. What is published later differs from what is known: the region's thread, which sleeps on the word as it was, or is woken
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

/// A region that a thread watches. Tests have a type of their own.
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
    /// The regions of each thread. A thread that has ended has no regions.
    threads: Vec<Vec<Entry<R>>>,
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
    /// Whether its thread has found that the region was closed or lost.
    is_over: bool,
    /// Whether the current signal is about this region, too.
    is_told: bool,
    /// Whether its thread ignores it until the descriptor is cleared.
    is_paused: bool,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Target<D> {
    key: u64,
    descriptor: D,
    is_signalled: bool,
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
        List { threads: Vec::new(), descriptors: Vec::new(), last_key: 0 }
    }

    fn next_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }

    pub(super) fn add_descriptor(&mut self, descriptor: D) -> u64 {
        let key = self.next_key();
        self.descriptors.push(Target { key, descriptor, is_signalled: false });
        key
    }

    /// Returns the threads whose regions have become fewer.
    pub(super) fn remove_descriptor(&mut self, key: u64) -> Vec<usize> {
        self.descriptors.retain(|it| it.key != key);
        self.remove(|entry| entry.descriptor == key)
    }

    /// The thread that the next region gets, if a thread has at most this many.
    pub(super) fn next_thread(&self, most: usize) -> usize {
        self.threads.iter().position(|regions| regions.len() < most).unwrap_or(self.threads.len())
    }

    /// Adds a region to those of a thread, which has to look at it.
    pub(super) fn add_region(&mut self, thread: usize, descriptor: u64, region: R, known: u64) -> u64 {
        if thread == self.threads.len() {
            self.threads.push(Vec::new());
        }
        let key = self.next_key();
        let entry = Entry { key, descriptor, region, known, is_over: false, is_told: false, is_paused: false };
        self.threads[thread].push(entry);
        key
    }

    /// Returns the thread whose region it was.
    pub(super) fn remove_region(&mut self, key: u64) -> Vec<usize> {
        self.remove(|entry| entry.key == key)
    }

    fn remove(&mut self, is_it: impl Fn(&Entry<R>) -> bool) -> Vec<usize> {
        let mut fewer = Vec::new();
        for (thread, regions) in self.threads.iter_mut().enumerate() {
            let before = regions.len();
            regions.retain(|entry| !is_it(entry));
            if regions.len() < before {
                fewer.push(thread);
            }
        }
        fewer
    }

    /// The number of registered regions and of descriptors.
    #[cfg(debug_assertions)]
    pub(super) fn len(&self) -> usize {
        self.threads.iter().map(Vec::len).sum::<usize>() + self.descriptors.len()
    }

    pub(super) fn has_regions(&self, thread: usize) -> bool {
        self.threads.get(thread).is_some_and(|regions| !regions.is_empty())
    }
}

impl<R: Region, D: Descriptor> List<R, D> {
    /// A thread calls this before it sleeps. It signals the descriptors of its regions with a newer value, and calls
    /// `sleep_on` for each region on whose word the thread has to sleep.
    pub(super) fn look(&mut self, thread: usize, mut sleep_on: impl FnMut(&R, Look)) {
        for entry in self.threads.get_mut(thread).into_iter().flatten() {
            let Some(target) = find(&mut self.descriptors, entry.descriptor) else { continue };
            let look = entry.region.look();
            let is_newer = look.has_other_than(entry.known) || look.is_over && !entry.is_over;
            if is_newer && entry.is_told {
                entry.is_paused = true;
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

    /// The caller clears a descriptor before it looks at its regions. Returns the threads that have to look at them
    /// again, too.
    pub(super) fn clear(&mut self, descriptor: u64) -> Vec<usize> {
        let mut again = Vec::new();
        let Some(target) = find(&mut self.descriptors, descriptor) else { return again };
        target.descriptor.drain();
        target.is_signalled = false;
        for (thread, regions) in self.threads.iter_mut().enumerate() {
            let mut is_one_paused = false;
            for entry in regions.iter_mut().filter(|it| it.descriptor == descriptor) {
                entry.learn(entry.region.look());
                entry.is_told = false;
                is_one_paused |= core::mem::take(&mut entry.is_paused);
            }
            if is_one_paused {
                again.push(thread);
            }
        }
        again
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

/// The state that a process shares with its threads.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// The most regions of a thread.
    most: usize,
    /// After a fork, the child has a copy of the list, but not the threads.
    fork_guard: ForkGuard,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) list: List<Arc<MappedRegion>, Arc<Handle>>,
    /// Those of the list, and ones that have ended.
    pub(super) threads: Vec<Thread>,
}

#[derive(Debug, Default)]
pub(super) struct Thread {
    /// The thread sleeps on this word, too. The word changes, and the thread is woken, when its part of the list has
    /// changed. It is loaded and stored while the list is locked, so the thread has seen the list as it was at that
    /// count.
    pub(super) changes: Arc<AtomicU64>,
    is_running: bool,
}

impl State {
    /// Makes these threads look at the list again.
    pub(super) fn changed(&self, threads: &[usize]) {
        for thread in threads.iter().filter_map(|thread| self.threads.get(*thread)) {
            thread.changes.fetch_add(1, Relaxed);
            futex::wake(&thread.changes);
        }
    }
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
            let state = Mutex::new(State { list: List::new(), threads: Vec::new() });
            let most = if futex::takes_several() { futex::MOST - 1 } else { usize::MAX };
            let new = Shared { state, most, fork_guard: ForkGuard::new().map_err(io("map a page"))? };
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

    /// The thread that the next region gets, which is started unless it is running.
    pub(super) fn thread(&'static self, state: &mut State) -> Result<usize, Error> {
        let index = state.list.next_thread(self.most);
        if index == state.threads.len() {
            state.threads.push(Thread::default());
        }
        let thread = &mut state.threads[index];
        if !thread.is_running {
            let changes = Arc::clone(&thread.changes);
            let _mask = SignalMask::block();
            std::thread::Builder::new()
                .name("seqcopy-notify".to_owned())
                .spawn(move || self.run(index, &changes))
                .map_err(io("start a thread"))?;
            thread.is_running = true;
        }
        Ok(index)
    }

    /// The body of a thread. It ends when none of its regions is registered any more.
    fn run(&self, thread: usize, changes: &AtomicU64) {
        // Keeps the regions alive while the thread sleeps on their words.
        let mut regions = Vec::new();
        loop {
            regions.clear();
            let mut is_one_empty = false;
            let seen = {
                let mut state = self.lock();
                let seen = changes.load(Relaxed);
                if !state.list.has_regions(thread) {
                    state.threads[thread].is_running = false;
                    return;
                }
                state.list.look(thread, |region, look| {
                    is_one_empty |= look.word == 0;
                    regions.push((Arc::clone(region), look.word));
                });
                seen
            };
            let count = 1 + regions.len();
            let mut words = [(changes, seen); futex::MOST];
            for (place, (region, seen)) in words[1..].iter_mut().zip(&regions) {
                *place = (region.map.bell(), *seen);
            }
            futex::sleep_on(&words[..count.min(futex::MOST)], longest_sleep(count, is_one_empty));
        }
    }
}
