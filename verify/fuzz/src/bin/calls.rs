//! The target [`calls`](seqcopy_fuzz::calls), driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seqcopy_fuzz::calls(data));
