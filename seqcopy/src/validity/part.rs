//! A [`Part`] is one field of a value, accessed without the others; [`part!`](crate::part) makes it.
//! [`field!`](crate::field) and [`field_copy!`](crate::field_copy) access one field of bits that have not been
//! validated.

use core::fmt::{self, Debug, Formatter};
use core::marker::PhantomData;
use core::mem::MaybeUninit;

use crate::layout::NoPart;
use crate::seq_copy::SeqCopy;
use crate::validity::invalid_value::InvalidValue;
use crate::validity::maybe_invalid::MaybeInvalid;
use crate::validity::validate::Validate;

/// Where an `F` lies in a `T`: a field, a field of a field, an element of an array. Made by [`part!`](crate::part).
///
/// A `Part` is a number, copied like one; where it is a constant, so is the code that reads by it. Locks read and write
/// parts ([`SeqLock::read_part`](crate::SeqLock::read_part), [`Writer::update_part`](crate::Writer::update_part)), and
/// so do [`AtomicPerByte::load_part`](crate::AtomicPerByte::load_part) and [`raw::load_part`](crate::raw::load_part).
///
/// ```
/// use seqcopy::{Part, SeqCopy, SeqLock, part};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Level { price: u64, amount: u32 }
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Book { at: u64, bids: [Level; 20], asks: [Level; 20] }
///
/// const BEST_BID: Part<Book, u64> = part!(Book, bids).index(0).then(part!(Level, price));
///
/// # let level = Level { price: 99, amount: 1 };
/// # let book = Book { at: 0, bids: [level; 20], asks: [level; 20] };
/// let book = SeqLock::new(book);
/// assert_eq!(book.read_part(BEST_BID), 99);
/// ```
///
/// # The types
/// The part is exactly an `F` of exactly a `T` (invariant in both), since it may be written, too: a shorter borrow must
/// not come to a place for a longer one.
pub struct Part<T, F> {
    /// Every `T` has an `F` at this offset, and the code that made the part may name that field.
    offset: usize,
    whole: Invariant<T>,
    field: Invariant<F>,
}

/// Makes a type invariant in its parameter, without owning or borrowing one.
type Invariant<T> = PhantomData<fn(T) -> T>;

impl<T, F> Part<T, F> {
    /// See [`part_at`].
    const fn at(offset: usize) -> Self {
        Part { offset, whole: PhantomData, field: PhantomData }
    }

    /// The offset in bytes from the start of a `T`.
    ///
    /// ```
    /// # use seqcopy::part;
    /// assert_eq!(part!([u32; 8]).index(3).offset(), 12);
    /// ```
    #[must_use]
    pub const fn offset(self) -> usize {
        self.offset
    }

    /// A part of this part.
    ///
    /// A field that is copied as another type (`unsafe(as = ..)`) may have parts with some bytes of an enum of that
    /// type and not all of it. Such a part is read as any other, but not written to a [`SeqLock`](crate::SeqLock),
    /// whose value stays as it was: write the whole field.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqLock, part};
    /// #[derive(Clone, Copy, SeqCopy)]
    /// struct Row { name: [u8; 8], count: u32 }
    /// #[derive(Clone, Copy, SeqCopy)]
    /// struct Table { rows: [Row; 4] }
    ///
    /// let table = SeqLock::new(Table { rows: [Row { name: [0; 8], count: 5 }; 4] });
    /// let row = part!(Table, rows).index(2);
    /// assert_eq!(table.read_part(row.then(part!(Row, count))), 5);
    /// ```
    #[inline]
    #[must_use]
    pub const fn then<G>(self, part: Part<F, G>) -> Part<T, G> {
        Part::at(self.offset.wrapping_add(part.offset))
    }

