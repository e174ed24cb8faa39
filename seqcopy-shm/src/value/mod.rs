//! A value or a slice in the buffers of a region: its place, the attempts that read it, and the checks.
//!
//! | file | what |
//! |---|---|
//! | `by_fields` | values of a type that has other fields, or the same in other places |
//! | `checks` | checks of a region's type, and of bits that were read; which bytes have a meaning in a value |
//! | `rules` | checks of bits, as a list |
//! | `payload` | where a slice lies in a buffer; values and slices alike |
//! | `source` | reads of a mapping, or of a file by system calls, and their limits |

mod by_fields;
mod checks;
mod payload;
mod rules;
mod source;

pub(crate) use by_fields::{Matching, Others, Plan};
pub use checks::active;
pub(crate) use checks::{
    check_elements, check_type, copy_active, has_inactive, series_of, too_long, validated, validated_mut, zeroed,
};
pub use payload::Payload;
pub(crate) use payload::{NoElements, SliceWriter, ValueOrSlice, Wanted, is_being_written};
pub(crate) use rules::{Rules, Text};
pub use source::{ATTEMPTS, Mapped, Source, TIME_LIMIT, Unmapped};
pub(crate) use source::{Access, Attempts, How, Own};
