//! [`Model`] for pointers. All of them are dereferenced, so that Miri reports a pointer that has lost its provenance.

use core::ptr::NonNull;

use super::{Model, Node, Pointee, Rng};

/// The targets of data pointers of all types.
pub static TARGETS: [u64; 32] = {
    let mut targets = [0; 32];
    let mut i = 0;
    while i < targets.len() {
        // All bytes are the same, so that the first byte does not depend on the byte order.
        targets[i] = (i as u64 + 1) * 0x0101_0101_0101_0101;
        i += 1;
    }
    targets
};

/// The targets of references to arrays.
pub static THREES: [[u8; 3]; 4] = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]];

// A function may have several addresses, in different crates or codegen units. So each is compiled once, and its
// pointer is made in one place only.
macro_rules! pointed_to {
    ($($(#[$attribute:meta])* $list:ident: $type:ty = [$first:ident, $second:ident] $head:tt $arguments:tt: $one:expr, $two:expr;)*) => {$(
        pointed_to!(@one $first $head $arguments $one);
        pointed_to!(@one $second $head $arguments $two);

        $(#[$attribute])*
        pub static $list: [$type; 2] = [$first, $second];
    )*};
    (@one $name:ident {$($head:tt)*} ($($argument:ident: $type:ty),*) $value:expr) => {
        #[inline(never)]
        $($head)* fn $name($($argument: $type),*) -> u64 {
            $value
        }
    };
}

/// A function of many arguments.
pub type Five = fn(u64, u64, u64, u64, u64) -> u64;

pointed_to! {
    /// Functions of one type.
    PLAIN: fn() -> u64 = [eleven, twelve] {} (): 11, 12;
    /// Functions of one type.
    UNSAFE: unsafe fn(u8, u8) -> u64 = [join, product] {unsafe} (a: u8, b: u8):
        u64::from(a) * 1000 + u64::from(b), u64::from(a) * u64::from(b);
    /// Functions of one type.
    FOREIGN: extern "C" fn(u32) -> u64 = [add, double] {extern "C"} (a: u32): u64::from(a) + 31, u64::from(a) * 2;
    /// Functions of one type.
    FIVES: Five = [sum, mix] {} (a: u64, b: u64, c: u64, d: u64, e: u64): a + b + c + d + e, a * b + c * d + e;
}

fn target(rng: &mut Rng) -> &'static u64 {
    rng.pick(&TARGETS)
}

/// The first byte at a data pointer.
fn look(at: *const ()) -> u64 {
    // SAFETY: all data pointers made here point to statics.
    u64::from(unsafe { at.cast::<u8>().read() })
}

fn data(nullable: bool) -> Node {
    Node::Pointer(Pointee { nullable, follow: look })
}

fn code(nullable: bool, follow: fn(*const ()) -> u64) -> Node {
    Node::Pointer(Pointee { nullable, follow })
}

impl<T: 'static> Model for *const T {
    fn node() -> Node {
        data(true)
    }

    fn make(rng: &mut Rng) -> Self {
        if rng.chance(1, 6) { core::ptr::null() } else { core::ptr::from_ref(target(rng)).cast() }
    }
}

impl<T: 'static> Model for *mut T {
    fn node() -> Node {
        data(true)
    }

    fn make(rng: &mut Rng) -> Self {
        <*const T>::make(rng).cast_mut()
    }
}

impl<T: 'static> Model for NonNull<T> {
    fn node() -> Node {
        data(false)
    }

    fn make(rng: &mut Rng) -> Self {
        NonNull::from(target(rng)).cast()
    }
}

impl<T: 'static> Model for Option<NonNull<T>> {
    fn node() -> Node {
        data(true)
    }

    fn make(rng: &mut Rng) -> Self {
        NonNull::new(<*mut T>::make(rng))
    }
}

impl Model for Option<&'static u64> {
    fn node() -> Node {
        data(true)
    }

    fn make(rng: &mut Rng) -> Self {
        (!rng.chance(1, 6)).then(|| target(rng))
    }
}

impl Model for Option<&'static [u8; 3]> {
    fn node() -> Node {
        data(true)
    }

    fn make(rng: &mut Rng) -> Self {
        (!rng.chance(1, 6)).then(|| rng.pick(&THREES))
    }
}

macro_rules! functions {
    ($($type:ty: $choices:expr, |$function:ident| $call:expr;)*) => {$(
        impl Model for $type {
            fn node() -> Node {
                code(false, |at| {
                    // SAFETY: made from a function of this type.
                    let $function = unsafe { core::mem::transmute::<*const (), $type>(at) };
                    $call
                })
            }

            fn make(rng: &mut Rng) -> Self {
                *rng.pick(&$choices)
            }
        }

        impl Model for Option<$type> {
            fn node() -> Node {
                let Node::Pointer(pointee) = <$type>::node() else { unreachable!() };
                Node::Pointer(Pointee { nullable: true, ..pointee })
            }

            fn make(rng: &mut Rng) -> Self {
                (!rng.chance(1, 4)).then(|| <$type>::make(rng))
            }
        }
    )*};
}

functions! {
    fn() -> u64: PLAIN, |function| function();
    unsafe fn(u8, u8) -> u64: UNSAFE, |function| {
        // SAFETY: these functions have no preconditions.
        unsafe { function(3, 4) }
    };
    extern "C" fn(u32) -> u64: FOREIGN, |function| function(5);
    Five: FIVES, |function| function(6, 7, 8, 9, 10);
}
