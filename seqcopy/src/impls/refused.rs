//! Types of the standard library that are rejected, each with a message that names a replacement.
//!
//! For a missing impl rustc only reports that it is missing. So these types *have* an impl, with a bound that cannot
//! hold: rustc then reports the bound, with the message of its trait. The traits are private, so that no other crate
//! can implement them.
//!
//! Each trait is implemented for what to store instead. Otherwise rustc, in search of something similar, would end its
//! answer with "the trait `SeqCopy` is implemented for `String`", which is the impl of the type that it has just
//! rejected.

use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};

use crate::layout::Layout;
use crate::seq_copy::SeqCopy;
use crate::validity::{Bits, InvalidValue, Validate};

/// What a type with interior mutability has inside.
#[allow(unreachable_pub, missing_debug_implementations)] // visible in messages, but not nameable
pub struct PlainValue;

/// The subject of the bounds. The rejected type is a parameter of the trait, not its subject: if it were, rustc would
/// report the missing `SeqCopy` instead, with that trait's general message.
#[allow(unreachable_pub, missing_debug_implementations)] // visible in bounds of public impls, but not nameable
pub struct Payload;

macro_rules! reasons {
    ($($(#[$attribute:meta])* $name:ident;)*) => {$(
        $(#[$attribute])*
        #[allow(unreachable_pub)] // visible in bounds of public impls, but not nameable
        pub trait $name<'never, T: ?Sized> {}
    )*};
}

reasons! {
    #[diagnostic::on_unimplemented(
        message = "`{T}` has interior mutability, so copying it through a shared reference would be a data race",
        label = "may change while it is copied",
        note = "store the plain value instead: the lock around the payload synchronises access to it"
    )]
    Immutable;

    #[diagnostic::on_unimplemented(
        message = "`{T}` may be uninitialised, and reading uninitialised bytes is undefined behaviour",
        label = "may be uninitialised",
        note = "mark the field `#[seqcopy(skip)]`, so that it is not copied, or store a type that is always initialised, such as `[u8; N]`"
    )]
    Initialised;

    #[diagnostic::on_unimplemented(
        message = "the layout of `{T}` is not specified, and not every bit pattern is valid",
        label = "private layout",
        note = "store a `seqcopy::SeqDuration`, with `From` in both directions"
    )]
    DurationWithLayout;

    #[diagnostic::on_unimplemented(
        message = "the layout of `{T}` is not specified",
        label = "private layout",
        note = "store an enum of your own with `repr(C, u8)`: `enum Address {{ V4(Ipv4Addr), V6(Ipv6Addr) }}`, and the port in a field of its own, as `u16`"
    )]
    AddressParts;

    #[diagnostic::on_unimplemented(
        message = "the layout of `{T}` is not specified",
        label = "unspecified layout",
        note = "store your own `repr(u8)` enum, or a `seqcopy::SeqOption`"
    )]
    OwnEnum;

    #[diagnostic::on_unimplemented(
        message = "the layout of `{T}` is not specified, because one of its fields is private",
        label = "private layout",
        note = "store its bounds: a `Range`, or a struct of your own with `start` and `end`"
    )]
    RangeBounds;

    #[diagnostic::on_unimplemented(
        message = "bits of `{T}` cannot be checked: where its parts lie is not specified, so another process may have them elsewhere",
        label = "unspecified layout",
        note = "store its parts in a `repr(C)` struct of your own: the `Ipv4Addr` and the port as `u16`"
    )]
    AddressInStruct;

    #[diagnostic::on_unimplemented(
        message = "bits of `{T}` cannot be checked: where its fields lie is not specified, so another process may have them elsewhere",
        label = "unspecified layout",
        note = "store its bounds in a `repr(C)` struct of your own: `start` and `end`"
    )]
    RangeInStruct;
}

#[cfg(feature = "alloc")]
reasons! {
    #[diagnostic::on_unimplemented(
        message = "`{T}` owns memory, which bitwise copies would share and free twice",
        label = "owns memory",
        note = "store plain data: a `seqcopy::SeqStr` or `SeqVec`, an index into something shared, or a raw pointer"
    )]
    PlainData;
}

#[cfg(feature = "std")]
reasons! {
    #[diagnostic::on_unimplemented(
        message = "the layout of `{T}` is not specified, and not every bit pattern is valid",
        label = "private layout",
        note = "store a `seqcopy::SeqDuration`, the time since a fixed point: `UNIX_EPOCH` for a `SystemTime`, the start of the program for an `Instant`"
    )]
    TimeSinceFixedPoint;
}

// The types to store instead. rustc quotes these lines. The types of this crate are in `types/mod.rs`.
impl Immutable<'_, PlainValue> for Payload {}
impl<const N: usize> Initialised<'_, [u8; N]> for Payload {}
impl AddressParts<'_, Ipv4Addr> for Payload {}
impl AddressParts<'_, Ipv6Addr> for Payload {}
impl<T> RangeBounds<'_, Range<T>> for Payload {}
impl AddressInStruct<'_, Ipv4Addr> for Payload {}
impl<T> RangeInStruct<'_, [T; 2]> for Payload {}

/// A pointer without metadata.
#[diagnostic::on_unimplemented(
    message = "`{T}` is a wide pointer, whose two words have no specified order",
    label = "wide pointer",
    note = "for a string, store a `seqcopy::SeqStr<N>`; for a slice, `[T; N]` or a `seqcopy::SeqVec<T, N>`; or the address as `*const T` (for a `str`, `*const u8`) and the length as `usize`",
    note = "for a `dyn` type, store an enum of the possible types, a function pointer, or an index"
)]
pub trait ThinPointer<T> {}

