//! Types for payloads: an `Option`, a string, a vector and a `Duration` whose layouts are specified.

mod error;
mod seq_duration;
mod seq_option;
mod seq_str;
mod seq_vec;

use crate::impls::{DurationWithLayout, OwnEnum, Payload};

pub use error::CapacityError;
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use error::{LengthError, ReadSliceError};
pub use seq_duration::SeqDuration;
pub use seq_option::SeqOption;
pub use seq_str::SeqStr;
pub use seq_vec::SeqVec;

impl<T> OwnEnum<'_, SeqOption<T>> for Payload {}
impl DurationWithLayout<'_, SeqDuration> for Payload {}
#[cfg(feature = "std")]
impl crate::impls::TimeSinceFixedPoint<'_, SeqDuration> for Payload {}

#[cfg(feature = "alloc")]
mod of_memory {
    use super::{SeqStr, SeqVec};
    use crate::impls::{Payload, PlainData};

    impl<const N: usize> PlainData<'_, SeqStr<N>> for Payload {}
    impl<T, const N: usize> PlainData<'_, SeqVec<T, N>> for Payload {}
}

#[cfg(feature = "serde")]
mod serde_impls {
    //! Feature `serde`: the types of payloads as serde's data. A `SeqOption` is written as an `Option`, a `SeqStr` as a
    //! string, a `SeqVec` as a sequence, a `SeqDuration` as a `Duration`; so the text does not show that a payload has
    //! another type in it.

    use core::fmt::{self, Formatter};
    use core::marker::PhantomData;
    use core::time::Duration;

    use crate::types::{SeqDuration, SeqOption, SeqStr, SeqVec};
    use serde_core::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
    use serde_core::ser::{Serialize, Serializer};

    /// Serialised like an `Option`.
    impl<T: Serialize> Serialize for SeqOption<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.as_ref().serialize(serializer)
        }
    }

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for SeqOption<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Option::deserialize(deserializer).map(SeqOption::from)
        }
    }

    /// Serialised like a `Duration`.
    impl Serialize for SeqDuration {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.into_duration().serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for SeqDuration {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Duration::deserialize(deserializer).map(SeqDuration::from)
        }
    }

    /// Serialised as a string.
    impl<const N: usize> Serialize for SeqStr<N> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(self)
        }
    }

    /// Receives the text of a [`SeqStr`] from serde.
    struct Text<const N: usize>;

    impl<const N: usize> Visitor<'_> for Text<N> {
        type Value = SeqStr<N>;

        fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
            write!(f, "a string of at most {N} bytes")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<SeqStr<N>, E> {
            SeqStr::try_from(text).map_err(|_| E::invalid_length(text.len(), &self))
        }
    }

    /// Fails if the text is too long.
    impl<'de, const N: usize> Deserialize<'de> for SeqStr<N> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(Text)
        }
    }

    /// Serialised as a sequence.
    impl<T: Serialize, const N: usize> Serialize for SeqVec<T, N> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self)
        }
    }

    /// Receives the elements of a [`SeqVec`] from serde.
    struct Elements<T, const N: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de> + Copy + Default, const N: usize> Visitor<'de> for Elements<T, N> {
        type Value = SeqVec<T, N>;

        fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
            write!(f, "a sequence of at most {N} elements")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<SeqVec<T, N>, A::Error> {
            let mut vec = SeqVec::default();
            while let Some(element) = elements.next_element()? {
                vec.push(element).map_err(|_| A::Error::invalid_length(N + 1, &self))?;
            }
            Ok(vec)
        }
    }

    /// Fails if there are too many elements.
    impl<'de, T: Deserialize<'de> + Copy + Default, const N: usize> Deserialize<'de> for SeqVec<T, N> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_seq(Elements(PhantomData))
        }
    }
}
