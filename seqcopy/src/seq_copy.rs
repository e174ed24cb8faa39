//! [`SeqCopy`]: which types can be copied piece by piece while others write them.

use crate::layout::Layout;

/// Types whose values can be copied field by field with relaxed atomic accesses to their data, never to their padding.
///
/// Derive it. `use seqcopy::SeqCopy;` brings the trait and the derive (without it, the compiler cannot find the derive macro, and suggests
/// `#[derive(seqcopy)]`, the name of the attribute: add the `use`). The derive accepts structs of every repr, enums with an integer
/// repr or `repr(C)` and no fields, and enums with fields and an integer repr (`repr(u8)`, `repr(C, u8)`, ...); generic ones too.
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
/// On the type: `#[seqcopy(crate = path)]` if the crate is renamed or re-exported by another (`crate = other::seqcopy`; without
/// that, the compiler answers with error E0433, "could not find `seqcopy`"), `#[seqcopy(bound(T: SeqCopy))]` instead of the bounds that the derive would write (one per field type that mentions a type parameter);
/// `#[seqcopy(unsafe(plain))]` for a type that is copied as bytes; `check` belongs to [`Validate`](crate::Validate).
///
/// What `crate = path` names is trusted like this crate: the impl is made of what stands there, so a path that leads to
/// anything else than `seqcopy` of this version (a module with functions of the same names) can make it wrong, and no
/// `unsafe` is seen. Review it as you would review that word.
///
/// On a field: `#[seqcopy(skip)]` excludes a field that is `MaybeUninit` of a `Copy` type: it is neither read nor
/// written, and uninitialised in a copy. `#[seqcopy(word = Code)]` excludes such a field, too: it is the sequence word of a
/// [`raw::Page`](crate::raw::Page), in this [encoding](crate::seq_count::SeqCode); its width and place are checked by the derive, or, in a type
/// with parameters, where code is generated for a `Page` of it. `#[seqcopy(with = List)]` copies a field of a foreign type
/// as `List` describes it, which is a list of the type's fields that the compiler has checked, or a ready-made one: see
/// [`Describe`](crate::Describe), which also has the option `remote = path::Type`. `#[seqcopy(unsafe(as = Type))]` copies such a
/// field as if it were `Type`, on your word; the sizes must be equal, which the compiler checks.
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
///     // SAFETY: two `i64`, all of it data: a pair of `i64` describes it.
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
/// # What you vouch for
/// Where the compiler can't tell, an option takes your word, and then it is written `unsafe`. The lint `unsafe_code` sees
/// that word: `#![forbid(unsafe_code)]` refuses it, and under `#![deny(unsafe_code)]` an `#[allow(unsafe_code)]` on the
/// type or the field lets it pass. The argument goes into a `// SAFETY:` comment in the line above, where
/// `clippy::undocumented_unsafe_blocks` looks for it.
///
/// **`unsafe(as = Type)`** on a field promises, of every value of the field:
/// * each byte that is data of `Type` is initialised in it, and belongs to a pointer exactly where `Type` has one; where
///   `Type` has an enum with fields, the bytes are one of its variants. A string or vector with a fixed capacity does not
///   qualify: what lies behind its length is not initialised.
/// * What lies in padding of `Type` gets lost in a copy, and the field can do without it.
/// * Copies of its bits are as good as the original.
///
/// If the struct derives [`Validate`](crate::Validate) as well, then also: bits valid for `Type`, whatever lies in its
/// padding, are valid and safe for the field.
///
/// **`unsafe(plain)`** on a type (a struct, an enum or a union, whatever its fields are) has it copied as bytes, unseen. It
/// promises that in every value each byte is initialised, so that there is no padding, no `MaybeUninit` and no smaller
/// field of a union; that none belongs to a pointer or reference; and that copies of the bytes are as good as the original.
/// No bounds are added to those that you write, so the promise may rest on a trait of yours. `derive(Validate)` does not go
/// with it, because nothing says which bytes are valid: write an `unsafe impl`.
///
/// Neither may have interior mutability. You need not look for it: the compiler does, and answers with error E0492 at the
/// type. Only where a type parameter hides it is its absence part of the promise.
///
/// **`unsafe(remote = Type)`** on a list of fields promises that it has the fields and the repr of `Type`, so that it describes the
/// bytes of every `Type` in the sense of `unsafe(as = List)` above.
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
/// Integers, floats, `bool`, `char`, `NonZero` and its `Option`, thin raw pointers, `NonNull` and its `Option`,
/// `Option<&'static T>`, function pointers of every stable ABI with up to twelve arguments and their `Option`, arrays, tuples, `Wrapping`, `Saturating`,
/// `ManuallyDrop`, `Reverse`, `PhantomData`, `()`, SIMD vectors. [`docs::layout_rules`](crate::docs::layout_rules) lists every shape with the
/// sentence of the Reference that it rests on, and for each refused shape what to write instead.
///
/// # Safety
/// Not to be implemented by hand: use the derive, with `unsafe(plain)` for a type that it can't see into. What an
/// implementation promises (I3 exact in `docs/soundness.md`):
/// * `LAYOUT` names each data byte of the type exactly once, at its true offset, inside the type,
///   as a pointer exactly where a thin pointer lies; all other bytes are gaps. It depends on the type alone.
/// * In every value, every byte that it names is initialised; of an enum with fields, the tag and the bytes of the
///   variant that it names.
/// * The type has no interior mutability: `store(&value)` reads it without synchronisation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be copied field by field with atomic accesses",
    label = "`{Self}` does not implement `SeqCopy`",
    note = "if it is a type of yours, add `#[derive(SeqCopy)]` to it",
    note = "if it is a foreign type, add `#[seqcopy(with = Bytemuck)]` or `with = Zerocopy` to the field if its crate supports one of these (a feature of both crates), or list its fields, `#[derive(SeqCopy)] #[seqcopy(remote = path::Type)] struct List {{ .. }}`, and write `with = List`; `seqcopy::docs::foreign_types` lists what to write for many types",
    note = "if it owns memory, borrows, or has interior mutability, store plain data instead: an array, an index, a raw pointer"
)]
pub unsafe trait SeqCopy: Sized {
    /// Where the type's data lies.
    const LAYOUT: &'static Layout;
}
