//! The command `seqcopy`, on systems that have regions. `tests/tests/documents/arrows/order.rs` has the order in which these modules use each other.

mod arguments;
mod bounded;
mod columns;
mod compared;
mod description;
mod diff;
mod entry;
mod failure;
mod field;
mod header;
mod key;
mod limits;
mod locks;
mod printable;
mod region;
mod run;
mod schemas;
mod screen;
mod show;
mod source;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod to_json;
mod types;
mod view;
mod watch;

pub(crate) use run::main;
