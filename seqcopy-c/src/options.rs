//! [`seqcopy_options`]: how a region is created, and what is required of one that is opened.

use seqcopy_shm::{Options, Uid};

use crate::call::{Argument, Const, call};
use crate::status::{Failure, argument, seqcopy_status};

/// How a region is created, and what is required of one that is opened. [`seqcopy_options_init`] sets the defaults; null stands for these.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct seqcopy_options {
    /// `sizeof(seqcopy_options)` of the program, which the library compares with its own.
    pub size: usize,
    /// For how many elements of a slice there is space in a new region; for how many entries in a new map, which has to be set. 0 for a slice:
    /// as many as its schema says.
    pub capacity: usize,
    /// How many buffers a new region has: 1, or a power of two. 2 is the default: readers never wait for the writer.
    pub buffers: u32,
    /// The permissions of a new file, less the process's mask: 0644 is the default.
    pub mode: u32,
    /// The user that must own the file, if `require_owner` is set.
    pub owner: u32,
    /// Whether the file must belong to `owner`, or to root, and no other user may write it.
    pub require_owner: bool,
    /// Whether a region of another type at the path is replaced, once its writer has ended.
    pub replace_other_type: bool,
    /// Whether a map with space for fewer entries is replaced by a larger one, which keeps them.
    pub replace_smaller: bool,
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
        check(size)?;
        // SAFETY: a place for as many bytes as the options have here (I4 private).
        unsafe { options.given() }.put(DEFAULT)
    })
}

fn check(size: usize) -> Result<(), Failure> {
    if size == DEFAULT.size {
        return Ok(());
    }
    argument(format!(
        "the options have {size} bytes, where this library has {}: set them by seqcopy_options_init, with its header",
        DEFAULT.size
    ))
}

impl Const<seqcopy_options> {
    /// The options, and the capacity among them; the defaults for null.
    pub(crate) fn read(&self) -> Result<(Options, usize), Failure> {
        let at = self.as_ptr();
        // SAFETY: null, or the size of options, which stands first in every version (`Argument`, I4 private).
        check(unsafe { at.cast::<usize>().as_ref() }.copied().unwrap_or(DEFAULT.size))?;
        // SAFETY: null, or options of this version, by their size (`Argument`, I4 private).
        let options = unsafe { at.as_ref() }.copied().unwrap_or(DEFAULT);
        let seqcopy_options { size: _, capacity, buffers, mode, owner, require_owner, .. } = options;
        let mut of = Options::new().buffers(buffers).mode(mode);
        if require_owner {
            of = of.require_owner(Uid::from_raw(owner));
        }
        let of = of.replace_other_type(options.replace_other_type).replace_smaller(options.replace_smaller);
        Ok((of, capacity))
    }
}
