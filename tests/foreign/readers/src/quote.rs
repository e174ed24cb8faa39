//! The type, in a file that the build script has as well.

use seqcopy::{SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[allow(dead_code)] // the build script looks at the type only
pub(crate) struct Quote {
    pub(crate) open: bool,
    pub(crate) at: u64,
    pub(crate) bid: f32,
    /// In C the name of a macro.
    pub(crate) errno: i32,
}
