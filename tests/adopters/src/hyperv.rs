//! The reference TSC page of Hyper-V ("Hypervisor Top-Level Functional Specification", "Timers"), which KVM writes as
//! well (Linux 6.12, `arch/x86/kvm/hyperv.c`, `kvm_hv_setup_tsc_page`).

use core::hint::spin_loop;
use core::mem::MaybeUninit;

use seqcopy::raw::Page;
use seqcopy::{ReadError, SeqCopy, Validate, seq_count::CountOrZero};

use crate::ATTEMPTS;

/// The beginning of the page.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub struct ReferenceTsc {
    /// 0 while the hypervisor writes, or for as long as the page is not to be used.
    #[seqcopy(word = CountOrZero<u32>)]
    pub sequence: MaybeUninit<u32>,
    /// Reserved.
    pub reserved: u32,
    /// Units of 100 ns per count, times 2^64.
    pub scale: u64,
    /// Units of 100 ns.
    pub offset: i64,
}

impl ReferenceTsc {
    /// Units of 100 ns since the partition was created, when the counter was `tsc`.
    #[must_use]
    pub fn at(&self, tsc: u64) -> u64 {
        #[allow(clippy::cast_possible_truncation)] // the upper half of 128 bits
        let scaled = ((u128::from(tsc) * u128::from(self.scale)) >> 64) as u64;
        scaled.wrapping_add_signed(self.offset)
    }
}

/// Units of 100 ns. `None`: the page is not to be used, or written all the time; read the register
/// `HV_X64_MSR_TIME_REF_COUNT` instead.
#[must_use]
pub fn now(page: Page<'_, ReferenceTsc>, tsc: impl Fn() -> u64) -> Option<u64> {
    for _ in 0..ATTEMPTS {
        match page.try_read_with(|_| tsc()) {
            Ok((bits, tsc, _)) => return Some(bits.value().at(tsc)),
            Err(ReadError::Busy) => return None,
            Err(_) => spin_loop(),
        }
    }
    None
}
