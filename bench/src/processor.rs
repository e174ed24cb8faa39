//! Where something was measured. No figure means anything without it.

use std::{env, fs};

/// The features that copies are written for: this crate's, and those of `memcpy`.
const FEATURES: [&str; 7] = ["sse2", "avx", "avx2", "avx512f", "erms", "fsrm", "asimd"];
const UNNAMED: &str = "an unnamed processor";

/// The processor's name, family, model and those of its features that matter here, in one line.
#[must_use]
pub fn describe() -> String {
    describe_info(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
}

/// Its name alone, and whether it is that of a virtual machine.
#[must_use]
pub fn name() -> String {
    name_in(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
}

/// The first value of this name.
fn value<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    // "model" is also the beginning of "model name".
    let mut pairs = info.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
}

fn name_in(info: &str) -> String {
    let name = value(info, "model name").unwrap_or(UNNAMED);
    let guest = value(info, "flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
    format!("{name}{}", if guest { ", virtual machine" } else { "" })
}

fn describe_info(info: &str) -> String {
    let value = |key: &str| value(info, key);
    let name = value("model name").unwrap_or(UNNAMED);
    let mut known = Vec::new();
    match (value("cpu family"), value("model")) {
        (Some(family), Some(model)) => known.push(format!("family {family}, model {model}")),
        _ => known.push(env::consts::ARCH.to_owned()),
    }
    let flags = value("flags").or_else(|| value("Features")).unwrap_or_default();
    let features: Vec<_> =
        FEATURES.into_iter().filter(|feature| flags.split(' ').any(|flag| flag == *feature)).collect();
    if !features.is_empty() {
        known.push(features.join(" "));
    }
    format!("{name} ({})", known.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_of_processors() {
        let x86 = "processor\t: 0\nvendor_id\t: X\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: A Name\nflags\t\t: fpu sse2 avx erms avx512fp16\n";
        assert_eq!(describe_info(x86), "A Name (family 25, model 17; sse2 avx erms)");
        assert_eq!(name_in(x86), "A Name");
        assert_eq!(name_in(&x86.replace("fpu", "fpu hypervisor")), "A Name, virtual machine");
        let arm = "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n";
        assert_eq!(describe_info(arm), format!("an unnamed processor ({}; asimd)", env::consts::ARCH));
        assert_eq!(describe_info(""), format!("an unnamed processor ({})", env::consts::ARCH));
    }
}
