//! Whether bits are a value. This folder has the bits that are not trusted yet, the checks, and the error that names
//! what is wrong. This file re-exports what others use, so that the files stay private.
//!
//! | file | what |
//! |---|---|
//! | `maybe_invalid` | bits that may not be a value |
//! | `invalid_value` | which part of them is not valid, and why |
//! | `validate`, `bits` | the check of a type, and what it looks at |
//! | `validate_bytes` | the check of bytes whose type is known by its layout |
//! | `part` | one field of a value, and of bits |

mod bits;
mod invalid_value;
mod maybe_invalid;
mod part;
mod validate;
mod validate_bytes;

pub use bits::Bits;
pub use invalid_value::InvalidValue;
pub(crate) use invalid_value::Reason;
pub use maybe_invalid::MaybeInvalid;
pub use part::{Part, assert_aligned, field_ref, field_value, part_at, part_whole};
pub use validate::Validate;
pub use validate::{
    any_bits, bad_tag, check_tag, described, has_fields, has_hooks, has_variants, hook, hook_valid, inside,
    inside_variant, part_of, part_of_variant, read_tag, start,
};
pub(crate) use validate_bytes::broken_rule;