    /// Checks the bits of this part; an error names its place in `T`.
    ///
    /// Only what the type `F` requires is checked. A hook of a type around it (`#[seqcopy(check = ..)]`) looks at more
    /// than the part, so it is not called: read the whole value where it matters.
    ///
    /// # Errors
    /// If the bits are not a valid `F`.
    ///
    /// ```
    /// use seqcopy::{AtomicPerByte, SeqCopy, Validate, part};
    ///
    /// #[derive(SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Door { number: u32, open: bool }
    ///
    /// let door = AtomicPerByte::<Door>::zeroed();
    /// let open = part!(Door, open);
    /// assert_eq!(open.validate(door.load_part(open)), Ok(false));
    ///
    /// # // SAFETY: inside the storage, initialised, accessed by one thread.
    /// # unsafe { door.as_ptr().byte_add(4).cast::<u8>().write(7) };
    /// // Another process may write anything.
    /// let error = open.validate(door.load_part(open)).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid `Door`: `open` at byte 4 is 0x7, expected a `bool`: 0 or 1");
    /// ```
    #[inline]
    pub fn validate(self, bits: MaybeInvalid<F>) -> Result<F, InvalidValue>
    where
        T: SeqCopy,
        F: Validate,
    {
        bits.validate().map_err(|error| self.place(error))
    }

    /// Turns an error of the part into an error of the whole.
    #[cold]
    fn place(self, error: InvalidValue) -> InvalidValue
    where
        T: SeqCopy,
        F: SeqCopy,
    {
        // A field that is copied as another type (`unsafe(as = ..)`) has that type's fields in the tree, so the error
        // is left as it is.
        error.in_part(T::LAYOUT, self.offset, F::LAYOUT)
    }
}

impl<T, E, const N: usize> Part<T, [E; N]> {
    /// An element of an array.
    ///
    /// # Panics
    /// If `index` is not less than `N`.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, part};
    /// let lock = SeqLock::new([1.0f32, 2.0, 4.0]);
    /// for index in 0..3 {
    ///     assert_eq!(lock.read_part(part!([f32; 3]).index(index)), [1.0, 2.0, 4.0][index]);
    /// }
    /// ```
    #[inline]
    #[must_use]
    #[track_caller]
    pub const fn index(self, index: usize) -> Part<T, E> {
        assert!(index < N, "the part's index is not less than the length of the array");
        Part::at(self.offset.wrapping_add(index.wrapping_mul(size_of::<E>())))
    }
}

/// What [`part!`](crate::part) makes.
///
/// # Panics
/// If nothing is copied there by itself: at compile time.
///
/// # Safety
/// At `offset` of every `T` lies an `F`, which safe code may copy out of a `T` that it may duplicate, and may assign
/// to, where the call is.
#[must_use]
#[track_caller]
pub const unsafe fn part_at<T: SeqCopy, F>(offset: usize, _field: fn(&mut T) -> *mut F) -> Part<T, F> {
    match T::LAYOUT.why_not_a_part(offset, size_of::<F>()) {
        None => {}
        Some(NoPart::Skipped) => panic!(
            "this field is skipped (`#[seqcopy(skip)]` or `#[seqcopy(word = ..)]`): no read and no write touches it, so it has no part; remove the attribute, or name a field that is copied"
        ),
        Some(NoPart::OfVariant) => panic!(
            "this field is copied as an enum with fields, whose variants have no parts: write `part!` of the whole field, and take it apart after reading"
        ),
    }
    Part::at(offset)
}

/// What `part!(T)` makes: all of it.
#[must_use]
pub const fn part_whole<T>() -> Part<T, T> {
    Part::at(0)
}

