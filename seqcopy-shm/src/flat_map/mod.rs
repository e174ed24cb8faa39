//! Maps between processes: a latch whose buffers are hash tables.
//!
//! A commit brings the buffer that no reader looks at up to date with the published one, changes some of its slots, and
//! publishes it by the latch's own word ([`LatchWord`](seqcopy::seq_count::LatchWord)): so the protocol, its orderings
//! and its proof are those of a latch, and what is done to a table is sequential code. `docs/reference/soundness.md`,
//! "Maps", has the argument, which rests on four sentences:
//!
//! * **Whole.** The published table, and each that a reader may still look at, is a whole state of the map.
//! * **Lag.** Outside the slots that its lag lists, a table holds what the published one holds. Lags are private to the
//!   writer; one that has taken over knows nothing, so its lags list all slots.
//! * **Checked.** Nothing that was loaded from a table is given out before a check of the word that followed the loads.
//! * **Bounded.** Whatever the bits of a region are, each loop over slots ends after as many steps as there are slots,
//!   and each index is masked.
//!
//! | file | what |
//! |---|---|
//! | `primitive` | the types that tables and the latch's word are made of |
//! | `key` | which types are keys, and the hash of their bytes, part of the format |
//! | `slot` | stamp, key and value of a slot: three storages; `Entry`: a key, and where it was found |
//! | `table` | one table: searching, loading and storing slots, copying one, removal |
//! | `place` | where word and tables lie in a mapping |
//! | `view` | one generation of the map |
//! | `reader` | `MapReader` |
//! | `commit` | the writer's side of the protocol: what is changed in the next table, and what the others lack |
//! | `batch` | the same by those who have the types |
//! | `writer` | `MapWriter` |
//! | `options` | how maps are created and opened |
//! | `by_fields` | slots of types that have other fields as well |
//! | `file_map` | `FileMap`: a map of any types, for tools |
//! | `untyped` | maps whose types are known by a schema: `UntypedMapWriter`, `UntypedMapReader` |

mod batch;
mod by_fields;
mod commit;
mod file_map;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod histories;
mod key;
mod options;
mod place;
mod primitive;
mod reader;
mod slot;
mod table;
#[cfg(test)]
mod tests;
mod untyped;
mod view;
mod writer;

pub use batch::Batch;
pub use file_map::{Entries, FileMap};
pub use key::MapKey;
pub use reader::MapReader;
pub use slot::Entry;
pub use untyped::{UntypedEntry, UntypedMapReader, UntypedMapWriter};
pub use view::View;
pub use writer::MapWriter;
