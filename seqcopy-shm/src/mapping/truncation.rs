//! [`survive_truncation`]: a signal handler that puts zeros in the place of a mapped region that lost its pages.
//!
//! ```text
//! an access to a lost page: SIGBUS
//! h1  the map in which the address lies
//! h2  private zero pages over the whole map           mmap, MAP_FIXED
//! h3  the mark of its writer, if this is its map
//! h4  return: the access is repeated, and loads 0
//! ```
//!
//! The word is 0 from h2 on, so no attempt is accepted that loaded from a new page: a thread can do that only after the system has made
//! every processor forget the old pages, which it does before the new ones can be mapped, and loads the word after that (r4, m4). A later
//! attempt finds "nothing written" and, as the state is 0 too, that the region is lost: no region that can be found has that state. So
//! nothing is added to reads. A writer finds its mark before its next write, where it looks for a fork.
//!
//! The thread that h1 interrupts uses its map, so that map is not dropped meanwhile, and its entry does not change. An entry that does
//! change while h1 looks at it is that of another map, and passed over. Two threads may be at h2 for one map: the second puts zeros in the
//! place of zeros, since the map of a writer, the only one in which anything is stored, is used by one thread at a time.

use crate::Error;

#[cfg(target_os = "linux")]
pub(crate) use linux::{LOST, MAY_WRITE, enter, forget, leave, set_guard};

/// Lets this process live on when the file of a region that it has mapped is truncated, or can't be read any more: its readers get
/// [`ReadValueError::Truncated`](crate::ReadValueError::Truncated) from then on, and its writers
/// [`WriteError::Truncated`](crate::WriteError::Truncated). Without this, such a process is killed by SIGBUS. Costs reads and writes nothing.
///
/// Once for each process, for all regions, those that are open already as well. Calls after the first do nothing.
///
/// # What is promised
/// *A lost page does not kill*, and what replaces it is never taken for a value. A reader whose value lies in other pages is not told, and goes on
/// with it. A write that meets a lost page returns `Ok`, and every later one fails. When that writer is dropped, it closes what is left of the
/// region, so that readers get [`Closed`](crate::ReadValueError::Closed).
///
/// No signal is raised, and there are zeros in a value whose word is intact, where a process truncates the file inside of a page, extends it
/// again, or punches a hole. It could write zeros as well. So a file whose writers are not to be trusted is opened by
/// [`Options::require_owner`](crate::Options::require_owner), sent as a memfd, which is sealed, or read without mapping it, by
/// [`FileReader`](crate::FileReader).
///
/// # Signals
/// Installs a handler of SIGBUS. The one that was there before gets the signals that are not about a region of this library, and the default
/// action still ends the process for these. A handler that is installed later should pass on to this one what is not its own. A thread that
/// blocks SIGBUS is killed, as without this.
///
/// # Errors
/// If the system refuses, and on systems other than Linux.
///
/// ```no_run
/// use seqcopy_shm::{self as shm, ReadValueError, Reader};
///
/// shm::survive_truncation()?;
/// let mut reader = Reader::<u64>::open("/dev/shm/counter")?;
/// match reader.read() {
///     Err(ReadValueError::Truncated | ReadValueError::Closed) => _ = reader.reopen_if_removed()?,
///     value => println!("{value:?}"),
/// }
/// # Ok::<(), shm::Error>(())
/// ```
pub fn survive_truncation() -> Result<(), Error> {
    #[cfg(target_os = "linux")]
    return linux::install();
    #[cfg(not(target_os = "linux"))]
    return Err(crate::error::io("survive a truncation")(std::io::Error::from(std::io::ErrorKind::Unsupported)));
}

/// Whether it was called.
pub(crate) fn is_survived() -> bool {
    #[cfg(target_os = "linux")]
    return linux::is_installed();
    #[cfg(not(target_os = "linux"))]
    return false;
}

