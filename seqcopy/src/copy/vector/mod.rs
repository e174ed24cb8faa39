//! Long runs of data bytes, with vector instructions where the target has them. A backend has a constant `RUN`, the
//! length from which on runs are left to it, and the functions `load_run` and `store_run`, which copy such a run from
//! and to shared memory. `in_memory` does either for unoptimised code, and `copy_private` copies private memory. A
//! backend uses none of the modules above.

#[cfg(test)]
mod tests;
mod words;

/// Keeps the items of the first branch whose condition holds, so that each condition is written once. rustfmt knows a
/// macro of this name, and finds the files that are declared in it.
macro_rules! cfg_if {
    (if #[cfg($condition:meta)] { $($chosen:item)* } else if $($rest:tt)*) => {
        $(#[cfg($condition)] $chosen)*
        #[cfg(not($condition))]
        cfg_if! { if $($rest)* }
    };
    (if #[cfg($condition:meta)] { $($chosen:item)* } else { $($other:item)* }) => {
        $(#[cfg($condition)] $chosen)*
        $(#[cfg(not($condition))] $other)*
    };
}

cfg_if! {
    // Miri and loom can't run inline assembly. Kernels without vector registers, and sanitizers, are built with
    // `--cfg seqcopy_portable`. Enclaves have no `cpuid`.
    if #[cfg(any(miri, loom, seqcopy_portable, target_env = "sgx"))] {
        use words as backend;
    // The assembly takes addresses that fill a 64-bit register. Those of x32 and ilp32 don't.
    } else if #[cfg(not(target_pointer_width = "64"))] {
        use words as backend;
    } else if #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))] {
        mod blocks;
        mod in_memory;
        mod x86_64;
        use x86_64 as backend;
    // On big-endian processors the bytes of a vector register are not in the order of memory. Without an MMU, or if the
    // system asks for it, only aligned accesses work, and blocks lie at any address: the targets of these systems have
    // `strict-align`, which no `cfg` shows.
    } else if #[cfg(all(
        target_arch = "aarch64",
        target_feature = "neon",
        target_endian = "little",
        not(any(target_os = "none", target_os = "hermit", target_os = "nuttx", target_os = "teeos"))
    ))] {
        mod aarch64;
        mod blocks;
        mod in_memory;
        use aarch64 as backend;
    } else {
        use words as backend;
    }
}

pub(super) use backend::{
    RUN, copy_private, in_memory, load_run, load_to_registers, load_word, mover, store_registers, store_run,
    store_span, store_word,
};
pub use words::LONG;
pub(super) use words::{Mover, NEVER};
pub(crate) use words::{WORD, Word};