#[diagnostic::do_not_recommend]
impl<T> ThinPointer<*const T> for Payload {}
#[diagnostic::do_not_recommend]
impl<T> ThinPointer<*mut T> for Payload {}

/// The items of an impl whose bound cannot hold.
macro_rules! never {
    () => {
        const LAYOUT: &'static Layout = <()>::LAYOUT;
    };
}

/// Each impl is passed to this macro as one line that shows its bound, because rustc quotes the source of an impl that
/// it considers similar (the impl of `String`, for `&str`).
macro_rules! refuse {
    ($($(#[$attribute:meta])* { $($item:tt)* })*) => {$(
        $(#[$attribute])*
        #[doc(hidden)]
        // SAFETY: never applies (I3 exact, I6 maybe-invalid): the bound has no impl for this type, and other crates
        // cannot name its trait.
        #[allow(clippy::undocumented_unsafe_blocks)] // the line above, which clippy looks for where the impl is written
        $($item)*
    )*};
}

refuse! {
    { unsafe impl<T> SeqCopy for core::cell::UnsafeCell<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for core::cell::Cell<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for core::cell::RefCell<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for core::cell::OnceCell<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicBool where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicU8 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicI8 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicU16 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicI16 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicU32 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicI32 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    #[cfg(target_has_atomic = "64")]
    { unsafe impl SeqCopy for core::sync::atomic::AtomicU64 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    #[cfg(target_has_atomic = "64")]
    { unsafe impl SeqCopy for core::sync::atomic::AtomicI64 where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicUsize where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::sync::atomic::AtomicIsize where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for core::sync::atomic::AtomicPtr<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
}

refuse! {
    { unsafe impl<T> SeqCopy for core::mem::MaybeUninit<T> where for<'never> Payload: Initialised<'never, Self> { never! {} } }
}

refuse! {
    { unsafe impl SeqCopy for core::time::Duration where for<'never> Payload: DurationWithLayout<'never, Self> { never! {} } }
}

refuse! {
    { unsafe impl SeqCopy for core::net::IpAddr where for<'never> Payload: AddressParts<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::net::SocketAddr where for<'never> Payload: AddressParts<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for core::net::SocketAddrV6 where for<'never> Payload: AddressParts<'never, Self> { never! {} } }
}

refuse! {
    { unsafe impl<T, E> SeqCopy for Result<T, E> where for<'never> Payload: OwnEnum<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for core::ops::Bound<T> where for<'never> Payload: OwnEnum<'never, Self> { never! {} } }
    { unsafe impl<B, C> SeqCopy for core::ops::ControlFlow<B, C> where for<'never> Payload: OwnEnum<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for core::task::Poll<T> where for<'never> Payload: OwnEnum<'never, Self> { never! {} } }
}

refuse! {
    { unsafe impl<T> SeqCopy for core::ops::RangeInclusive<T> where for<'never> Payload: RangeBounds<'never, Self> { never! {} } }
}

/// `Validate` for types that are copied, but not between processes.
macro_rules! unchecked {
    () => {
        fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
            Err(bits.refuse("its layout is not specified"))
        }
    };
}

refuse! {
    { unsafe impl Validate for core::net::SocketAddrV4 where for<'never> Payload: AddressInStruct<'never, Self> { unchecked! {} } }
}

refuse! {
    { unsafe impl<T: SeqCopy> Validate for Range<T> where for<'never> Payload: RangeInStruct<'never, Self> { unchecked! {} } }
    { unsafe impl<T: SeqCopy> Validate for RangeFrom<T> where for<'never> Payload: RangeInStruct<'never, Self> { unchecked! {} } }
    { unsafe impl<T: SeqCopy> Validate for RangeTo<T> where for<'never> Payload: RangeInStruct<'never, Self> { unchecked! {} } }
    { unsafe impl<T: SeqCopy> Validate for RangeToInclusive<T> where for<'never> Payload: RangeInStruct<'never, Self> { unchecked! {} } }
}

#[cfg(feature = "alloc")]
refuse! {
    { unsafe impl SeqCopy for alloc::string::String where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for alloc::vec::Vec<T> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    { unsafe impl<T: ?Sized> SeqCopy for alloc::boxed::Box<T> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    { unsafe impl<T: ?Sized> SeqCopy for alloc::rc::Rc<T> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    #[cfg(target_has_atomic = "ptr")]
    { unsafe impl<T: ?Sized> SeqCopy for alloc::sync::Arc<T> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for alloc::collections::VecDeque<T> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    { unsafe impl<K, W> SeqCopy for alloc::collections::BTreeMap<K, W> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
}

#[cfg(feature = "std")]
refuse! {
    { unsafe impl<K, W, S> SeqCopy for std::collections::HashMap<K, W, S> where for<'never> Payload: PlainData<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for std::path::PathBuf where for<'never> Payload: PlainData<'never, Self> { never! {} } }
}

#[cfg(feature = "std")]
refuse! {
    { unsafe impl<T> SeqCopy for std::sync::Mutex<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for std::sync::RwLock<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
    { unsafe impl<T> SeqCopy for std::sync::OnceLock<T> where for<'never> Payload: Immutable<'never, Self> { never! {} } }
}

#[cfg(feature = "std")]
refuse! {
    { unsafe impl SeqCopy for std::time::Instant where for<'never> Payload: TimeSinceFixedPoint<'never, Self> { never! {} } }
    { unsafe impl SeqCopy for std::time::SystemTime where for<'never> Payload: TimeSinceFixedPoint<'never, Self> { never! {} } }
}
