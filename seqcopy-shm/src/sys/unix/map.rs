//! Mappings of files, in a file of their own because each system has other calls for them.

use core::ptr::{NonNull, null_mut};
use std::io;
use std::os::fd::AsFd;

use rustix::mm::{MapFlags, ProtFlags};

/// Maps the first `len` bytes of a file, shared with every other mapping of it.
pub(crate) fn map(file: impl AsFd, len: usize, writable: bool) -> io::Result<NonNull<u8>> {
    let protection = if writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
    // SAFETY: a new mapping at a place that the system chooses touches nothing that exists (I8 mapping).
    let start = unsafe { rustix::mm::mmap(null_mut(), len, protection, MapFlags::SHARED, file.as_fd(), 0) }?;
    Ok(NonNull::new(start.cast()).expect("the system does not choose address 0"))
}

/// Ends a mapping.
///
/// # Safety
/// `map` made it, of that many bytes; no pointer into it is used any more.
pub(crate) unsafe fn unmap(start: NonNull<u8>, len: usize) {
    // SAFETY: this function's contract (I8 mapping).
    let result = unsafe { rustix::mm::munmap(start.as_ptr().cast(), len) };
    debug_assert!(result.is_ok(), "unmapping what was mapped");
}
