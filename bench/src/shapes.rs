//! The payloads.

mod realistic;

use std::mem::{offset_of, size_of};

use iceoryx2_bb_elementary_traits::atomic_copy::AtomicCopy;
use seqcopy::{SeqCopy, Validate};

pub use self::realistic::{AudioBlock, Pose, Telemetry, TopOfBook};
pub use crate::codegen::{Event, Padded48};

/// A payload.
pub trait Shape: SeqCopy + Copy + Send + Sync + 'static {
    /// Its name in the table.
    const NAME: &'static str;

    /// A value; other values for other seeds.
    fn value(seed: u64) -> Self;

    /// The parts (offset, length) of this value that are data. Byte-wise copies write these, without the padding.
    fn each_part(&self, then: &mut impl FnMut(usize, usize));
}

/// `WORDS` times 8 bytes without padding. The alignment of 8 favours peers that would otherwise copy byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Dense<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Shape for Dense<WORDS> {
    const NAME: &'static str = "dense";

    fn value(seed: u64) -> Self {
        let mut word = seed;
        Dense([(); WORDS].map(|()| {
            word = word.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
            word
        }))
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(0, size_of::<Self>());
    }
}

impl Shape for Padded48 {
    const NAME: &'static str = "padded48";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        Padded48 {
            kind: seed as u8,
            id: seed << 32 | 7,
            count: !(seed as u32),
            port: seed as u16 | 0x100,
            levels: [seed as u16; 5],
            open: seed & 1 == 1,
            ratio: 0.5 + f32::from(seed as u8),
            name: Some(&TARGETS.0[seed as usize & 7]),
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(offset_of!(Self, kind), 1);
        then(offset_of!(Self, id), 8);
        then(offset_of!(Self, count), 4);
        then(offset_of!(Self, port), 2);
        then(offset_of!(Self, levels), 10);
        then(offset_of!(Self, open), 1);
        then(offset_of!(Self, ratio), 4);
        then(offset_of!(Self, name), size_of::<usize>());
    }
}

macro_rules! arrays {
    ($($(#[$doc:meta])* $array:ident of $element:ident: $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, SeqCopy)]
        #[repr(C)]
        pub struct $array([$element; 64]);

        impl Shape for $array {
            const NAME: &'static str = $name;

            fn value(seed: u64) -> Self {
                let mut seed = seed;
                $array([(); 64].map(|()| {
                    seed += 1;
                    $element::value(seed)
                }))
            }

            #[inline(always)]
            fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
                for (index, element) in self.0.iter().enumerate() {
                    element.each_part(&mut |offset, len| then(index * size_of::<$element>() + offset, len));
                }
            }
        }
    )*};
}

arrays! {
    /// An array of padded structs: 3 KiB.
    PaddedArray of Padded48: "padded_array_3k";
    /// [`PaddedArray`] without pointers: 3 KiB.
    PaddedArrayData of Padded48Data: "padded_array_3k_data";
}

/// [`Padded48`] with an integer for the pointer: nothing but data and padding.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
pub struct Padded48Data {
    kind: u8,
    id: u64,
    count: u32,
    port: u16,
    levels: [u16; 5],
    open: bool,
    ratio: f32,
    name: u64,
}

impl Shape for Padded48Data {
    const NAME: &'static str = "padded48_data";

    fn value(seed: u64) -> Self {
        let Padded48 { kind, id, count, port, levels, open, ratio, .. } = Padded48::value(seed);
        Padded48Data { kind, id, count, port, levels, open, ratio, name: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(offset_of!(Self, kind), 1);
        then(offset_of!(Self, id), 8);
        then(offset_of!(Self, count), 4);
        then(offset_of!(Self, port), 2);
        then(offset_of!(Self, levels), 10);
        then(offset_of!(Self, open), 1);
        then(offset_of!(Self, ratio), 4);
        then(offset_of!(Self, name), 8);
    }
}

/// Pointers and an integer between them: 48 bytes without padding, whose accesses cannot be merged.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C)]
pub struct Pointers {
    name: Option<&'static u8>,
    owner: Option<&'static u8>,
    version: u64,
    hook: fn(u64) -> u64,
    next: Option<&'static u8>,
    table: Option<&'static [u64; 8]>,
}

fn twice(n: u64) -> u64 {
    n * 2
}

fn thrice(n: u64) -> u64 {
    n * 3
}

impl Shape for Pointers {
    const NAME: &'static str = "pointers";

