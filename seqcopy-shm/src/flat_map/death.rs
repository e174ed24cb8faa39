//! In the crate's own tests a writer can die before any of its stores: then it makes no more of them. In other builds every store is made.

#[cfg(not(test))]
#[inline(always)]
pub(super) fn spares_a_store() -> bool {
    true
}

#[cfg(test)]
pub(super) use record::*;

#[cfg(test)]
mod record {
    use std::cell::Cell;

    std::thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    }

    pub(crate) fn spares_a_store() -> bool {
        LEFT.with(|left| match left.get() {
            None => true,
            Some(0) => false,
            Some(some) => {
                left.set(Some(some - 1));
                true
            }
        })
    }

    /// The writer dies after so many stores. Returns whether it was still alive by then.
    pub(crate) fn after(stores: u32, act: impl FnOnce()) -> bool {
        LEFT.set(Some(stores));
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
        let left = LEFT.replace(None);
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
        left != Some(0)
    }
}
