//! A signal handler that puts zeros in the place of a mapped region that lost its pages.
//!
//! ```text
//! an access to a lost page: SIGBUS
//! h1  the map in which the address lies
//! h2  private zero pages over the whole map           mmap, MAP_FIXED
//! h3  the mark of its writer, if this is its map
//! h4  return: the access is repeated, and loads 0
//! ```
//!
//! The word is 0 from h2 on, so no attempt is accepted that loaded from a new page: a thread can do that only after the
//! system has made every processor forget the old pages, which it does before the new ones can be mapped, and loads the
//! word after that (r4, m4). A later attempt finds "nothing written" and, as the state is 0 too, that the region is
//! lost: no region that can be found has that state. So nothing is added to reads. A writer finds its mark before its
//! next write, where it looks for a fork.
//!
//! The thread that h1 interrupts uses its map, so that map is not dropped meanwhile, and its entry does not change. An
//! entry that does change while h1 looks at it is that of another map, and passed over. Two threads may be at h2 for
//! one map: the second puts zeros in the place of zeros, since the map of a writer, the only one in which anything is
//! stored, is used by one thread at a time.

use core::ffi::{c_int, c_void};
use core::ptr::{null, null_mut};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8};

use nix::libc;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use seqcopy::{SeqCopy, SeqLock};

use super::sigbus::{self, Failed};

/// Installs the handler, unless it is installed already.
pub(crate) fn install() -> Result<(), Failed> {
    sigbus::install(on_bus)
}

pub(crate) use sigbus::is_installed;

/// The mark of a writer while it may write. It changes when pages are lost, and is 0 in a forked process.
pub(crate) const MAY_WRITE: u8 = 1;
pub(crate) const LOST: u8 = 2;

/// The addresses of a mapping, and the mark of its writer.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Place {
    start: *mut u8,
    len: usize,
    /// Null if the mapping is read-only, or has no writer yet.
    guard: *const AtomicU8,
    is_writable: bool,
}

// SAFETY: nothing is accessed by these addresses but what the contracts below say (I8 mapping).
unsafe impl Send for Place {}

impl Place {
    /// Whether this address is inside of the mapping.
    fn has(&self, address: usize) -> bool {
        address.wrapping_sub(self.start.addr()) < self.len
    }
}

const NOWHERE: Place = Place { start: null_mut(), len: 0, guard: null(), is_writable: false };

struct Entry {
    is_taken: AtomicBool,
    /// The thread that has taken the entry writes it, and signal handlers read it.
    place: SeqLock<Place>,
}

/// Entries, and a pointer to more. Blocks after the first are allocated when they are needed, and never freed, because
/// a handler may be reading them.
struct Block {
    entries: [Entry; 64],
    next: AtomicPtr<Block>,
}

static FIRST: Block = Block::new();

impl Block {
    const fn new() -> Block {
        let entries = [const { Entry { is_taken: AtomicBool::new(false), place: SeqLock::new(NOWHERE) } }; 64];
        Block { entries, next: AtomicPtr::new(null_mut()) }
    }

    fn next(&self) -> Option<&'static Block> {
        // SAFETY: null, or from `Box::into_raw` and never freed (P18 shared-ref).
        unsafe { self.next.load(Acquire).as_ref() }
    }

    fn next_or_new(&self) -> &'static Block {
        self.next().unwrap_or_else(|| {
            let new = Box::into_raw(Box::new(Block::new()));
            match self.next.compare_exchange(null_mut(), new, AcqRel, Acquire) {
                // SAFETY: allocated above, and never freed from here on (P18 shared-ref).
                Ok(_) => unsafe { &*new },
                Err(other) => {
                    // SAFETY: allocated above, and no other thread has it (I4 private).
                    drop(unsafe { Box::from_raw(new) });
                    // SAFETY: another thread's, allocated in this way and never freed (P18 shared-ref).
                    unsafe { &*other }
                }
            }
        })
    }
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    std::iter::successors(Some(&FIRST), |block| block.next()).flat_map(|block| &block.entries)
}

/// The number of entries in use.
#[cfg(debug_assertions)]
pub(crate) fn taken() -> usize {
    entries().filter(|entry| entry.is_taken.load(Relaxed)).count()
}

/// Finds an entry whose place satisfies `is_it`. Wait-free, for handlers: it skips an entry that is being written.
fn find(is_it: impl Fn(&Place) -> bool) -> Option<(&'static Entry, Place)> {
    entries().find_map(|entry| entry.place.try_read().ok().filter(&is_it).map(|place| (entry, place)))
}

