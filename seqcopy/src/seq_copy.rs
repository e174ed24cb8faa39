//! [`SeqCopy`]: which types can be copied piece by piece while others write them.

use crate::layout::Layout;

/// Types whose values can be copied while other threads write them, by relaxed atomic accesses to their data bytes.
///
/// Derive it: [`derive(SeqCopy)`](macro@crate::SeqCopy) has all options. Without `use seqcopy::SeqCopy;` the compiler
/// can't find the derive, and suggests `#[derive(seqcopy)]`, the name of the attribute: add the `use`.
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
/// # Unsafe options
/// These options of the derive assert something that the compiler can't check. The lint `unsafe_code` sees their
/// `unsafe`: `#![forbid(unsafe_code)]` refuses it, and under `#![deny(unsafe_code)]` an `#[allow(unsafe_code)]` on the
/// type or the field permits it. Write the argument as a `// SAFETY:` comment in the line above, where
/// `clippy::undocumented_unsafe_blocks` looks for it.
///
/// **`unsafe(as = Type)`** on a field promises, of every value of the field:
/// * each byte that is data of `Type` is initialised in it, and belongs to a pointer exactly where `Type` has one;
///   where `Type` has an enum with fields, the bytes are one of its variants. A string or vector with a fixed capacity
///   does not qualify: the bytes after its length are not initialised.
/// * The field does not need what lies in padding of `Type`, which a copy loses.
/// * Copies of its bits are as good as the original.
///
/// If the struct derives [`Validate`](crate::Validate) as well, then also: bits valid for `Type`, whatever lies in its
/// padding, are valid and safe for the field.
///
/// **`unsafe(plain)`** on a type (a struct, an enum or a union, whatever its fields are) has it copied as bytes. It
/// promises:
/// * In every value each byte is initialised. So there is no padding, no `MaybeUninit`, and no union field smaller than
///   the union.
/// * No byte belongs to a pointer or a reference.
/// * Copies of the bytes are as good as the original.
///
/// The derive adds no bounds to those that you write, so the promise may rest on a trait of yours. `derive(Validate)`
/// refuses such a type, because nothing tells it which bytes are valid: write an `unsafe impl`.
///
/// Interior mutability is rejected by the compiler (error E0492); only for generic types must you rule it out yourself.
///
/// **`unsafe(remote = Type)`** on a list of fields promises that it has the fields and the repr of `Type`, so that it
/// describes the bytes of every `Type` in the sense of `unsafe(as = List)` above.
///
/// **`unsafe(check = path)`** is explained at [`Validate`](crate::Validate).
///
/// ```
/// use seqcopy::{AtomicPerByte, SeqCopy};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// // SAFETY: both fields cover the same four bytes, and neither is a pointer.
/// #[seqcopy(unsafe(plain))]
/// #[repr(C)]
/// union Bits { float: f32, int: u32 }
///
/// let bits = AtomicPerByte::new(Bits { float: 1.0 }).load();
/// // SAFETY: any four bytes are a valid value.
/// assert_eq!(unsafe { bits.assume_valid().int }, 1.0f32.to_bits());
///
/// /// # Safety
/// /// Plain bytes, all initialised, no pointers, no interior mutability.
/// unsafe trait Pod: Copy {}
/// // SAFETY: a number.
/// unsafe impl Pod for u64 {}
///
/// #[derive(Clone, Copy, SeqCopy)]
/// // SAFETY: `Pod` says it of the only field.
/// #[seqcopy(unsafe(plain), bound(T: Pod))]
/// struct Slot<T>(T);
///
/// let slot = AtomicPerByte::new(Slot(7_u64)).load();
/// // SAFETY: no other thread has stored anything.
/// assert_eq!(unsafe { slot.assume_valid() }.0, 7);
/// ```
///
/// # Types that have it
/// Structs of every repr (padded, packed, generic, nested), enums with and without fields, integers, floats, `bool`,
/// `char`, `NonZero` and its `Option`, thin raw pointers, `NonNull` and its `Option`, `Option<&'static T>`, function
/// pointers of every stable ABI with up to twelve arguments and their `Option`, arrays, tuples, `Wrapping`,
/// `Saturating`, `ManuallyDrop`, `Reverse`, `PhantomData`, `()`, SIMD vectors.
/// [`guide::payloads`](crate::guide::payloads) has what to write in place of other types, and
/// [`reference::soundness`](mod@crate::reference::soundness) the sentence of the Reference that each of them rests on.
///
/// # Safety
/// Do not implement it by hand: use the derive, with `unsafe(plain)` for a type whose fields it can't describe. An
/// implementation promises (I3 exact in `docs/reference/soundness.md`):
/// * `LAYOUT` names each data byte of the type exactly once, at its true offset, inside the type,
///   as a pointer exactly where a thin pointer lies; all other bytes are gaps. It depends on the type alone.
/// * In every value, every byte that it names is initialised; of an enum with fields, the tag and the bytes of the
///   variant that it names.
/// * The type has no interior mutability: `store(&value)` reads it without synchronisation.
#[cfg_attr(
    not(feature = "derive"),
    diagnostic::on_unimplemented(
        note = "`#[derive(SeqCopy)]` is not there: enable the feature `derive` of seqcopy, which `default-features = false` turns off"
    )
)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be copied field by field with atomic accesses",
    label = "`{Self}` does not implement `SeqCopy`",
    note = "if it is a type of yours, add `#[derive(SeqCopy)]` to it",
    note = "if it is a foreign type, add `#[seqcopy(with = Bytemuck)]` or `with = Zerocopy` to the field if its crate supports one of these (a feature of both crates), or list its fields, `#[derive(SeqCopy)] #[seqcopy(remote = path::Type)] struct List {{ .. }}`, and write `with = List`; `seqcopy::guide::payloads` lists what to write for many types",
    note = "if it is a reference, owns memory or has interior mutability, store plain data instead: the value itself, an array, an index, a raw pointer; for text a `seqcopy::SeqStr<N>`"
)]
pub unsafe trait SeqCopy: Sized {
    /// Where the type's data lies.
    const LAYOUT: &'static Layout;

    /// How many hooks `derive(SeqCopy)` was given. [`Validate`](crate::Validate) calls them: its derive must have been
    /// given as many.
    #[doc(hidden)]
    const HOOKS_GIVEN: usize = 0;
}
