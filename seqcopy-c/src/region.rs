//! [`seqcopy_region`]: the calls that readers of values and of maps share.
//!
//! [`seqcopy_options`]: how a region is created, and what is required of one that is opened.

use core::ffi::c_int;
use core::ops::Deref;
use core::time::Duration;
use std::sync::Arc;

use arc_swap::ArcSwap;
use seqcopy::Version;
use seqcopy_shm::untyped::__foreign::AnyReader;
use seqcopy_shm::{Error, Options, Region, Schema, Uid, WriterState};
use seqcopy_waited::{SEQCOPY_WAITED_CLOSED, SEQCOPY_WAITED_NEWER, SEQCOPY_WAITED_REPLACED, SEQCOPY_WAITED_TIME_OUT};
use seqcopy_writer_state::{
    SEQCOPY_WRITER_ALIVE, SEQCOPY_WRITER_ENDED, SEQCOPY_WRITER_HELD, SEQCOPY_WRITER_NEVER, SEQCOPY_WRITER_ORPHANED,
};

use crate::call::{Argument, Const, call};
use crate::status::{Failure, argument, seqcopy_status};

/// How a region is created, and what is required of one that is opened. [`seqcopy_options_init`] sets the defaults;
/// null stands for these.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct seqcopy_options {
    /// `sizeof(seqcopy_options)` of the program, which the library compares with its own.
    pub size: usize,
    /// For how many elements of a slice there is space in a new region; for how many entries in a new map, which has to
    /// be set. 0 for a slice: as many as its schema says.
    pub capacity: usize,
    /// How many buffers a new region has: 1, or a power of two. 2 is the default: readers never wait for the writer.
    pub buffers: u32,
    /// The permissions of a new file, at most 0777, less the process's mask: 0644 is the default.
    pub mode: u32,
    /// The user that must own the file, if `require_owner` is set.
    pub owner: u32,
    /// Whether the file must belong to `owner`, or to root, and no other user may write it.
    pub require_owner: bool,
    /// Whether a region of another type at the path is replaced, once its writer has ended.
    pub replace_other_type: bool,
    /// Whether a map with space for fewer entries is replaced by a larger one, which keeps them.
    pub replace_smaller: bool,
    /// For how many nanoseconds a reader that is opened at a path waits for an open region to appear there. 0 is the
    /// default: it fails at once.
    pub wait_nanoseconds: u64,
}

const DEFAULT: seqcopy_options = seqcopy_options {
    size: size_of::<seqcopy_options>(),
    capacity: 0,
    buffers: 2,
    mode: 0o644,
    owner: 0,
    require_owner: false,
    replace_other_type: false,
    replace_smaller: false,
    wait_nanoseconds: 0,
};

/// Sets the defaults. `size` is `sizeof(seqcopy_options)`.
///
/// # Safety
/// `options` is null, or writable for `size` bytes.
///
/// ```
/// # use seqcopy_c::*;
/// let mut options = std::mem::MaybeUninit::uninit();
/// // SAFETY: a local of that size.
/// let status = unsafe { seqcopy_options_init(options.as_mut_ptr(), size_of::<seqcopy_options>()) };
/// assert_eq!(status, seqcopy_status::SEQCOPY_OK);
/// // SAFETY: it was set.
/// assert_eq!(unsafe { options.assume_init() }.buffers, 2);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_options_init(options: *mut seqcopy_options, size: usize) -> seqcopy_status {
    call(|| {
        check_size(size)?;
        // SAFETY: a place for as many bytes as the options have here (I4 private).
        unsafe { options.given() }.put(DEFAULT)
    })
}

fn check_size(size: usize) -> Result<(), Failure> {
    if size == DEFAULT.size {
        return Ok(());
    }
    argument(format!(
        "the options have {size} bytes, where this library has {}: set them by seqcopy_options_init, with its header",
        DEFAULT.size
    ))
}

impl Const<seqcopy_options> {
    /// The options with the capacity of slices, or the defaults for null.
    pub(crate) fn read(&self) -> Result<(Options, usize), Failure> {
        let at = self.as_ptr();
        // SAFETY: null, or the size of options, which stands first in every version (`Argument`, I4 private).
        check_size(unsafe { at.cast::<usize>().as_ref() }.copied().unwrap_or(DEFAULT.size))?;
        // SAFETY: null, or options of this version, by their size (`Argument`, I4 private).
        let options = unsafe { at.as_ref() }.copied().unwrap_or(DEFAULT);
        let seqcopy_options { size: _, capacity, buffers, mode, owner, require_owner, .. } = options;
        let mut of = Options::new().buffers(buffers).mode(mode);
        if require_owner {
            of = of.require_owner(Uid::from_raw(owner));
        }
        let of = of.replace_other_type(options.replace_other_type).replace_smaller(options.replace_smaller);
        Ok((of.wait_for_region(Duration::from_nanos(options.wait_nanoseconds)), capacity))
    }
}

