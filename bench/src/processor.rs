//! Where something was measured. No figure means anything without it.

use std::{env, fs};

/// The features that copies are written for: this crate's, and those of `memcpy`.
const FEATURES: [&str; 7] = ["sse2", "avx", "avx2", "avx512f", "erms", "fsrm", "asimd"];

/// The processor's name, family, model and those of its features that matter here, in one line.
#[must_use]
pub fn describe() -> String {
    describe_info(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
}

fn describe_info(info: &str) -> String {
    // "model" is also the beginning of "model name".
    let value = |key: &str| {
        let mut pairs = info.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim())
    };
    let name = value("model name").unwrap_or("an unnamed processor");
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
        let arm = "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n";
        assert_eq!(describe_info(arm), format!("an unnamed processor ({}; asimd)", env::consts::ARCH));
        assert_eq!(describe_info(""), format!("an unnamed processor ({})", env::consts::ARCH));
    }
}
