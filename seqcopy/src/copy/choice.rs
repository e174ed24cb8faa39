//! Which code makes a copy: a table or straight-line code, a call or registers.

/// From this size on a value that is returned is loaded by a call, straight to where the caller wants it; a smaller one stays in
/// registers, of which there are 16 with 16 bytes each, and every copy of it is made by blocks. From memory to memory a loop is
/// faster earlier ([`LONG`](super::LONG)).
pub(crate) const LARGE: usize = 257;

/// Keeps the first block in builds in which copies are made by a table, and the second one in others. Tables are for builds without
/// optimisation, of which `debug_assertions` are the sign that is seen here. Under Miri copies are made as in optimised builds.
/// `--cfg seqcopy_copy="table"` and `"straight"` choose.
///
/// Not an `if` on a constant: the compiler evaluates the constants of every function that is named, also in branches that are never
/// taken, and those of straight-line code take it a few milliseconds for each type.
#[cfg(any(seqcopy_copy = "table", all(debug_assertions, not(any(miri, loom, seqcopy_copy = "straight")))))]
macro_rules! if_by_table {
    ($table:block else $straight:block) => {
        $table
    };
}
#[cfg(not(any(seqcopy_copy = "table", all(debug_assertions, not(any(miri, loom, seqcopy_copy = "straight"))))))]
macro_rules! if_by_table {
    ($table:block else $straight:block) => {
        $straight
    };
}
pub(crate) use if_by_table;

/// Whether copies are made by a table, for decisions between blocks that name none.
pub(crate) const BY_TABLE: bool = if_by_table!({ true } else { false });
