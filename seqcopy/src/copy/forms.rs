//! Every form of a copy, for tests of this workspace: the feature `internal-test-forms` is no promise to anybody.

use super::by_table::{self, load_by_table, store_by_table};
use super::direction::{Load, Store};
use super::each_access::{self, Lister, each_of_series};
use super::straight::{self, LARGE};
use super::transfer::{Of, Steps, Whole};
use crate::layout::{Access, Layout};
use crate::seq_copy::SeqCopy;

use core::cell::RefCell;

/// A way to make a copy of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The form of optimised builds.
    Straight,
    /// The form of unoptimised builds.
    Table,
}

impl Form {
    /// [`load`](crate::raw::load_into) in this form.
    ///
    /// # Safety
    /// The contract named there.
    pub unsafe fn load<T: SeqCopy>(self, shared: *const T, private: *mut u8) {
        match self {
            // SAFETY: the same contract.
            Form::Straight => unsafe { straight::copy::<T, Load, true>(shared.cast_mut(), private) },
            // SAFETY: the same contract.
            Form::Table => unsafe { load_by_table::<T>(shared.cast(), private).run() },
        }
    }

    /// [`store`](crate::raw::store) in this form.
    ///
    /// # Safety
    /// The contract named there.
    pub unsafe fn store<T: SeqCopy>(self, private: &T, shared: *mut T) {
        let private = core::ptr::from_ref(private).cast::<u8>();
        match self {
            // SAFETY: the same contract.
            Form::Straight => unsafe { straight::copy::<T, Store, false>(shared, private.cast_mut()) },
            // SAFETY: the same contract.
            Form::Table => unsafe { store_by_table::<T, false>(private, shared.cast()).run() },
        }
    }

    /// The store of a lock in this form.
    ///
    /// # Safety
    /// The contract of [`store`](crate::raw::store); and nothing else looks at the padding of `shared`.
    pub unsafe fn store_owned<T: SeqCopy>(self, private: &T, shared: *mut T) {
        let private = core::ptr::from_ref(private).cast::<u8>();
        match self {
            // SAFETY: the same contract.
            Form::Straight if size_of::<T>() < LARGE => unsafe {
                straight::copy::<T, Store, false>(shared, private.cast_mut());
            },
            // SAFETY: the same contract.
            Form::Straight => unsafe { straight::copy::<T, Store, true>(shared, private.cast_mut()) },
            // SAFETY: the same contract.
            Form::Table => unsafe { store_by_table::<T, true>(private, shared.cast()).run() },
        }
    }

    /// The accesses that copies in this form make, those of spans around their padding.
    pub fn each_access<T: SeqCopy>(self, each: impl FnMut(Access)) {
        let each = RefCell::new(each);
        let tell = |first, count| each_of_series(first, count, &mut *each.borrow_mut());
        let tell = Lister::new(&tell);
        match self {
            Form::Straight => (const { straight::run::<Of<T>, Lister<'_>, false>() })(tell),
            Form::Table => by_table::accesses::<_, false>(&tell, Of::<T>::STEPS),
        }
    }
}

/// A way to copy what a layout describes: both directions, by everything that the engine has for them. So every small layout can be tried
/// without compiling a type for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutCopy {
    /// A load that goes around all padding, as [`load_by`](crate::raw::load_by).
    Load,
    /// A store of a value that is given by value.
    LoadRegisters,
    /// A load that may move the padding of spans along, as those of types do.
    LoadSpans,
    /// A store that goes around all padding, as [`store`](crate::raw::store).
    Store,
    /// A load of a value that may be in registers.
    StoreRegisters,
    /// A store that may move the padding of spans along, as those into locks do.
    StoreSpans,
}

impl LayoutCopy {
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
    pub unsafe fn copy(self, layout: &Layout, base: usize, shared: *mut u8, private: *mut u8) {
        macro_rules! by {
            ($direction:ty, $moves:literal) => {{
                // SAFETY: all bytes at both places are initialised, and this thread's alone (I1 partition, I2 init, I3 exact, I4 private).
                let copy = unsafe { Whole::<$direction>::new(shared, private) };
                each_access::accesses::<_, $moves>(copy, layout, base, false);
            }};
        }
        match self {
            Self::Load => by!(Load, false),
            Self::LoadRegisters => by!(Load<true>, false),
            Self::LoadSpans => by!(Load, true),
            Self::Store => by!(Store, false),
            Self::StoreRegisters => by!(Store<true>, false),
            Self::StoreSpans => by!(Store, true),
        }
    }
}
