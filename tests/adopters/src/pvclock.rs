//! `struct pvclock_vcpu_time_info`, the clock that KVM and Xen give to each virtual processor (Linux 6.12,
//! `arch/x86/include/asm/pvclock-abi.h`, `Documentation/virt/kvm/x86/msr.rst`).

use core::hint::spin_loop;
use core::mem::MaybeUninit;

use seqcopy::raw::Page;
use seqcopy::{SeqCopy, Validate, seq_count::Parity};

use crate::ATTEMPTS;

/// The page's content. A guest may place it at any multiple of 4.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C, packed(4))]
pub struct TimeInfo {
    /// Odd while the hypervisor writes.
    #[seqcopy(word = Parity<u32>)]
    pub version: MaybeUninit<u32>,
    /// Reserved.
    pub pad0: u32,
    /// The counter at the last update.
    pub tsc_timestamp: u64,
    /// Nanoseconds since boot at the last update.
    pub system_time: u64,
    /// Nanoseconds per count of the shifted counter, times 2^32.
    pub tsc_to_system_mul: u32,
    /// How far the counter is shifted to the left; negative: to the right.
    pub tsc_shift: i8,
    /// Bit 0: the times of all processors agree. Bit 1: the guest was stopped.
    pub flags: u8,
    /// Reserved.
    pub pad: [u8; 2],
}

const _: () = assert!(size_of::<TimeInfo>() == 32);

impl TimeInfo {
    /// Nanoseconds since boot, when the counter was `tsc`.
    #[must_use]
    pub fn at(&self, tsc: u64) -> u64 {
        let delta = tsc.wrapping_sub(self.tsc_timestamp);
        let shift = u32::from(self.tsc_shift.unsigned_abs());
        let shifted = if self.tsc_shift < 0 { delta.checked_shr(shift) } else { delta.checked_shl(shift) };
        let product = u128::from(shifted.unwrap_or(0)) * u128::from(self.tsc_to_system_mul);
        // The upper bits of 96 are lost in C, too.
        #[allow(clippy::cast_possible_truncation)]
        self.system_time.wrapping_add((product >> 32) as u64)
    }

    /// Whether a time of this processor may be compared with one of another.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.flags & 1 == 1
    }
}

/// Nanoseconds since boot; `None` if each of [`ATTEMPTS`] attempts met a write. `tsc` reads the counter of this
/// processor, behind a barrier for instructions (`lfence; rdtsc` or `rdtscp`): no fence of a language orders it.
#[must_use]
pub fn now(page: Page<'_, TimeInfo>, tsc: impl Fn() -> u64) -> Option<u64> {
    for _ in 0..ATTEMPTS {
        if let Ok((bits, tsc, _)) = page.try_read_with(|_| tsc()) {
            return Some(bits.value().at(tsc));
        }
        spin_loop();
    }
    None
}
