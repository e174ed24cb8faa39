//! Readers and writers of sequence locks that others define: the programs of `seqcopy/docs/guide/foreign-pages.md`, one
//! file for each protocol. Without `std`, since kernels and hypervisors use most of them. The tests run here.
//!
//! | file | the page | its writer |
//! |---|---|---|
//! | `pvclock` | the clock of KVM and Xen | hypervisor |
//! | `hyperv` | the reference TSC page of Hyper-V | hypervisor |
//! | `vmclock` | VMClock, a clock that survives a migration | hypervisor |
//! | `timehands` | FreeBSD's clock | kernel |
//! | `mlx5` | the clock of a network card | driver |
//! | `clock_bound` | ClockBound's segment | daemon |
//! | `ntp_shm` | the reference clock of NTP daemons | daemon |
//! | `process_context` | OpenTelemetry's process context, OTEP 4719 | library |
//! | `simulator` | a pair of words, as rFactor 2 has it | plugin |
//! | `property` | a value with a backup, as Android's properties have it | daemon |

#![no_std]

pub mod clock_bound;
pub mod hyperv;
pub mod mlx5;
pub mod ntp_shm;
pub mod process_context;
pub mod property;
pub mod pvclock;
pub mod simulator;
pub mod timehands;
pub mod vmclock;

/// Attempts before a reader gives up. A writer needs less than a microsecond, but may lose its processor in the middle.
pub const ATTEMPTS: u32 = 1000;
