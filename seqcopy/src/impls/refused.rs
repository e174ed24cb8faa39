//! Types of the standard library that are rejected, each with a message that names a replacement.
//!
//! For a missing impl rustc only reports that it is missing. So these types *have* an impl, with a bound that cannot hold: rustc
//! then reports the bound, with the message of its trait. The traits are private, so that no other crate can implement them.
//!
//! Each trait is implemented for what to store instead. Otherwise rustc, in search of something similar, would end its answer with
//! "the trait `SeqCopy` is implemented for `String`", which is the impl of the type that it has just rejected.

use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};
use core::ptr::NonNull;

use crate::invalid_value::InvalidValue;
use crate::layout::Layout;
use crate::{Bits, SeqCopy, Validate};

/// What a type with interior mutability has inside.
#[allow(unreachable_pub, missing_debug_implementations)] // visible in messages, but not nameable
pub struct PlainValue;

/// The subject of the bounds. The rejected type is a parameter of the trait, not its subject: if it were, rustc would report the
/// missing `SeqCopy` instead, with that trait's general message.
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
        message = "`{T}` is a reference, and a payload must not contain references, since it may be read when nothing is borrowed any more",
        label = "a reference",
        note = "store the value itself, for text a `seqcopy::SeqStr<N>`, or an index; in locks also a pointer such as `NonNull<T>`, or `Option<&'static T>`"
    )]
    NotBorrowed;

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

// What to store instead. rustc quotes these lines. The types of this crate are in `types/instead.rs`.
impl Immutable<'_, PlainValue> for Payload {}
impl<const N: usize> Initialised<'_, [u8; N]> for Payload {}
impl<T> NotBorrowed<'_, NonNull<T>> for Payload {}
impl<T> NotBorrowed<'_, Option<&'static T>> for Payload {}
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

/// Rejects types for a reason, as what can be copied, and so as what can be checked.
macro_rules! refuse {
    ($($reason:ident: $($(#[$attribute:meta])* [$($parameters:tt)*] $type:ty),+;)+) => {$($(
        $(#[$attribute])*
        #[doc(hidden)]
        // SAFETY: never applies (I3 exact): the bound has no impl for a rejected type, and other crates cannot name its trait.
        unsafe impl<$($parameters)*> SeqCopy for $type where for<'never> Payload: $reason<'never, Self> {
            const LAYOUT: &'static Layout = <()>::LAYOUT;
        }
        refuse_bits! { $reason: $(#[$attribute])* [$($parameters)*] $type; }
    )+)+};
}

/// Rejects types for a reason, as what can be checked.
macro_rules! refuse_bits {
    ($($reason:ident: $($(#[$attribute:meta])* [$($parameters:tt)*] $type:ty),+;)+) => {$($(
        $(#[$attribute])*
        #[doc(hidden)]
        // SAFETY: never applies (I6 maybe-invalid), as above.
        unsafe impl<$($parameters)*> Validate for $type where for<'never> Payload: $reason<'never, Self> {
            fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                Err(bits.refuse("its layout is not specified"))
            }
        }
    )+)+};
}

refuse! {
    Immutable:
        [T] core::cell::UnsafeCell<T>,
        [T] core::cell::Cell<T>,
        [T] core::cell::RefCell<T>,
        [T] core::cell::OnceCell<T>,
        [] core::sync::atomic::AtomicBool,
        [] core::sync::atomic::AtomicU8,
        [] core::sync::atomic::AtomicI8,
        [] core::sync::atomic::AtomicU16,
        [] core::sync::atomic::AtomicI16,
        [] core::sync::atomic::AtomicU32,
        [] core::sync::atomic::AtomicI32,
        #[cfg(target_has_atomic = "64")]
        [] core::sync::atomic::AtomicU64,
        #[cfg(target_has_atomic = "64")]
        [] core::sync::atomic::AtomicI64,
        [] core::sync::atomic::AtomicUsize,
        [] core::sync::atomic::AtomicIsize,
        [T] core::sync::atomic::AtomicPtr<T>;
    NotBorrowed: [T: ?Sized] &T, [T: ?Sized] &mut T;
    Initialised: [T] core::mem::MaybeUninit<T>;
    DurationWithLayout: [] core::time::Duration;
    AddressParts: [] core::net::IpAddr, [] core::net::SocketAddr, [] core::net::SocketAddrV6;
    OwnEnum: [T, E] Result<T, E>, [T] core::ops::Bound<T>, [B, C] core::ops::ControlFlow<B, C>, [T] core::task::Poll<T>;
    RangeBounds: [T] core::ops::RangeInclusive<T>;
}

refuse_bits! {
    AddressInStruct: [] core::net::SocketAddrV4;
    RangeInStruct: [T: SeqCopy] Range<T>, [T: SeqCopy] RangeFrom<T>, [T: SeqCopy] RangeTo<T>, [T: SeqCopy] RangeToInclusive<T>;
}

#[cfg(feature = "alloc")]
refuse! {
    PlainData:
        [] alloc::string::String,
        [T] alloc::vec::Vec<T>,
        [T: ?Sized] alloc::boxed::Box<T>,
        [T: ?Sized] alloc::rc::Rc<T>,
        #[cfg(target_has_atomic = "ptr")]
        [T: ?Sized] alloc::sync::Arc<T>,
        [T] alloc::collections::VecDeque<T>,
        [K, W] alloc::collections::BTreeMap<K, W>;
}

#[cfg(feature = "std")]
refuse! {
    PlainData: [K, W, S] std::collections::HashMap<K, W, S>, [] std::path::PathBuf;
    Immutable: [T] std::sync::Mutex<T>, [T] std::sync::RwLock<T>, [T] std::sync::OnceLock<T>;
    TimeSinceFixedPoint: [] std::time::Instant, [] std::time::SystemTime;
}
