//! The types as which the targets open regions, and the rules of the Reference for their bytes.

use std::fmt::Debug;
use std::mem::offset_of;
use std::num::NonZeroU16;

use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::Schema;

/// The type as which the targets open regions. It has a field of each kind that can be invalid.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Known {
    pub(crate) at: u64,
    pub(crate) letter: char,
    pub(crate) count: NonZeroU16,
    pub(crate) moving: bool,
    pub(crate) mode: Mode,
    pub(crate) route: SeqOption<[bool; 3]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
pub(crate) enum Mode {
    Idle = 1,
    Moving = 4,
    Halted = 200,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u16)]
#[allow(dead_code)] // only its schema is used
enum Order {
    None = 3,
    To(NonZeroU16, bool),
    Along { points: [u8; 5], mode: Mode, closed: bool } = 900,
}

/// A key that not all bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Channel {
    mode: Mode,
    is_local: bool,
    number: NonZeroU16,
}

/// The schema of a type, its size and its alignment.
pub(crate) fn described<T: Validate>() -> (Vec<u8>, usize, usize) {
    (Schema::of::<T>().as_bytes().to_vec(), size_of::<T>(), align_of::<T>())
}

/// The types of the seeds.
pub(crate) fn types() -> [(Vec<u8>, usize, usize); 5] {
    [
        described::<Known>(),
        described::<u64>(),
        described::<[SeqOption<char>; 3]>(),
        described::<Order>(),
        described::<Mode>(),
    ]
}

/// A type whose valid bytes are known without seqcopy.
pub(crate) trait Told: Validate + Copy + PartialEq + Debug {
    /// The value of these bytes, as many as the type has, if they are one.
    fn of(bytes: &[u8]) -> Option<Self>;

    /// Bytes of the value, with zeros as padding.
    fn bytes(&self) -> Vec<u8>;

    /// One of few values.
    fn sample(number: u8) -> Self;
}

fn of_bool(byte: u8) -> Option<bool> {
    (byte <= 1).then_some(byte == 1)
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

impl Told for u64 {
    fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(u64::from_le_bytes)
    }

    fn bytes(&self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }

    fn sample(number: u8) -> Self {
        number.into()
    }
}

impl Told for () {
    fn of(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }

    fn bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    fn sample(_: u8) -> Self {}
}

impl Told for [u8; 12] {
    fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }

    fn bytes(&self) -> Vec<u8> {
        self.to_vec()
    }

    fn sample(number: u8) -> Self {
        [number; 12]
    }
}

impl Told for Mode {
    fn of(bytes: &[u8]) -> Option<Self> {
        [Mode::Idle, Mode::Moving, Mode::Halted].into_iter().find(|mode| bytes == [*mode as u8])
    }

    fn bytes(&self) -> Vec<u8> {
        vec![*self as u8]
    }

    fn sample(number: u8) -> Self {
        [Mode::Idle, Mode::Moving, Mode::Halted][usize::from(number) % 3]
    }
}

impl Told for Channel {
    fn of(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == size_of::<Self>()).then_some(())?;
        let number = NonZeroU16::new(short(bytes, offset_of!(Self, number)))?;
        Some(Channel {
            mode: Mode::of(&bytes[offset_of!(Self, mode)..][..1])?,
            is_local: of_bool(bytes[offset_of!(Self, is_local)])?,
            number,
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let [low, high] = self.number.get().to_le_bytes();
        vec![self.mode as u8, self.is_local.into(), low, high]
    }

    fn sample(number: u8) -> Self {
        Channel { mode: Mode::sample(number), is_local: number % 2 == 1, number: NonZeroU16::MIN }
    }
}

impl Told for Known {
    fn of(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == size_of::<Self>()).then_some(())?;
        let [tag, route @ ..] = &bytes[offset_of!(Self, route)..][..4] else { return None };
        let letter = u32::from_le_bytes(bytes[offset_of!(Self, letter)..][..4].try_into().ok()?);
        Some(Known {
            at: u64::of(&bytes[offset_of!(Self, at)..][..8])?,
            letter: char::from_u32(letter)?,
            count: NonZeroU16::new(short(bytes, offset_of!(Self, count)))?,
            moving: of_bool(bytes[offset_of!(Self, moving)])?,
            mode: Mode::of(&bytes[offset_of!(Self, mode)..][..1])?,
            route: match *tag {
                0 => SeqOption::None,
                1 => SeqOption::Some([of_bool(route[0])?, of_bool(route[1])?, of_bool(route[2])?]),
                _ => return None,
            },
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; size_of::<Self>()];
        bytes[offset_of!(Self, at)..][..8].copy_from_slice(&self.at.to_le_bytes());
        bytes[offset_of!(Self, letter)..][..4].copy_from_slice(&u32::from(self.letter).to_le_bytes());
        bytes[offset_of!(Self, count)..][..2].copy_from_slice(&self.count.get().to_le_bytes());
        bytes[offset_of!(Self, moving)] = self.moving.into();
        bytes[offset_of!(Self, mode)] = self.mode as u8;
        if let SeqOption::Some(route) = self.route {
            bytes[offset_of!(Self, route)] = 1;
            bytes[offset_of!(Self, route) + 1..][..3].copy_from_slice(&route.map(u8::from));
        }
        bytes
    }

    fn sample(number: u8) -> Self {
        let route = if number % 4 == 3 { SeqOption::Some([true, false, true]) } else { SeqOption::None };
        let count = NonZeroU16::MIN.saturating_add(number.into());
        Known { at: number.into(), letter: 'x', count, moving: number % 2 == 1, mode: Mode::sample(number), route }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_and_each_field_is_validated() {
        fn same<T: Told>() {
            (0..20).map(T::sample).for_each(|value| assert_eq!(T::of(&value.bytes()), Some(value)));
        }
        same::<u64>();
        same::<()>();
        same::<[u8; 12]>();
        same::<Mode>();
        same::<Channel>();
        same::<Known>();
        let value = Known::sample(0).bytes();
        for (at, bits) in [(offset_of!(Known, moving), 2), (offset_of!(Known, mode), 2), (offset_of!(Known, route), 2)]
        {
            let mut other = value.clone();
            other[at] = bits;
            assert_eq!(Known::of(&other), None, "{at}");
        }
    }
}
