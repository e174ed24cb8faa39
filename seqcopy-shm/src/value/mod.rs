//! A value or a slice in the buffers of a region: where it lies, how attempts read it, what is checked.
//!
//! | file | what |
//! |---|---|
//! | `active` | which bytes have a meaning in a value |
//! | `attempts` | the limits of a bounded read |
//! | `by_fields` | values of a type that has other fields, or the same in other places |
//! | `checks` | checks of a region's type, and of bits that were read |
//! | `rules` | checks of bits, as a list |
//! | `slice`, `payload` | where a slice lies in a buffer; values and slices alike |
//! | `source` | reads of a mapping, or of a file by system calls |

pub(crate) mod active;
pub(crate) mod by_fields;
pub(crate) mod checks;
pub(crate) mod payload;
pub(crate) mod rules;
pub(crate) mod source;
