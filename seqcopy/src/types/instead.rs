//! Which of these types take the place of rejected ones: rustc names them, and quotes these lines (`impls/refused.rs`).

use super::{SeqDuration, SeqOption};
use crate::impls::refused::{DurationWithLayout, OwnEnum, Payload};

impl<T> OwnEnum<'_, SeqOption<T>> for Payload {}
impl DurationWithLayout<'_, SeqDuration> for Payload {}
#[cfg(feature = "std")]
impl crate::impls::refused::TimeSinceFixedPoint<'_, SeqDuration> for Payload {}

#[cfg(feature = "alloc")]
mod of_memory {
    use super::super::{SeqStr, SeqVec};
    use crate::impls::refused::{Payload, PlainData};

    impl<const N: usize> PlainData<'_, SeqStr<N>> for Payload {}
    impl<T, const N: usize> PlainData<'_, SeqVec<T, N>> for Payload {}
}
