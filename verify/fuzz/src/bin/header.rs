//! The target [`header`](seqcopy_fuzz::header), driven by libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| seqcopy_fuzz::header(data));
