//! [`List`]: which regions are looked at for which descriptors, and when one of these is signalled. Nothing here waits: the thread, and the
//! callers of a [`Notifier`](super::Notifier), take turns.
//!
//! A descriptor is signalled once, and then not until it was cleared. What changes meanwhile is found by its reader anyway, since all of the
//! regions are looked at after that. So the thread leaves a region alone until then that changes for the second time, and a writer that never pauses
//! does not keep it busy.
//!
//! **No change is missed.** `clear` takes what each region holds at that moment for known, and the reader looks after it. What is published later
//! differs from what is known: the thread, which sleeps on the word as it was, or is woken because it did not, finds that (`futex.rs`).

use crate::wait::Look;

/// What the thread looks at, and whom it tells. A type in tests, too.
pub(super) trait Region {
    fn look(&self) -> Look;
}

pub(super) trait Descriptor {
    /// Makes it readable.
    fn signal(&self);
    /// Makes it unreadable.
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
    /// Whether it is known that the region was closed, or lost.
    is_over: bool,
    /// Whether the signal is about this region as well.
    is_told: bool,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Target<D> {
    key: u64,
    descriptor: D,
    is_signalled: bool,
    /// Whether the thread leaves a region alone until this is cleared.
    is_paused: bool,
}

/// A descriptor by its key: they are in the order of these, as keys only grow.
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

    /// The thread has to look at the new region.
    pub(super) fn add_region(&mut self, descriptor: u64, region: R, known: u64) -> u64 {
        let key = self.next_key();
        self.regions.push(Entry { key, descriptor, region, known, is_over: false, is_told: false });
        key
    }

    pub(super) fn remove_region(&mut self, key: u64) {
        self.regions.retain(|it| it.key != key);
    }

    /// How many regions and descriptors.
    #[cfg(debug_assertions)]
    pub(super) fn len(&self) -> usize {
        self.regions.len() + self.descriptors.len()
    }

    pub(super) fn has_regions(&self) -> bool {
        !self.regions.is_empty()
    }
}

impl<R: Region, D: Descriptor> List<R, D> {
    /// What the thread does before it sleeps: signals the descriptors of regions that have something newer, and names the regions on whose
    /// words it is to sleep.
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

    /// What the caller does before it looks at its regions. Returns whether the thread has to look at them as well.
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
