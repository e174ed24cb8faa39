//! [`Parts`]: one part, or a tuple of parts that are read together.

use core::mem::MaybeUninit;

use super::PartPayload;
use crate::Part;

/// One part of a `T`, or a tuple of up to eight: what [`read_parts`](crate::SeqLock::read_parts) reads at once.
///
/// Sealed: no type outside this crate implements it.
///
/// ```
/// use seqcopy::{Parts, Part, SeqCopy, SeqLock, part};
///
/// fn read<T: SeqCopy, P: Parts<T>>(lock: &SeqLock<T>, parts: P) -> P::Values {
///     lock.read_parts(parts)
/// }
///
/// let lock = SeqLock::new((1u8, 2u64, 3u8));
/// assert_eq!(read(&lock, (part!((u8, u64, u8), 0), part!((u8, u64, u8), 2))), (1, 3));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of `{T}`, nor a tuple of such parts",
    label = "not parts of `{T}`",
    note = "make parts by `seqcopy::part!(Type, field)`, with the type of the locked value, and pass one or a tuple of two to eight"
)]
pub trait Parts<T>: Copy + sealed::Sealed {
    /// The values of the parts: an `F` for a `Part<T, F>`, a tuple for a tuple.
    type Values;

    /// Space for them.
    #[doc(hidden)]
    type Bufs;

    #[doc(hidden)]
    fn bufs() -> Self::Bufs;

    #[doc(hidden)]
    fn load(self, from: &impl PartPayload<T>, bufs: &mut Self::Bufs);

    /// # Safety
    /// The bufs hold parts of one value.
    #[doc(hidden)]
    unsafe fn values(bufs: Self::Bufs) -> Self::Values;
}

mod sealed {
    /// Keeps other crates out.
    #[allow(unreachable_pub)] // a bound of a public trait
    pub trait Sealed {}
}

impl<T, F> sealed::Sealed for Part<T, F> {}

impl<T, F> Parts<T> for Part<T, F> {
    type Values = F;
    type Bufs = MaybeUninit<F>;

    #[inline(always)]
    fn bufs() -> MaybeUninit<F> {
        MaybeUninit::uninit()
    }

    #[inline(always)]
    fn load(self, from: &impl PartPayload<T>, buf: &mut MaybeUninit<F>) {
        from.load_part(self, buf);
    }

    #[inline(always)]
    unsafe fn values(buf: MaybeUninit<F>) -> F {
        // SAFETY: this function's contract (I7 checked).
        unsafe { buf.assume_init() }
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+);)*) => {$(
        impl<$($name: sealed::Sealed),+> sealed::Sealed for ($($name,)+) {}

        impl<T, $($name: Parts<T>),+> Parts<T> for ($($name,)+) {
            type Values = ($($name::Values,)+);
            type Bufs = ($($name::Bufs,)+);

            #[inline(always)]
            fn bufs() -> Self::Bufs {
                ($($name::bufs(),)+)
            }

            #[inline(always)]
            fn load(self, from: &impl PartPayload<T>, bufs: &mut Self::Bufs) {
                $(self.$index.load(from, &mut bufs.$index);)+
            }

            #[inline(always)]
            unsafe fn values(bufs: Self::Bufs) -> Self::Values {
                ($({
                    // SAFETY: the same contract.
                    unsafe { $name::values(bufs.$index) }
                },)+)
            }
        }
    )*};
}

tuples! {
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, G 5);
    (A 0, B 1, C 2, D 3, E 4, G 5, H 6);
    (A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7);
}
