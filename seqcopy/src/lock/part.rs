//! Reads and changes single fields of a locked value. The steps of the protocol are the same as for whole values.

use core::mem::MaybeUninit;

use super::read::back_off;
use super::{Algorithm, Claimed, Payload, Protocol};
use crate::atomic_per_byte::{Aligned8, AtomicPerByte};
use crate::copy::LARGE;
use crate::part;
use crate::primitive::Backoff;
use crate::seq_copy::SeqCopy;
use crate::seq_count::ReadError;
use crate::validity::{InvalidValue, MaybeInvalid, Part, Validate};

/// Attempts one read of some parts.
#[inline]
pub(crate) fn try_read_parts<T, L: Protocol<T>, P: Parts<T>>(lock: &L, parts: P) -> Result<P::Values, ReadError> {
    let mut bufs = P::bufs();
    lock.algorithm().attempt_with(|from| parts.load_parts(from, &mut bufs))?;
    // SAFETY: the attempt succeeded (I7 checked).
    Ok(unsafe { P::values(bufs) })
}

/// Reads some parts until an attempt succeeds.
#[inline]
pub(crate) fn read_parts<T, L: Protocol<T>, P: Parts<T>>(lock: &L, parts: P) -> P::Values {
    /// Out of line, as `read_large` is.
    #[inline(never)]
    fn large<T, L: Protocol<T>, P: Parts<T>>(lock: &L, parts: P, bufs: &mut P::Bufs) {
        let mut backoff = Backoff::default();
        while lock.algorithm().attempt_with(|from| parts.load_parts(from, bufs)).is_err() {
            back_off::<L>(&mut backoff);
        }
    }
    if size_of::<P::Values>() >= LARGE {
        let mut bufs = P::bufs();
        large(lock, parts, &mut bufs);
        // SAFETY: it returned, so an attempt succeeded (I7 checked).
        return unsafe { P::values(bufs) };
    }
    let mut backoff = Backoff::default();
    loop {
        if let Ok(values) = try_read_parts(lock, parts) {
            return values;
        }
        back_off::<L>(&mut backoff);
    }
}

impl<L> Claimed<'_, L> {
    /// Publishes a part. If a write changes the newest buffer in place, only the part is stored, otherwise a copy of
    /// the newest value with the new part.
    #[inline(always)]
    pub(super) fn publish_part<T, F>(self, part: Part<T, F>, value: &F)
    where
        L: Protocol<T>,
    {
        if L::Algorithm::IN_PLACE {
            // SAFETY: claimed (I5 one-writer).
            return Algorithm::publish_with(self.algorithm(), |to| unsafe { to.store_part(part, value) });
        }
        let mut whole = MaybeUninit::<T>::uninit();
        self.peek_into(&mut whole);
        // SAFETY: an `F` lies there in a `T` (`Part`), so it is inside (I3 exact).
        let place = unsafe { whole.as_mut_ptr().byte_add(part.offset()) };
        // SAFETY: inside `whole`, a local (I4 private); the bits are duplicated as those of a `T` may be (P20 bitwise).
        unsafe { core::ptr::from_ref(value).cast::<u8>().copy_to_nonoverlapping(place.cast(), size_of::<F>()) };
        // SAFETY: the last value, with a valid `F` in the place of another (I7 checked).
        L::publish(self, unsafe { whole.assume_init_ref() });
    }

    /// Changes a private copy of a part, then publishes it. If `change` panics, nothing changes.
    #[inline]
    pub(crate) fn update_part<T, F, R>(self, part: Part<T, F>, change: impl FnOnce(&mut F) -> R) -> R
    where
        L: Protocol<T>,
    {
        let mut value = self.peek_part(part);
        let result = change(&mut value);
        self.publish_part(part, &value);
        result
    }

    /// A part of the newest value.
    #[inline]
    pub(super) fn peek_part<T, F>(self, part: Part<T, F>) -> F
    where
        L: Protocol<T>,
    {
        let mut buf = MaybeUninit::uninit();
        self.algorithm().newest().load_part(part, &mut buf);
        // SAFETY: nothing is published meanwhile, so these are bits of the value published last (R2 one-protocol, I7
        // checked).
        unsafe { buf.assume_init() }
    }
}

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

    /// Buffers for the values.
    #[doc(hidden)]
    type Bufs;

    #[doc(hidden)]
    fn bufs() -> Self::Bufs;

    #[doc(hidden)]
    fn load_parts(self, from: &impl Payload<T>, bufs: &mut Self::Bufs);

    /// # Safety
    /// The buffers hold parts of one value.
    #[doc(hidden)]
    unsafe fn values(bufs: Self::Bufs) -> Self::Values;
}

