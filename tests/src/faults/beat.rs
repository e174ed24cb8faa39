//! [`Beat`]: a payload all of whose bytes follow from one number, so that two of them mixed are seen.

use core::mem::{MaybeUninit, offset_of};

use seqcopy::{SeqCopy, Validate};

/// Most bits are no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Mode {
    /// Of numbers that 3 divides.
    Idle = 1,
    /// Of the next.
    Moving = 2,
    /// And of those before.
    Halted = 9,
}

/// A number and what follows from it, with padding behind every small field.
///
/// It has no check of its own on purpose: a torn value must come out and be counted, not be refused on the way.
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

/// One that is copied within a few nanoseconds.
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

    /// The number that all of it follows from, if it does.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        (*self == Self::of(self.number)).then_some(self.number)
    }
}

/// What a value that was accepted turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value of a number.
    Whole(u64),
    /// Parts of several values.
    Torn,
    /// No value: bits that a `bool` or an enum can't have.
    Invalid,
}

/// Judges what a reader put into a room and accepted, by its bytes first: a value that is none must not be looked at as one.
#[must_use]
pub fn look<const WORDS: usize>(buf: &MaybeUninit<Beat<WORDS>>) -> Verdict {
    let byte = |offset: usize| {
        // SAFETY: inside the room, at a byte that is data, which an accepted read has written.
        unsafe { buf.as_ptr().cast::<u8>().wrapping_add(offset).read() }
    };
    let are_bools = byte(offset_of!(Beat<WORDS>, flag)) <= 1 && byte(offset_of!(Beat<WORDS>, last)) <= 1;
    if !are_bools || ![1, 2, 9].contains(&byte(offset_of!(Beat<WORDS>, mode))) {
        return Verdict::Invalid;
    }
    // SAFETY: an accepted read has written all data; its bools and its enum were just looked at, the rest are numbers.
    match unsafe { buf.assume_init_ref() }.number() {
        Some(number) => Verdict::Whole(number),
        None => Verdict::Torn,
    }
}
