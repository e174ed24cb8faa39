//! `../../src/bin/step`, as far as it needs no shared memory between processes: over a build without std, which moves
//! long runs by other instructions. `ci/exhaust.sh` runs it.

// Values are made of numbers whose low bytes count. What the parts between processes use is not used here.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, dead_code)]

#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/bytes.rs"]
mod bytes;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/count.rs"]
mod count;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/locks.rs"]
mod locks;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/memory.rs"]
mod memory;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/next.rs"]
mod next;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/part.rs"]
mod part;
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
#[path = "../../src/bin/step/plugin.rs"]
mod plugin;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/reader.rs"]
mod reader;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/report.rs"]
mod report;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/run.rs"]
mod run;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/steps.rs"]
mod steps;
#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
#[path = "../../src/bin/step/emulated.rs"]
mod trace;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "../../src/bin/step/trace.rs"]
mod trace;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/values.rs"]
mod values;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "../../src/bin/step/writer.rs"]
mod writer;

#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
fn main() -> std::process::ExitCode {
    run::main(|report, wanted| {
        if !wanted.long_part("s") {
            return;
        }
        if has_string_instruction() {
            report.check(report.rounds() > 0, || "no round of the string instruction was stepped".to_owned());
        } else {
            println!("==== SKIPPED: this build moves nothing by the string instruction on this processor ====");
        }
    })
}

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
fn has_string_instruction() -> bool {
    false
}

/// Whether long runs are moved by it: "enhanced `rep movsb`", which `cpuid` reports, and nothing reports AVX without
/// std.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn has_string_instruction() -> bool {
    #[allow(unused_unsafe)] // a safe function since 1.94
    // SAFETY: every x86-64 processor has `cpuid`, and leaf 0 says how many leaves there are.
    let leaf = |leaf| unsafe { core::arch::x86_64::__cpuid_count(leaf, 0) };
    !cfg!(seqcopy_portable) && !cfg!(target_feature = "avx") && leaf(0).eax >= 7 && leaf(7).ebx & 1 << 9 != 0
}

#[cfg(not(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64"))))]
fn main() {
    println!("==== SKIPPED: instructions are stepped on Linux only, of x86-64, and of aarch64 as QEMU runs it ====");
    println!("step: 0 cases, 0 failures");
}
