//! Memory of which every byte around a value is watched. After it begins a page that can't be accessed.

use core::ffi::c_void;
use core::num::NonZeroUsize;
use core::ptr::NonNull;

use nix::libc;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// What lies around a value.
const GUARD: u8 = 0xd7;
/// How much of that is looked at before it.
const MARGIN: usize = 64;
/// Larger than all types, and a multiple of every page size in use.
const LEN: usize = 1 << 16;

/// One place for values, between pages that can't be accessed.
pub(crate) struct Memory {
    mapping: NonNull<c_void>,
    /// After the last byte that can be accessed.
    end: *mut u8,
}

/// Where a value lies.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) start: *mut u8,
    len: usize,
    /// How many bytes lie after it.
    after: usize,
}

/// Makes an access to the pages after a value a failure with a message. It can't be told which case it was.
pub(crate) fn report_faults() {
    extern "C" fn report(_: libc::c_int) {
        let what = b"error: a copy accesses memory after a value, of the kind that is next in the table\n";
        // SAFETY: may be called in a signal handler; a constant.
        unsafe { libc::write(2, what.as_ptr().cast(), what.len()) };
        // SAFETY: may be called in a signal handler.
        unsafe { libc::_exit(1) };
    }
    let action = SigAction::new(SigHandler::Handler(report), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler calls nothing but what a handler may.
    unsafe { sigaction(Signal::SIGSEGV, &action) }.expect("a handler");
}

impl Memory {
    pub(crate) fn new() -> Self {
        let all = NonZeroUsize::new(3 * LEN).expect("not 0");
        // SAFETY: new memory, wherever the system puts it.
        let mapping = unsafe { mmap_anonymous(None, all, ProtFlags::PROT_NONE, MapFlags::MAP_PRIVATE) };
        let mapping = mapping.expect("memory");
        // SAFETY: inside of the mapping.
        let middle = unsafe { mapping.byte_add(LEN) };
        // SAFETY: pages of the mapping, to which nothing refers.
        unsafe { mprotect(middle, LEN, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE) }.expect("pages to write to");
        Memory { mapping, end: middle.as_ptr().cast::<u8>().wrapping_add(LEN) }
    }

    /// A place as near to the end as possible, at an address that is aligned to `base` and no better.
    pub(crate) fn place(&mut self, len: usize, base: usize) -> Place {
        let mut start = self.end.wrapping_sub(len);
        while start.addr() % (2 * base) != base {
            start = start.wrapping_sub(1);
        }
        Place { start, len, after: self.end.addr() - start.addr() - len }
    }

    /// A place that ends where the memory ends, at any address.
    pub(crate) fn last(&mut self, len: usize) -> Place {
        Place { start: self.end.wrapping_sub(len), len, after: 0 }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`; no place is used any more.
        let _ = unsafe { munmap(self.mapping, 3 * LEN) };
    }
}

impl Place {
    fn bytes(&self, before: usize, len: usize) -> &[u8] {
        // SAFETY: inside of the mapping: no type is larger than `LEN` less `MARGIN`. Nothing writes while this is
        // borrowed.
        unsafe { core::slice::from_raw_parts(self.start.wrapping_sub(before), len) }
    }

    /// What lies there.
    pub(crate) fn value(&self) -> &[u8] {
        self.bytes(0, self.len)
    }

    /// Puts bytes there, and guards around them.
    pub(crate) fn fill(&mut self, bytes: &[u8]) {
        assert_eq!(bytes.len(), self.len);
        // SAFETY: inside of the mapping, see `bytes`.
        unsafe { self.start.wrapping_sub(MARGIN).write_bytes(GUARD, MARGIN + self.len + self.after) };
        // SAFETY: the same; the bytes lie elsewhere.
        unsafe { self.start.copy_from_nonoverlapping(bytes.as_ptr(), self.len) };
    }

    /// Whether nothing was written around it.
    pub(crate) fn is_guarded(&self) -> bool {
        let is_guard = |bytes: &[u8]| bytes.iter().all(|&byte| byte == GUARD);
        is_guard(self.bytes(MARGIN, MARGIN)) && is_guard(&self.bytes(0, self.len + self.after)[self.len..])
    }
}
