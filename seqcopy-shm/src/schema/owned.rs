//! [`OwnedLayout`] owns the layout of a schema and frees it when it is dropped.
//!
//! A [`Layout`] refers to its parts by `&'static`, because those of types are constants. Here the parts are allocated
//! one by one, and their owner is kept next to the root. **A reference to a part is never handed out for longer than
//! the owner is borrowed**: from here only a borrow of the root goes out, and whatever [`Layout`], [`Field`] and
//! [`Variant`] give to others, of themselves or of their parts, is borrowed from `self`
//! (`ui-tests/tests/ui/layout_outlived.rs`). None of them can be copied or moved out of a borrow.

use std::ptr::NonNull;

use seqcopy::Layout;
use seqcopy::layout::{Field, Variant};

/// A layout with its parts.
pub(super) struct OwnedLayout {
    root: Layout,
    #[allow(dead_code)] // what the root refers to
    parts: Parts,
}

/// The allocations of a layout.
#[derive(Default)]
pub(super) struct Parts {
    layouts: Vec<Owned<Layout>>,
    fields: Vec<Owned<[Field]>>,
    variants: Vec<Owned<[Variant]>>,
    texts: Vec<Owned<str>>,
}

/// An allocation that others point to. Moving a `Box` invalidates references to its content, and moving this does not.
struct Owned<T: ?Sized>(NonNull<T>);

// SAFETY: it owns a `T`, as a box does, and gives out shared references only (I10 handle).
unsafe impl<T: ?Sized + Send + Sync> Send for Owned<T> {}
// SAFETY: what it owns is shared as a reference would be (I10 handle).
unsafe impl<T: ?Sized + Sync> Sync for Owned<T> {}

impl<T: ?Sized> Owned<T> {
    fn new(value: Box<T>) -> Owned<T> {
        Owned(NonNull::new(Box::into_raw(value)).expect("a box is somewhere"))
    }
}

impl<T: ?Sized> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: `new` got it from a box, and this is the only call (I10 handle). No reference to it is used any more:
        // all of them lie in the root and in other parts of the same layout, which do nothing when they are dropped,
        // and what users got was borrowed from the `OwnedLayout` (this file's first paragraph).
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// Moves a part to the heap, and adds it to a list.
///
/// # Safety
/// The reference and its copies are only used while the list exists.
unsafe fn keep<T: ?Sized>(list: &mut Vec<Owned<T>>, value: Box<T>) -> &'static T {
    let owned = Owned::new(value);
    let place = owned.0;
    list.push(owned);
    // SAFETY: it came from a box, and lives as long as the list, which is never shortened, and for no longer it is used
    // (this function's contract). There is no mutable reference to it (I10 handle).
    unsafe { place.as_ref() }
}

impl OwnedLayout {
    /// A layout that refers only to these parts.
    pub(super) fn new(root: Layout, parts: Parts) -> OwnedLayout {
        OwnedLayout { root, parts }
    }

    pub(super) fn get(&self) -> &Layout {
        &self.root
    }
}

impl Parts {
    /// # Safety
    /// The result goes only into another part, or into the root that is dropped together with the parts.
    pub(super) unsafe fn layout(&mut self, layout: Layout) -> &'static Layout {
        // SAFETY: the root lives as long as these parts, by this function's contract (I10 handle).
        unsafe { keep(&mut self.layouts, Box::new(layout)) }
    }

    /// # Safety
    /// The contract of [`layout`](Self::layout).
    pub(super) unsafe fn fields(&mut self, fields: Vec<Field>) -> &'static [Field] {
        // SAFETY: the root lives as long as these parts, by this function's contract (I10 handle).
        unsafe { keep(&mut self.fields, fields.into()) }
    }

    /// # Safety
    /// The contract of [`layout`](Self::layout).
    pub(super) unsafe fn variants(&mut self, variants: Vec<Variant>) -> &'static [Variant] {
        // SAFETY: the root lives as long as these parts, by this function's contract (I10 handle).
        unsafe { keep(&mut self.variants, variants.into()) }
    }

    /// # Safety
    /// The contract of [`layout`](Self::layout).
    pub(super) unsafe fn text(&mut self, text: &str) -> &'static str {
        // SAFETY: the root lives as long as these parts, by this function's contract (I10 handle).
        unsafe { keep(&mut self.texts, text.into()) }
    }
}