    #[expect(clippy::cast_possible_truncation, reason = "an index below 8")]
    fn value(seed: u64) -> Self {
        let target = |n: u64| Some(&TARGETS.0[(seed + n) as usize & 7]);
        Pointers {
            name: target(0),
            owner: target(1),
            version: seed,
            hook: if seed & 1 == 0 { twice } else { thrice },
            next: if seed & 2 == 0 { None } else { target(2) },
            table: Some(&TARGETS.1),
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(0, size_of::<Self>());
    }
}

/// An enum of 40 bytes whose largest variant has several fields.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(C, u8)]
pub enum Command {
    /// No fields.
    Stop,
    /// One field.
    Speed(f32),
    /// All bytes but the last four are data.
    Move {
        /// Where to.
        to: [f64; 3],
        /// How fast.
        speed: f32,
    },
}

impl Shape for Command {
    const NAME: &'static str = "enum40";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        let number = f64::from(seed as u32);
        match seed % 3 {
            0 => Command::Move { to: [number, 0.5, -number], speed: 1.0 },
            1 => Command::Speed(0.25),
            _ => Command::Stop,
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        // `repr(C, u8)`: the tag, and a union after it.
        then(0, 1);
        match self {
            Command::Stop => {}
            Command::Speed(_) => then(8, 4),
            Command::Move { .. } => then(8, 28),
        }
    }
}

/// Nine pixels: 27 bytes without padding, which no words cover without a rest.
#[derive(Debug, Clone, Copy, SeqCopy)]
#[repr(transparent)]
pub struct Pixels([[u8; 3]; 9]);

impl Shape for Pixels {
    const NAME: &'static str = "pixels";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        Pixels([(); 9].map(|()| [seed as u8, (seed >> 8) as u8, 7]))
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(0, size_of::<Self>());
    }
}

impl AsRef<[u8]> for Pixels {
    fn as_ref(&self) -> &[u8] {
        self.0.as_flattened()
    }
}

/// The targets of the pointers.
static TARGETS: ([u8; 8], [u64; 8]) = ([1; 8], [2; 8]);

impl Shape for Event {
    const NAME: &'static str = "enum";

    fn value(seed: u64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
        match seed % 3 {
            0 => Event::Move { x: f64::from(seed as u32), y: 0.5 },
            1 => Event::Key { code: seed as u32, down: true },
            _ => Event::Idle,
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        // `repr(u8)`: a union of `repr(C)` structs that begin with the tag.
        then(0, 1);
        match self {
            Event::Idle => {}
            Event::Key { .. } => {
                then(4, 4);
                then(8, 1);
            }
            Event::Move { .. } => then(8, 16),
        }
    }
}

macro_rules! atomic_copy {
    ($([$($generics:tt)*] $shape:ty;)*) => {$(
        // SAFETY: `each_part` names the bytes of the fields.
        unsafe impl<$($generics)*> AtomicCopy for $shape {
            #[inline(always)]
            fn for_each_field<F: FnMut(usize, usize)>(&self, base: usize, then: &mut F) {
                self.each_part(&mut |offset, len| then(base + offset, len));
            }
        }
    )*};
}

// By hand, because iceoryx2's derive does not support arrays. It supports neither pointers nor enums, so those shapes
// are left out; the pointer in `Padded48` is copied as bytes and not dereferenced.
atomic_copy! {
    [const WORDS: usize] Dense<WORDS>;
    [] Padded48;
    [] PaddedArray;
    [] Padded48Data;
    [] PaddedArrayData;
    [] Telemetry;
    [] TopOfBook;
    [] Pose;
    [] AudioBlock;
}

// SAFETY: integers without padding.
unsafe impl<const WORDS: usize> photon_ring::Pod for Dense<WORDS> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte-wise copy writes exactly the bytes that the layout calls data.
    fn parts_are_the_data<T: Shape>(values: impl IntoIterator<Item = T>) {
        let mut written = vec![false; size_of::<T>()];
        for value in values {
            value.each_part(&mut |offset, len| written[offset..offset + len].fill(true));
        }
        let mut data = vec![false; size_of::<T>()];
        T::LAYOUT.each_access(align_of::<T>(), |access| data[access.offset..access.offset + access.width].fill(true));
        assert_eq!(written, data, "{}", T::NAME);
    }

    #[test]
    fn parts() {
        parts_are_the_data([Dense::<4>::value(1)]);
        parts_are_the_data([Padded48::value(1)]);
        parts_are_the_data([PaddedArray::value(1)]);
        parts_are_the_data([Padded48Data::value(1)]);
        parts_are_the_data([PaddedArrayData::value(1)]);
        parts_are_the_data([Pointers::value(1)]);
        parts_are_the_data([Telemetry::value(1)]);
        parts_are_the_data([TopOfBook::value(1)]);
        parts_are_the_data([Pose::value(1)]);
        parts_are_the_data([AudioBlock::value(1)]);
        parts_are_the_data((0..3).map(Event::value));
        parts_are_the_data((0..3).map(Command::value));
        parts_are_the_data([Pixels::value(1)]);
    }

    #[test]
    fn sizes_are_as_named() {
        assert_eq!(size_of::<Padded48>(), 48);
        assert_eq!(size_of::<PaddedArray>(), 3 * 1024);
        assert_eq!(size_of::<Padded48Data>(), 48);
        assert_eq!(size_of::<PaddedArrayData>(), 3 * 1024);
        assert_eq!(size_of::<Event>(), 24);
        assert_eq!(size_of::<Command>(), 40);
        assert_eq!(size_of::<Pixels>(), 27);
    }
}