/// [`Parts`] whose values can be checked: what `Reader::read_parts` of seqcopy-shm reads at once.
///
/// Sealed, as `Parts` is.
///
/// ```
/// use seqcopy::{Aligned8, AtomicPerByte, SeqCopy, Validate, ValidateParts, part};
///
/// #[derive(SeqCopy, Validate)]
/// #[repr(C)]
/// struct Door { number: u32, open: bool }
///
/// let shared = AtomicPerByte::new(Aligned8(Door { number: 7, open: true }));
/// let both = (part!(Door, open), part!(Door, number));
/// let mut bits = ValidateParts::zeroed(both);
/// both.load_bits(&shared, &mut bits); // between two looks at the word of a protocol
/// assert_eq!(both.validate_bits(bits), Ok((true, 7)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a part of `{T}` that can be checked, nor a tuple of such parts",
    label = "not parts of `{T}` whose types are all `Validate`",
    note = "make parts by `seqcopy::part!(Type, field)`, derive `Validate` for the types of the fields, and pass one or a tuple of two to eight"
)]
pub trait ValidateParts<T>: Parts<T> {
    /// The bits of the parts, which have not been validated.
    type Bits;

    /// Bits that are all zeros.
    fn zeroed(self) -> Self::Bits;

    /// Loads the bits of the parts, which may be torn.
    fn load_bits(self, from: &AtomicPerByte<Aligned8<T>>, bits: &mut Self::Bits);

    /// Validates each of the parts, in the order in which they are written.
    ///
    /// # Errors
    /// The error of the first part that is not valid, with its path in the whole value: see [`Part::validate`].
    fn validate_bits(self, bits: Self::Bits) -> Result<Self::Values, InvalidValue>;
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
    fn load_parts(self, from: &impl Payload<T>, buf: &mut MaybeUninit<F>) {
        from.load_part(self, buf);
    }

    #[inline(always)]
    unsafe fn values(buf: MaybeUninit<F>) -> F {
        same_contract!(buf.assume_init())
    }
}

impl<T: SeqCopy, F: Validate> ValidateParts<T> for Part<T, F> {
    type Bits = MaybeInvalid<F>;

    #[inline(always)]
    fn zeroed(self) -> MaybeInvalid<F> {
        MaybeInvalid::zeroed()
    }

    #[inline(always)]
    fn load_bits(self, from: &AtomicPerByte<Aligned8<T>>, bits: &mut MaybeInvalid<F>) {
        *bits = from.load_part(part!(Aligned8<T>, 0).then(self));
    }

    #[inline(always)]
    fn validate_bits(self, bits: MaybeInvalid<F>) -> Result<F, InvalidValue> {
        self.validate(bits)
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
            fn load_parts(self, from: &impl Payload<T>, bufs: &mut Self::Bufs) {
                $(self.$index.load_parts(from, &mut bufs.$index);)+
            }

            #[inline(always)]
            unsafe fn values(bufs: Self::Bufs) -> Self::Values {
                ($({
                    same_contract!($name::values(bufs.$index))
                },)+)
            }
        }

        impl<T, $($name: ValidateParts<T>),+> ValidateParts<T> for ($($name,)+) {
            type Bits = ($($name::Bits,)+);

            #[inline(always)]
            fn zeroed(self) -> Self::Bits {
                ($(self.$index.zeroed(),)+)
            }

            #[inline(always)]
            fn load_bits(self, from: &AtomicPerByte<Aligned8<T>>, bits: &mut Self::Bits) {
                $(self.$index.load_bits(from, &mut bits.$index);)+
            }

            #[inline(always)]
            fn validate_bits(self, bits: Self::Bits) -> Result<Self::Values, InvalidValue> {
                Ok(($(self.$index.validate_bits(bits.$index)?,)+))
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
