//! Access to memory byte by byte: a [`View`] of a value, a [`Buffer`] to store one in.

use std::alloc;

/// Bytes of which some may be uninitialised: only those that are known to be data may be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    start: *const u8,
    len: usize,
}

impl View {
    /// The bytes of a value, which must outlive the view.
    pub(super) fn of<T>(value: &T) -> Self {
        View { start: core::ptr::from_ref(value).cast(), len: size_of::<T>() }
    }

    /// The address of `len` bytes, which must be in bounds.
    fn address(&self, offset: usize, len: usize) -> *const u8 {
        assert!(
            offset <= self.len && len <= self.len - offset,
            "{offset} + {len} is out of bounds of {} bytes",
            self.len
        );
        // SAFETY: in bounds, as checked above.
        unsafe { self.start.add(offset) }
    }

    /// One byte that is data and not part of a pointer.
    pub(super) fn byte(&self, offset: usize) -> u8 {
        // SAFETY: in bounds; data, so initialised.
        unsafe { self.address(offset, 1).read() }
    }

    pub(super) fn bytes(&self, offset: usize, len: usize) -> Vec<u8> {
        (offset..offset + len).map(|at| self.byte(at)).collect()
    }

    /// A number of at most eight bytes, as unsigned.
    pub(super) fn number(&self, offset: usize, size: usize) -> u64 {
        number(&self.bytes(offset, size))
    }

    /// A pointer.
    pub(super) fn pointer(&self, offset: usize) -> *const () {
        // SAFETY: in bounds; a pointer is initialised.
        unsafe { self.address(offset, size_of::<*const ()>()).cast::<*const ()>().read_unaligned() }
    }
}

/// The number in these bytes, as unsigned.
fn number(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    if cfg!(target_endian = "little") {
        all[..bytes.len()].copy_from_slice(bytes);
    } else {
        all[8 - bytes.len()..].copy_from_slice(bytes);
    }
    u64::from_ne_bytes(all)
}

/// The lowest `size` bytes of a number, at most eight, in native byte order.
pub(super) fn bytes_of(number: u64, size: usize) -> Vec<u8> {
    let all = number.to_ne_bytes();
    if cfg!(target_endian = "little") { all[..size].to_vec() } else { all[8 - size..].to_vec() }
}

/// Memory for a type, filled with one byte value, aligned no better than the type requires.
pub(super) struct Buffer {
    block: *mut u8,
    layout: alloc::Layout,
    start: *mut u8,
    len: usize,
}

impl Buffer {
    pub(super) fn new<T>(fill: u8) -> Self {
        let (size, align) = (size_of::<T>(), align_of::<T>());
        // At a distance of one alignment from an address that is aligned to twice as much.
        let layout = alloc::Layout::from_size_align(align + size, 2 * align).expect("types are not that large");
        // SAFETY: the size is not 0.
        let block = unsafe { alloc::alloc(layout) };
        assert!(!block.is_null(), "no memory");
        // SAFETY: just allocated with this size.
        unsafe { block.write_bytes(fill, align + size) };
        // SAFETY: in bounds of the block.
        let start = unsafe { block.add(align) };
        Buffer { block, layout, start, len: size }
    }

    pub(super) fn as_ptr<T>(&self) -> *mut T {
        assert!(size_of::<T>() <= self.len);
        self.start.cast()
    }

    pub(super) fn view(&self) -> View {
        View { start: self.start, len: self.len }
    }

    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        let to = self.view().address(offset, bytes.len()).cast_mut();
        // SAFETY: in bounds, as `address` checked; derived from a pointer that may write.
        unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { alloc::dealloc(self.block, self.layout) };
    }
}
