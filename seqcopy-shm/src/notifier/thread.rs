//! The thread of a process that sleeps on the words of all registered regions.

use core::ptr::null_mut;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::list::{Descriptor, List, Region};
use crate::Error;
use crate::error::io;
use crate::life::mapped_region::MappedRegion;
use crate::sys::Handle;
use crate::sys::fork::ForkGuard;
use crate::sys::linux::{self, SignalMask};
use crate::sys::wait as futex;
use crate::wait::{Look, longest_sleep};

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

/// What a process and its thread share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// The thread sleeps on this word, too. It is changed, and woken, when there is something else to look at. Loaded and stored while the list
    /// is locked: what the thread has seen there is as old as what it saw in the list.
    pub(super) changes: AtomicU64,
    /// A fork has the list, as it was at that moment, and not the thread.
    fork_guard: ForkGuard,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) list: List<Arc<MappedRegion>, Arc<Handle>>,
    has_thread: bool,
}

impl Shared {
    /// That of this process.
    pub(super) fn get() -> Result<&'static Shared, Error> {
        static SHARED: AtomicPtr<Shared> = AtomicPtr::new(null_mut());
        let mut last = SHARED.load(Acquire);
        loop {
            // SAFETY: null, or from `Box::into_raw` and never freed: what a forked process had before stays, since handles refer to it
            // (P18 shared-ref).
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

    /// Not in a fork, where another thread of the first process may have it for good.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the thread look at the list again.
    pub(super) fn changed(&self, _locked: &mut State) {
        self.changes.fetch_add(1, Relaxed);
        // SAFETY: this word is never freed (I8 mapping).
        unsafe { futex::wake(self.changes.as_ptr()) };
    }

    /// Starts the thread, unless it runs.
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

    /// The thread. It ends when nothing is registered any more.
    fn run(&self) {
        // The regions live while it sleeps on their words.
        let (mut regions, mut words) = (Vec::new(), Vec::new());
        loop {
            regions.clear();
            words.clear();
            let mut is_one_empty = false;
            {
                let mut state = self.lock();
                words.push((self.changes.as_ptr().cast_const(), self.changes.load(Relaxed)));
                if !state.list.has_regions() {
                    state.has_thread = false;
                    return;
                }
                state.list.look(|region, look| {
                    is_one_empty |= look.word == 0;
                    words.push((region.buffers.address(), look.word));
                    regions.push(Arc::clone(region));
                });
            }
            let most = longest_sleep(words.len(), is_one_empty);
            words.truncate(futex::MOST);
            // SAFETY: `regions` keeps the maps, and the first word is never freed (I8 mapping).
            unsafe { futex::sleep_on(&words, most) };
        }
    }
}
