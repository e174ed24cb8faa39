//! [`Layout`]: where the data of a type lies, as constant data.
//!
//! A layout is a tree: scalars and pointers are its leaves; arrays, structs and enums are its inner nodes. The derive
//! builds it in constants. Code that must know a type without having it as a parameter reads it: the picture, the
//! fingerprint, the errors. Copies follow a constant table of accesses that is made of it once (`copy/steps.rs`).

mod access;
mod build;
mod extent;
mod field_default;
mod foreign;
mod mark;
mod names;
mod node;
mod number;
mod part;
mod path;
mod probe;
mod query;
mod runs;
mod schema;
mod skip;
mod span;
pub(crate) mod tree;
mod type_name;

pub use access::{Access, AccessKind};
#[doc(hidden)]
pub use number::{are_numbered, has_each_tag};
pub use number::{number_of, put_number};
#[doc(hidden)]
pub use path::Path;
pub use schema::{SCHEMA_START, fingerprint_of};
pub use tree::{Field, Scalar, Shape, Variant};

pub(crate) use build::{align_at, low_bit};
#[doc(hidden)]
pub use build::{
    array, enum_with_fields, field, largest, nonzero, part, part_skipped, part_stand_in, place, plain, pointer, scalar,
    skipped, stand_in, structure, sum, tag, tags, variant, vouched, with_default,
};
pub(crate) use extent::{Extent, Span};
#[doc(hidden)]
pub use field_default::FieldDefault;
#[cfg(any(feature = "bytemuck", feature = "zerocopy"))]
pub(crate) use foreign::UNNAMED;
#[doc(hidden)]
pub use foreign::{named, remote_tag, remote_tags, tag_bits, vouched_remote};
#[doc(hidden)]
pub use mark::Mark;
pub(crate) use names::are_named;
pub(crate) use part::NoPart;
#[doc(hidden)]
pub use probe::{Probe, c_number, is_variant, lies, next_tag, number, probe, value};
pub(crate) use query::{read_number, read_tag, variant_field};
pub(crate) use span::Spans;
pub(crate) use tree::Layout;
