//! [`Mark`]: what a type is beyond its shape.

use core::fmt;

/// Which of the crate's own types it is, of those whose values are more than their fields. They say so themselves: a user's struct
/// with the name and the fields of one of them is a struct like any other.
///
/// The numbers are the kinds of their nodes in a schema. Named neither `Option` nor `Vec`, since the compiler would then give the full
/// paths of these in its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// [`SeqOption`](crate::SeqOption): an enum of a variant without fields and one with a single field.
    Optional = b'o',
    /// [`SeqStr`](crate::SeqStr): a struct of a length, a `u32` at its start, and an array of `u8`.
    Text = b's',
    /// [`SeqVec`](crate::SeqVec): the same with elements of any type.
    List = b'v',
}

impl fmt::Display for Mark {
    /// The name of the type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mark::Optional => "SeqOption",
            Mark::Text => "SeqStr",
            Mark::List => "SeqVec",
        })
    }
}
