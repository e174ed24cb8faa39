//! The expansion triggers no lint where users forbid what it needs, and where they allow what it repeats.
#![forbid(unsafe_code, non_ascii_idents, unused_qualifications, unused_results, missing_docs, unreachable_pub)]
#![deny(warnings, unused, nonstandard_style, future_incompatible, rust_2018_idioms, elided_lifetimes_in_paths)]
#![deny(trivial_casts, trivial_numeric_casts, single_use_lifetimes, explicit_outlives_requirements, let_underscore_drop)]

use core::mem::MaybeUninit;

use seqcopy::{AtomicPerByte, SeqCopy, Validate};

/// Has deprecated parts.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct Pose {
    /// Kept for old readers.
    #[deprecated]
    pub x: f32,
    /// A hole.
    #[seqcopy(skip)]
    pub reserved: MaybeUninit<u8>,
    port: [u8; 2],
}

/// Old.
#[deprecated]
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Message {
    /// Nothing.
    Quit,
    /// Something.
    Move {
        /// By how much.
        by: f32,
    },
}

/// Holds a deprecated type.
#[allow(deprecated)]
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(transparent)]
pub struct Envelope(pub Message);

#[allow(non_camel_case_types)]
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct lower_case<T: Copy> {
    value: T,
}

/// What stands for another crate.
pub mod foreign {
    /// A time.
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub struct Timespec {
        /// Seconds.
        pub sec: i64,
        /// The rest.
        pub nsec: i64,
    }
    /// Two states.
    #[derive(Clone, Copy)]
    #[repr(u8)]
    pub enum Mode {
        /// One.
        Off,
        /// The other.
        On,
    }
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Timespec)]
#[repr(C)]
struct TimespecDef {
    sec: i64,
    nsec: i64,
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Mode)]
#[repr(u8)]
enum ModeDef {
    Off,
    On,
}

/// Holds foreign types.
#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct Sample {
    /// When.
    #[seqcopy(with = TimespecDef)]
    pub at: foreign::Timespec,
    /// How.
    #[seqcopy(with = [ModeDef; 2])]
    pub modes: [foreign::Mode; 2],
}

#[allow(deprecated)]
fn main() {
    let at = foreign::Timespec { sec: 1, nsec: 2 };
    let sample = AtomicPerByte::new(Sample { at, modes: [foreign::Mode::Off, foreign::Mode::On] }).load().validate();
    assert!(sample.is_ok_and(|it| it.at.nsec == 2));
    let cell = AtomicPerByte::new(Message::Move { by: 0.5 });
    assert_eq!(cell.load().validate(), Ok(Message::Move { by: 0.5 }));
    let pose = Pose { x: 1.0, reserved: MaybeUninit::uninit(), port: [1, 2] };
    assert!(AtomicPerByte::new(pose).load().validate().is_ok_and(|it| it.port == [1, 2]));
    let value = AtomicPerByte::new(lower_case { value: 'x' }).load().validate();
    assert!(value.is_ok_and(|it| it.value == 'x'));
}
