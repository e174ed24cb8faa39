//! A tree as a layout of seqcopy, made at run time.

use std::sync::LazyLock;

use seqcopy::layout::{Access, Field, Variant};
use seqcopy::raw::__shm::Series;
use seqcopy::{Layout, SeqCopy, raw};

use super::tree::Tree;

/// The longest leaf.
const LONGEST: usize = 64;

static DATA: LazyLock<Vec<Layout>> =
    LazyLock::new(|| (0..=LONGEST).map(|size| Layout::of_plain("data", size, 1)).collect());
static SKIPPED: LazyLock<Vec<Layout>> =
    LazyLock::new(|| (0..=LONGEST).map(|size| Layout::of_skipped(size, 1)).collect());

/// A way to copy what a layout describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the layout is walked.
    Load,
    /// By a list that was made before.
    LoadSeries,
    StoreSeries,
}

/// A layout and all that it refers to, which is freed together with it. Millions are made, so none is leaked; and since
/// layouts refer to one another as if they were never freed, none is handed out.
pub(crate) struct Built {
    root: &'static Layout,
    _parts: Parts,
}

#[derive(Default)]
struct Parts {
    layouts: Vec<*mut Layout>,
    fields: Vec<*mut [Field]>,
    variants: Vec<*mut [Variant]>,
}

impl Built {
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut parts = Parts::default();
        let root = parts.layout(tree);
        Built { root, _parts: parts }
    }

    /// The list of accesses.
    pub(crate) fn listed(&self, base: usize, into: &mut Vec<Access>) {
        self.root.each_access(base, |access| into.push(access));
    }

    /// How long that list is, by arithmetic.
    pub(crate) fn count(&self, base: usize) -> usize {
        self.root.access_count(base)
    }

    pub(crate) fn holes(&self) -> Vec<core::ops::Range<usize>> {
        self.root.holes().collect()
    }

    pub(crate) fn size(&self) -> usize {
        self.root.size()
    }

    /// The ways to copy it. Pointers are not copied by a layout.
    pub(crate) fn ways(&self) -> &'static [Way] {
        if self.root.has_pointers() { &[] } else { &[Way::Load, Way::LoadSeries, Way::StoreSeries] }
    }

    /// Copies. Of an enum with fields, every byte that is data in some variant.
    ///
    /// # Safety
    /// * `base` is a power of two and divides the address `shared`. The layout has no pointers.
    /// * Both places are valid for reads and writes of the layout's size, and initialised. They do not overlap, and no
    ///   other thread accesses them during the call.
    pub(crate) unsafe fn copy(&self, way: Way, base: usize, shared: *mut u8, private: *mut u8) {
        let series = || Series::all(self.root, base).expect("a small layout");
        match way {
            // SAFETY: the same contract; there are no pointers.
            Way::Load => unsafe { raw::load_by(self.root, base, shared, private) },
            // SAFETY: the same contract.
            Way::LoadSeries => unsafe { series().load(shared, private) },
            // SAFETY: the same contract.
            Way::StoreSeries => unsafe { series().store(private, shared) },
        }
    }
}

impl Parts {
    fn layout(&mut self, tree: &Tree) -> &'static Layout {
        let layout = match tree {
            Tree::Data(size) => return &DATA[*size],
            Tree::Skipped(size) => return &SKIPPED[*size],
            Tree::Pointer => return <*const u8>::LAYOUT,
            Tree::Array(element, len) => Layout::of_array(self.layout(element), *len),
            Tree::Struct { size, fields } => Layout::of_struct("Struct", *size, 1, self.fields(fields, 0)),
            Tree::Enum { size, tag, payload, variants } => {
                let variants: Vec<Variant> = (0..)
                    .zip(variants)
                    .map(|(value, fields)| Variant::new("V", value, self.fields(fields, *payload)))
                    .collect();
                let (pointer, variants) = kept(variants.into_boxed_slice());
                self.variants.push(pointer);
                Layout::of_enum("Enum", *size, 1, &DATA[*tag], *payload, variants)
            }
        };
        let (pointer, layout) = kept(Box::new(layout));
        self.layouts.push(pointer);
        layout
    }

    fn fields(&mut self, fields: &[(usize, Tree)], payload: usize) -> &'static [Field] {
        let fields: Vec<Field> =
            fields.iter().map(|(at, field)| Field::new("f", at - payload, self.layout(field))).collect();
        let (pointer, fields) = kept(fields.into_boxed_slice());
        self.fields.push(pointer);
        fields
    }
}

/// What is in a box, and a pointer to free it by.
fn kept<T: ?Sized>(value: Box<T>) -> (*mut T, &'static T) {
    let pointer = Box::into_raw(value);
    // SAFETY: allocated, and never written again. It is freed when the `Built` that has it is dropped, which hands out
    // no reference.
    (pointer, unsafe { &*pointer })
}

impl Drop for Parts {
    fn drop(&mut self) {
        for pointer in self.layouts.drain(..) {
            // SAFETY: from a box, by `kept`; nothing that refers to it is used any more.
            drop(unsafe { Box::from_raw(pointer) });
        }
        for pointer in self.fields.drain(..) {
            // SAFETY: as above.
            drop(unsafe { Box::from_raw(pointer) });
        }
        for pointer in self.variants.drain(..) {
            // SAFETY: as above.
            drop(unsafe { Box::from_raw(pointer) });
        }
    }
}