/// Adds a mapping that was just made and was not accessed yet.
pub(crate) fn enter(start: *mut u8, len: usize, is_writable: bool) {
    let mut block = &FIRST;
    let entry = loop {
        let is_free = |entry: &&Entry| !entry.is_taken.load(Relaxed) && !entry.is_taken.swap(true, Acquire);
        match block.entries.iter().find(is_free) {
            Some(entry) => break entry,
            None => block = block.next_or_new(),
        }
    };
    entry.place.write(Place { start, len, guard: null(), is_writable });
}

/// Frees the entry of a mapping. Must be called before the memory is unmapped, because the next mapping at its address
/// may be anything. (The entry is searched for. Keeping a reference to it in the mapping would move the fields after
/// it.)
pub(crate) fn leave(start: *mut u8) {
    if let Some((entry, _)) = find(|place| place.start == start) {
        entry.place.write(NOWHERE);
        entry.is_taken.store(false, Release);
    }
}

/// From now on, the loss of a page of this mapping is noted in its writer's mark.
pub(crate) fn set_guard(start: *mut u8, guard: &AtomicU8) {
    if let Some((entry, place)) = find(|place| place.start == start) {
        entry.place.write(Place { guard, ..place });
    }
}

/// Removes the mark of a writer from its mapping's entry.
pub(crate) fn forget(guard: &AtomicU8) {
    if let Some((entry, place)) = find(|place| core::ptr::eq(place.guard, guard)) {
        entry.place.write(Place { guard: null(), ..place });
    }
}

/// The handler. It uses only atomics and system calls. It accesses no byte of a mapping, so it can't cause a SIGBUS,
/// which would kill the process.
extern "C" fn on_bus(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the system's, with `SA_SIGINFO` (I4 private).
    let signal_info = unsafe { &*info };
    let code = signal_info.si_code;
    // The page is missing. This library must not hide broken memory (`BUS_MCEERR_AR`).
    if code == libc::BUS_ADRERR {
        // SAFETY: of this kind (I4 private).
        let address = unsafe { signal_info.si_addr() }.addr();
        let found = find(|place| place.has(address));
        if found.is_some_and(|(_, place)| put_zeros(&place)) {
            return;
        }
    }
    sigbus::pass_on(signal, code, info, context);
}

/// Maps zeros, without reserving memory, so that this fails as seldom as possible. If it fails, the signal goes to the
/// previous handler.
fn put_zeros(place: &Place) -> bool {
    let protection = if place.is_writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
    let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
    // SAFETY: over the whole of one map, which lives, since the thread that was interrupted uses it (I8 mapping). To
    // this process it is as if another had stored zeros, which any may at any time (P23 one-process).
    if unsafe { mmap_anonymous(place.start.cast(), place.len, protection, flags) }.is_err() {
        return false;
    }
    // SAFETY: null, or that of the writer that the interrupted thread has, which lives longer than its entry (`forget`,
    // I8 mapping).
    if let Some(guard) = unsafe { place.guard.as_ref() } {
        // A forked process keeps the mark of a fork.
        let _ = guard.compare_exchange(MAY_WRITE, LOST, Relaxed, Relaxed);
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU8;

    use super::{NOWHERE, Place, enter, find, forget, leave, set_guard};

    /// Removing the mark keeps the entry of the mapping. The entry is found by the start of the mapping, and is freed
    /// then.
    #[test]
    fn an_entry_is_given_back_after_its_writer_was() {
        let (guard, memory) = (AtomicU8::new(0), [0u8; 8]);
        let start = memory.as_ptr().cast_mut();
        let entered =
            || find(|place| place.start == start).map(|(_, place)| (place.len, place.guard, place.is_writable));
        for is_writable in [true, false] {
            enter(start, 8, is_writable);
            assert_eq!(entered(), Some((8, core::ptr::null(), is_writable)));
            set_guard(start, &guard);
            assert_eq!(entered(), Some((8, &raw const guard, is_writable)));
            forget(&guard);
            assert_eq!(entered(), Some((8, core::ptr::null(), is_writable)));
            leave(start);
            assert_eq!(entered(), None);
        }
    }

    #[test]
    fn a_map_ends_before_the_byte_after_it() {
        let of = |start: usize, len| Place { start: core::ptr::without_provenance_mut(start), len, ..NOWHERE };
        for (start, len) in [(0x1000, 0x1000), (0x7000, 1), (usize::MAX - 0xfff, 0x1000)] {
            let has = |address: usize| of(start, len).has(address);
            assert_eq!([has(start - 1), has(start), has(start + (len - 1))], [false, true, true], "{start:#x}");
            assert!(!has(start.wrapping_add(len)), "{start:#x}");
        }
        assert!(![0, 1, usize::MAX].iter().any(|address| NOWHERE.has(*address)));
    }
}
