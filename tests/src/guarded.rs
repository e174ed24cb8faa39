//! [`Memory`]: every byte of a value's place can be looked at, and the bytes around it.

/// Bytes kept free on either side.
const MARGIN: usize = 64;
const GUARD: u8 = 0xd7;

/// Memory for one `T`, aligned no better than it requires, with guard bytes before and after. All of it is initialised,
/// so padding can be looked at.
#[derive(Debug)]
pub struct Memory {
    block: Vec<u128>,
    start: usize,
    size: usize,
}

impl Memory {
    /// Filled with a byte.
    #[must_use]
    pub fn of<T>(fill: u8) -> Self {
        let (size, align) = (size_of::<T>(), align_of::<T>());
        let block = vec![u128::from_ne_bytes([GUARD; 16]); (size + 2 * MARGIN + 3 * align) / 16 + 2];
        // At a distance of one alignment from an address that is aligned to twice as much.
        let start = MARGIN + (block.as_ptr().cast::<u8>().wrapping_add(MARGIN)).align_offset(2 * align) + align;
        let mut memory = Memory { block, start, size };
        (0..size).for_each(|at| memory.set(at, fill));
        memory
    }

    /// The address of a byte, or of the end.
    #[must_use]
    pub fn at(&mut self, offset: usize) -> *mut u8 {
        // Never out of the block: offsets are at most the size.
        self.block.as_mut_ptr().cast::<u8>().wrapping_add(self.start + offset)
    }

    /// A byte of it.
    #[must_use]
    pub fn get(&mut self, offset: usize) -> u8 {
        // SAFETY: inside the block, initialised by `of` or later.
        unsafe { self.at(offset).read() }
    }

    /// Overwrites a byte of it.
    pub fn set(&mut self, offset: usize, byte: u8) {
        // SAFETY: inside the block.
        unsafe { self.at(offset).write(byte) };
    }

    /// That nothing was written beyond either end.
    ///
    /// # Panics
    /// If something was.
    #[track_caller]
    pub fn check_guards(&mut self, what: &str) {
        let start = self.block.as_mut_ptr().cast::<u8>();
        for at in (self.start - MARGIN..self.start).chain(self.start + self.size..self.start + self.size + MARGIN) {
            // SAFETY: inside the block, and initialised.
            let byte = unsafe { start.wrapping_add(at).read() };
            assert_eq!(byte, GUARD, "{what}: byte {at} of the block, where the value begins at {}", self.start);
        }
    }
}