/// Where a field lies in a type, as a [`Part`](crate::Part): `part!(Quote, bid)`, a field of a field `part!(Pose,
/// at.x)`, of a tuple `part!(Pair, 0)`. `part!([f32; 64])` is the whole, as the first step to an element: `part!([f32;
/// 64]).index(i)`.
///
/// The fields must be visible where the macro stands. Packed types are fine. There are no parts of pointees, of an
/// enum's variants (read the enum), and of skipped fields; a field of a union can only be named inside of `unsafe`, and
/// the promise that it is valid is then yours, as for reading it.
///
/// ```
/// use seqcopy::{Part, SeqCopy, SeqLock, part};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Point { x: f32, y: f32 }
/// #[derive(Clone, Copy, SeqCopy)]
/// struct Pose { at: Point, joints: [f32; 200], state: (u8, bool) }
///
/// # let pose = Pose { at: Point { x: 1.0, y: 2.0 }, joints: [0.5; 200], state: (7, true) };
/// static POSE: SeqLock<Pose> = SeqLock::new(Pose {
///     at: Point { x: 1.0, y: 2.0 },
///     joints: [0.5; 200],
///     state: (7, true),
/// });
///
/// const HEIGHT: Part<Pose, f32> = part!(Pose, at.y);
///
/// assert_eq!(POSE.read_part(HEIGHT), 2.0);
/// assert_eq!(POSE.read_part(part!(Pose, state.1)), true);
/// # let joint = 12;
/// assert_eq!(POSE.read_part(part!(Pose, joints).index(joint)), 0.5);
/// ```
#[macro_export]
macro_rules! part {
    ($type:ty $(,)?) => {
        $crate::__private_0_1_0::part_whole::<$type>()
    };
    ($type:ty, $($field:tt).+ $(,)?) => {
        const {
            // Moving a field out of a union is unsafe. This macro must not make that promise for the caller.
            let _: fn($type) -> _ = |value| value.$($field).+;
            // Invariant in the type of the field. With a `*const`, a field could be written as if it had a supertype.
            let field: fn(&mut $type) -> *mut _ = |value| &raw mut value.$($field).+;
            let offset = $crate::__private_0_1_0::core::mem::offset_of!($type, $($field).+);
            // SAFETY: the compiler's offset of that field, which is visible here, is of that type and of no union (P9
            // layout).
            unsafe { $crate::__private_0_1_0::part_at::<$type, _>(offset, field) }
        }
    };
    // The obvious spelling of an element. The macro would need the element's type to name a field of it.
    ($type:ty, $($field:tt).+ [$index:expr] $(. $($rest:tt)+)?) => {
        $crate::__private_0_1_0::core::compile_error!($crate::__private_0_1_0::core::concat!(
            "`part!` needs a path of fields, without `[..]`: write `part!(",
            $crate::__private_0_1_0::core::stringify!($type), ", ", $crate::__private_0_1_0::core::stringify!($($field).+),
            ").index(", $crate::__private_0_1_0::core::stringify!($index), ")"
            $(, ".then(part!(Element, ", $crate::__private_0_1_0::core::stringify!($($rest)+),
            "))` with the type of the element for `Element")?,
            "`"
        ))
    };
    ($type:ty, $($other:tt)*) => {
        $crate::__private_0_1_0::core::compile_error!(
            "`part!` needs a type and a path of fields: write `part!(Type, a.b)`, and for an element of an array \
             `part!(Type, array).index(i)`"
        )
    };
}

impl<T, F> Clone for Part<T, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, F> Copy for Part<T, F> {}

impl<T, F> PartialEq for Part<T, F> {
    fn eq(&self, other: &Self) -> bool {
        self.offset == other.offset
    }
}

impl<T, F> Eq for Part<T, F> {}

impl<T, F> Debug for Part<T, F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("offset", &self.offset).field("size", &size_of::<F>()).finish_non_exhaustive()
    }
}

/// A view of one field of a [`MaybeInvalid`](crate::MaybeInvalid) struct: `field!(bits, path::Type, name)` is a
/// `&MaybeInvalid<FieldType>`.
///
/// No `&Type` is created, so the other fields may hold invalid bits. Rejected at compile time: unions, fields that are
/// only reached through `Deref`, and unaligned fields of packed types, for which there is
/// [`field_copy!`](crate::field_copy).
///
/// ```
/// use seqcopy::{MaybeInvalid, field};
///
/// #[repr(C)]
/// struct Frame { ready: bool, level: u16 }
///
/// let mut bits = MaybeInvalid::<Frame>::zeroed();
/// // SAFETY: inside the private copy.
/// unsafe { bits.as_mut_ptr().cast::<u8>().write(7) };
/// assert_eq!(field!(bits, Frame, level).validate_ref(), Ok(&0));
/// assert!(field!(bits, Frame, ready).validate_ref().is_err());
/// ```
#[macro_export]
macro_rules! field {
    ($bits:expr, $type:path, $name:tt) => {{
        $crate::__field_guard!($type, $name);
        const {
            let buf = $crate::__private_0_1_0::core::mem::MaybeUninit::<$type>::uninit();
            // SAFETY: a place inside `buf`; only its address is taken (P10 raw-place).
            let field = unsafe { &raw const (*buf.as_ptr()).$name };
            $crate::__private_0_1_0::assert_aligned(
                $crate::__private_0_1_0::core::mem::align_of::<$type>(),
                $crate::__private_0_1_0::core::mem::offset_of!($type, $name),
                field,
            );
        }
        let bits: &$crate::MaybeInvalid<$type> = &$bits;
        // SAFETY: a place inside the bits; only its address is taken (P10 raw-place).
        let field = unsafe { &raw const (*bits.as_ptr()).$name };
        // SAFETY: `field` is a field of `bits` (I6 maybe-invalid), and aligned, as asserted above.
        unsafe { $crate::__private_0_1_0::field_ref(bits, field) }
    }};
    ($bits:expr, $name:tt) => {
        $crate::__private_0_1_0::core::compile_error!(
            "the type of the bits is missing: write `field!(bits, path::Type, field)`"
        )
    };
}

