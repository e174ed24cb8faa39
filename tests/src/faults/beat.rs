//! [`Beat`]: a payload all of whose bytes follow from one number, so that a torn value shows.

use core::mem::{MaybeUninit, offset_of};

use seqcopy::{SeqCopy, Validate};

/// Most bit patterns are invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Mode {
    /// For numbers divisible by 3.
    Idle = 1,
    /// For remainder 1.
    Moving = 2,
    /// For remainder 2.
    Halted = 9,
}

/// A number and fields that follow from it, with padding after every small field.
///
/// It deliberately has no check of its own: a torn value must be returned and counted, not rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
pub struct Beat<const WORDS: usize> {
    flag: bool,
    number: u64,
    mode: Mode,
    half: u32,
    body: [u64; WORDS],
    again: u64,
    last: bool,
}

/// A payload that is copied within a few nanoseconds.
pub type Small = Beat<16>;

impl<const WORDS: usize> Beat<WORDS> {
    /// The value of a number.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // half of it is wanted
    pub fn of(number: u64) -> Self {
        let mode = [Mode::Idle, Mode::Moving, Mode::Halted][(number % 3) as usize];
        let flag = number % 2 == 1;
        let body = core::array::from_fn(|i| number.wrapping_add(i as u64));
        Beat { flag, number, mode, half: number as u32, body, again: !number, last: !flag }
    }

    /// The number from which all fields follow; `None` if the value is torn.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        (*self == Self::of(self.number)).then_some(self.number)
    }
}

/// What an accepted value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value of a number.
    Whole(u64),
    /// Parts of several values.
    Torn,
    /// Invalid: a bit pattern that is not a valid `bool` or enum.
    Invalid,
}

/// Judges a buffer after an accepted read. Looks at the bytes first, since an invalid value must not be used as a
/// `Beat`.
#[must_use]
pub fn look<const WORDS: usize>(buf: &MaybeUninit<Beat<WORDS>>) -> Verdict {
    let byte = |offset: usize| {
        // SAFETY: in bounds, at a byte that is data, which an accepted read has written.
        unsafe { buf.as_ptr().cast::<u8>().wrapping_add(offset).read() }
    };
    let are_bools = byte(offset_of!(Beat<WORDS>, flag)) <= 1 && byte(offset_of!(Beat<WORDS>, last)) <= 1;
    if !are_bools || ![1, 2, 9].contains(&byte(offset_of!(Beat<WORDS>, mode))) {
        return Verdict::Invalid;
    }
    // SAFETY: an accepted read has written all data; its bools and its enum are valid, as checked above, the rest are
    // numbers.
    match unsafe { buf.assume_init_ref() }.number() {
        Some(number) => Verdict::Whole(number),
        None => Verdict::Torn,
    }
}
