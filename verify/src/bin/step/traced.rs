//! The parts that ask more of a child than QEMU's plugin offers: that it runs while others look, or that its system
//! calls are refused.

use seqcopy_tests::faults::Place;

use crate::report::Report;
use crate::run::Wanted;
use crate::shm::rare::{self, What};
use crate::shm::{Shareable, c, wake};
use crate::values::{Mixed40, Padded, Padded24};

pub(crate) fn few(report: &Report) {
    once::<Padded24>(report, What::Close, &[2], u64::MAX);
    wake::woken::<Padded24>(report, &Place::new(), 2);
    wake::sent::<Padded24>(report);
}

/// What a process does once, killed; and readers in other languages.
pub(crate) fn all(report: &Report, wanted: &Wanted) {
    if wanted.part("close") {
        report.part("close", "`close` killed near each change and system call", || {
            once::<Padded24>(report, What::Close, &[1, 2, 4], u64::MAX);
            once::<Padded<25>>(report, What::Close, &[2], u64::MAX);
        });
    }
    if wanted.long_part("rare") {
        report.part("rare", "`close` killed after every instruction; `drop`, `take_over`, `take_over_fd` and `create` near each change and system call", || {
            once::<Padded24>(report, What::Close, &[1, 2], 1);
            once::<Padded24>(report, What::Drop, &[1, 2], 11);
            once::<Padded24>(report, What::TakeOver, &[1, 2], 499);
            once::<Padded24>(report, What::TakeOverFd, &[1, 2], 499);
            once::<Padded24>(report, What::Create, &[1, 2], 499);
            once::<Padded24>(report, What::CreateNamed, &[1, 2], 499);
        });
    }
    if wanted.long_part("header") {
        report.part(
            "header",
            "the reader in C that `seqcopy header` prints, stepped, and with a writer that is stepped",
            || {
                c::each::<Padded24>(report);
                c::each::<Mixed40>(report);
            },
        );
    }
    if wanted.part("wake") {
        report.part(
            "wake",
            "`wake` killed after every instruction, with a process that sleeps; a region sent, killed likewise",
            || {
                for buffers in if wanted.all { &[1, 2, 4][..] } else { &[2] } {
                    wake::woken::<Padded24>(report, &Place::new(), *buffers);
                }
                wake::sent::<Padded24>(report);
            },
        );
    }
}

fn once<T: Shareable>(report: &Report, what: What, buffers: &[u32], every: u64) {
    for &buffers in buffers {
        rare::each::<T>(report, &Place::new(), what, buffers, every);
    }
}
