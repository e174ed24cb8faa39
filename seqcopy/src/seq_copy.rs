//! [`SeqCopy`]: which types can be copied piece by piece while others write them.

use crate::copy::Visitor;
use crate::layout::Layout;

/// Types whose values can be copied field by field with relaxed atomic accesses, padding left alone.
///
/// Derive it. The derive accepts structs of every repr, enums with an integer repr or `repr(C)` and no fields, and
/// enums with fields and an integer repr (`repr(u8)`, `repr(C, u8)`, ...); generic ones too.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLock};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Pose { id: u8, position: [f64; 3], mode: Mode }
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(u8)]
/// enum Mode { Idle, Moving { speed: f32 } }
///
/// static POSE: SeqLock<Pose> = SeqLock::new(Pose { id: 1, position: [0.0; 3], mode: Mode::Idle });
/// POSE.write(Pose { id: 1, position: [1.0, 2.0, 3.0], mode: Mode::Moving { speed: 0.5 } });
/// assert_eq!(POSE.read().position[2], 3.0);
/// ```
///
/// # What deriving means
/// Readers get bitwise copies, any number of them at once. Deriving `SeqCopy` is therefore as strong a statement
/// as deriving `Copy`: *values of this type may be duplicated by copying their bits*. The trait does not ask for
/// `Copy` itself, so that types which should not be copied by accident can still be shared. Types with drop glue
/// are refused.
///
/// # Attributes
/// On the type: `#[seqcopy(crate = path)]` if the crate goes by another name, `#[seqcopy(bound(T: SeqCopy))]`
/// instead of the bounds that the derive would write (one per field type that mentions a type parameter);
/// `check` belongs to [`Validate`](crate::Validate).
///
/// On a field: `#[seqcopy(unsafe(as = Type))]` copies and validates a field of a foreign type as if it were
/// `Type`. The sizes must be equal, which the compiler checks. What `unsafe` promises: every data byte of `Type` is
/// initialised in the field, as part of a pointer exactly where `Type` has one; bits valid for `Type`, whatever lies in
/// its padding, are valid and safe for the field; the field has no interior mutability and may be duplicated by copying
/// its bits. `#[seqcopy(skip)]` leaves a field alone that is `MaybeUninit` of a `Copy` type: it is neither read nor written, a copy has it
/// uninitialised.
///
/// ```
/// use core::mem::MaybeUninit;
/// use seqcopy::{SeqCopy, SeqLock};
///
/// mod foreign {
///     #[derive(Clone, Copy)]
///     #[repr(C)]
///     pub struct Timespec { pub sec: i64, pub nsec: i64 }
/// }
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Stamped {
///     // Two `i64`, all of it data: a pair of `i64` describes it.
///     #[seqcopy(unsafe(as = [i64; 2]))]
///     at: foreign::Timespec,
///     #[seqcopy(skip)]
///     reserved: MaybeUninit<[u8; 16]>,
///     value: u32,
/// }
///
/// let lock = SeqLock::new(Stamped {
///     at: foreign::Timespec { sec: 1, nsec: 2 },
///     reserved: MaybeUninit::uninit(),
///     value: 3,
/// });
/// assert_eq!(lock.read().at.nsec, 2);
/// ```
///
/// # Types that have it
/// Integers, floats, `bool`, `char`, `NonZero` and its `Option`, thin raw pointers, `NonNull` and its `Option`,
/// `Option<&'static T>`, function pointers and their `Option`, arrays, tuples, `Wrapping`, `Saturating`,
/// `ManuallyDrop`, `Reverse`, `PhantomData`, `()`, SIMD vectors. `docs/layout-rules.md` lists every shape with the
/// sentence of the Reference that it rests on, and for each refused shape what to write instead.
///
/// # Safety
/// Not to be implemented by hand: use the derive, or [`unsafe_impl_plain!`](crate::unsafe_impl_plain) for a type
/// that it can't see into. What an implementation promises (I3 of `docs/soundness.md`):
/// * `LAYOUT` and `visit` announce each data byte of the type exactly once, at its true offset, inside the type,
///   as a pointer exactly where a thin pointer lies; all other bytes are gaps. Both depend on the type alone.
/// * In every value, every announced byte is initialised; of an enum with fields, the tag and the bytes of the
///   variant that it names.
/// * The type has no interior mutability: `store(&value)` reads it without synchronisation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be copied field by field with atomic accesses",
    label = "`{Self}` does not implement `SeqCopy`",
    note = "if it is a type of yours, add `#[derive(SeqCopy)]` to it",
    note = "if it is a foreign type of plain data, add `#[seqcopy(unsafe(as = Type))]` to the field, with a `Type` that describes its bytes",
    note = "if it owns memory, borrows, or has interior mutability, store plain data instead: an array, an index, a raw pointer"
)]
pub unsafe trait SeqCopy: Sized {
    /// Where the type's data lies.
    const LAYOUT: &'static Layout;

    /// Announces the type's data at `base`, which is where the visitor stands.
    #[doc(hidden)]
    fn visit<V: Visitor>(visitor: &mut V, base: usize);
}

/// Implements [`SeqCopy`] for a type that the derive can't see into: a union, a foreign type behind a newtype.
///
/// The type is copied as plain bytes. [`Validate`](crate::Validate) is not implemented along with it.
///
/// ```
/// use seqcopy::{AtomicPerByte, unsafe_impl_plain};
///
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// union Bits { float: f32, int: u32 }
///
/// // SAFETY: both fields cover the same four bytes, and neither is a pointer.
/// unsafe_impl_plain!(Bits);
///
/// let cell = AtomicPerByte::new(Bits { float: 1.0 });
/// let bits = cell.load();
/// // SAFETY: any four bytes are a valid value.
/// assert_eq!(unsafe { bits.assume_valid().int }, 1.0f32.to_bits());
/// ```
///
/// # Safety
/// The macro writes `unsafe impl` for you, so call it only if, in every value of the type,
/// * every byte is initialised: no padding, no `MaybeUninit`, no union of fields of different sizes;
/// * no byte belongs to a pointer or reference;
/// * no byte has interior mutability;
///
/// and if values may be duplicated by copying their bytes.
#[macro_export]
macro_rules! unsafe_impl_plain {
    ($type:ty) => {
        // SAFETY: I3, promised by the caller of the macro.
        unsafe impl $crate::SeqCopy for $type {
            const LAYOUT: &'static $crate::Layout =
                &$crate::layout::plain::<$type>($crate::__private_0_1_0::core::stringify!($type));

            #[inline(always)]
            fn visit<V: $crate::__private_0_1_0::Visitor>(
                visitor: &mut V,
                base: $crate::__private_0_1_0::core::primitive::usize,
            ) {
                $crate::__private_0_1_0::leaf::<Self, V>(visitor, base);
            }
        }
    };
}