/// The region that a reader reads. It belongs to the reader: it is there until that is freed. Any number of threads may
/// use it, also while one calls `reopen_if_removed` with its reader: a call that has begun goes on with the region that
/// was removed.
pub struct seqcopy_region {
    /// C sees only a pointer to it, which is a `Shared`.
    _opaque: [u8; 0],
}

/// The target of a reader's handle.
pub(crate) struct Reading<R> {
    reader: R,
    region: Arc<Shared>,
}

/// The target of a `seqcopy_region`. It stays at its place while its reader continues with a newer region.
struct Shared {
    /// The schema of the first region. A newer region has the same schema, or is refused.
    schema: Schema,
    /// Without a mutex, because the process may be forked while another of its threads is in here.
    newest: ArcSwap<Region>,
}

impl<R: AnyReader> Reading<R> {
    pub(crate) fn of(reader: R) -> Self {
        let region = reader.region();
        let shared = Shared { schema: region.schema().clone(), newest: ArcSwap::new(region.clone()) };
        Reading { reader, region: Arc::new(shared) }
    }

    pub(crate) fn region(&self) -> *const seqcopy_region {
        Arc::as_ptr(&self.region).cast()
    }

    /// Continues with a newer region, if there is one. Threads that are in calls with the region keep the old one until
    /// they return.
    pub(crate) fn reopen_if_removed(&mut self) -> Result<bool, Error> {
        let Some(newer) = self.reader.replacement(false)? else { return Ok(false) };
        self.region.newest.store(newer.region().clone());
        self.reader = newer;
        Ok(true)
    }
}

impl<R> Deref for Reading<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.reader
    }
}

/// Whether a region has a writer.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum seqcopy_writer_state {
    /// No process has written it yet.
    SEQCOPY_WRITER_NEVER = 0,
    /// A process writes it: this one, as far as process numbers can tell.
    SEQCOPY_WRITER_ALIVE = 1,
    /// A process writes it that is not known here, as in another container.
    SEQCOPY_WRITER_HELD = 2,
    /// The writer has ended; a child that it forked still holds its lock.
    SEQCOPY_WRITER_ORPHANED = 3,
    /// The writer has ended.
    SEQCOPY_WRITER_ENDED = 4,
}

impl Const<seqcopy_region> {
    fn shared(&self) -> Result<&Shared, Failure> {
        // SAFETY: null, or what `Reading::region` gave out, whose reader was not freed (`Argument`, I10 handle).
        match unsafe { self.as_ptr().cast::<Shared>().as_ref() } {
            Some(shared) => Ok(shared),
            None => argument("the region is null"),
        }
    }

    /// The region that the reader reads now. It stays mapped while the `Arc` exists.
    pub(crate) fn newest(&self) -> Result<Arc<Region>, Failure> {
        Ok(self.shared()?.newest.load_full())
    }

    fn look<R>(&self, look: impl FnOnce(&Region) -> R) -> Result<R, Failure> {
        Ok(look(&*self.newest()?))
    }
}

/// How many values have been published, or generations of a map; 0 for null.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_version(region: *const seqcopy_region) -> u64 {
    // SAFETY: the region of a reader that was not freed (I10 handle).
    unsafe { region.given() }.look(|region| region.version().to_bits()).unwrap_or(0)
}

/// How a wait has ended.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum seqcopy_waited {
    /// The time is over, or the wait has failed. It is 0, so a condition can treat it as false.
    SEQCOPY_WAITED_TIME_OUT = 0,
    /// There is a newer version.
    SEQCOPY_WAITED_NEWER = 1,
    /// The writer closed the region, and there is no other region at its path yet.
    SEQCOPY_WAITED_CLOSED = 2,
    /// The writer closed the region, and there is another one at its path: call `reopen_if_removed`.
    SEQCOPY_WAITED_REPLACED = 3,
}

