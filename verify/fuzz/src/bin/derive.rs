//! The target [`derive`](seqcopy_fuzz::derive), driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seqcopy_fuzz::derive(data));
