//! Thin pointers: each is one pointer access, so that provenance is preserved. They may be used once a lock's version check has
//! passed; they are never validated, and never shared between processes.
//!
//! `&'static T` has no impl, because rustc would then suggest borrowing any payload that does not implement `SeqCopy`.
//! `Option<&'static T>` takes its place.

use core::ptr::NonNull;

use super::numbers::Niche;
use super::refused::{Payload, ThinPointer};
use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;

macro_rules! pointers {
    ($($(#[$attribute:meta])* [$($parameters:tt)*] $type:ty, $nullable:literal, $name:literal;)*) => {$(
        $(#[$attribute])*
        // SAFETY: a thin pointer of the size of `*mut ()` (asserted in the layout), initialised in every value
        // (P4 uninit, P11 provenance).
        unsafe impl<$($parameters)*> SeqCopy for $type {
            const LAYOUT: &'static Layout = &layout::pointer::<$type>($name, $nullable);
        }
    )*};
}

// SAFETY: a thin pointer, because the bound excludes wide ones; initialised in every value (P4 uninit, P11 provenance).
unsafe impl<T: ?Sized> SeqCopy for *const T
where
    Payload: ThinPointer<*const T>,
{
    const LAYOUT: &'static Layout = &layout::pointer::<*const T>("*const _", true);
}

// SAFETY: as for `*const T`.
unsafe impl<T: ?Sized> SeqCopy for *mut T
where
    Payload: ThinPointer<*mut T>,
{
    const LAYOUT: &'static Layout = &layout::pointer::<*mut T>("*mut _", true);
}

// SAFETY: as for `*const T`.
unsafe impl<T: ?Sized> SeqCopy for NonNull<T>
where
    Payload: ThinPointer<*mut T>,
{
    const LAYOUT: &'static Layout = &layout::pointer::<NonNull<T>>("NonNull<_>", false);
}

// SAFETY: `None` is the null pointer (P12 niche).
unsafe impl<T: ?Sized> Niche for NonNull<T>
where
    Payload: ThinPointer<*mut T>,
{
    const OPTION: Layout = layout::pointer::<Option<Self>>("Option<NonNull<_>>", true);
}

// SAFETY: `None` is the null pointer (P12 niche).
unsafe impl<T: ?Sized> Niche for &'static T
where
    Payload: ThinPointer<*const T>,
{
    const OPTION: Layout = layout::pointer::<Option<Self>>("Option<&'static _>", true);
}

/// All function pointer types of one ABI and safety, with up to twelve arguments, and their `Option`s.
macro_rules! functions {
    ($($(#[$attribute:meta])* [$($head:tt)+])*) => {$(
        functions!(@peel $(#[$attribute])* [$($head)+] A B C D E F G H I J K L);
    )*};
    (@peel $(#[$attribute:meta])* [$($head:tt)+] $first:ident $($rest:ident)*) => {
        functions!(@one $(#[$attribute])* [$($head)+] $first $($rest)*);
        functions!(@peel $(#[$attribute])* [$($head)+] $($rest)*);
    };
    (@peel $(#[$attribute:meta])* [$($head:tt)+]) => {
        functions!(@one $(#[$attribute])* [$($head)+]);
    };
    (@one $(#[$attribute:meta])* [$($head:tt)+] $($argument:ident)*) => {
        pointers! {
            // Two hundred impls would hide the others on the trait's page; its text mentions them.
            $(#[$attribute])* #[doc(hidden)] #[diagnostic::do_not_recommend]
            [Ret, $($argument),*] $($head)+($($argument),*) -> Ret, false, "fn";
        }

        $(#[$attribute])*
        #[diagnostic::do_not_recommend]
        // SAFETY: `None` is the null pointer (P12 niche).
        unsafe impl<Ret, $($argument),*> Niche for $($head)+($($argument),*) -> Ret {
            const OPTION: Layout = layout::pointer::<Option<Self>>("Option<fn>", true);
        }
    };
}

// On targets whose code and data addresses differ in size, the assertion in the layout rejects these.
functions! {
    [fn]
    [unsafe fn]
    [extern "C" fn]
    [unsafe extern "C" fn]
    [extern "C-unwind" fn]
    [unsafe extern "C-unwind" fn]
    [extern "system" fn]
    [unsafe extern "system" fn]
    [extern "system-unwind" fn]
    [unsafe extern "system-unwind" fn]
    #[cfg(target_arch = "x86_64")] [extern "sysv64" fn]
    #[cfg(target_arch = "x86_64")] [unsafe extern "sysv64" fn]
    #[cfg(target_arch = "x86_64")] [extern "win64" fn]
    #[cfg(target_arch = "x86_64")] [unsafe extern "win64" fn]
    #[cfg(target_arch = "x86_64")] [extern "efiapi" fn]
    #[cfg(target_arch = "x86_64")] [unsafe extern "efiapi" fn]
    #[cfg(target_arch = "arm")] [extern "aapcs" fn]
    #[cfg(target_arch = "arm")] [unsafe extern "aapcs" fn]
    #[cfg(target_arch = "x86")] [extern "cdecl" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "cdecl" fn]
    #[cfg(target_arch = "x86")] [extern "stdcall" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "stdcall" fn]
    #[cfg(target_arch = "x86")] [extern "fastcall" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "fastcall" fn]
    #[cfg(target_arch = "x86")] [extern "thiscall" fn]
    #[cfg(target_arch = "x86")] [unsafe extern "thiscall" fn]
}
