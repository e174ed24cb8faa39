//! The target [`region`](seqcopy_fuzz::region), driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seqcopy_fuzz::region(data));