/// Waits until there is another version than `known`, or the region is closed, for at most `nanoseconds`. `*waited` says
/// how the wait has ended. The thread sleeps until a writer calls `wake`. 0 looks once.
///
/// No other thread can end a wait. A thread that also waits for something else uses a `seqcopy_notifier`.
///
/// # Safety
/// `region` is null, or that of a reader that is not freed during the call; `waited` is null, or writable.
///
/// ```
/// # use seqcopy_c::*;
/// # use std::ptr::{null, null_mut};
/// let mut waited = seqcopy_waited::SEQCOPY_WAITED_NEWER;
/// // SAFETY: null is refused.
/// let status = unsafe { seqcopy_region_wait(null(), 0, 1_000_000, &mut waited) };
/// assert_eq!((status, waited), (seqcopy_status::SEQCOPY_ARGUMENT, seqcopy_waited::SEQCOPY_WAITED_TIME_OUT));
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_wait(
    region: *const seqcopy_region,
    known: u64,
    nanoseconds: u64,
    waited: *mut seqcopy_waited,
) -> seqcopy_status {
    // SAFETY: the region of a reader that was not freed, and a place for an answer (I4 private, I10 handle).
    let (region, mut waited) = unsafe { (region, waited).given() };
    call(|| {
        waited.put_if_asked(SEQCOPY_WAITED_TIME_OUT);
        let wait = |region: &Region| {
            let is_over = region.wait(Version::from_bits(known), Duration::from_nanos(nanoseconds));
            match (is_over, region.is_closed()) {
                (false, _) => SEQCOPY_WAITED_TIME_OUT,
                (true, false) => SEQCOPY_WAITED_NEWER,
                (true, true) if matches!(region.replacement(), Ok(Some(_))) => SEQCOPY_WAITED_REPLACED,
                (true, true) => SEQCOPY_WAITED_CLOSED,
            }
        };
        Ok(waited.put_if_asked(region.look(wait)?))
    })
}

/// Whether the region has a writer, and the process number of that: 0 if it is not known. Makes system calls.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed; `pid` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_writer_state(
    region: *const seqcopy_region,
    pid: *mut u32,
) -> seqcopy_writer_state {
    // SAFETY: the region of a reader that was not freed, and a place for a number (I4 private, I10 handle).
    let (region, mut pid) = unsafe { (region, pid).given() };
    let mut state = SEQCOPY_WRITER_NEVER;
    let _ = call(|| {
        let (found, number) = match region.look(Region::writer_state)? {
            WriterState::Alive { pid, .. } => (SEQCOPY_WRITER_ALIVE, pid),
            WriterState::Orphaned { pid, .. } => (SEQCOPY_WRITER_ORPHANED, pid),
            WriterState::Gone => (SEQCOPY_WRITER_ENDED, 0),
            WriterState::Never => (SEQCOPY_WRITER_NEVER, 0),
            _ => (SEQCOPY_WRITER_HELD, 0),
        };
        state = found;
        Ok(pid.put_if_asked(number))
    });
    state
}

/// Whether the writer closed it: there will be no more values.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_is_closed(region: *const seqcopy_region) -> bool {
    // SAFETY: the region of a reader that was not freed (I10 handle).
    unsafe { region.given() }.look(Region::is_closed).unwrap_or(false)
}

/// Whether its path leads to it no more: the file was removed or renamed, and perhaps there is a new one. Makes system
/// calls.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_is_removed(region: *const seqcopy_region) -> bool {
    // SAFETY: the region of a reader that was not freed (I10 handle).
    unsafe { region.given() }.look(Region::is_removed).unwrap_or(false)
}

/// The user that owns its file.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed; `owner` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_owner(region: *const seqcopy_region, owner: *mut u32) -> seqcopy_status {
    // SAFETY: the region of a reader that was not freed, and a place for a number (I4 private, I10 handle).
    let (region, mut owner) = unsafe { (region, owner).given() };
    call(|| owner.put(region.look(Region::owner)?.as_raw()))
}

/// The schema of its type, of a map that of a slot: bytes that are there until the reader is freed, also if it is
/// reopened; then they are those of the first region, whose type may have been another one if the reader was opened by
/// fields.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed; `schema` and `len` are null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_schema(
    region: *const seqcopy_region,
    schema: *mut *const u8,
    len: *mut usize,
) -> seqcopy_status {
    // SAFETY: the region of a reader that was not freed, and places for an address and a number (I4 private, I10
    // handle).
    let (region, mut schema, mut len) = unsafe { (region, schema, len).given() };
    call(|| {
        let bytes = region.shared()?.schema.as_bytes();
        schema.put(bytes.as_ptr())?;
        len.put(bytes.len())
    })
}

/// A descriptor to give to another process, which can read with it but not write. The caller closes it. On
/// failure `*fd` is -1.
///
/// # Safety
/// `region` is null, or that of a reader that was not freed; `fd` is null, or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seqcopy_region_share(region: *const seqcopy_region, fd: *mut c_int) -> seqcopy_status {
    // SAFETY: the region of a reader that was not freed, and a place for a descriptor (I4 private, I10 handle).
    let (region, mut fd) = unsafe { (region, fd).given() };
    call(|| fd.put_fd(|| Ok(region.newest()?.share()?)))
}

/// From now on, a read or a write of a region whose file was truncated fails with `SEQCOPY_TRUNCATED`, where it would
/// end the program by SIGBUS. Handlers of SIGBUS that were set before get all other signals.
///
/// ```
/// # use seqcopy_c::*;
/// assert_eq!(seqcopy_survive_truncation(), seqcopy_status::SEQCOPY_OK);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn seqcopy_survive_truncation() -> seqcopy_status {
    call(|| Ok(seqcopy_shm::survive_truncation()?))
}
