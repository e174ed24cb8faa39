//! `Ordering`: an enum without fields, whose tags the compiler is asked for.

use core::cmp::Ordering;

use crate::SeqCopy;
use crate::bits::Bits;
use crate::invalid_value::InvalidValue;
use crate::layout::{self, Layout};
use crate::validate::{self, Validate};

/// The byte that the compiler makes of a variant.
const fn tag(ordering: Ordering) -> i8 {
    // SAFETY: of the same size, and the tag of an enum is initialised; a constant, so the compiler would reject anything else
    // (P14 tag).
    unsafe { core::mem::transmute(ordering) }
}

/// Does not compile if there are other variants.
const fn is_known(ordering: Ordering) -> bool {
    match ordering {
        Ordering::Less | Ordering::Equal | Ordering::Greater => true,
    }
}

// SAFETY: one byte, the tag, initialised in every value (P14 tag).
#[diagnostic::do_not_recommend]
unsafe impl SeqCopy for Ordering {
    const LAYOUT: &'static Layout = {
        assert!(tag(Ordering::Less) == -1 && tag(Ordering::Equal) == 0 && tag(Ordering::Greater) == 1);
        assert!(is_known(Ordering::Equal));
        &layout::tags::<Self>(
            "Ordering",
            true,
            const { &[layout::tag("Less", -1), layout::tag("Equal", 0), layout::tag("Greater", 1)] },
        )
    };
}

// SAFETY: bits pass if they are the tag of a variant (P6 validity); the tags were asked of the compiler above.
#[diagnostic::do_not_recommend]
unsafe impl Validate for Ordering {
    #[inline(always)]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        validate::check_tag(bits)
    }
}
