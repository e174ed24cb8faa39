//! `struct mlx5_ib_clock_info` (Linux 6.12, `include/uapi/rdma/mlx5-abi.h`): a page that the driver of a network card
//! maps into programs, to turn the time stamps of packets into times.

use core::mem::MaybeUninit;

use seqcopy::raw::Page;
use seqcopy::{ReadError, SeqCopy, Validate, seq_count::Parity};

/// The page's content.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
#[allow(missing_docs)] // the names of the header
pub struct ClockInfo {
    #[seqcopy(word = Parity<u32>)]
    pub sign: MaybeUninit<u32>,
    pub reserved: u32,
    pub nsec: u64,
    pub cycles: u64,
    pub frac: u64,
    pub mult: u32,
    pub shift: u32,
    pub mask: u64,
    pub overflow_period: u64,
}

impl ClockInfo {
    /// Nanoseconds, when the counter of the card was `device`. A time stamp may be older than the page: half of all
    /// differences count backwards.
    #[must_use]
    pub fn at(&self, device: u64) -> u64 {
        let delta = device.wrapping_sub(self.cycles) & self.mask;
        let (mult, shift) = (u64::from(self.mult), self.shift & 63);
        if delta > self.mask / 2 {
            let back = self.cycles.wrapping_sub(device) & self.mask;
            self.nsec.wrapping_sub(back.wrapping_mul(mult).wrapping_sub(self.frac) >> shift)
        } else {
            self.nsec.wrapping_add(delta.wrapping_mul(mult).wrapping_add(self.frac) >> shift)
        }
    }
}

/// One attempt.
///
/// # Errors
/// [`ReadError::Busy`] or [`ReadError::Torn`] while the driver writes: try again.
pub fn try_read(page: Page<'_, ClockInfo>) -> Result<ClockInfo, ReadError> {
    page.try_read().map(|(bits, _)| bits.value())
}
