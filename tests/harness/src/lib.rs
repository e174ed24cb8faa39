//! What every test program has that is linked with this: [tests that end](crate#tests-that-end), [nothing
//! left](crate#nothing-left) when all have passed, [`fails`], by which a call that can fail is tried, and
//! [`is_as_written`], by which texts are compared with files.
//!
//! # Tests that end
//! A thread that has run for 200 seconds (`SEQCOPY_TEST_LIMIT`; an hour in the long form of the tests) ends the program
//! as failed, and says what it waits for: the name of its test, and the functions that it is in. libtest has no limit
//! of its own.
//!
//! # Nothing left
//! When all tests have passed, the process has no more threads, descriptors, shared maps and [counted](count) entries
//! than it had before its first test; what there is more is named, and the program has failed. What one test forgets,
//! no other test looks for.
//!
//! Both are of Linux, of the programs that Cargo builds from tests, and not of Miri and loom, which are slow, and look
//! for leaks of their own.

mod fails;
pub mod script;
pub mod traces;
mod written;

#[cfg(all(target_os = "linux", not(any(miri, loom))))]
mod left;
#[cfg(all(target_os = "linux", not(any(miri, loom))))]
mod limit;
#[cfg(all(target_os = "linux", not(any(miri, loom))))]
mod start;

pub use fails::{MARK, Out, fails};
pub use written::is_as_written;

/// Has entries of a table counted at the end of the program: none may be left.
pub fn count(name: &'static str, entries: fn() -> usize) {
    #[cfg(all(target_os = "linux", not(any(miri, loom))))]
    left::count(name, entries);
    #[cfg(not(all(target_os = "linux", not(any(miri, loom)))))]
    let _ = (name, entries);
}