#[cfg(target_os = "linux")]
mod linux {
    use core::ffi::{c_int, c_void};
    use core::mem::MaybeUninit;
    use core::ptr::{null, null_mut};
    use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
    use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8};

    use nix::libc;
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
    use seqcopy::{SeqCopy, SeqLock};

    use crate::Error;
    use crate::error::io;

    /// The mark of a writer: what it is while it may write, and once pages were lost. A fork finds 0.
    pub(crate) const MAY_WRITE: u8 = 1;
    pub(crate) const LOST: u8 = 2;

    /// Where a map lies, and the mark of its writer.
    #[derive(Clone, Copy, SeqCopy)]
    #[repr(C)]
    struct Place {
        start: *mut u8,
        len: usize,
        /// Null if it is read only, or has no writer yet.
        guard: *const AtomicU8,
        is_writable: bool,
    }

    // SAFETY: nothing is accessed by these addresses but what the contracts below say (I8 mapping).
    unsafe impl Send for Place {}

    const NOWHERE: Place = Place { start: null_mut(), len: 0, guard: null(), is_writable: false };

    struct Entry {
        is_taken: AtomicBool,
        /// Written by the thread that has taken it, read by signal handlers.
        place: SeqLock<Place>,
    }

    /// Entries, and more of them. Those after the first are allocated when they are needed, and never freed: a handler may look at them.
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
                        // SAFETY: as in `next` (P18 shared-ref).
                        unsafe { &*other }
                    }
                }
            })
        }
    }

    fn entries() -> impl Iterator<Item = &'static Entry> {
        std::iter::successors(Some(&FIRST), |block| block.next()).flat_map(|block| &block.entries)
    }

    /// The entry whose place is such a one, and that place. Wait-free, for handlers: an entry that is being written is passed over.
    fn find(is_it: impl Fn(&Place) -> bool) -> Option<(&'static Entry, Place)> {
        entries().find_map(|entry| entry.place.try_read().ok().filter(&is_it).map(|place| (entry, place)))
    }

    /// Enters a map that was just mapped and that nothing has accessed.
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

    /// Gives the entry of a map back. Before the map is unmapped: the next one at its address may be anything. (It is searched, and not kept
    /// in the map, so that what is after a map lies where it did.)
    pub(crate) fn leave(start: *mut u8) {
        if let Some((entry, _)) = find(|place| place.start == start) {
            entry.place.write(NOWHERE);
            entry.is_taken.store(false, Release);
        }
    }

    /// From now on the loss of a page of this map marks its writer.
    pub(crate) fn set_guard(start: *mut u8, guard: &AtomicU8) {
        if let Some((entry, place)) = find(|place| place.start == start) {
            entry.place.write(Place { guard, ..place });
        }
    }

    /// The mark of a writer goes.
    pub(crate) fn forget(guard: &AtomicU8) {
        if let Some((entry, place)) = find(|place| core::ptr::eq(place.guard, guard)) {
            entry.place.write(Place { guard: null(), ..place });
        }
    }

    /// What was done about SIGBUS before; null until [`survive_truncation`](super::survive_truncation) is called.
    static PREVIOUS: AtomicPtr<libc::sigaction> = AtomicPtr::new(null_mut());
    /// Whether a previous handler that is for one signal only (`SA_RESETHAND`) has had it.
    static IS_SPENT: AtomicBool = AtomicBool::new(false);

    pub(super) fn is_installed() -> bool {
        !PREVIOUS.load(Relaxed).is_null()
    }

    pub(super) fn install() -> Result<(), Error> {
        // The handler may run before the call that installs it returns, so the previous action is asked for first.
        let previous = Box::into_raw(Box::new(action(null())?));
        if PREVIOUS.compare_exchange(null_mut(), previous, AcqRel, Acquire).is_err() {
            // Another thread does it.
            // SAFETY: allocated above, and no other thread has it (I4 private).
            drop(unsafe { Box::from_raw(previous) });
            return Ok(());
        }
        // SAFETY: allocated above, never freed from here on (P18 shared-ref).
        let previous = unsafe { &*previous };
        let mut new = no_action();
        new.sa_sigaction = on_bus as *const () as usize;
        // What the previous handler was promised holds when this one calls it. On a stack of its own where the thread has one: the
        // stack of a thread of other languages may be small.
        new.sa_mask = previous.sa_mask;
        new.sa_flags =
            libc::SA_SIGINFO | libc::SA_ONSTACK | (previous.sa_flags & (libc::SA_NODEFER | libc::SA_RESTART));
        let installed = action(&raw const new);
        if installed.is_err() {
            PREVIOUS.store(null_mut(), Release);
        }
        installed.map(drop)
    }

    /// The default action.
    fn no_action() -> libc::sigaction {
        // SAFETY: integers and an optional function, for all of which zeros are a value (P5 scalar).
        unsafe { MaybeUninit::zeroed().assume_init() }
    }

    /// Sets what is done about SIGBUS, unless `new` is null; returns what was done before.
    fn action(new: *const libc::sigaction) -> Result<libc::sigaction, Error> {
        let mut old = MaybeUninit::uninit();
        // SAFETY: null or a valid action, whose handler is one that may run at any time; and space for one (I4 private).
        match unsafe { libc::sigaction(libc::SIGBUS, new, old.as_mut_ptr()) } {
            // SAFETY: written by the call (I4 private).
            0 => Ok(unsafe { old.assume_init() }),
            _ => Err(io("handle SIGBUS")(std::io::Error::last_os_error())),
        }
    }

    /// The handler: atomics and system calls only. It accesses no byte of a map, so a SIGBUS in it, which would kill, is not possible.
    extern "C" fn on_bus(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
        // SAFETY: the system's, with `SA_SIGINFO` (I4 private).
        let signal_info = unsafe { &*info };
        let code = signal_info.si_code;
        // A page that is not there. Broken memory (`BUS_MCEERR_AR`) is not for this library to hide.
        if code == libc::BUS_ADRERR {
            // SAFETY: of this kind (I4 private).
            let address = unsafe { signal_info.si_addr() }.addr();
            let found = find(|place| address.wrapping_sub(place.start.addr()) < place.len);
            if found.is_some_and(|(_, place)| put_zeros(&place)) {
                return;
            }
        }
        pass_on(signal, code, info, context);
    }

    /// Without a reservation, so that this fails as seldom as it can. If it does, what was done before is done.
    fn put_zeros(place: &Place) -> bool {
        let protection = if place.is_writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        // SAFETY: over the whole of one map, which lives, since the thread that was interrupted uses it (I8 mapping). To this process it is
        // as if another had stored zeros, which any may at any time (P23 one-process).
        if unsafe { mmap_anonymous(place.start.cast(), place.len, protection, flags) }.is_err() {
            return false;
        }
        // SAFETY: null, or that of the writer that the interrupted thread has, which lives longer than its entry (`forget`, I8 mapping).
        if let Some(guard) = unsafe { place.guard.as_ref() } {
            // A fork stays one.
            let _ = guard.compare_exchange(MAY_WRITE, LOST, Relaxed, Relaxed);
        }
        true
    }

    /// Does what was done before.
    fn pass_on(signal: c_int, code: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
        // SAFETY: set before the handler was installed, and never freed (P18 shared-ref).
        let previous = unsafe { &*PREVIOUS.load(Acquire) };
        let is_for_one = previous.sa_flags & libc::SA_RESETHAND != 0;
        match previous.sa_sigaction {
            // Sent, and ignored. (What an instruction causes can't be.)
            libc::SIG_IGN if code <= 0 => {}
            handler
                if handler != libc::SIG_IGN
                    && handler != libc::SIG_DFL
                    && !(is_for_one && IS_SPENT.swap(true, Relaxed)) =>
            {
                let handler = handler as *const ();
                if previous.sa_flags & libc::SA_SIGINFO != 0 {
                    // SAFETY: a handler of this type, by its flags (P24 safety).
                    let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
                        unsafe { core::mem::transmute(handler) };
                    handler(signal, info, context);
                } else {
                    // SAFETY: as above.
                    let handler: extern "C" fn(c_int) = unsafe { core::mem::transmute(handler) };
                    handler(signal);
                }
            }
            _ => {
                let default = no_action();
                let _ = action(&raw const default);
                // The access is repeated, and kills. A signal that was sent does not come again by itself.
                if !(libc::BUS_ADRALN..=libc::BUS_MCEERR_AR).contains(&code) {
                    // SAFETY: may be called in handlers, and takes no pointer (I4 private).
                    unsafe { libc::raise(signal) };
                }
            }
        }
    }
}