/// A copy of one field of a [`MaybeInvalid`](crate::MaybeInvalid) struct, which may be packed:
/// `field_copy!(bits, path::Type, name)` is a `MaybeInvalid<FieldType>`.
///
/// ```
/// use seqcopy::{MaybeInvalid, field_copy};
///
/// #[repr(C, packed)]
/// struct Frame { ready: bool, level: u16 }
///
/// let bits = MaybeInvalid::new(Frame { ready: true, level: 9 });
/// assert_eq!(field_copy!(bits, Frame, level).validate(), Ok(9));
/// ```
#[macro_export]
macro_rules! field_copy {
    ($bits:expr, $type:path, $name:tt) => {{
        $crate::__field_guard!($type, $name);
        let bits: &$crate::MaybeInvalid<$type> = &$bits;
        // SAFETY: a place inside the bits; only its address is taken (P10 raw-place).
        let field = unsafe { &raw const (*bits.as_ptr()).$name };
        // SAFETY: `field` is a field of `bits` (I6 maybe-invalid).
        unsafe { $crate::__private_0_1_0::field_value(bits, field) }
    }};
    ($bits:expr, $name:tt) => {
        $crate::__private_0_1_0::core::compile_error!(
            "the type of the bits is missing: write `field_copy!(bits, path::Type, field)`"
        )
    };
}

/// A pattern matches the type's own field, never one reached through `Deref`, and rustc rejects `..` for unions.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_guard {
    ($type:path, $name:tt) => {
        let _ = |value: &$type| {
            let $type { $name: _, .. } = value;
        };
    };
}

/// Rejects a field that may be unaligned, to which there can be no reference.
///
/// # Panics
/// If it may be. Called in constants, so that is a compile-time error.
pub const fn assert_aligned<F>(align: usize, offset: usize, _field: *const F) {
    assert!(
        align >= align_of::<F>() && offset % align_of::<F>() == 0,
        "`field!` cannot return a reference to an unaligned field of a packed type: use `field_copy!`"
    );
}

/// The reference that `field!` returns.
///
/// # Safety
/// `field` points to a field inside `bits` and is aligned.
#[must_use]
pub const unsafe fn field_ref<S, F>(_bits: &MaybeInvalid<S>, field: *const F) -> &MaybeInvalid<F> {
    // SAFETY: inside `bits`, whose lifetime the result has; aligned by this function's contract. I6 maybe-invalid for
    // the whole implies I6 for each field.
    unsafe { &*field.cast::<MaybeInvalid<F>>() }
}

/// The copy that `field_copy!` returns.
///
/// # Safety
/// `field` points to a field inside `bits`.
#[must_use]
pub const unsafe fn field_value<S, F>(_bits: &MaybeInvalid<S>, field: *const F) -> MaybeInvalid<F> {
    // SAFETY: inside `bits`; any bits are a valid `MaybeUninit` (P8 maybe-uninit).
    let value = unsafe { field.cast::<MaybeUninit<F>>().read_unaligned() };
    // SAFETY: I6 maybe-invalid for the whole implies I6 for each field.
    unsafe { MaybeInvalid::assume_written(value) }
}
