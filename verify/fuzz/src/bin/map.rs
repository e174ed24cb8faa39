//! The target [`map`](seqcopy_fuzz::map), driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seqcopy_fuzz::map(data));
