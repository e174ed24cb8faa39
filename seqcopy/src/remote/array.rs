//! `[D; N]` describes `[T; N]` if `D` describes `T`.

use super::{Describe, DescribeValid, Remote, remote_bits};
use crate::bits::Bits;
use crate::invalid_value::InvalidValue;
use crate::layout::{self, Layout};
use crate::validate::Validate;

// SAFETY: element `i` is at `i * size_of::<T>()` (P9 layout), `D` says of each what it says of a `T`, and the array has no other
// bytes.
unsafe impl<T, D: Describe<T>, const N: usize> Describe<[T; N]> for [D; N] {
    const LAYOUT: &'static Layout = &layout::array::<Remote<T, D>, N>(D::LAYOUT);
}

// SAFETY: an array is valid and safe if its elements are (P6 validity, P24 safety).
unsafe impl<T, D: DescribeValid<T>, const N: usize> DescribeValid<[T; N]> for [D; N] {
    #[inline]
    fn check(bits: &Bits<'_, [T; N]>) -> Result<(), InvalidValue> {
        // All elements without bytes are the same, so one is enough.
        let len = if size_of::<T>() == 0 { N.min(1) } else { N };
        for i in 0..len {
            // SAFETY: element `i` is inside the array, and I6 maybe-invalid for the array implies I6 for the element.
            let element = unsafe { bits.part::<T>(i * size_of::<T>()) };
            let layout = <Self as Describe<[T; N]>>::LAYOUT;
            <Remote<T, D> as Validate>::check(&remote_bits(&element))
                .map_err(|error| error.inside(layout, layout.node_of_element(i)))?;
        }
        Ok(())
    }
}
