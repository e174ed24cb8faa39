//! [`Access`]: what copies do. `copy/list.rs` lists them.

/// One atomic access of a copy.
///
/// ```
/// # use seqcopy::SeqCopy;
/// u32::LAYOUT.each_access(4, |access| assert_eq!((access.offset, access.width), (0, 4)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Access {
    /// Offset in bytes from the start of the type.
    pub offset: usize,
    /// How many bytes are accessed at once: 1, 2, 4 or 8.
    pub width: usize,
    /// As what.
    pub kind: AccessKind,
}

/// As what an access reads or writes its bytes.
///
/// ```
/// # use seqcopy::{SeqCopy, layout::AccessKind};
/// <*const u8>::LAYOUT.each_access(8, |access| assert_eq!(access.kind, AccessKind::Pointer));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AccessKind {
    /// An integer of that width.
    Word,
    /// One byte of a long run or span, moved together with its neighbours by vector instructions.
    Vector,
    /// A pointer, with its provenance.
    Pointer,
}
