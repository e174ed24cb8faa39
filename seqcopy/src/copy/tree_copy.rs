//! Copies of types of which only the layout is known, in both directions and by everything that the engine has for them: for tests, which
//! so try every small layout without compiling a type for each.

use super::by_tree;
use super::direction::{Load, Store};
use crate::Layout;

/// A way to copy what a layout describes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeCopy {
    /// A load that goes around all padding, as [`load_by`](crate::raw::load_by).
    Load,
    /// The same, of a value that is given by value.
    LoadRegisters,
    /// A load that may move the padding of spans along, as those of types do.
    LoadSpans,
    /// A store that goes around all padding, as [`store`](crate::raw::store).
    Store,
    /// The same, of a value that may be in registers.
    StoreRegisters,
    /// A store that may move the padding of spans along, as those into locks do.
    StoreSpans,
}

impl TreeCopy {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Load, Self::LoadRegisters, Self::LoadSpans, Self::Store, Self::StoreRegisters, Self::StoreSpans];

    /// Whether it goes from shared to private memory.
    #[must_use]
    pub const fn is_load(self) -> bool {
        matches!(self, Self::Load | Self::LoadRegisters | Self::LoadSpans)
    }

    /// Whether it may move the padding of spans along.
    #[must_use]
    pub const fn moves_spans(self) -> bool {
        matches!(self, Self::LoadSpans | Self::StoreSpans)
    }

    /// Makes the copy. Of an enum with fields, every byte that is data in some variant is copied.
    ///
    /// # Safety
    /// * `base` is a power of two and divides the address `shared`; if the layout has pointers, it is not less than their alignment.
    /// * Both places are valid for reads and writes of the layout's size, and initialised. They do not overlap, and no other thread
    ///   accesses them during the call.
    // Inlined, so that the crate contains no copies for tests.
    #[inline]
    pub unsafe fn copy(self, layout: &Layout, base: usize, shared: *mut u8, private: *mut u8) {
        match self {
            // SAFETY: all bytes at both places are initialised, and this thread's alone (I1 partition, I2 init, I3 exact, I4 private).
            Self::Load => unsafe { by_tree::<Load>(layout, base, shared, private, false) },
            // SAFETY: as above.
            Self::LoadRegisters => unsafe { by_tree::<Load<true>>(layout, base, shared, private, false) },
            // SAFETY: as above.
            Self::LoadSpans => unsafe { by_tree::<Load>(layout, base, shared, private, true) },
            // SAFETY: as above.
            Self::Store => unsafe { by_tree::<Store>(layout, base, shared, private, false) },
            // SAFETY: as above.
            Self::StoreRegisters => unsafe { by_tree::<Store<true>>(layout, base, shared, private, false) },
            // SAFETY: as above.
            Self::StoreSpans => unsafe { by_tree::<Store>(layout, base, shared, private, true) },
        }
    }
}
