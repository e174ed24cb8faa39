//! The derives and their documentation. It is here because the generated code calls this crate, so that the examples
//! can run.

/// Implements [`SeqCopy`](trait@crate::SeqCopy): a type whose values readers may copy while a writer replaces them.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLock};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Pose { id: u8, position: [f64; 3], mode: Mode }
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(u8)] // enums need one
/// enum Mode { Idle, Moving { speed: f32 } }
///
/// static POSE: SeqLock<Pose> = SeqLock::new(Pose { id: 1, position: [0.0; 3], mode: Mode::Idle });
/// POSE.write(Pose { id: 1, position: [1.0, 2.0, 3.0], mode: Mode::Moving { speed: 0.5 } });
/// assert_eq!(POSE.read().position[2], 3.0);
/// ```
///
/// The derive accepts structs of any representation, enums without fields (`repr(u8)` and the like, or `repr(C)`),
/// enums with fields (`repr(u8)`, `repr(C, u8)` and the like), and generic ones of these. Types with drop glue are
/// refused. [`guide::payloads`](crate::guide::payloads) has what a field can be, and what to write in place of other
/// types.
///
/// # Options of a field
/// * `#[seqcopy(skip)]`: the field, of type `MaybeUninit<_>`, is neither read nor written. In a copy it is
///   uninitialised.
/// * `#[seqcopy(with = List)]`: the field has a type of another crate, and is copied as `List` describes it: a list of
///   its fields (see `remote` below), `[List; N]` for an array, or a ready-made one, `Bytemuck` or `Zerocopy` (features
///   of these names).
/// * `#[seqcopy(unsafe(as = Type))]`: the field is copied as if it were a `Type` of the same size.
///   [You promise](trait@crate::SeqCopy#unsafe-options) that the bytes fit.
/// * `#[seqcopy(word = Code)]`: the field is the sequence word of a [`raw::Page`](crate::raw::Page), in this
///   [encoding](crate::seq_count::SeqCode). It is a `MaybeUninit` of the encoding's word (`MaybeUninit<u32>` for
///   `Parity<u32>`), and is skipped; one field can have it. A word that is too wide, too narrow or misaligned is
///   refused here; in a generic type, where code is generated that uses it, which `cargo check` does not do.
///
/// ```
/// use core::mem::MaybeUninit;
/// use seqcopy::{SeqCopy, SeqLock};
///
/// mod foreign {
///     #[derive(Clone, Copy)]
///     pub struct Timespec { pub sec: i64, pub nsec: u32 }
///     #[derive(Clone, Copy, Default)]
///     pub struct Uuid([u8; 16]);
/// }
///
/// #[derive(SeqCopy)]
/// #[seqcopy(remote = foreign::Timespec)] // the compiler compares the list with the type
/// struct TimespecDef { sec: i64, nsec: u32 }
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Sample {
///     #[seqcopy(with = TimespecDef)]
///     at: foreign::Timespec,
///     // SAFETY: 16 bytes, all of them data.
///     #[seqcopy(unsafe(as = [u8; 16]))]
///     id: foreign::Uuid,
///     #[seqcopy(skip)]
///     reserved: MaybeUninit<[u8; 16]>,
///     value: u32,
/// }
///
/// let at = foreign::Timespec { sec: 1, nsec: 2 };
/// let lock = SeqLock::new(Sample { at, id: Default::default(), reserved: MaybeUninit::uninit(), value: 3 });
/// assert_eq!(lock.read().at.nsec, 2);
/// ```
///
/// # Options of the type
/// * `#[seqcopy(bound(T: SeqCopy, ..))]` replaces the bounds that the derive would write, for `SeqCopy` and for
///   `Validate`. Without it there is one for each type of a field that names a type parameter.
/// * `#[seqcopy(remote = path::Type)]`: the item lists the fields of a type of another crate, or the variants of an
///   enum without fields. The compiler compares the list with that type, and the item implements
///   [`Describe<path::Type>`](crate::Describe) in place of `SeqCopy`. With `unsafe(remote = path::Type)` you promise
///   that the item has the same fields and repr, private fields included.
/// * `#[seqcopy(check = path)]` and `#[seqcopy(unsafe(check = path))]` belong to [`derive(Validate)`](macro@Validate).
/// * `#[seqcopy(unsafe(plain))]`: the type, also a union, is copied as bytes, whatever its fields are. [You
///   promise](trait@crate::SeqCopy#unsafe-options) that each byte is initialised in every value, and that there is no
///   pointer.
/// * `#[seqcopy(crate = path)]`: where this crate is found, if not at `::seqcopy`. Needed if a dependency re-exports
///   it: `#[seqcopy(crate = other::seqcopy)]`. Without it the compiler reports error E0433, "could not find `seqcopy`
///   in the list of imported crates". The path is trusted as much as an `unsafe` block: it must lead to this very
///   crate, under whatever name.
pub use seqcopy_derive::SeqCopy;
/// Implements [`Validate`](trait@crate::Validate): a type whose bits can be checked, because another program wrote
/// them.
///
/// ```
/// use core::mem::transmute;
/// use seqcopy::{MaybeInvalid, SeqCopy, Validate};
///
/// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Pose { open: bool, mode: Mode }
///
/// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
/// #[repr(u8)]
/// enum Mode { Idle, Moving }
///
/// // Bytes that another program may have written: no variant of `Mode` has the tag 2.
/// // SAFETY: both bytes of a `Pose` are initialised, and a `MaybeInvalid` promises nothing else.
/// let bits = unsafe { transmute::<[u8; 2], MaybeInvalid<Pose>>([1, 2]) };
/// assert!(bits.validate().unwrap_err().to_string().contains("mode"));
/// ```
///
/// The type needs a layout that the language specifies: `repr(C)`, `repr(transparent)`, or an enum with an integer
/// representation. Every field is checked by its own type's `Validate`; of an enum, the fields of the variant that the
/// tag names.
///
/// # Options of the type
/// * `#[seqcopy(check = path)]`: a rule of your own, which runs after the checks of the fields:
///   `fn(&MaybeInvalid<Self>) -> Result<(), &'static str>`. [`Validate`](trait@crate::Validate) has an example.
/// * `#[seqcopy(unsafe(check = path))]`: the same as `fn(&Self) -> Result<(), &'static str>`, called with a value whose
///   fields have passed. You promise that the function is sound for a value that breaks the type's own rule.
///
/// All other options are those of [`derive(SeqCopy)`](macro@crate::SeqCopy). On a list with `remote`, the derive
/// implements [`DescribeValid`](crate::DescribeValid) for the listed type, whose layout must be the one that the
/// language gives the list. A field with `unsafe(as = Type)` is checked as a `Type`: its promise then includes that
/// bits valid for `Type` are valid and safe for the field.
pub use seqcopy_derive::Validate;
