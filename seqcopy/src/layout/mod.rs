//! [`Layout`] describes, as constant data, where the data of a type lies. It is a tree whose leaves are scalars and
//! pointers, and whose inner nodes are arrays, structs and enums. The derive builds it in constants. Code without the
//! type as a parameter reads it: the picture, the fingerprint, the errors. Copies follow a table of accesses that is
//! made from it once (`copy/steps.rs`).

mod access;
mod build;
mod names;
mod node;
mod number;
mod picture;
mod probe;
mod query;
mod schema;
mod span;
mod tree;

pub use access::{Access, AccessKind};
pub(crate) use access::{Extent, Span};
pub(crate) use build::{align_at, low_bit};
pub(crate) use names::are_named;
pub use number::{number_of, put_any, put_number};
pub(crate) use number::{put, read_number, read_tag, take};
#[cfg(any(feature = "bytemuck", feature = "zerocopy"))]
pub(crate) use probe::UNNAMED;
pub(crate) use query::{NoPart, variant_field};
pub use schema::{SCHEMA_START, fingerprint_of};
pub(crate) use span::Spans;
pub use tree::{Field, Layout, Scalar, Shape, Variant};

// For generated code and for the other crates of this repository.
#[doc(hidden)]
pub use {
    access::{FieldDefault, Mark},
    build::{
        array, enum_with_fields, field, largest, nonzero, part, part_skipped, part_stand_in, place, plain, pointer,
        scalar, skipped, stand_in, structure, sum, tag, tags, variant, vouched, with_default,
    },
    names::Path,
    number::{are_numbered, has_each_tag},
    probe::{
        Probe, c_number, is_variant, lies, named, next_tag, number, probe, remote_tag, remote_tags, tag_bits, value,
        vouched_remote,
    },
};
