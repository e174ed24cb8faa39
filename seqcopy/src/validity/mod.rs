//! Whether bits are a value: what was read and is not trusted yet, how it is checked, and what is said of it if it is no value.
//!
//! | file | what |
//! |---|---|
//! | `maybe_invalid` | bits that may not be a value |
//! | `invalid_value` | which part of them is none, and why |
//! | `validate`, `bits` | the check of a type, and what it looks at |
//! | `validate_bytes` | the check of bytes whose type is known by its layout |
//! | `field`, `part` | one field of a value |

mod bits;
mod field;
mod invalid_value;
mod maybe_invalid;
mod part;
mod validate;
mod validate_bytes;

pub use bits::Bits;
pub use field::{assert_aligned, field_ref, field_value};
pub use invalid_value::InvalidValue;
pub(crate) use invalid_value::Reason;
pub use maybe_invalid::MaybeInvalid;
pub use part::{Part, part_at, part_whole};
pub use validate::Validate;
pub use validate::{
    bad_tag, check_tag, described, has_fields, has_hooks, has_variants, hook, hook_valid, inside, inside_variant,
    part_of, part_of_variant, read_tag, start,
};
pub(crate) use validate_bytes::broken_rule;
