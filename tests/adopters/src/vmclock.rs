//! `VMClock`, version 1 (Linux 6.13, `include/uapi/linux/vmclock-abi.h`): a clock of the host that tells a guest when
//! it was migrated or restored. Little-endian on every machine.

use core::mem::MaybeUninit;

use seqcopy::raw::Page;
use seqcopy::seq_count::{Parity, SeqCode, State};
use seqcopy::{InvalidValue, ReadError, SeqCopy, Validate, Zerocopy};
use zerocopy::little_endian::{I16, U16, U32, U64};

/// The counter that a guest reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Counter {
    /// The virtual counter of ARM.
    ArmVcnt = 0,
    /// The time stamp counter of x86.
    X86Tsc = 1,
    /// None: the page tells of disruptions only.
    Invalid = 0xff,
}

/// How good the clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Status {
    /// Not known.
    Unknown,
    /// Not yet synchronized.
    Initializing,
    /// Synchronized.
    Synchronized,
    /// Not synchronized any more, and the error grows.
    FreeRunning,
    /// Not to be used.
    Unreliable,
}

/// [`Parity`] of a word whose first byte is its lowest.
#[derive(Debug)]
pub enum LittleEndian {}

// SAFETY: pure, and `busy` is odd in that byte, which is Busy.
unsafe impl SeqCode for LittleEndian {
    type Word = u32;
    const INITIAL: u32 = 0;

    fn state(word: u32) -> State {
        Parity::<u32>::state(u32::from_le(word))
    }

    fn busy(found: u32) -> u32 {
        Parity::<u32>::busy(u32::from_le(found)).to_le()
    }
}

/// The page's content, as far as version 1 has it. The alignment is that of its 64-bit numbers in C: the types of
/// `zerocopy` have none, and a copy would go byte by byte.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, align(8))]
#[allow(missing_docs)] // the names of the header
pub struct VmClock {
    #[seqcopy(with = Zerocopy)]
    pub magic: U32,
    #[seqcopy(with = Zerocopy)]
    pub size: U32,
    #[seqcopy(with = Zerocopy)]
    pub version: U16,
    pub counter_id: Counter,
    pub time_type: u8,
    #[seqcopy(word = LittleEndian)]
    pub seq_count: MaybeUninit<u32>,
    /// Changes whenever the counter may have jumped: all that was calibrated with it is void.
    #[seqcopy(with = Zerocopy)]
    pub disruption_marker: U64,
    #[seqcopy(with = Zerocopy)]
    pub flags: U64,
    pub pad: [u8; 2],
    pub clock_status: Status,
    pub leap_second_smearing_hint: u8,
    #[seqcopy(with = Zerocopy)]
    pub tai_offset_sec: I16,
    pub leap_indicator: u8,
    pub counter_period_shift: u8,
    #[seqcopy(with = Zerocopy)]
    pub counter_value: U64,
    /// Seconds per count, times 2^(64 + shift).
    #[seqcopy(with = Zerocopy)]
    pub counter_period_frac_sec: U64,
    #[seqcopy(with = Zerocopy)]
    pub counter_period_esterror_rate_frac_sec: U64,
    #[seqcopy(with = Zerocopy)]
    pub counter_period_maxerror_rate_frac_sec: U64,
    #[seqcopy(with = Zerocopy)]
    pub time_sec: U64,
    /// Times 2^64.
    #[seqcopy(with = Zerocopy)]
    pub time_frac_sec: U64,
    #[seqcopy(with = Zerocopy)]
    pub time_esterror_nanosec: U64,
    #[seqcopy(with = Zerocopy)]
    pub time_maxerror_nanosec: U64,
}

/// "VCLK".
pub const MAGIC: u32 = 0x4b4c_4356;
const _: () = assert!(size_of::<VmClock>() == 104 && core::mem::offset_of!(VmClock, seq_count) == 12);

/// Why there is no time.
#[derive(Debug)]
pub enum Error {
    /// A write was in progress, or overlapped the read: try again.
    Read(ReadError),
    /// A field has a value that version 1 does not have.
    Invalid(InvalidValue),
    /// Not a page of version 1, or smaller than its size.
    NotVersion1,
}

/// One attempt at the clock, and at the counter that goes with it.
///
/// # Errors
/// See [`Error`].
pub fn try_read(page: Page<'_, VmClock>, counter: impl Fn() -> u64) -> Result<(VmClock, u64), Error> {
    let (bits, counter, _) = page.try_read_with(|_| counter()).map_err(Error::Read)?;
    let clock = bits.validate().map_err(Error::Invalid)?;
    let is_version_1 = clock.magic == MAGIC && clock.version == 1 && clock.size.get() as usize >= size_of::<VmClock>();
    if is_version_1 { Ok((clock, counter)) } else { Err(Error::NotVersion1) }
}

impl VmClock {
    /// Seconds, and 2^-64 of seconds, when the counter was `counter`; `None` if the sum is larger than the clock can
    /// say, or the shift than the product.
    #[must_use]
    pub fn at(&self, counter: u64) -> Option<(u64, u64)> {
        let delta = counter.wrapping_sub(self.counter_value.get());
        let product = u128::from(delta) * u128::from(self.counter_period_frac_sec.get());
        let delta = product.checked_shr(u32::from(self.counter_period_shift))?;
        let time = u128::from(self.time_sec.get()) << 64 | u128::from(self.time_frac_sec.get());
        let time = time.checked_add(delta)?;
        #[allow(clippy::cast_possible_truncation)] // the two halves
        Some(((time >> 64) as u64, time as u64))
    }
}
