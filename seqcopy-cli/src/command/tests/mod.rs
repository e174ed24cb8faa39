//! What the tests of several modules use, and those of all of them together.

mod generated;
mod hostile;
pub(super) mod samples;
mod schema_builder;
mod values;
